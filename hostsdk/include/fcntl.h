/* Flags of open sockets. The values are ESP-IDF's C library's. */
#pragma once

#include "host_symbol.h"

#ifdef __cplusplus
extern "C" {
#endif

#define F_GETFL    3
#define F_SETFL    4
#define O_RDONLY   0
#define O_WRONLY   1
#define O_RDWR     2
#define O_APPEND   0x0008
#define O_NONBLOCK 0x4000

int fcntl(int fd, int cmd, ...) HOST_SYMBOL(fcntl);

#ifdef __cplusplus
}
#endif
