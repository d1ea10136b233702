/*
 * What becomes of a connection: it is made, it is reset, the link is lost. The PC's kernel knows most of it, and is asked
 * when a call at its socket fails or poll() says that something has happened. Errors are kept and told as lwIP's err_tcp()
 * and netconn_recv_data() do it.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "sockets.h"

/* How long lwIP asks for a connection: as many times again, every 1.5 s, and what is left of a tick. */
#define SYN_US (CONFIG_LWIP_TCP_SYNMAXRTX * INT64_C(1500000) + 500000)

/* How long a connection takes to be made, at least. The PC's loopback has it at once, Wi-Fi does not. */
#define CONNECT_US 500

int host_option_of(int fd, int level, int name)
{
    int value = 0;
    socklen_t length = sizeof(value);
    getsockopt(fd, level, name, &value, &length);
    return value;
}

int host_tcp_state(int fd)
{
    struct tcp_info info = { 0 };
    socklen_t length = sizeof(info);
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 ? info.tcpi_state : TCP_CLOSE;
}

int host_unread(int fd)
{
    int bytes = 0;
    ioctl(fd, FIONREAD, &bytes);
    return bytes;
}

bool host_over_ipv6(const struct slot *slot)
{
    return (slot->state == CONNECTING || slot->state == CONNECTED) && !is_ipv4(&slot->peer);
}

/* When the scenario silences a connection. */
static int64_t silent_from(const struct slot *slot)
{
    int64_t us = host_setting_us(NET, "silent", -1);
    return us < 0 || slot->state != CONNECTED ? INT64_MAX : slot->since + us;
}

void host_note_silence(const struct slot *slot)
{
    if (host_now_us() >= silent_from(slot)) {
        host_call_note("--net silent: nothing comes or goes");
    }
}

bool host_reachable(const struct slot *slot)
{
    return host_link_up(host_over_ipv6(slot)) && !slot->unanswered && host_now_us() < silent_from(slot);
}

void host_set_peer(struct slot *slot, enum socket_state state, const struct sockaddr_in6 *peer)
{
    slot->peer = *peer;
    slot->changes = host_link_changes(!is_ipv4(peer));
    slot->since = host_now_us();
    slot->state = state;
}

/* Keep-alive gives a connection up after idle + interval x count. */
static bool given_up(const struct slot *slot)
{
    int64_t from = silent_from(slot), now = host_now_us();
    const struct socket_options *o = &slot->options;
    if (now < from || !o->keep_alive) {
        return false;
    }
    return now >= from + (o->keep_idle_ms + (int64_t)o->keep_interval_ms * o->keep_count) * 1000;
}

/* The end of a connection, with its error. ended: before it the peer had ended what it sends. */
static void end_connection(struct slot *slot, int error, enum cause cause, bool ended)
{
    slot->state = GONE;
    slot->cause = cause;
    slot->error = error;
    slot->exception = true;
    slot->pending = error;
    if (!slot->no_read) {
        slot->message = error;
        slot->unread = host_unread(slot->fd);
        slot->end_waits = ended;
    }
}

/* Whether the peer has ended what it sends. */
static bool end_came(const struct slot *slot)
{
    int state = host_tcp_state(slot->fd);
    return state == TCP_CLOSE_WAIT || state == TCP_LAST_ACK || state == TCP_CLOSING;
}

/* When a connection is made, at the earliest; when it is given up where nobody answers. */
static int64_t connected_at(const struct slot *slot)
{
    return slot->since + (slot->unanswered ? SYN_US : host_setting_us(NET, "connect", CONNECT_US));
}

static void tell_connected(const struct slot *slot)
{
    char text[ADDRESS_TEXT];
    struct host_message m;
    host_message_begin(&m, "connected");
    host_message_text(&m, "instead", host_address_text(&slot->peer, text));
    host_message_send(&m);
}

/* Looks whether a connection has been made. */
static void update_connecting(struct slot *slot)
{
    if (slot->changes != host_link_changes(host_over_ipv6(slot))) {
        end_connection(slot, ESP_ECONNABORTED, LINK_LOST, false);
    } else if (host_now_us() < connected_at(slot)) {
        return;
    } else if (slot->unanswered) {
        end_connection(slot, ESP_ECONNABORTED, UNANSWERED, false);
    } else if (host_tcp_state(slot->fd) != TCP_SYN_SENT) {
        int error = host_option_of(slot->fd, SOL_SOCKET, SO_ERROR);
        slot->made = error == 0 || error == ECONNRESET || error == EPIPE; /* of what has been made, and reset since */
        slot->since = host_now_us();
        slot->state = CONNECTED;
        if (slot->made) {
            tell_connected(slot);
        }
        host_look(slot, error);
    }
}

void host_update(struct slot *slot)
{
    if (slot->state == CONNECTING) {
        update_connecting(slot);
    } else if (slot->state != CONNECTED) {
        return;
    } else if (slot->changes != host_link_changes(host_over_ipv6(slot))) {
        end_connection(slot, ESP_ECONNABORTED, LINK_LOST, end_came(slot));
    } else if (given_up(slot)) {
        end_connection(slot, ESP_ECONNABORTED, KEEP_ALIVE, end_came(slot));
    } else if (slot->refuses >= 0 && host_unread(slot->fd) > slot->refuses) {
        host_reset_connection(slot);
        end_connection(slot, ESP_ECONNABORTED, DATA_REFUSED, false);
    }
}

/* Why the PC gives an error. */
static enum cause cause_of(int error)
{
    switch (error) {
    case ECONNREFUSED: return REFUSED;
    case ECONNRESET:
    case EPIPE: return RESET_BY_PEER;
    case ETIMEDOUT: return TIMED_OUT;
    }
    return NO_CAUSE;
}

void host_look(struct slot *slot, int error)
{
    host_update(slot);
    if (slot->state != CONNECTED || host_tcp_state(slot->fd) != TCP_CLOSE) {
        return;
    }
    if (error == 0) {
        error = host_option_of(slot->fd, SOL_SOCKET, SO_ERROR);
    }
    if (error != 0) { /* Linux has EPIPE for a reset after the end of what the peer sent */
        end_connection(slot, error == EPIPE ? ESP_ECONNRESET : host_esp_errno(error), cause_of(error), error == EPIPE);
    } else if (slot->last_ack) {
        end_connection(slot, ESP_ENOTCONN, BOTH_ENDED, true);
    } else { /* both have ended, this one first: lwIP keeps such a connection in TIME_WAIT */
        slot->over = true;
    }
}

void host_explain_connection(const struct slot *slot, int error)
{
    char peer[ADDRESS_TEXT];
    if (error == 0 || error != slot->error) {
        return;
    }
    host_address_text(&slot->peer, peer);
    switch (slot->cause) {
    case NO_CAUSE:
        break;
    case REFUSED:
        host_call_explain("nothing listens on %s of this PC; start your server first, for example with `espgen peer`", slot->target);
        break;
    case RESET_BY_PEER:
        host_call_explain("%s has reset the connection: its program was ended, or closed its socket before it had read everything", peer);
        break;
    case LINK_LOST:
        host_call_explain("Wi-Fi was lost, and with the station's address lwIP aborts each connection; wait for IP_EVENT_STA_GOT_IP, and "
                          "make a new one");
        break;
    case UNANSWERED:
        host_call_explain("nobody has answered (--net connect-timeout): lwIP has sent its SYN %d times, over %.1f s",
                          CONFIG_LWIP_TCP_SYNMAXRTX + 1, SYN_US / 1e6);
        break;
    case TIMED_OUT:
        host_call_explain("%s does not answer any more", slot->target[0] != '\0' ? slot->target : peer);
        break;
    case KEEP_ALIVE:
        host_call_explain("the peer has not answered %u keep-alive probes (--net silent), so lwIP has given the connection up",
                          slot->options.keep_count);
        break;
    case DATA_REFUSED:
        host_call_explain("data came after shutdown(SHUT_RD), so lwIP has reset the connection");
        break;
    case BOTH_ENDED:
        host_call_explain("both sides have ended the connection; close() the socket");
        break;
    }
}

int host_take_pending(struct slot *slot)
{
    host_explain_connection(slot, slot->pending);
    int error = slot->pending;
    slot->pending = 0;
    return error;
}

bool host_reads(const struct slot *slot)
{
    return slot->state == GONE || slot->no_read;
}

bool host_writes(const struct slot *slot)
{
    return slot->state == GONE || (slot->state == CONNECTED && slot->no_write);
}

/* The PC's connection is wanted once lwIP's could be there. */
static short connecting_events(const struct slot *slot, int64_t *patience_us)
{
    int64_t left = connected_at(slot) - host_now_us();
    if (left > 0 && left < *patience_us) {
        *patience_us = left;
    }
    return left <= 0 && !slot->unanswered ? POLLOUT : 0;
}

short host_events(const struct slot *slot, bool reads, bool writes, int64_t *patience_us)
{
    bool reachable = host_reachable(slot);
    *patience_us = reachable || slot->unanswered ? 50000 : 5000; /* while the other end is out of reach nothing arrives */
    switch (slot->state) {
    case LISTENING:
        return reads ? POLLIN : 0;
    case CONNECTING:
        return connecting_events(slot, patience_us);
    case CONNECTED:
        return (short)(!reachable ? 0 : (reads && !slot->no_read ? POLLIN : 0) | (writes && !slot->no_write ? POLLOUT : 0));
    default:
        return 0;
    }
}

void host_reset_connection(struct slot *slot)
{
    struct sockaddr nobody = { .sa_family = AF_UNSPEC };
    connect(slot->fd, &nobody, sizeof(nobody)); /* Linux resets the connection so, and the socket stays */
}
