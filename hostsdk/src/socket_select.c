/* select() */
#include <poll.h>
#include <sys/time.h>
#include "sockets.h"

int host_select(int nfds, uint64_t *reads, uint64_t *writes, uint64_t *excepts, struct timeval *timeout)
{
    int64_t until = timeout == NULL ? INT64_MAX : host_now_us() + (int64_t)timeout->tv_sec * 1000000 + timeout->tv_usec;
    uint64_t want_read = reads == NULL ? 0 : *reads, want_write = writes == NULL ? 0 : *writes;
    for (;;) {
        struct pollfd p[2 * CONFIG_LWIP_MAX_SOCKETS];
        int count = 0, numbers[2 * CONFIG_LWIP_MAX_SOCKETS];
        uint64_t got_read = 0, got_write = 0;
        int wait_ms = 50;
        for (int s = 0; s < nfds && s < 64; s++) {
            uint64_t bit = UINT64_C(1) << s;
            if (((want_read | want_write) & bit) == 0) {
                continue;
            }
            struct slot *slot = host_slot_of(s);
            if (slot == NULL) {
                return -1;
            }
            if (host_aborted(slot)) {
                got_read |= want_read & bit;
                got_write |= want_write & bit;
            } else if (host_reachable(slot)) {
                short events = (want_read & bit ? POLLIN : 0) | (want_write & bit ? POLLOUT : 0);
                int fds[2];
                host_awake(slot, fds);
                numbers[count] = numbers[count + 1] = s;
                p[count++] = (struct pollfd){ .fd = fds[0], .events = events };
                p[count++] = (struct pollfd){ .fd = fds[1], .events = events };
            } else {
                wait_ms = 5; /* look again soon */
            }
        }
        int64_t left = until - host_now_us();
        if ((got_read | got_write) != 0) {
            wait_ms = 0;
        }
        if (left < wait_ms * 1000) {
            wait_ms = left > 0 ? (int)(left / 1000) + 1 : 0;
        }
        poll(p, (nfds_t)count, wait_ms);
        for (int i = 0; i < count; i++) {
            uint64_t bit = UINT64_C(1) << numbers[i];
            got_read |= p[i].revents & (POLLIN | POLLHUP | POLLERR) ? want_read & bit : 0;
            got_write |= p[i].revents & (POLLOUT | POLLHUP | POLLERR) ? want_write & bit : 0;
        }
        if ((got_read | got_write) != 0 && host_faulty("select", ESP_ENOMEM)) {
            return -1;
        }
        if ((got_read | got_write) != 0 || host_now_us() >= until) {
            if (reads != NULL) {
                *reads = got_read;
            }
            if (writes != NULL) {
                *writes = got_write;
            }
            if (excepts != NULL) {
                *excepts = 0;
            }
            return __builtin_popcountll(got_read) + __builtin_popcountll(got_write);
        }
    }
}
