/*
 * lwIP's sockets over the PC's.
 *
 * ESPGEN_NET is a list of
 *   short           send() takes a part of what it is given
 *   slow=US         each recv() and send() takes this long
 *   fail=N          every Nth call fails, as lwIP would
 *   fail-once=N     the Nth call fails, and no other
 *   silent=US       nothing goes to or comes from the other end, this long after a connection is made
 *   connect=US      a connection that the project makes takes this long, at least; 0.5 ms
 *   connect-timeout nobody answers a connection that the project makes
 *   no-dns          no host name is found: see netdb.c
 *   listen=ADDRESS  the PC's address that stands for the board's; 127.0.0.1 and ::1
 *   port=NUMBER     the PC's port in place of the one that the project binds; 0 for any
 * ESPGEN_MAP is a list of ADDRESS:PORT=ADDRESS:PORT: where a connection goes instead. ESPGEN_SERVER is a list of
 * 4:PORT=ADDRESS:PORT and 6:PORT=ADDRESS:PORT: where one to that port goes, over IPv4 or IPv6, at whatever address. All others
 * go to 127.0.0.1, and those over IPv6 to ::1.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "sockets.h"

#define MAP    "ESPGEN_MAP"
#define SERVER "ESPGEN_SERVER"

/* A socket of the PC, for both families where it is IPv6's; -1 and errno where there is none. Its segments are no longer than
 * lwIP's, and it is writable as long as lwIP's would be: see socket_stream.c. */
static int pc_socket(int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), off = 0, segment = CONFIG_LWIP_TCP_MSS;
    if (fd < 0) {
        return fail(host_esp_errno(errno));
    }
    int writable = HOST_WRITABLE;
    setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof(segment));
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &writable, sizeof(writable));
    if (family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    }
    return fd;
}

/* The options of a new PCB. */
static const struct socket_options new_options = { .ttl = 64, .keep_idle_ms = 7200000, .keep_interval_ms = 75000, .keep_count = 9 };

int host_socket_socket(int domain, int type, int protocol)
{
    (void)protocol;
    if (host_faulty("socket", ESP_ENFILE)) {
        return -1;
    }
    if (type != SOCK_STREAM) {
        host_note("socket: only TCP is simulated");
        host_call_explain("only TCP is simulated: socket(AF_INET, SOCK_STREAM, 0)");
        return fail(ESP_EINVAL);
    }
    bool ipv6 = domain != ESP_AF_INET; /* lwIP takes any other domain for this one */
    host_socket_lock();
    int fd = pc_socket(ipv6 ? AF_INET6 : AF_INET);
    int s = fd < 0 ? -1 : host_add_socket((struct slot){ .fd = fd, .second = -1, .ipv6 = ipv6, .options = new_options });
    host_socket_unlock();
    return s;
}

/* Reads an address that the project gives to a socket. False with lwIP's errno where it does not suit. */
static bool take_address(const struct slot *slot, const struct esp_sockaddr *name, uint32_t length, struct sockaddr_in6 *a)
{
    if (name->family != (slot->ipv6 ? ESP_AF_INET6 : ESP_AF_INET)) {
        host_call_explain("the address is not of the socket's family, AF_INET%s", slot->ipv6 ? "6" : "");
        fail(ESP_EINVAL);
        return false;
    }
    if (length != ESP_SOCKADDR_IN && length != ESP_SOCKADDR_IN6) {
        host_call_explain("%u bytes are no address; pass sizeof(struct sockaddr_in) or sizeof(struct sockaddr_in6)", length);
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

/* Says why this PC refuses what a board would do. */
static void explain_pc(int error, const struct sockaddr_in6 *a)
{
    char text[ADDRESS_TEXT];
    int port = ntohs(a->sin6_port);
    host_address_text(a, text);
    switch (error) {
    case EADDRINUSE:
        host_say("another program of this PC listens on %s; end it, or choose another port, as in --listen 127.0.0.1:%d", text,
                 port < 60000 ? port + 1 : port - 1);
        break;
    case EACCES:
        host_say("this PC lets only root listen on port %d, a board has no such limit; choose another port, as in --listen 127.0.0.1:8080", port);
        break;
    case EADDRNOTAVAIL:
        host_say("%s is no address of this PC; choose one that it has, such as --listen 127.0.0.1, or 0.0.0.0 for all of them", text);
        break;
    default:
        host_say("this PC cannot listen on %s: %s", text, strerror(error));
        break;
    }
}

/* Ends a bind() that the PC refused for good. */
static int bind_failed(int error, bool for_ipv4, uint16_t port)
{
    struct sockaddr_in6 a = listen_address(for_ipv4, port);
    explain_pc(error, &a);
    host_call_explain("this PC has refused the address, see above");
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
        int second = pc_socket(AF_INET);
        if (second < 0) {
            return -1;
        }
        host_apply_options(slot, second);
        int error = bind_pc(second, AF_INET, true, port);
        bool has_ipv4 = error == 0;
        if (has_ipv4) {
            error = bind_pc(slot->fd, AF_INET6, false, own_address(second).sin6_port);
            if (error == 0) {
                slot->second = second;
                return 0;
            }
        }
        close(second);
        if (error == EADDRNOTAVAIL && has_ipv4) {
            host_note("this PC has no IPv6 loopback: listening on IPv4 alone");
            error = bind_pc(slot->fd, AF_INET6, true, port);
            return error == 0 ? 0 : bind_failed(error, true, port);
        }
        /* A port that was free for IPv4 may be another's for IPv6. */
        if (error != EADDRINUSE || port != 0 || tries == 10) {
            return bind_failed(error, !has_ipv4, port);
        }
    }
}

/* The PC binds a socket once; lwIP binds it again. */
static int renew_pc_socket(struct slot *slot)
{
    int fd = pc_socket(slot->ipv6 ? AF_INET6 : AF_INET);
    if (fd < 0) {
        return -1;
    }
    close(slot->fd);
    slot->fd = fd;
    if (slot->second >= 0) {
        close(slot->second);
        slot->second = -1;
    }
    host_apply_options(slot, fd);
    return 0;
}

/* Binds the PC's socket, or both. */
static int bind_now(struct slot *slot, bool for_ipv4, uint16_t port)
{
    int64_t other = host_setting_us(NET, "port", -1);
    if (other >= 0) {
        port = htons((uint16_t)other);
    }
    slot->bound_late = false;
    if (slot->both_families) {
        return bind_both(slot, port);
    }
    int error = bind_pc(slot->fd, slot->ipv6 ? AF_INET6 : AF_INET, for_ipv4, port);
    return error == 0 ? 0 : bind_failed(error, for_ipv4, port);
}

static int bind_socket(struct slot *slot, const struct esp_sockaddr *name, uint32_t namelen)
{
    struct sockaddr_in6 a;
    if (host_faulty("bind", ESP_EADDRINUSE) || !take_address(slot, name, namelen, &a)) {
        return -1;
    }
    if (slot->state != UNCONNECTED) {
        return fail(ESP_EINVAL);
    }
    slot->both_families = IN6_IS_ADDR_UNSPECIFIED(&a.sin6_addr) && !slot->v6only;
    if (a.sin6_port != 0 && host_port_taken(slot, a.sin6_port, false)) {
        host_call_explain("another socket of the project has port %d; close() it first, or set SO_REUSEADDR on both", ntohs(a.sin6_port));
        return fail(ESP_EADDRINUSE);
    }
    if (slot->bound && renew_pc_socket(slot) != 0) {
        return -1;
    }
    slot->bound = true;
    slot->port = a.sin6_port;
    slot->bound_late = a.sin6_port != 0 && host_port_shared(slot, a.sin6_port);
    if (!slot->bound_late && bind_now(slot, is_ipv4(&a), a.sin6_port) != 0) {
        slot->bound = false;
        slot->port = 0;
        return -1;
    }
    if (slot->port == 0) {
        slot->port = own_address(slot->fd).sin6_port;
    }
    return 0;
}

int host_socket_bind(int s, const struct esp_sockaddr *name, uint32_t namelen)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, bind_socket(slot, name, namelen));
}

/* Lets one of the PC's sockets listen. */
static int listen_pc(int fd, int backlog, uint16_t port)
{
    bool again = host_tcp_state(fd) == TCP_LISTEN;
    if (listen(fd, backlog - 1) != 0) { /* Linux lets one more wait */
        return fail(host_esp_errno(errno));
    }
    struct sockaddr_in6 a = own_address(fd);
    char text[ADDRESS_TEXT];
    if (!again) {
        printf("host: listening on %s\n", host_address_text(&a, text));
        fflush(stdout);
        struct host_message m;
        host_message_begin(&m, "listening");
        host_message_text(&m, "address", text);
        host_message_number(&m, "port", ntohs(port == 0 ? a.sin6_port : port));
        host_message_send(&m);
    }
    return 0;
}

static int listen_socket(struct slot *slot, int backlog)
{
    if (host_faulty("listen", ESP_EADDRINUSE)) {
        return -1;
    }
    if (slot->state == CONNECTING || slot->state == GONE) {
        return fail(ESP_ENOTCONN);
    }
    if (slot->state == CONNECTED) {
        return fail(ESP_EINVAL);
    }
    if (slot->bound && slot->state != LISTENING && host_port_taken(slot, slot->port, true)) {
        host_call_explain("another socket of the project listens on port %d; close() it first", ntohs(slot->port));
        return fail(ESP_EADDRINUSE);
    }
    if (slot->bound_late && bind_now(slot, !slot->ipv6, slot->port) != 0) {
        return -1;
    }
    int waiting = host_pc_backlog(backlog);
    if (!slot->bound && slot->state == UNCONNECTED) { /* the PC would listen on every network */
        bind_pc(slot->fd, slot->ipv6 ? AF_INET6 : AF_INET, !slot->ipv6, 0);
    }
    if ((slot->second >= 0 && listen_pc(slot->second, waiting, slot->port) != 0) || listen_pc(slot->fd, waiting, slot->port) != 0) {
        return -1;
    }
    struct sockaddr_in6 a = own_address(slot->fd);
    slot->ipv6_listener = !is_ipv4(&a);
    slot->state = LISTENING;
    slot->backlog = backlog;
    slot->options.no_delay = false; /* lwIP's PCB of a listener has no such flag */
    host_open_mailbox(slot, backlog);
    return 0;
}

int host_socket_listen(int s, int backlog)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, listen_socket(slot, backlog));
}

/* The socket of a connection that waited at a listener. It has these options of the listener, and no others. */
static struct slot accepted(const struct slot *listener, const struct waiting *connection)
{
    struct slot slot = { .fd = connection->fd, .second = -1, .ipv6 = listener->ipv6, .both_families = listener->both_families,
                         .port = listener->port, .options = new_options };
    slot.options.keep_alive = listener->options.keep_alive;
    slot.options.reuse_address = listener->options.reuse_address;
    const struct linger none = { 0 };
    setsockopt(slot.fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none)); /* Linux would keep the listener's */
    host_set_peer(&slot, CONNECTED, &connection->peer);
    slot.changes -= host_lost_with_link(connection);
    host_apply_options(&slot, slot.fd);
    return slot;
}

/* Gives out a connection, with its peer's address where that is wanted. lwIP fails there where it was reset meanwhile. */
static int give_out(const struct slot *listener, const struct waiting *connection, void *addr, uint32_t *addrlen)
{
    int s = host_add_socket(accepted(listener, connection));
    if (s < 0 || addr == NULL || addrlen == NULL) {
        return s;
    }
    struct slot *slot = host_socket_of(s);
    host_look(slot, 0);
    if (slot->state == GONE) {
        host_drop_socket(slot);
        return fail(ESP_ENOTCONN);
    }
    /* An IPv4 peer of a socket for both is AF_INET here, and mapped in getpeername(). */
    host_give_address(&connection->peer, false, addr, addrlen);
    return s;
}

static int accept_socket(struct slot *slot, void *addr, uint32_t *addrlen)
{
    if (slot->state != LISTENING) {
        return fail(ESP_EINVAL);
    }
    int64_t until = slot->receive_ms > 0 ? host_after_ticks(slot->receive_ms / TICK_MS) : INT64_MAX;
    for (;;) {
        struct waiting connection = host_accept_pc(slot);
        if (connection.fd >= 0) {
            if (host_faulty("accept", ESP_ENFILE)) {
                close(connection.fd);
                return -1;
            }
            return give_out(slot, &connection, addr, addrlen);
        }
        if (slot->nonblocking) {
            return fail(ESP_EAGAIN);
        }
        if (host_wait_ready(slot, true, until) != 0) {
            return -1;
        }
    }
}

int host_socket_accept(int s, void *addr, uint32_t *addrlen)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, accept_socket(slot, addr, addrlen));
}

enum { MOST_MAPPINGS = 64 };
static bool mapping_used[MOST_MAPPINGS]; /* in the order of the list */

/* Calls each with every mapping of --map: ADDRESS:PORT=ADDRESS:PORT. */
static void for_each_mapping(void (*each)(int i, const char *mapping, int length, const char *name), const char *name)
{
    const char *p = getenv(MAP);
    for (int i = 0; p != NULL && *p != '\0' && i < MOST_MAPPINGS; i++) {
        int length = (int)strcspn(p, ",");
        each(i, p, length, name);
        p += length + (p[length] == ',');
    }
}

static void mark_used(int i, const char *mapping, int length, const char *name)
{
    (void)length;
    size_t n = strlen(name);
    mapping_used[i] |= strncmp(mapping, name, n) == 0 && mapping[n] == '=';
}

static void report_unused(int i, const char *mapping, int length, const char *name)
{
    (void)name;
    if (!mapping_used[i]) {
        host_say("--map %.*s was not used: the project has not connected to %.*s", length, mapping, (int)strcspn(mapping, "="), mapping);
    }
}

void host_report_mappings(void)
{
    for_each_mapping(report_unused, NULL);
}

/* Whether --map gives an address another, which is stored as text. */
static bool find_mapping(const char *name, char to[ADDRESS_TEXT])
{
    bool is_mapped = host_setting(MAP, name, to, ADDRESS_TEXT);
    if (is_mapped) {
        for_each_mapping(mark_used, name);
    }
    return is_mapped;
}

/* Says so where other addresses are mapped, and this one is not. */
static void say_unmapped(const char *name)
{
    const char *map = getenv(MAP);
    if (map != NULL && map[0] != '\0') {
        host_say("no --map is for %s, the given ones are: --map %s", name, map);
    }
}

/* Where a connection to an address goes on this PC. */
static struct sockaddr_in6 map_address(const struct sockaddr_in6 *a)
{
    char name[ADDRESS_TEXT], server[16], to[ADDRESS_TEXT], text[ADDRESS_TEXT];
    struct sockaddr_in6 target = { .sin6_family = AF_INET6, .sin6_port = a->sin6_port, .sin6_addr = in6addr_loopback };
    if (is_ipv4(a)) {
        target = ipv4(htonl(INADDR_LOOPBACK), a->sin6_port);
    }
    snprintf(server, sizeof(server), "%d:%d", is_ipv4(a) ? 4 : 6, ntohs(a->sin6_port));
    bool mapped = find_mapping(host_address_text(a, name), to) || host_setting(SERVER, server, to, sizeof(to));
    if (!mapped) {
        say_unmapped(name);
    }
    char *colon;
    if (mapped && (colon = strrchr(to, ':')) != NULL) {
        *colon = '\0';
        char *ip = to[0] == '[' ? to + 1 : to;
        ip[strcspn(ip, "]")] = '\0';
        host_parse_address(ip, htons((uint16_t)atoi(colon + 1)), &target);
    }
    printf("host: connecting to %s instead of %s\n", host_address_text(&target, text), name);
    fflush(stdout);
    struct host_message m;
    host_message_begin(&m, "connecting");
    host_message_text(&m, "to", text);
    host_message_text(&m, "instead", name);
    host_message_send(&m);
    host_call_note("connects to %s instead", text);
    return target;
}

/* Why there is no way to an address. */
static void explain_no_way(const struct sockaddr_in6 *a)
{
    bool was_lost = host_link_changes(!is_ipv4(a)) > 0;
    if (!is_ipv4(a)) {
        host_call_explain("the station has no IPv6 address%s; call esp_netif_create_ip6_linklocal() at each WIFI_EVENT_STA_CONNECTED, and "
                          "wait for IP_EVENT_GOT_IP6 before connect()", was_lost ? " any more" : "");
    } else {
        host_call_explain("the station has no address %s; wait for IP_EVENT_STA_GOT_IP before connect()", was_lost ? "any more" : "yet");
    }
}

/* Explains why the PC refuses a connection at once. */
static void explain_refusal(const struct slot *slot, int error)
{
    if (error == ECONNREFUSED) {
        host_call_explain("nothing listens on %s of this PC; start your server first, for example with `espgen peer`", slot->target);
    } else {
        host_call_explain("this PC cannot connect to %s: %s", slot->target, strerror(error));
    }
}

/* Tells the trace what the scenario does to a connection. */
static void note_scenario(const struct slot *slot)
{
    int64_t takes_us = host_setting_us(NET, "connect", 0);
    if (slot->unanswered) {
        host_call_note("--net connect-timeout: nobody answers");
    } else if (takes_us > 0) {
        host_call_note("--net connect: it takes %lld ms", (long long)(takes_us / 1000));
    }
}

/* Has a connection to another station of this PC come from the station's address. */
static void bind_source(struct slot *slot, const struct sockaddr_in6 *target)
{
    struct sockaddr_in6 source;
    if (slot->bound || !is_ipv4(target) || ntohl(ipv4_of(target)) >> 24 != IN_LOOPBACKNET || !host_pc_source(&source)) {
        return;
    }
    struct sockaddr_storage from;
    socklen_t length = host_pc_address(slot->ipv6 ? AF_INET6 : AF_INET, &source, &from);
    int on = 1;
    setsockopt(slot->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    bind(slot->fd, (struct sockaddr *)&from, length);
}

static int connect_socket(struct slot *slot, const struct esp_sockaddr *name, uint32_t namelen)
{
    struct sockaddr_in6 a;
    if (host_faulty("connect", ESP_ECONNRESET) || !take_address(slot, name, namelen, &a)) {
        return -1;
    }
    host_look(slot, 0);
    if (slot->state != UNCONNECTED) {
        return fail(slot->state == GONE ? ESP_ENOTCONN : slot->state == CONNECTING ? ESP_EALREADY : ESP_EISCONN);
    }
    if (!host_link_up(!is_ipv4(&a))) {
        explain_no_way(&a);
        return fail(ESP_EHOSTUNREACH);
    }
    struct sockaddr_in6 target = map_address(&a);
    struct sockaddr_storage to;
    socklen_t to_length = host_pc_address(slot->ipv6 ? AF_INET6 : AF_INET, &target, &to);
    char value[4];
    bind_source(slot, &target);
    slot->unanswered = host_setting(NET, "connect-timeout", value, sizeof(value));
    note_scenario(slot);
    host_address_text(&target, slot->target);
    if (!slot->unanswered && connect(slot->fd, (struct sockaddr *)&to, to_length) != 0 && errno != EINPROGRESS) {
        explain_refusal(slot, errno);
        return fail(host_esp_errno(errno));
    }
    host_set_peer(slot, CONNECTING, &a);
    host_apply_options(slot, slot->fd);
    if (slot->nonblocking) {
        return fail(ESP_EINPROGRESS);
    }
    while (slot->state == CONNECTING) {
        if (host_wait_ready(slot, false, INT64_MAX) != 0) {
            return -1;
        }
        host_update(slot);
    }
    return slot->made ? 0 : fail(slot->pending);
}

int host_socket_connect(int s, const struct esp_sockaddr *name, uint32_t namelen)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, connect_socket(slot, name, namelen));
}


static int name_of(struct slot *slot, void *name, uint32_t *namelen)
{
    host_look(slot, 0);
    if (slot->state == GONE) {
        return fail(ESP_ENOTCONN);
    }
    struct sockaddr_in6 a = own_address(slot->fd);
    if (slot->state == UNCONNECTED || slot->state == LISTENING) {
        uint16_t port = slot->bound_late ? slot->port : slot->bound ? a.sin6_port : 0;
        a = slot->ipv6 ? (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = port } : ipv4(INADDR_ANY, port);
    } else if (host_over_ipv6(slot)) {
        host_link_ipv6(a.sin6_addr.s6_addr);
    } else {
        a = ipv4(host_link_address(), a.sin6_port);
    }
    host_give_address(&a, slot->ipv6, name, namelen);
    return 0;
}

int host_socket_getsockname(int s, void *name, uint32_t *namelen)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, name_of(slot, name, namelen));
}

static int peer_of(struct slot *slot, void *name, uint32_t *namelen)
{
    host_look(slot, 0);
    if (slot->state != CONNECTED && slot->state != CONNECTING) {
        return fail(ESP_ENOTCONN);
    }
    host_give_address(&slot->peer, slot->ipv6, name, namelen);
    return 0;
}

int host_socket_getpeername(int s, void *name, uint32_t *namelen)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, peer_of(slot, name, namelen));
}
