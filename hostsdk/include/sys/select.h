/* select(): 64 descriptors, of which lwIP's sockets are the last. */
#pragma once

#include <stdint.h>
#include <string.h>
#include <bits/types/struct_timeval.h>
#include "host_symbol.h"

#define FD_SETSIZE 64

typedef struct {
    uint64_t bits;
} fd_set;

#define FD_ZERO(set)      ((void)((set)->bits = 0))
#define FD_SET(fd, set)   ((void)((set)->bits |= UINT64_C(1) << (fd)))
#define FD_CLR(fd, set)   ((void)((set)->bits &= ~(UINT64_C(1) << (fd))))
#define FD_ISSET(fd, set) (((set)->bits >> (fd)) & 1)

int select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, struct timeval *timeout) HOST_SYMBOL(select);
