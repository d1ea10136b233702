/* ioctl() of sockets. */
#pragma once

#include "host_symbol.h"

#define FIONREAD 0x4004667fUL
#define FIONBIO  0x8004667eUL

int ioctl(int fd, unsigned long request, ...) HOST_SYMBOL(ioctl);
