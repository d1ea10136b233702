/* select() */
#include <sys/time.h>
#include "sockets.h"

/* lwIP's sockets have the last numbers of an fd_set. */
#define FIRST_SOCKET (64 - CONFIG_LWIP_MAX_SOCKETS)

struct sets {
    uint64_t reads, writes, excepts;
};

static uint64_t all_of(const struct sets *s)
{
    return s->reads | s->writes | s->excepts;
}

/* The numbers below nfds of an fd_set, which may be NULL. */
static uint64_t numbers_of(const uint64_t *set, int nfds)
{
    return set == NULL ? 0 : nfds < 64 ? *set & ((UINT64_C(1) << nfds) - 1) : *set;
}

/* What poll() waits for: three of its entries for each socket. */
struct waiting_for {
    struct pollfd p[3 * CONFIG_LWIP_MAX_SOCKETS];
    int numbers[CONFIG_LWIP_MAX_SOCKETS];
    nfds_t count; /* of sockets */
    int64_t us;
};

static void mark(struct sets *ready, const struct sets *wanted, uint64_t bit, bool reads, bool writes, bool excepts)
{
    ready->reads |= reads ? wanted->reads & bit : 0;
    ready->writes |= writes ? wanted->writes & bit : 0;
    ready->excepts |= excepts ? wanted->excepts & bit : 0;
}

/* Marks a socket where it is ready by what is known of it. */
static void mark_known(struct slot *slot, struct sets *ready, const struct sets *wanted, uint64_t bit)
{
    bool connection = slot->state == LISTENING && host_connection_held(slot);
    mark(ready, wanted, bit, host_reads(slot) || connection, host_writes(slot), slot->exception);
}

static void add_socket(struct waiting_for *w, int s, const struct sets *wanted)
{
    int fds[2];
    uint64_t bit = UINT64_C(1) << s;
    const struct slot *slot = host_socket_of(s);
    int64_t patience;
    short events = host_events(slot, wanted->reads & bit, wanted->writes & bit, &patience);
    bool fails = wanted->excepts & bit && slot->state == CONNECTED && !slot->over; /* poll() always tells of that */
    struct pollfd *p = &w->p[3 * w->count];
    host_awake(slot, fds);
    p[0] = (struct pollfd){ .fd = slot->closed, .events = POLLIN };
    for (int i = 0; i < 2; i++) {
        p[1 + i] = (struct pollfd){ .fd = events != 0 || fails ? fds[i] : -1, .events = events };
    }
    w->numbers[w->count++] = s;
    w->us = patience < w->us ? patience : w->us;
}

/* Marks a socket where it is ready by what poll() says. */
static void mark_polled(struct slot *slot, const struct pollfd p[2], struct sets *ready, const struct sets *wanted, uint64_t bit)
{
    if (p[0].revents == 0 && p[1].revents == 0) {
        return;
    }
    if (slot->state == LISTENING) {
        mark(ready, wanted, bit, (p[0].revents && host_hears(slot, 0)) || (p[1].revents && host_hears(slot, 1)), false, false);
        return;
    }
    if (p[0].revents & (POLLHUP | POLLERR)) {
        host_look(slot, 0);
    } else {
        host_update(slot);
    }
    if (slot->state == CONNECTED) {
        mark(ready, wanted, bit, p[0].revents & (POLLIN | POLLHUP), p[0].revents & POLLOUT, false);
    }
    mark_known(slot, ready, wanted, bit);
}

/* Waits at a set of sockets until a time. How many are ready, which are left there. */
static int wait_ready(uint64_t set, struct sets *s, int64_t until)
{
    const struct sets wanted = *s;
    for (;;) {
        struct waiting_for w = { .us = 50000 };
        *s = (struct sets){ 0 };
        for (uint64_t rest = set; rest != 0; rest &= rest - 1) {
            int number = __builtin_ctzll(rest);
            host_update(host_socket_of(number));
            mark_known(host_socket_of(number), s, &wanted, UINT64_C(1) << number);
            add_socket(&w, number, &wanted);
        }
        int64_t left = until - host_now_us();
        host_poll(w.p, 3 * w.count, all_of(s) != 0 ? 0 : left < w.us ? left : w.us, set);
        for (nfds_t i = 0; i < w.count; i++) {
            struct slot *slot = host_socket_of(w.numbers[i]);
            if (slot->closing) {
                return fail(ESP_EBADF);
            }
            mark_polled(slot, &w.p[3 * i + 1], s, &wanted, UINT64_C(1) << w.numbers[i]);
        }
        if (all_of(s) != 0 && host_faulty("select", ESP_ENOMEM)) {
            return -1;
        }
        if (all_of(s) != 0 || host_now_us() >= until) {
            return __builtin_popcountll(s->reads) + __builtin_popcountll(s->writes) + __builtin_popcountll(s->excepts);
        }
    }
}

/* When a time-out ends. FreeRTOS may count a tick too few, and so lwIP takes one more. */
static int64_t end_of(const struct timeval *timeout)
{
    if (timeout == NULL) {
        return INT64_MAX;
    }
    if (timeout->tv_sec == 0 && timeout->tv_usec == 0) {
        return host_now_us();
    }
    int64_t ms = (int64_t)timeout->tv_sec * 1000 + (timeout->tv_usec + 500) / 1000;
    return host_after_ticks(((ms < 1 ? 1 : ms) + TICK_MS - 1) / TICK_MS + 1);
}

int host_socket_select(int nfds, uint64_t *reads, uint64_t *writes, uint64_t *excepts, struct timeval *timeout)
{
    const uint64_t console = 7, others = (UINT64_C(1) << FIRST_SOCKET) - 1; /* lwIP does not look at these */
    if (nfds < 0 || nfds > 64) {
        return fail(ESP_EINVAL);
    }
    struct sets s = { numbers_of(reads, nfds), numbers_of(writes, nfds), numbers_of(excepts, nfds) };
    int64_t until = end_of(timeout);
    if (all_of(&s) & console) {
        return fail(ESP_EINTR);
    }
    uint64_t set = all_of(&s) & ~others;
    if (!host_get_sockets(set)) {
        return -1;
    }
    int ready = wait_ready(set, &s, until);
    host_done_sockets(set);
    if (ready < 0) {
        return -1;
    }
    if (reads != NULL) {
        *reads = s.reads;
    }
    if (writes != NULL) {
        *writes = s.writes;
    }
    if (excepts != NULL) {
        *excepts = s.excepts;
    }
    return ready;
}
