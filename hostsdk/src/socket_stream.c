/*
 * What goes over a connection, and its end. lwIP's receive mailbox holds data, then the end of what the peer sends, then an
 * error; here the PC's kernel has the data of a connection, and its slot the rest once that has failed.
 *
 * The PC's kernel would take more than lwIP's send buffer holds. It gets no more than that beside what it has sent, which on
 * the PC's loopback is what the peer has room for.
 */
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include "sockets.h"

enum { ESP_MSG_PEEK = 1, ESP_MSG_DONTWAIT = 8 };

/* Data that has come: their number, 0 at the end of what the peer sends, or -1 and the PC's errno. */
static ssize_t read_pc(struct slot *slot, void *mem, size_t len, int flags)
{
    if (slot->state == GONE && len > (size_t)slot->unread) {
        len = (size_t)slot->unread;
    }
    char byte;
    int how = flags & ESP_MSG_PEEK ? MSG_PEEK : 0;
    ssize_t n = len > 0 ? recv(slot->fd, mem, len, how) : recv(slot->fd, &byte, 1, MSG_PEEK);
    if (n > 0 && slot->state == GONE && !(flags & ESP_MSG_PEEK)) {
        slot->unread -= (int)n;
    }
    return n;
}

/* What lwIP's mailbox has behind the data of a connection that has failed. */
static ssize_t take_failure(struct slot *slot)
{
    if (slot->end_waits) { /* lwIP finds no PCB to close then */
        slot->end_waits = false;
        int error = host_take_pending(slot);
        return error == ESP_ENOTCONN ? 0 : fail(error != 0 ? error : ESP_ECONNRESET);
    }
    int error = slot->message;
    slot->message = 0;
    if (error == ESP_ENOTCONN) { /* this error looks like another end of what the peer sends */
        return fail(ESP_ECONNRESET);
    }
    if (error == 0) {
        error = host_take_pending(slot);
    }
    return fail(error != 0 ? error : ESP_ENOTCONN);
}

/* What can be received at once; -1 and EAGAIN where that is nothing. */
static ssize_t take_data(struct slot *slot, void *mem, size_t len, int flags)
{
    host_update(slot);
    if (slot->no_read || slot->state == LISTENING) {
        if (slot->no_read && slot->state == CONNECTED) {
            host_call_explain("the end of what the peer sends has been read before, or shutdown(SHUT_RD) was called; close() the socket");
        }
        return fail(ESP_ENOTCONN);
    }
    if (slot->state == CONNECTED && host_reachable(slot)) {
        ssize_t n = read_pc(slot, mem, len, flags);
        if (n > 0) {
            return len > 0 ? n : 0;
        }
        if (n < 0 && errno == EAGAIN) {
            return fail(ESP_EAGAIN);
        }
        host_look(slot, n < 0 ? errno : 0);
        if (slot->state == CONNECTED) { /* the end: lwIP closes its mailbox, even after MSG_PEEK */
            slot->no_read = true;
            return 0;
        }
    }
    if (slot->state != GONE) {
        return fail(ESP_EAGAIN);
    }
    if (slot->unread == 0) {
        return take_failure(slot);
    }
    ssize_t n = read_pc(slot, mem, len, flags);
    if ((size_t)n < len && !(flags & ESP_MSG_PEEK) && !slot->end_waits) {
        slot->message = 0; /* lwIP took it, looking for more data */
    }
    return n;
}

static ssize_t recv_socket(struct slot *slot, void *mem, size_t len, int flags)
{
    int64_t until = slot->receive_ms > 0 ? host_after_ticks(slot->receive_ms / TICK_MS) : INT64_MAX;
    bool waits = !slot->nonblocking && !(flags & ESP_MSG_DONTWAIT);
    if (host_be_slow(slot) != 0) {
        return -1;
    }
    if (len > CONFIG_LWIP_TCP_WND_DEFAULT) {
        len = CONFIG_LWIP_TCP_WND_DEFAULT; /* lwIP has no more */
    }
    for (;;) {
        ssize_t n = take_data(slot, mem, len, flags);
        if (n >= 0) {
            return host_faulty("recv", ESP_ECONNRESET) ? -1 : n;
        }
        if (*host_errno() != ESP_EAGAIN || !waits || host_wait_ready(slot, true, until) != 0) {
            return -1;
        }
    }
}

ssize_t host_socket_recv(int s, void *mem, size_t len, int flags)
{
    struct slot *slot = host_get_socket(s);
    if (slot == NULL) {
        return -1;
    }
    ssize_t received = recv_socket(slot, mem, len, flags);
    host_note_received(slot, mem, received);
    return host_done_socket(slot, received);
}

/* The error for a send(). lwIP tells one that waits what happens, and whoever asks next again. */
static int send_error(struct slot *slot, bool waited)
{
    return waited ? slot->pending : host_take_pending(slot);
}

/* Gives the PC what has room in lwIP's send buffer. The number of bytes; -1 and lwIP's errno, of which EAGAIN is where there
 * is none. */
static ssize_t write_pc(struct slot *slot, const char *data, size_t size, bool waited)
{
    int waiting = 0, error = 0;
    ioctl(slot->fd, SIOCOUTQNSD, &waiting);
    if (waiting < SEND_BUFFER) {
        size_t room = (size_t)(SEND_BUFFER - waiting);
        ssize_t n = send(slot->fd, data, size < room ? size : room, MSG_NOSIGNAL);
        if (n >= 0) {
            return n;
        }
        error = errno;
    }
    host_look(slot, error == EAGAIN ? 0 : error);
    return fail(slot->state == GONE ? send_error(slot, waited) : error == 0 ? ESP_EAGAIN : host_esp_errno(error));
}

/* Sends what can be sent at once. */
static ssize_t give_data(struct slot *slot, const char *data, size_t size, bool waited)
{
    host_update(slot);
    int error = send_error(slot, waited);
    if (error != 0) {
        return fail(error);
    }
    if (slot->state == CONNECTING || slot->state == LISTENING) {
        return fail(ESP_EINPROGRESS);
    }
    if (slot->state != CONNECTED || slot->no_write) {
        return fail(ESP_ENOTCONN);
    }
    return host_reachable(slot) ? write_pc(slot, data, size, waited) : fail(ESP_EAGAIN);
}

/* When SO_SNDTIMEO ends: lwIP looks at it every second of a connection's life. */
static int64_t send_until(const struct slot *slot)
{
    if (slot->send_ms == 0) {
        return INT64_MAX;
    }
    const int64_t second = 1000000;
    int64_t lived = host_after_ticks(0) + slot->send_ms * 1000 - slot->since;
    return slot->since + (lived + second - 1) / second * second;
}

static ssize_t send_socket(struct slot *slot, const void *dataptr, size_t size, int flags)
{
    if (host_faulty("send", ESP_ECONNRESET) || host_be_slow(slot) != 0) {
        return -1;
    }
    char value[4];
    if (size > 1 && host_setting(NET, "short", value, sizeof(value))) {
        size_t given = size;
        size = 1 + host_random() % size;
        host_call_note("--net short: %zu of %zu bytes", size, given);
    }
    bool waits = !slot->nonblocking && !(flags & ESP_MSG_DONTWAIT), waited = false;
    int64_t until = send_until(slot);
    /* lwIP's blocking send() takes all, unless a time-out ends it. After an error what was taken is not told. */
    size_t sent = 0;
    while (sent < size) {
        ssize_t n = give_data(slot, (const char *)dataptr + sent, size - sent, waited);
        if (n >= 0) {
            sent += (size_t)n;
            continue;
        }
        if (*host_errno() != ESP_EAGAIN) {
            return -1;
        }
        if (!waits || host_wait_ready(slot, false, until) != 0) {
            return sent > 0 && *host_errno() == ESP_EAGAIN ? (ssize_t)sent : -1;
        }
        waited = true;
    }
    return (ssize_t)size;
}

static unsigned send_calls; /* those that sent something */
static uint64_t sent_bytes;

ssize_t host_socket_send(int s, const void *dataptr, size_t size, int flags)
{
    struct slot *slot = host_get_socket(s);
    if (slot == NULL) {
        return -1;
    }
    ssize_t sent = send_socket(slot, dataptr, size, flags);
    if (sent > 0) {
        send_calls++;
        sent_bytes += (uint64_t)sent;
        host_note_sent(slot, dataptr, sent);
    }
    return host_done_socket(slot, sent);
}

void host_report_sent(struct host_message *m)
{
    host_socket_lock();
    if (send_calls > 0) {
        printf("host: send() calls: %u, bytes: %llu\n", send_calls, (unsigned long long)sent_bytes);
    }
    host_message_number(m, "sent_calls", send_calls);
    host_message_number(m, "sent_bytes", (int64_t)sent_bytes);
    host_socket_unlock();
}

/* Closes a connection, or what was to be one: the socket is of no more use. */
static void close_connection(struct slot *slot)
{
    if (slot->state == CONNECTED && host_unread(slot->fd) > 0) {
        host_reset_connection(slot);
    } else {
        shutdown(slot->fd, SHUT_RDWR);
    }
    slot->state = GONE;
    slot->exception = true;
    slot->no_read = slot->no_write = true;
}

/* Closes the mailbox. What has come is not read any more, and more must not come. */
static void stop_reading(struct slot *slot)
{
    slot->no_read = true;
    slot->refuses = host_unread(slot->fd);
    shutdown(slot->fd, SHUT_RD); /* wakes who waits for data */
}

static void stop_writing(struct slot *slot)
{
    slot->no_write = true;
    slot->last_ack = host_tcp_state(slot->fd) == TCP_CLOSE_WAIT;
    shutdown(slot->fd, SHUT_WR);
}

static int shutdown_socket(struct slot *slot, int how)
{
    enum { READ, WRITE, BOTH };
    if (how < READ || how > BOTH) {
        return fail(ESP_EINVAL);
    }
    host_look(slot, 0);
    switch (slot->state) {
    case CONNECTING:
    case GONE:
        return fail(ESP_ENOTCONN);
    case LISTENING:
        return fail(how == BOTH ? ESP_EIO : ESP_ENOTCONN);
    default:
        break;
    }
    /* With both directions shut down lwIP closes the connection, even where one was before. */
    if (how == BOTH || (how == WRITE && slot->no_read)) {
        close_connection(slot);
    } else if (how == READ && !slot->no_read) {
        stop_reading(slot);
    } else if (how == WRITE) {
        if (slot->state == UNCONNECTED || slot->no_write) {
            return fail(ESP_ENOTCONN);
        }
        stop_writing(slot);
    }
    return 0;
}

int host_socket_shutdown(int s, int how)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, shutdown_socket(slot, how));
}

