/* The open sockets: what can happen at them, and waiting for it. */
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>
#include "sockets.h"

/* How long lwIP asks for a connection: as many times again, every 1.5 s, and what is left of a tick. */
#define SYN_US (CONFIG_LWIP_TCP_SYNMAXRTX * INT64_C(1500000) + 500000)

#define FIRST_SOCKET (64 - CONFIG_LWIP_MAX_SOCKETS)

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct slot slots[CONFIG_LWIP_MAX_SOCKETS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void clear_slots(void)
{
    for (int i = 0; i < CONFIG_LWIP_MAX_SOCKETS; i++) {
        slots[i].fd = slots[i].second = -1;
    }
}

int host_take_slot(int fd, bool ipv6)
{
    pthread_once(&once, clear_slots);
    pthread_mutex_lock(&mutex);
    for (int i = 0; i < CONFIG_LWIP_MAX_SOCKETS; i++) {
        if (slots[i].fd < 0) {
            slots[i] = (struct slot){ .fd = fd, .second = -1, .ipv6 = ipv6 };
            pthread_mutex_unlock(&mutex);
            return FIRST_SOCKET + i;
        }
    }
    pthread_mutex_unlock(&mutex);
    close(fd);
    return fail(ESP_ENFILE);
}

struct slot *host_slot_of(int s)
{
    pthread_once(&once, clear_slots);
    if (s < FIRST_SOCKET || s >= 64 || slots[s - FIRST_SOCKET].fd < 0) {
        fail(ESP_EBADF);
        return NULL;
    }
    return &slots[s - FIRST_SOCKET];
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

void host_be_slow(void)
{
    int64_t us = host_setting_us(NET, "slow", 0);
    if (us > 0) {
        usleep((useconds_t)us);
    }
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

void host_awake(const struct slot *slot, int fds[2])
{
    fds[0] = slot->listening && !host_link_up(slot->ipv6_listener) ? -1 : slot->fd;
    fds[1] = slot->listening && !host_link_up(false) ? -1 : slot->second;
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
    int64_t seconds = host_option_of(slot->fd, IPPROTO_TCP, TCP_KEEPIDLE) +
                      (int64_t)host_option_of(slot->fd, IPPROTO_TCP, TCP_KEEPINTVL) * host_option_of(slot->fd, IPPROTO_TCP, TCP_KEEPCNT);
    return now >= from + seconds * 1000000;
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
        if (slot->fd < 0) {
            return fail(ESP_ENOTCONN); /* closed by another task */
        }
        /* While the other end is out of reach nothing arrives; look again soon. */
        bool up = host_reachable(slot);
        int fds[2];
        host_awake(slot, fds);
        struct pollfd p[] = { { .fd = fds[0], .events = events }, { .fd = fds[1], .events = events } }; /* poll() skips -1 */
        int64_t left = until - host_now_us();
        int wait_ms = up ? 50 : 5;
        if (left < wait_ms * 1000) {
            wait_ms = left > 0 ? (int)(left / 1000) + 1 : 0;
        }
        int ready = up ? poll(p, 2, wait_ms) : (usleep((useconds_t)wait_ms * 1000), 0);
        if (ready > 0) {
            return 0;
        }
        if (host_now_us() >= until) {
            return fail(ESP_EAGAIN);
        }
    }
}

int host_close(int s)
{
    struct slot *slot = host_slot_of(s);
    if (slot == NULL) {
        return -1;
    }
    pthread_mutex_lock(&mutex);
    int fd = slot->fd, second = slot->second;
    slot->fd = slot->second = -1;
    pthread_mutex_unlock(&mutex);
    close(fd);
    if (second >= 0) {
        close(second);
    }
    return 0;
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
        n += snprintf(text + n, size - (size_t)n, " %s=%d", options[k].name, host_option_of(slot->fd, options[k].level, options[k].option));
    }
}

int host_report_sockets(bool with_options)
{
    int n = 0;
    pthread_once(&once, clear_slots);
    pthread_mutex_lock(&mutex);
    for (int i = 0; i < CONFIG_LWIP_MAX_SOCKETS; i++) {
        if (slots[i].fd >= 0) {
            char text[128];
            describe(&slots[i], with_options, text, sizeof(text));
            printf("host: socket %d: %s\n", FIRST_SOCKET + i, text); /* at once: tasks print, too */
            n++;
        }
    }
    pthread_mutex_unlock(&mutex);
    return n;
}
