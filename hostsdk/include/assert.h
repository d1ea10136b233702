/* The PC's <assert.h>, but for the message, which is ESP-IDF's. */
#pragma once

#include_next <assert.h>

#ifdef __cplusplus
extern "C" {
#endif

void __assert_func(const char *file, int line, const char *function, const char *expression) __attribute__((__noreturn__));

#ifndef NDEBUG
#undef assert
#define assert(e) ((e) ? (void)0 : __assert_func(__FILE__, __LINE__, __func__, #e))
#endif

#ifdef __cplusplus
}
#endif
