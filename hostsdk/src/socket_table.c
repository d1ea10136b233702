/* The open sockets: what can happen at them, and waiting for it. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>
#include "sockets.h"

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
            socket.held[0].fd = socket.held[1].fd = -1;
            socket.refuses = -1;
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

void host_drop_socket(struct slot *slot)
{
    release(slot);
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
    if (result < 0) {
        host_explain_connection(slot, *host_errno());
    }
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

/* poll(), which counts as waiting where the thread has slept: what is ready is there at once. */
static int poll_pc(struct pollfd *fds, nfds_t count, const struct timespec *time)
{
    struct rusage before = { 0 }, after = { 0 };
    getrusage(RUSAGE_THREAD, &before);
    int ready = ppoll(fds, count, time, NULL);
    getrusage(RUSAGE_THREAD, &after);
    if (after.ru_nvcsw != before.ru_nvcsw) {
        host_has_waited();
    }
    return ready;
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
    ready = poll_pc(fds, count, &time);
    host_waits(false);
    host_call_waits();
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

int host_socket_close(int s)
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
    const char *name = strcmp(call, "getaddrinfo") == 0 ? host_eai_name(number) : host_errno_name(number);
    host_note("--net fail: %s() fails on purpose (call %d): %s (%d)", call, (int)n, name, number);
    host_call_explain("--net fail: fails on purpose");
    fail(number);
    return true;
}

int host_be_slow(struct slot *slot)
{
    int64_t us = host_setting_us(NET, "slow", 0);
    if (us > 0) {
        host_call_note("--net slow: %lld ms", (long long)(us / 1000));
        poll_socket(slot, 0, us);
    }
    return slot->closing ? fail(ESP_ENOTCONN) : 0;
}

int64_t host_after_ticks(int64_t ticks)
{
    const int64_t tick_us = TICK_MS * INT64_C(1000);
    return (host_now_us() / tick_us + ticks) * tick_us;
}

int host_wait_ready(struct slot *slot, bool reads, int64_t until)
{
    int64_t left = until - host_now_us(), patience;
    short events = host_events(slot, reads, !reads, &patience);
    host_note_silence(slot);
    int ready = left > 0 ? poll_socket(slot, events, left < patience ? left : patience) : 0;
    if (slot->closing) {
        return fail(ESP_ENOTCONN);
    }
    return ready > 0 || host_now_us() < until ? 0 : fail(ESP_EAGAIN);
}

/* Ports ------------------------------------------------------------------ */

/* Whether a slot has a port that another socket of the same family wants. */
static bool has_port(const struct slot *slot, const struct slot *other, uint16_t port)
{
    bool same_family = (slot->ipv6 && !slot->both_families) == (other->ipv6 && !other->both_families);
    return slot != other && slot->users > 0 && slot->state != GONE && slot->port == port && same_family;
}

bool host_port_taken(const struct slot *slot, uint16_t port, bool listening)
{
    for (int i = 0; i < CONFIG_LWIP_MAX_SOCKETS; i++) {
        if (has_port(&slots[i], slot, port)) {
            bool shared = slots[i].options.reuse_address && slot->options.reuse_address;
            if (listening ? slots[i].state == LISTENING : !shared) {
                return true;
            }
        }
    }
    return false;
}

bool host_port_shared(const struct slot *slot, uint16_t port)
{
    for (int i = 0; i < CONFIG_LWIP_MAX_SOCKETS; i++) {
        if (has_port(&slots[i], slot, port)) {
            return true;
        }
    }
    return false;
}

/* Reports ---------------------------------------------------------------- */

static const char *const states[] = { "open", "connecting", "connected", "listening", "ended" };

/* What a socket is, for the channel of events. */
static void tell_options(const struct slot *slot, struct host_message *m)
{
    const struct socket_options *o = &slot->options;
    char peer[ADDRESS_TEXT];
    host_message_number(m, "port", ntohs(slot->port));
    host_message_number(m, "backlog", slot->state == LISTENING ? slot->backlog : 0);
    if (slot->state == CONNECTED || slot->state == CONNECTING) {
        host_message_text(m, "peer", host_address_text(&slot->peer, peer));
    }
    host_message_open(m, "options", '{');
    host_message_number(m, "SO_REUSEADDR", o->reuse_address);
    host_message_number(m, "SO_KEEPALIVE", o->keep_alive);
    host_message_number(m, "TCP_KEEPIDLE", o->keep_idle_ms / 1000);
    host_message_number(m, "TCP_KEEPINTVL", o->keep_interval_ms / 1000);
    host_message_number(m, "TCP_KEEPCNT", o->keep_count);
    host_message_number(m, "TCP_NODELAY", o->no_delay);
    host_message_number(m, "SO_RCVTIMEO", slot->receive_ms);
    host_message_number(m, "SO_SNDTIMEO", slot->send_ms);
    host_message_number(m, "O_NONBLOCK", slot->nonblocking);
    host_message_close(m, '}');
}

int host_report_sockets(bool at_end, struct host_message *m)
{
    int n = 0;
    host_message_open(m, "sockets", '[');
    host_socket_lock();
    for (int i = 0; i < CONFIG_LWIP_MAX_SOCKETS; i++) {
        if (slots[i].users > 0) {
            if (at_end) {
                printf("host: socket %d: %s\n", FIRST_SOCKET + i, states[slots[i].state]); /* at once: tasks print, too */
            }
            host_message_open(m, NULL, '{');
            host_message_number(m, "number", FIRST_SOCKET + i);
            host_message_text(m, "state", states[slots[i].state]);
            if (!at_end) {
                tell_options(&slots[i], m);
            }
            host_message_close(m, '}');
            n++;
        }
    }
    host_socket_unlock();
    host_message_close(m, ']');
    return n;
}
