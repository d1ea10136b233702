/* The checks of the programs beside this file: each is of a row of sockets.yaml or wifi.yaml, by its id. */
#pragma once

#include <stdio.h>

/* A row may have several checks: it holds where all do. */
#define ROW(id, condition, ...)                                                     \
    do {                                                                            \
        if (condition) {                                                            \
            printf("ok %s\n", id);                                                  \
        } else {                                                                    \
            printf("FAILED %s, line %d: %s: ", id, __LINE__, #condition);           \
            printf(" " __VA_ARGS__);                                                 \
            printf("\n");                                                           \
        }                                                                           \
    } while (0)
