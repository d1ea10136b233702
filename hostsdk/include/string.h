/* The PC's <string.h>, but for the texts of ESP-IDF's error numbers. */
#pragma once

#include_next <string.h>
#include "host_symbol.h"

#ifdef __cplusplus
extern "C" {
#endif

char *strerror(int errnum) HOST_SYMBOL(strerror);

#ifdef __cplusplus
}
#endif
