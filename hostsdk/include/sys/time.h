/* Time of day, and select(). */
#pragma once

#include <sys/select.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

int gettimeofday(struct timeval *tv, void *tz);

#ifdef __cplusplus
}
#endif
