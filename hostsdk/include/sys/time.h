/* Time of day, and select(). */
#pragma once

#include <sys/select.h>
#include <time.h>

int gettimeofday(struct timeval *tv, void *tz);
