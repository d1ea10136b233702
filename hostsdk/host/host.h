/* For the sources of a project's host/ folder: what they may call of the host SDK. */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Logs a line as of the tag "host". */
void host_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Time since the program's start, in microseconds. */
int64_t host_now_us(void);

/* A number from `espgen run --seed`: equal seeds give equal numbers. */
uint32_t host_random(void);

#ifdef __cplusplus
}
#endif
