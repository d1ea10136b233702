/*
 * The PC's <sys/types.h>, without select(): the PC's <stdlib.h> brings this header, and on the chip <stdlib.h> gives no
 * more than its own.
 */
#pragma once

#define HOST_NO_SELECT
#include_next <sys/types.h>
#undef HOST_NO_SELECT
