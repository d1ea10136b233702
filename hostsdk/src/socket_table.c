/* The open sockets: what can happen at them, and waiting for it. */
#define _GNU_SOURCE
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "sockets.h"

/* How long lwIP asks for a connection: as many times again, every 1.5 s, and what is left of a tick. */
#define SYN_US (CONFIG_LWIP_TCP_SYNMAXRTX * INT64_C(1500000) + 500000)

#define KEEP_IDLE_MS 7200000 /* lwIP's default */

#define FIRST_SOCKET (64 - CONFIG_LWIP_MAX_SOCKETS)

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t left = PTHREAD_COND_INITIALIZER; /* by a call at a socket that is being closed */
static struct slot slots[CONFIG_LWIP_MAX_SOCKETS];

void host_socket_lock(void)
{
    pthread_testcancel();
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    pthread_mutex_lock(&mutex);
}

void host_socket_unlock(void)
{
    pthread_mutex_unlock(&mutex);
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
}

int host_add_socket(struct slot socket)
{
    for (int i = 0; i < CONFIG_LWIP_MAX_SOCKETS; i++) {
        if (slots[i].users == 0 && (socket.closed = eventfd(0, EFD_CLOEXEC)) >= 0) {
            socket.users = 1;
            socket.keep_idle_ms = KEEP_IDLE_MS;
            slots[i] = socket;
            return FIRST_SOCKET + i;
        }
    }
    close(socket.fd);
    return fail(ESP_ENFILE);
}

struct slot *host_socket_of(int s)
{
    return &slots[s - FIRST_SOCKET];
}

/* Ends a use of a socket. The last one frees its slot. */
static void release(struct slot *slot)
{
    if (--slot->users == 0) {
        host_close_mailbox(slot);
        close(slot->fd);
        if (slot->second >= 0) {
            close(slot->second);
        }
        close(slot->closed);
    }
    if (slot->closing) {
        pthread_cond_broadcast(&left);
    }
}

bool host_get_sockets(uint64_t set)
{
    host_socket_lock();
    for (uint64_t rest = set; rest != 0; rest &= rest - 1) {
        int s = __builtin_ctzll(rest);
        if (s < FIRST_SOCKET || host_socket_of(s)->users == 0 || host_socket_of(s)->closing) {
            host_done_sockets(set ^ rest);
            fail(ESP_EBADF);
            return false;
        }
        host_socket_of(s)->users++;
    }
    return true;
}

void host_done_sockets(uint64_t set)
{
    for (; set != 0; set &= set - 1) {
        release(host_socket_of(__builtin_ctzll(set)));
    }
    host_socket_unlock();
}

struct slot *host_get_socket(int s)
{
    if (s < 0 || s >= 64) {
        fail(ESP_EBADF);
        return NULL;
    }
    return host_get_sockets(UINT64_C(1) << s) ? host_socket_of(s) : NULL;
}

ssize_t host_done_socket(struct slot *slot, ssize_t result)
{
    release(slot);
    host_socket_unlock();
    return result;
}

/* The end of a task that is deleted while it waits. */
static void abandon(void *set)
{
    host_socket_lock();
    host_done_sockets(*(uint64_t *)set);
}

int host_poll(struct pollfd *fds, nfds_t count, int64_t us, uint64_t set)
{
    struct timespec time = { 0 };
    if (us > 0) {
        time = (struct timespec){ .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };
    }
    volatile int ready; /* pthread_cleanup_push may be a setjmp */
    pthread_cleanup_push(abandon, &set);
    host_socket_unlock();
    host_waits(true);
    ready = ppoll(fds, count, &time, NULL);
    host_waits(false);
    host_socket_lock();
    pthread_cleanup_pop(0);
    return ready;
}

/* Waits for events at a socket, or none, and for its closing. */
static int poll_socket(struct slot *slot, short events, int64_t us)
{
    int fds[2];
    host_awake(slot, fds);
    struct pollfd p[] = { { .fd = slot->closed, .events = POLLIN }, { .fd = fds[0], .events = events },
                          { .fd = fds[1], .events = events } }; /* poll() skips -1 */
    return host_poll(p, events == 0 ? 1 : 3, us, UINT64_C(1) << (FIRST_SOCKET + (slot - slots)));
}

int host_close(int s)
{
    struct slot *slot = host_get_socket(s);
    if (slot == NULL) {
        return -1;
    }
    slot->closing = true;
    slot->users--;
    eventfd_write(slot->closed, 1);
    while (slot->users > 1) {
        pthread_cond_wait(&left, &mutex);
    }
    return (int)host_done_socket(slot, 0);
}

/* The scenario: a call that it lets fail. What ends without a result, for lack of data or of time, does not count, so
 * that equal runs have equal numbers. */
bool host_faulty(const char *call, int number)
{
    static int64_t calls;
    int64_t every = host_setting_us(NET, "fail", 0), once = host_setting_us(NET, "fail-once", 0);
    int64_t n = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
    if (n != once && (every <= 0 || n % every != 0)) {
        return false;
    }
    host_note("--net fail: %s, call %d: error %d", call, (int)n, number);
    fail(number);
    return true;
}

int host_be_slow(struct slot *slot)
{
    int64_t us = host_setting_us(NET, "slow", 0);
    if (us > 0) {
        poll_socket(slot, 0, us);
    }
    return slot->closing ? fail(ESP_ENOTCONN) : 0;
}

/* When the scenario silences a connection. */
static int64_t silent_from(const struct slot *slot)
{
    int64_t us = host_setting_us(NET, "silent", -1);
    return us < 0 || !slot->connected ? INT64_MAX : slot->since + us;
}

bool host_over_ipv6(const struct slot *slot)
{
    return slot->connected && !is_ipv4(&slot->peer);
}

bool host_reachable(const struct slot *slot)
{
    bool up = host_link_up(host_over_ipv6(slot)) || (!slot->connected && host_link_up(true));
    return up && !slot->unanswered && host_now_us() < silent_from(slot);
}

void host_pc_listeners(const struct slot *slot, int fds[2])
{
    fds[0] = host_link_up(slot->ipv6_listener) ? slot->fd : -1;
    fds[1] = host_link_up(false) ? slot->second : -1;
}

void host_awake(const struct slot *slot, int fds[2])
{
    if (slot->mailbox != NULL) {
        fds[0] = host_mailbox_bell(slot);
        fds[1] = -1;
    } else if (slot->listening) {
        host_pc_listeners(slot, fds);
    } else {
        fds[0] = slot->fd;
        fds[1] = slot->second;
    }
}

int host_option_of(int fd, int level, int name)
{
    int value = 0;
    socklen_t length = sizeof(value);
    getsockopt(fd, level, name, &value, &length);
    return value;
}

/* Keep-alive gives a connection up after idle + interval x count. */
static bool given_up(const struct slot *slot)
{
    int64_t from = silent_from(slot), now = host_now_us();
    if (now < from || !host_option_of(slot->fd, SOL_SOCKET, SO_KEEPALIVE)) {
        return false;
    }
    int64_t interval_ms = host_option_of(slot->fd, IPPROTO_TCP, TCP_KEEPINTVL) * INT64_C(1000);
    return now >= from + (slot->keep_idle_ms + interval_ms * host_option_of(slot->fd, IPPROTO_TCP, TCP_KEEPCNT)) * 1000;
}

bool host_aborted(const struct slot *slot)
{
    if (slot->unanswered && host_now_us() >= slot->since + SYN_US) {
        return true;
    }
    return slot->connected && (slot->changes != host_link_changes(host_over_ipv6(slot)) || given_up(slot));
}

int host_wait_ready(struct slot *slot, short events, int64_t timeout_us)
{
    int64_t until = timeout_us > 0 ? host_now_us() + timeout_us : INT64_MAX;
    for (;;) {
        if (host_aborted(slot)) {
            return fail(ESP_ECONNABORTED);
        }
        /* While the other end is out of reach nothing arrives; look again soon. */
        bool up = host_reachable(slot);
        int64_t rest = until - host_now_us(), wait_us = up ? 50000 : 5000;
        int ready = poll_socket(slot, up ? events : 0, rest < wait_us ? rest : wait_us);
        if (slot->closing) {
            return fail(ESP_ENOTCONN);
        }
        if (ready > 0) {
            return 0;
        }
        if (host_now_us() >= until) {
            return fail(ESP_EAGAIN);
        }
    }
}

/* Reports ---------------------------------------------------------------- */

/* Says what a socket is, with its options where they are wanted. */
static void describe(const struct slot *slot, bool with_options, char *text, size_t size)
{
    static const struct { const char *name; int level, option; } options[] = {
        { "reuseaddr", SOL_SOCKET, SO_REUSEADDR }, { "keepalive", SOL_SOCKET, SO_KEEPALIVE },
        { "keepidle", IPPROTO_TCP, TCP_KEEPIDLE }, { "keepintvl", IPPROTO_TCP, TCP_KEEPINTVL },
        { "keepcnt", IPPROTO_TCP, TCP_KEEPCNT }, { "nodelay", IPPROTO_TCP, TCP_NODELAY },
    };
    int n = snprintf(text, size, "%s", slot->listening ? "listening" : slot->connected ? "connected" : "open");
    for (size_t k = 0; with_options && k < sizeof(options) / sizeof(options[0]); k++) {
        int value = host_option_of(slot->fd, options[k].level, options[k].option);
        n += snprintf(text + n, size - (size_t)n, " %s=%d", options[k].name, value);
    }
}

int host_report_sockets(bool with_options)
{
    int n = 0;
    host_socket_lock();
    for (int i = 0; i < CONFIG_LWIP_MAX_SOCKETS; i++) {
        if (slots[i].users > 0) {
            char text[128];
            describe(&slots[i], with_options, text, sizeof(text));
            printf("host: socket %d: %s\n", FIRST_SOCKET + i, text); /* at once: tasks print, too */
            n++;
        }
    }
    host_socket_unlock();
    return n;
}
