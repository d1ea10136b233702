/* select() */
#include <sys/time.h>
#include "sockets.h"

/* The numbers below nfds of an fd_set, which may be NULL. */
static uint64_t numbers_of(const uint64_t *set, int nfds)
{
    return set == NULL ? 0 : nfds < 64 ? *set & ((UINT64_C(1) << nfds) - 1) : *set;
}

/* Waits at a set of sockets until a time. How many of those in reads and writes, which are left there, are ready. */
static int wait_ready(uint64_t set, uint64_t *reads, uint64_t *writes, int64_t until)
{
    uint64_t want_read = *reads, want_write = *writes;
    for (;;) {
        struct pollfd p[3 * CONFIG_LWIP_MAX_SOCKETS];
        int numbers[3 * CONFIG_LWIP_MAX_SOCKETS];
        nfds_t count = 0;
        int64_t wait_us = 50000;
        *reads = *writes = 0;
        for (uint64_t rest = set; rest != 0; rest &= rest - 1) {
            int s = __builtin_ctzll(rest);
            uint64_t bit = UINT64_C(1) << s;
            const struct slot *slot = host_socket_of(s);
            short events = (want_read & bit ? POLLIN : 0) | (want_write & bit ? POLLOUT : 0);
            numbers[count] = numbers[count + 1] = numbers[count + 2] = s;
            p[count++] = (struct pollfd){ .fd = slot->closed, .events = POLLIN };
            if (host_aborted(slot)) {
                *reads |= want_read & bit;
                *writes |= want_write & bit;
                wait_us = 0;
            } else if (!host_reachable(slot)) {
                wait_us = wait_us < 5000 ? wait_us : 5000; /* look again soon */
            } else if (events != 0) {
                int fds[2];
                host_awake(slot, fds);
                p[count++] = (struct pollfd){ .fd = fds[0], .events = events };
                p[count++] = (struct pollfd){ .fd = fds[1], .events = events };
            }
        }
        int64_t left = until - host_now_us();
        host_poll(p, count, left < wait_us ? left : wait_us, set);
        for (nfds_t i = 0; i < count; i++) {
            uint64_t bit = UINT64_C(1) << numbers[i];
            if (host_socket_of(numbers[i])->closing) {
                return fail(ESP_EBADF);
            }
            *reads |= p[i].revents & (POLLIN | POLLHUP | POLLERR) ? want_read & bit : 0;
            *writes |= p[i].revents & (POLLOUT | POLLHUP | POLLERR) ? want_write & bit : 0;
        }
        if ((*reads | *writes) != 0 && host_faulty("select", ESP_ENOMEM)) {
            return -1;
        }
        if ((*reads | *writes) != 0 || host_now_us() >= until) {
            return __builtin_popcountll(*reads) + __builtin_popcountll(*writes);
        }
    }
}

int host_select(int nfds, uint64_t *reads, uint64_t *writes, uint64_t *excepts, struct timeval *timeout)
{
    int64_t until = timeout == NULL ? INT64_MAX : host_now_us() + (int64_t)timeout->tv_sec * 1000000 + timeout->tv_usec;
    uint64_t got_read = numbers_of(reads, nfds), got_write = numbers_of(writes, nfds);
    uint64_t set = got_read | got_write | numbers_of(excepts, nfds);
    if (!host_get_sockets(set)) {
        return -1;
    }
    int ready = wait_ready(set, &got_read, &got_write, until);
    host_done_sockets(set);
    if (ready < 0) {
        return -1;
    }
    if (reads != NULL) {
        *reads = got_read;
    }
    if (writes != NULL) {
        *writes = got_write;
    }
    if (excepts != NULL) {
        *excepts = 0;
    }
    return ready;
}
