/* The PC's <string.h>, but for the texts of ESP-IDF's error numbers. */
#pragma once

#include_next <string.h>
#include "host_symbol.h"

char *strerror(int errnum) HOST_SYMBOL(strerror);
