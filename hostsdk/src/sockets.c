/*
 * lwIP's sockets over the PC's.
 *
 * ESPGEN_NET is a list of
 *   short           send() takes a part of what it is given
 *   slow=US         each recv() and send() takes this long
 *   fail=N          every Nth call fails, as lwIP would
 *   fail-once=N     the Nth call fails, and no other
 *   silent=US       nothing goes to or comes from the other end, this long after a connection is made
 *   connect-timeout nobody answers a connection that the project makes
 *   no-dns          no host name is found: see netdb.c
 *   listen=ADDRESS  the PC's address that stands for the board's; 127.0.0.1 and ::1
 *   port=NUMBER     the PC's port in place of the one that the project binds; 0 for any
 * ESPGEN_MAP is a list of ADDRESS:PORT=ADDRESS:PORT: where a connection goes instead. All others go to 127.0.0.1, and
 * those over IPv6 to ::1.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "sockets.h"

#define MAP "ESPGEN_MAP"

/* A socket of the PC, for both families where it is IPv6's; -1 and errno where there is none. */
static int pc_socket(int family, int protocol)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol), off = 0;
    if (fd < 0) {
        return fail(host_esp_errno(errno));
    }
    if (family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    }
    return fd;
}

int lwip_socket(int domain, int type, int protocol)
{
    if (host_faulty("socket", ESP_ENFILE)) {
        return -1;
    }
    if (domain != ESP_AF_INET && domain != ESP_AF_INET6) {
        return fail(ESP_EAFNOSUPPORT);
    }
    if (type != SOCK_STREAM) {
        host_note("socket: only TCP is simulated");
        return fail(ESP_EINVAL);
    }
    bool ipv6 = domain == ESP_AF_INET6;
    host_socket_lock();
    int fd = pc_socket(ipv6 ? AF_INET6 : AF_INET, protocol);
    int s = fd < 0 ? -1 : host_add_socket((struct slot){ .fd = fd, .second = -1, .ipv6 = ipv6 });
    host_socket_unlock();
    return s;
}

/* Reads an address that the project gives to a socket. False with lwIP's errno where it does not suit. */
static bool take_address(const struct slot *slot, const struct esp_sockaddr *name, uint32_t length, struct sockaddr_in6 *a)
{
    if (name->family != (slot->ipv6 ? ESP_AF_INET6 : ESP_AF_INET)) {
        fail(ESP_EINVAL);
        return false;
    }
    if (length != ESP_SOCKADDR_IN && length != ESP_SOCKADDR_IN6) {
        fail(ESP_EIO);
        return false;
    }
    if (slot->ipv6) {
        *a = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = name->port };
        memcpy(&a->sin6_addr, name->rest, sizeof(a->sin6_addr));
    } else {
        *a = ipv4(name->address, name->port);
    }
    return true;
}

/* Where the PC listens for a family: on --listen's address, or where that is the other family's on what is like it. */
static struct sockaddr_in6 listen_address(bool for_ipv4, uint16_t port)
{
    char text[64];
    struct sockaddr_in6 a;
    bool any = false;
    if (host_setting(NET, "listen", text, sizeof(text)) && host_parse_address(text, port, &a)) {
        if (is_ipv4(&a) == for_ipv4) {
            return a;
        }
        any = is_ipv4(&a) ? ipv4_of(&a) == INADDR_ANY : IN6_IS_ADDR_UNSPECIFIED(&a.sin6_addr);
    }
    if (for_ipv4) {
        return ipv4(htonl(any ? INADDR_ANY : INADDR_LOOPBACK), port);
    }
    return (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = port, .sin6_addr = any ? in6addr_any : in6addr_loopback };
}

/* Binds one of the PC's sockets to its address for a family. 0, or the PC's error. */
static int bind_pc(int fd, int family, bool for_ipv4, uint16_t port)
{
    struct sockaddr_storage to;
    struct sockaddr_in6 a = listen_address(for_ipv4, port);
    socklen_t length = host_pc_address(family, &a, &to);
    if (family == AF_INET6) {
        int only = !for_ipv4;
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
    }
    return bind(fd, (struct sockaddr *)&to, length) == 0 ? 0 : errno;
}

/* Ends a bind() that the PC refused for good. */
static int bind_failed(int error, uint16_t port)
{
    if (error == EADDRINUSE && port != 0) {
        host_note("port %d of this PC is taken: espgen run --listen HOST:PORT takes another", ntohs(port));
    }
    return fail(host_esp_errno(error));
}

static struct sockaddr_in6 own_address(int fd)
{
    struct sockaddr_storage a = { 0 };
    socklen_t length = sizeof(a);
    getsockname(fd, (struct sockaddr *)&a, &length);
    return host_from_pc(&a);
}

/* Binds a socket for both families: to two of the PC's, each on its own loopback, with one port. */
static int bind_both(struct slot *slot, uint16_t port)
{
    for (int tries = 1;; tries++) {
        int reuse = host_option_of(slot->fd, SOL_SOCKET, SO_REUSEADDR), second = pc_socket(AF_INET, 0);
        if (second < 0) {
            return -1;
        }
        setsockopt(second, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
        int error = bind_pc(second, AF_INET, true, port);
        if (error == 0) {
            error = bind_pc(slot->fd, AF_INET6, false, own_address(second).sin6_port);
            if (error == 0) {
                slot->second = second;
                return 0;
            }
        }
        close(second);
        if (error == EADDRNOTAVAIL) {
            host_note("this PC has no IPv6 loopback: listening on IPv4 alone");
            error = bind_pc(slot->fd, AF_INET6, true, port);
            return error == 0 ? 0 : bind_failed(error, port);
        }
        /* A port that was free for IPv4 may be another's for IPv6. */
        if (error != EADDRINUSE || port != 0 || tries == 10) {
            return bind_failed(error, port);
        }
    }
}

static int bind_socket(struct slot *slot, const struct esp_sockaddr *name, uint32_t namelen)
{
    struct sockaddr_in6 a;
    if (host_faulty("bind", ESP_EADDRINUSE) || !take_address(slot, name, namelen, &a)) {
        return -1;
    }
    int64_t port = host_setting_us(NET, "port", -1);
    if (port >= 0) {
        a.sin6_port = htons((uint16_t)port);
    }
    if (IN6_IS_ADDR_UNSPECIFIED(&a.sin6_addr) && !slot->v6only) {
        return bind_both(slot, a.sin6_port);
    }
    int error = bind_pc(slot->fd, slot->ipv6 ? AF_INET6 : AF_INET, is_ipv4(&a), a.sin6_port);
    return error == 0 ? 0 : bind_failed(error, a.sin6_port);
}

int lwip_bind(int s, const struct esp_sockaddr *name, uint32_t namelen)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, bind_socket(slot, name, namelen));
}

/* Lets one of the PC's sockets listen. */
static int listen_pc(int fd, int backlog)
{
    if (listen(fd, backlog - 1) != 0) { /* Linux lets one more wait */
        return fail(host_esp_errno(errno));
    }
    struct sockaddr_in6 a = own_address(fd);
    char text[ADDRESS_TEXT];
    printf("host: listening on %s\n", host_address_text(&a, text));
    fflush(stdout);
    return 0;
}

static int listen_socket(struct slot *slot, int backlog)
{
    if (host_faulty("listen", ESP_EADDRINUSE)) {
        return -1;
    }
    int waiting = host_pc_backlog(backlog);
    if (own_address(slot->fd).sin6_port == 0) { /* not bound: the PC would listen on every network */
        bind_pc(slot->fd, slot->ipv6 ? AF_INET6 : AF_INET, !slot->ipv6, 0);
    }
    if ((slot->second >= 0 && listen_pc(slot->second, waiting) != 0) || listen_pc(slot->fd, waiting) != 0) {
        return -1;
    }
    struct sockaddr_in6 a = own_address(slot->fd);
    slot->ipv6_listener = !is_ipv4(&a);
    slot->listening = true;
    host_open_mailbox(slot, backlog);
    return 0;
}

int lwip_listen(int s, int backlog)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, listen_socket(slot, backlog));
}

/* Marks a socket as connected to a peer, from now on. */
static void connected_to(struct slot *slot, const struct sockaddr_in6 *peer)
{
    slot->peer = *peer;
    slot->changes = host_link_changes(!is_ipv4(peer));
    slot->since = host_now_us();
    slot->connected = true;
}

/* Whether a connection was reset while it waited to be accepted. */
static bool was_reset(int fd)
{
    struct tcp_info info = { 0 };
    socklen_t length = sizeof(info);
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 && info.tcpi_state == TCP_CLOSE;
}

static int accept_socket(struct slot *slot, void *addr, uint32_t *addrlen)
{
    if (!slot->listening) {
        return fail(ESP_EINVAL);
    }
    for (;;) {
        struct sockaddr_in6 peer;
        int fd = host_accept_pc(slot, &peer);
        if (fd >= 0) {
            if (host_faulty("accept", ESP_ENFILE)) {
                close(fd);
                return -1;
            }
            if (was_reset(fd)) { /* lwIP takes it, and then finds no peer */
                close(fd);
                return fail(ESP_ENOTCONN);
            }
            struct slot connection = { .fd = fd, .second = -1, .ipv6 = slot->ipv6 };
            connected_to(&connection, &peer);
            int n = host_add_socket(connection);
            if (n >= 0) {
                /* An IPv4 peer of a socket for both is AF_INET here, and mapped in getpeername(). */
                host_give_address(&peer, false, addr, addrlen);
            }
            return n;
        }
        if (slot->nonblocking) {
            return fail(ESP_EAGAIN);
        }
        if (host_wait_ready(slot, POLLIN, slot->receive_us) != 0) {
            return -1;
        }
    }
}

int lwip_accept(int s, void *addr, uint32_t *addrlen)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, accept_socket(slot, addr, addrlen));
}

/* Where a connection to an address goes on this PC. */
static struct sockaddr_in6 map_address(const struct sockaddr_in6 *a)
{
    char name[ADDRESS_TEXT], to[ADDRESS_TEXT], text[ADDRESS_TEXT];
    struct sockaddr_in6 target = { .sin6_family = AF_INET6, .sin6_port = a->sin6_port, .sin6_addr = in6addr_loopback };
    if (is_ipv4(a)) {
        target = ipv4(htonl(INADDR_LOOPBACK), a->sin6_port);
    }
    char *colon;
    if (host_setting(MAP, host_address_text(a, name), to, sizeof(to)) && (colon = strrchr(to, ':')) != NULL) {
        *colon = '\0';
        char *ip = to[0] == '[' ? to + 1 : to;
        ip[strcspn(ip, "]")] = '\0';
        host_parse_address(ip, htons((uint16_t)atoi(colon + 1)), &target);
    }
    printf("host: %s stands for %s\n", name, host_address_text(&target, text));
    fflush(stdout);
    return target;
}

/* Whether a connection is still being made. */
static bool connecting(const struct slot *slot)
{
    struct pollfd p = { .fd = slot->fd, .events = POLLOUT };
    return slot->unanswered || poll(&p, 1, 0) == 0;
}

static int connect_socket(struct slot *slot, const struct esp_sockaddr *name, uint32_t namelen)
{
    struct sockaddr_in6 a;
    if (host_faulty("connect", ESP_ECONNRESET) || !take_address(slot, name, namelen, &a)) {
        return -1;
    }
    if (slot->ended || slot->connected) {
        return fail(slot->ended ? ESP_ENOTCONN : connecting(slot) ? ESP_EALREADY : ESP_EISCONN);
    }
    if (!host_link_up(!is_ipv4(&a))) {
        return fail(ESP_EHOSTUNREACH);
    }
    struct sockaddr_in6 target = map_address(&a);
    struct sockaddr_storage to;
    socklen_t to_length = host_pc_address(slot->ipv6 ? AF_INET6 : AF_INET, &target, &to);
    char value[4];
    slot->unanswered = host_setting(NET, "connect-timeout", value, sizeof(value));
    if (!slot->unanswered && connect(slot->fd, (struct sockaddr *)&to, to_length) != 0 && errno != EINPROGRESS) {
        return fail(host_esp_errno(errno));
    }
    connected_to(slot, &a);
    if (slot->nonblocking) {
        return fail(ESP_EINPROGRESS);
    }
    if (host_wait_ready(slot, POLLOUT, 0) != 0) {
        slot->ended = true;
        return -1;
    }
    int error = host_option_of(slot->fd, SOL_SOCKET, SO_ERROR);
    if (error != 0) {
        slot->connected = false;
        slot->ended = true;
        return fail(host_esp_errno(error));
    }
    return 0;
}

int lwip_connect(int s, const struct esp_sockaddr *name, uint32_t namelen)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, connect_socket(slot, name, namelen));
}

static ssize_t recv_socket(struct slot *slot, void *mem, size_t len, int flags)
{
    if (host_be_slow(slot) != 0) {
        return -1;
    }
    for (;;) {
        if (host_aborted(slot)) {
            return fail(ESP_ECONNABORTED);
        }
        if (host_reachable(slot)) {
            ssize_t n = recv(slot->fd, mem, len, (flags & 1 ? MSG_PEEK : 0));
            if (n >= 0) {
                return host_faulty("recv", ESP_ECONNRESET) ? -1 : n;
            }
            if (errno != EAGAIN) {
                return fail(host_esp_errno(errno));
            }
        }
        if (slot->nonblocking || flags & 8) {
            return fail(ESP_EAGAIN);
        }
        if (host_wait_ready(slot, POLLIN, slot->receive_us) != 0) {
            return -1;
        }
    }
}

ssize_t lwip_recv(int s, void *mem, size_t len, int flags)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : host_done_socket(slot, recv_socket(slot, mem, len, flags));
}

static ssize_t send_socket(struct slot *slot, const void *dataptr, size_t size, int flags)
{
    if (host_faulty("send", ESP_ECONNRESET) || host_be_slow(slot) != 0) {
        return -1;
    }
    char value[4];
    if (size > 1 && host_setting(NET, "short", value, sizeof(value))) {
        size = 1 + host_random() % size;
    }
    /* lwIP's blocking send() takes all, unless a time-out ends it. After an error what was taken is not told. */
    size_t sent = 0;
    while (sent < size) {
        if (host_aborted(slot)) {
            return fail(ESP_ECONNABORTED);
        }
        if (host_reachable(slot)) {
            ssize_t n = send(slot->fd, (const char *)dataptr + sent, size - sent, MSG_NOSIGNAL);
            if (n < 0 && errno != EAGAIN) {
                return fail(host_esp_errno(errno));
            }
            sent += n > 0 ? (size_t)n : 0;
        }
        bool waits = !slot->nonblocking && !(flags & 8);
        if (sent < size && (waits ? host_wait_ready(slot, POLLOUT, slot->send_us) : fail(ESP_EAGAIN)) != 0) {
            return sent > 0 && *host_errno() == ESP_EAGAIN ? (ssize_t)sent : -1;
        }
    }
    return (ssize_t)size;
}

static unsigned send_calls; /* those that sent something */
static uint64_t sent_bytes;

ssize_t lwip_send(int s, const void *dataptr, size_t size, int flags)
{
    struct slot *slot = host_get_socket(s);
    if (slot == NULL) {
        return -1;
    }
    ssize_t sent = send_socket(slot, dataptr, size, flags);
    if (sent > 0) {
        send_calls++;
        sent_bytes += (uint64_t)sent;
    }
    return host_done_socket(slot, sent);
}

void host_report_sent(void)
{
    host_socket_lock();
    if (send_calls > 0) {
        printf("host: send() calls: %u, bytes: %llu\n", send_calls, (unsigned long long)sent_bytes);
    }
    host_socket_unlock();
}

static int shutdown_socket(const struct slot *slot, int how)
{
    const int hows[] = { SHUT_RD, SHUT_WR, SHUT_RDWR };
    if (how < 0 || how > 2) {
        return fail(ESP_EINVAL);
    }
    return shutdown(slot->fd, hows[how]) == 0 ? 0 : fail(host_esp_errno(errno));
}

int lwip_shutdown(int s, int how)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, shutdown_socket(slot, how));
}

ssize_t host_read(int s, void *buf, size_t count) { return lwip_recv(s, buf, count, 0); }
ssize_t host_write(int s, const void *buf, size_t count) { return lwip_send(s, buf, count, 0); }

static int name_of(const struct slot *slot, void *name, uint32_t *namelen)
{
    struct sockaddr_in6 a = own_address(slot->fd);
    if (host_over_ipv6(slot)) {
        host_link_ipv6(a.sin6_addr.s6_addr);
    } else if (slot->connected) {
        a = ipv4(host_link_address(), a.sin6_port);
    } else if (slot->ipv6) {
        a.sin6_addr = in6addr_any;
    } else {
        a = ipv4(INADDR_ANY, a.sin6_port);
    }
    host_give_address(&a, slot->ipv6, name, namelen);
    return 0;
}

int lwip_getsockname(int s, void *name, uint32_t *namelen)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, name_of(slot, name, namelen));
}

static int peer_of(const struct slot *slot, void *name, uint32_t *namelen)
{
    struct sockaddr_storage a;
    socklen_t length = sizeof(a);
    if (getpeername(slot->fd, (struct sockaddr *)&a, &length) != 0) {
        return fail(host_esp_errno(errno));
    }
    host_give_address(&slot->peer, slot->ipv6, name, namelen);
    return 0;
}

int lwip_getpeername(int s, void *name, uint32_t *namelen)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, peer_of(slot, name, namelen));
}
