/* ioctl(); its requests are lwIP's, in lwip/sockets.h. */
#pragma once

#include "host_symbol.h"

#ifdef __cplusplus
extern "C" {
#endif

int ioctl(int fd, int request, ...) HOST_SYMBOL(ioctl);

#ifdef __cplusplus
}
#endif
