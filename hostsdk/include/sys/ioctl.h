/* ioctl(); its requests are lwIP's, in lwip/sockets.h. */
#pragma once

#include "host_symbol.h"

int ioctl(int fd, int request, ...) HOST_SYMBOL(ioctl);
