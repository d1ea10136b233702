/* lwIP's own error values. */
#pragma once

#include <stdint.h>

typedef int8_t err_t;

#define ERR_OK 0
