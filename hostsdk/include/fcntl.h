/* Flags of open sockets. The values are ESP-IDF's C library's. */
#pragma once

#include "host_symbol.h"

#define F_GETFL    3
#define F_SETFL    4
#define O_NONBLOCK 0x4000

int fcntl(int fd, int cmd, ...) HOST_SYMBOL(fcntl);
