/* select(): 64 descriptors, of which lwIP's sockets are the last. */
#if !defined(HOST_NO_SELECT) && !defined(HOST_SELECT_H)
#define HOST_SELECT_H

#include <stddef.h>
#include <stdint.h>
#include <bits/types/struct_timeval.h>
#include "host_symbol.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FD_SETSIZE 64

typedef struct {
    uint64_t host_bits;
} fd_set;

#define FD_ZERO(set)      ((void)((set)->host_bits = 0))
#define FD_SET(fd, set)   ((void)((set)->host_bits |= UINT64_C(1) << (fd)))
#define FD_CLR(fd, set)   ((void)((set)->host_bits &= ~(UINT64_C(1) << (fd))))
#define FD_ISSET(fd, set) (((set)->host_bits >> (fd)) & 1)

int select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, struct timeval *timeout) HOST_SYMBOL(select);

#ifdef __cplusplus
}
#endif

#endif
