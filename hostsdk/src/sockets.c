/*
 * lwIP's sockets over the PC's. This source uses the PC's own headers: what the project sees of sockets, its numbers and
 * its structures, is repeated here under names of its own.
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
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "host.h"
#include "sdkconfig.h"

#define NET "ESPGEN_NET"
#define MAP "ESPGEN_MAP"

/* How long lwIP asks for a connection: as many times again, every 1.5 s, and what is left of a tick. */
#define SYN_US (CONFIG_LWIP_TCP_SYNMAXRTX * INT64_C(1500000) + 500000)

#define FIRST_SOCKET (64 - CONFIG_LWIP_MAX_SOCKETS)

/* Error numbers ---------------------------------------------------------- */

enum {
    ESP_EIO = 5, ESP_EBADF = 9, ESP_EAGAIN = 11, ESP_ENOMEM = 12, ESP_EFAULT = 14, ESP_EINVAL = 22, ESP_ENFILE = 23,
    ESP_ENOSPC = 28, ESP_ENOSYS = 88, ESP_EOPNOTSUPP = 95, ESP_ECONNRESET = 104, ESP_ENOBUFS = 105, ESP_EAFNOSUPPORT = 106,
    ESP_ENOPROTOOPT = 109, ESP_EADDRINUSE = 112, ESP_ECONNABORTED = 113, ESP_EHOSTUNREACH = 118, ESP_EINPROGRESS = 119,
    ESP_EALREADY = 120, ESP_EADDRNOTAVAIL = 125, ESP_EISCONN = 127, ESP_ENOTCONN = 128,
};

int *host_errno(void)
{
    static __thread int number;
    return &number;
}

static int fail(int number)
{
    *host_errno() = number;
    return -1;
}

/* The number that lwIP gives where the PC's kernel gives e. */
static int esp_number(int e)
{
    switch (e) {
    case EBADF: return ESP_EBADF;
    case EAGAIN: return ESP_EAGAIN;
    case ENOMEM: return ESP_ENOMEM;
    case EFAULT: return ESP_EFAULT;
    case EINVAL: return ESP_EINVAL;
    case EMFILE:
    case ENFILE: return ESP_ENFILE;
    case EOPNOTSUPP: return ESP_EOPNOTSUPP;
    case ECONNRESET:
    case ECONNREFUSED: return ESP_ECONNRESET; /* lwIP tells no difference: a RST came */
    case ENOBUFS: return ESP_ENOBUFS;
    case EAFNOSUPPORT: return ESP_EAFNOSUPPORT;
    case ENOPROTOOPT: return ESP_ENOPROTOOPT;
    case EADDRINUSE: return ESP_EADDRINUSE;
    case ETIMEDOUT:
    case ECONNABORTED: return ESP_ECONNABORTED; /* given up without an answer, keep-alive included */
    case EHOSTUNREACH:
    case ENETUNREACH: return ESP_EHOSTUNREACH;
    case EINPROGRESS: return ESP_EINPROGRESS;
    case EALREADY: return ESP_EALREADY;
    case EADDRNOTAVAIL: return ESP_EADDRNOTAVAIL;
    case EISCONN: return ESP_EISCONN;
    case EPIPE:
    case ENOTCONN: return ESP_ENOTCONN;
    }
    return ESP_EIO;
}

char *host_strerror(int number)
{
    static const struct { int number; const char *text; } texts[] = {
        { ESP_EIO, "I/O error" }, { ESP_EBADF, "Bad file number" }, { ESP_EAGAIN, "No more processes" },
        { ESP_ENOMEM, "Not enough space" }, { ESP_EINVAL, "Invalid argument" },
        { ESP_ENFILE, "Too many open files in system" }, { ESP_ECONNRESET, "Connection reset by peer" },
        { ESP_EADDRINUSE, "Address already in use" }, { ESP_ECONNABORTED, "Software caused connection abort" },
        { ESP_EHOSTUNREACH, "Host is unreachable" }, { ESP_EINPROGRESS, "Connection already in progress" },
        { ESP_ENOTCONN, "Socket is not connected" },
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].number == number) {
            return (char *)texts[i].text;
        }
    }
    return (char *)"Unknown error";
}

/* Addresses -------------------------------------------------------------- */

struct esp_sockaddr {
    uint8_t len, family;
    uint16_t port;     /* in network byte order */
    uint32_t address;  /* IPv4's; IPv6's flow label */
    uint8_t rest[20];  /* IPv6's address and scope */
};

enum { ESP_AF_INET = 2, ESP_AF_INET6 = 10, ESP_SOCKADDR_IN = 16, ESP_SOCKADDR_IN6 = 28 };

uint16_t lwip_htons(uint16_t x) { return htons(x); }
uint32_t lwip_htonl(uint32_t x) { return htonl(x); }

uint32_t ipaddr_addr(const char *cp)
{
    return inet_addr(cp);
}

const char *lwip_inet_ntop(int af, const void *src, char *dst, uint32_t size)
{
    if (af != ESP_AF_INET && af != ESP_AF_INET6) {
        fail(ESP_EAFNOSUPPORT);
        return NULL;
    }
    if (inet_ntop(af == ESP_AF_INET6 ? AF_INET6 : AF_INET, src, dst, size) == NULL) {
        fail(ESP_ENOSPC);
        return NULL;
    }
    for (char *c = dst; *c != '\0'; c++) {
        *c = (char)toupper((unsigned char)*c); /* as lwIP writes IPv6 */
    }
    return dst;
}

int lwip_inet_pton(int af, const char *src, void *dst)
{
    switch (af) {
    case ESP_AF_INET: /* lwIP takes what inet_aton() does */
        return inet_aton(src, dst);
    case ESP_AF_INET6:
        return inet_pton(AF_INET6, src, dst);
    }
    return fail(ESP_EAFNOSUPPORT);
}

char *host_inet_ntoa_r(const void *addr, char *buf, int buflen)
{
    return (char *)lwip_inet_ntop(ESP_AF_INET, addr, buf, (uint32_t)buflen);
}

char *host_inet6_ntoa_r(const void *addr, char *buf, int buflen)
{
    return (char *)lwip_inet_ntop(ESP_AF_INET6, addr, buf, (uint32_t)buflen);
}

/* From here on every address is a sockaddr_in6. IPv4's are mapped: ::ffff:a.b.c.d. */

static struct sockaddr_in6 ipv4(uint32_t address, uint16_t port)
{
    struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = port };
    memset(a.sin6_addr.s6_addr + 10, 0xff, 2);
    memcpy(a.sin6_addr.s6_addr + 12, &address, sizeof(address));
    return a;
}

static bool is_ipv4(const struct sockaddr_in6 *a)
{
    return IN6_IS_ADDR_V4MAPPED(&a->sin6_addr);
}

static uint32_t ipv4_of(const struct sockaddr_in6 *a)
{
    uint32_t address;
    memcpy(&address, a->sin6_addr.s6_addr + 12, sizeof(address));
    return address;
}

static bool parse_address(const char *text, uint16_t port, struct sockaddr_in6 *a)
{
    struct in_addr v4;
    if (inet_pton(AF_INET, text, &v4) == 1) {
        *a = ipv4(v4.s_addr, port);
        return true;
    }
    *a = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = port };
    return inet_pton(AF_INET6, text, &a->sin6_addr) == 1;
}

enum { ADDRESS_TEXT = 64 };

/* ADDRESS:PORT, as --map has it. */
static const char *address_text(const struct sockaddr_in6 *a, char text[ADDRESS_TEXT])
{
    char ip[INET6_ADDRSTRLEN];
    uint32_t v4 = ipv4_of(a);
    inet_ntop(is_ipv4(a) ? AF_INET : AF_INET6, is_ipv4(a) ? (const void *)&v4 : &a->sin6_addr, ip, sizeof(ip));
    snprintf(text, ADDRESS_TEXT, is_ipv4(a) ? "%s:%d" : "[%s]:%d", ip, ntohs(a->sin6_port));
    return text;
}

/* The address in the form that a PC's socket of a family takes. */
static socklen_t pc_address(int family, const struct sockaddr_in6 *a, struct sockaddr_storage *to)
{
    if (family == AF_INET6) {
        memcpy(to, a, sizeof(*a));
        return sizeof(*a);
    }
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = a->sin6_port, .sin_addr = { ipv4_of(a) } };
    memcpy(to, &v4, sizeof(v4));
    return sizeof(v4);
}

static struct sockaddr_in6 from_pc(const struct sockaddr_storage *from)
{
    if (from->ss_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, from, sizeof(v4));
        return ipv4(v4.sin_addr.s_addr, v4.sin_port);
    }
    struct sockaddr_in6 a;
    memcpy(&a, from, sizeof(a));
    return a;
}

/* Gives the project an address: mapped, or IPv4's as such. */
static void give_address(const struct sockaddr_in6 *from, bool mapped, void *to, uint32_t *length)
{
    if (to == NULL || length == NULL) {
        return;
    }
    struct esp_sockaddr a = { .port = from->sin6_port };
    if (is_ipv4(from) && !mapped) {
        a.len = ESP_SOCKADDR_IN;
        a.family = ESP_AF_INET;
        a.address = ipv4_of(from);
    } else {
        a.len = ESP_SOCKADDR_IN6;
        a.family = ESP_AF_INET6;
        memcpy(a.rest, &from->sin6_addr, sizeof(from->sin6_addr));
    }
    if (*length > a.len) {
        *length = a.len;
    }
    memcpy(to, &a, *length);
}

/* The socket table ------------------------------------------------------- */

struct slot {
    int fd;     /* the PC's; -1 where the slot is free */
    int second; /* the PC's socket for IPv4 where both families listen; else -1 */
    bool ipv6;  /* made for AF_INET6 */
    bool v6only;
    bool ipv6_listener; /* fd is, and not second */
    bool nonblocking, listening, connected;
    bool unanswered; /* the scenario: nobody answers its connect() */
    bool ended; /* a connection could not be made: lwIP's sockets are of no more use then */
    unsigned changes; /* of the link, when the connection was made */
    int64_t since;    /* when that was */
    int64_t receive_us, send_us; /* time-outs; 0 for none */
    struct sockaddr_in6 peer;    /* once connected: as the project knows it */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct slot slots[CONFIG_LWIP_MAX_SOCKETS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void clear_slots(void)
{
    for (int i = 0; i < CONFIG_LWIP_MAX_SOCKETS; i++) {
        slots[i].fd = slots[i].second = -1;
    }
}

/* Takes a free slot for a descriptor; -1 and ENFILE where there is none. */
static int take_slot(int fd, bool ipv6)
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

/* The slot of an open socket; NULL and EBADF for any other number. */
static struct slot *slot_of(int s)
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

static void be_slow(void)
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

static bool over_ipv6(const struct slot *slot)
{
    return slot->connected && !is_ipv4(&slot->peer);
}

/* Whether bytes can come and go. */
static bool reachable(const struct slot *slot)
{
    bool up = host_link_up(over_ipv6(slot)) || (!slot->connected && host_link_up(true));
    return up && !slot->unanswered && host_now_us() < silent_from(slot);
}

/* The PC's sockets of a slot at which something can happen now; -1 in place of a listener's whose family is down. */
static void awake(const struct slot *slot, int fds[2])
{
    fds[0] = slot->listening && !host_link_up(slot->ipv6_listener) ? -1 : slot->fd;
    fds[1] = slot->listening && !host_link_up(false) ? -1 : slot->second;
}

static int option_of(int fd, int level, int name)
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
    if (now < from || !option_of(slot->fd, SOL_SOCKET, SO_KEEPALIVE)) {
        return false;
    }
    int64_t seconds = option_of(slot->fd, IPPROTO_TCP, TCP_KEEPIDLE) +
                      (int64_t)option_of(slot->fd, IPPROTO_TCP, TCP_KEEPINTVL) * option_of(slot->fd, IPPROTO_TCP, TCP_KEEPCNT);
    return now >= from + seconds * 1000000;
}

/* A connection whose address the station no longer has is aborted, as lwIP does, one that keep-alive gave up, and one
 * that was never made. */
static bool aborted(const struct slot *slot)
{
    if (slot->unanswered && host_now_us() >= slot->since + SYN_US) {
        return true;
    }
    return slot->connected && (slot->changes != host_link_changes(over_ipv6(slot)) || given_up(slot));
}

/* Waits until a descriptor is ready while the link is up, for a time (0: for ever). 0, or -1 and errno. */
static int wait_ready(struct slot *slot, short events, int64_t timeout_us)
{
    int64_t until = timeout_us > 0 ? host_now_us() + timeout_us : INT64_MAX;
    for (;;) {
        if (aborted(slot)) {
            return fail(ESP_ECONNABORTED);
        }
        if (slot->fd < 0) {
            return fail(ESP_ENOTCONN); /* closed by another task */
        }
        /* While the other end is out of reach nothing arrives; look again soon. */
        bool up = reachable(slot);
        int fds[2];
        awake(slot, fds);
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

/* lwIP's calls ----------------------------------------------------------- */

/* A socket of the PC, for both families where it is IPv6's; -1 and errno where there is none. */
static int pc_socket(int family, int protocol)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol), off = 0;
    if (fd < 0) {
        return fail(esp_number(errno));
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
    int fd = pc_socket(ipv6 ? AF_INET6 : AF_INET, protocol);
    return fd < 0 ? -1 : take_slot(fd, ipv6);
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
    if (host_setting(NET, "listen", text, sizeof(text)) && parse_address(text, port, &a)) {
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
    socklen_t length = pc_address(family, &a, &to);
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
    return fail(esp_number(error));
}

static struct sockaddr_in6 own_address(int fd)
{
    struct sockaddr_storage a = { 0 };
    socklen_t length = sizeof(a);
    getsockname(fd, (struct sockaddr *)&a, &length);
    return from_pc(&a);
}

/* Binds a socket for both families: to two of the PC's, each on its own loopback, with one port. */
static int bind_both(struct slot *slot, uint16_t port)
{
    for (int tries = 1;; tries++) {
        int reuse = option_of(slot->fd, SOL_SOCKET, SO_REUSEADDR), second = pc_socket(AF_INET, 0);
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

int lwip_bind(int s, const struct esp_sockaddr *name, uint32_t namelen)
{
    struct slot *slot = slot_of(s);
    struct sockaddr_in6 a;
    if (slot == NULL || host_faulty("bind", ESP_EADDRINUSE) || !take_address(slot, name, namelen, &a)) {
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

/* Lets one of the PC's sockets listen. */
static int listen_pc(int fd, int backlog)
{
    if (listen(fd, backlog) != 0) {
        return fail(esp_number(errno));
    }
    struct sockaddr_in6 a = own_address(fd);
    char text[ADDRESS_TEXT];
    printf("host: listening on %s\n", address_text(&a, text));
    fflush(stdout);
    return 0;
}

int lwip_listen(int s, int backlog)
{
    struct slot *slot = slot_of(s);
    if (slot == NULL || host_faulty("listen", ESP_EADDRINUSE)) {
        return -1;
    }
    if (own_address(slot->fd).sin6_port == 0) { /* not bound: the PC would listen on every network */
        bind_pc(slot->fd, slot->ipv6 ? AF_INET6 : AF_INET, !slot->ipv6, 0);
    }
    if ((slot->second >= 0 && listen_pc(slot->second, backlog) != 0) || listen_pc(slot->fd, backlog) != 0) {
        return -1;
    }
    struct sockaddr_in6 a = own_address(slot->fd);
    slot->ipv6_listener = !is_ipv4(&a);
    slot->listening = true;
    return 0;
}

/* Marks a socket as connected to a peer, from now on. */
static void connected_to(struct slot *slot, const struct sockaddr_in6 *peer)
{
    slot->peer = *peer;
    slot->changes = host_link_changes(!is_ipv4(peer));
    slot->since = host_now_us();
    slot->connected = true;
}

/* A connection that waits at one of a listener's sockets; -1 where there is none. */
static int accept_pc(const struct slot *slot, struct sockaddr_in6 *peer)
{
    int listeners[2];
    awake(slot, listeners);
    for (int i = 0; i < 2; i++) {
        struct sockaddr_storage a = { 0 };
        socklen_t length = sizeof(a);
        int fd = listeners[i] < 0 ? -1 : accept4(listeners[i], (struct sockaddr *)&a, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            *peer = from_pc(&a);
            return fd;
        }
    }
    return -1;
}

int lwip_accept(int s, void *addr, uint32_t *addrlen)
{
    struct slot *slot = slot_of(s);
    if (slot == NULL) {
        return -1;
    }
    if (!slot->listening) {
        return fail(ESP_EINVAL);
    }
    for (;;) {
        struct sockaddr_in6 peer;
        int fd = accept_pc(slot, &peer);
        if (fd >= 0) {
            if (host_faulty("accept", ESP_ENFILE)) {
                close(fd);
                return -1;
            }
            int n = take_slot(fd, slot->ipv6);
            if (n >= 0) {
                connected_to(&slots[n - FIRST_SOCKET], &peer);
                /* An IPv4 peer of a socket for both is AF_INET here, and mapped in getpeername(). */
                give_address(&peer, false, addr, addrlen);
            }
            return n;
        }
        if (slot->nonblocking) {
            return fail(ESP_EAGAIN);
        }
        if (wait_ready(slot, POLLIN, slot->receive_us) != 0) {
            return -1;
        }
    }
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
    if (host_setting(MAP, address_text(a, name), to, sizeof(to)) && (colon = strrchr(to, ':')) != NULL) {
        *colon = '\0';
        char *ip = to[0] == '[' ? to + 1 : to;
        ip[strcspn(ip, "]")] = '\0';
        parse_address(ip, htons((uint16_t)atoi(colon + 1)), &target);
    }
    printf("host: %s stands for %s\n", name, address_text(&target, text));
    fflush(stdout);
    return target;
}

/* Whether a connection is still being made. */
static bool connecting(const struct slot *slot)
{
    struct pollfd p = { .fd = slot->fd, .events = POLLOUT };
    return slot->unanswered || poll(&p, 1, 0) == 0;
}

int lwip_connect(int s, const struct esp_sockaddr *name, uint32_t namelen)
{
    struct slot *slot = slot_of(s);
    struct sockaddr_in6 a;
    if (slot == NULL || host_faulty("connect", ESP_ECONNRESET) || !take_address(slot, name, namelen, &a)) {
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
    socklen_t to_length = pc_address(slot->ipv6 ? AF_INET6 : AF_INET, &target, &to);
    char value[4];
    slot->unanswered = host_setting(NET, "connect-timeout", value, sizeof(value));
    if (!slot->unanswered && connect(slot->fd, (struct sockaddr *)&to, to_length) != 0 && errno != EINPROGRESS) {
        return fail(esp_number(errno));
    }
    connected_to(slot, &a);
    if (slot->nonblocking) {
        return fail(ESP_EINPROGRESS);
    }
    if (wait_ready(slot, POLLOUT, 0) != 0) {
        slot->ended = true;
        return -1;
    }
    int error = option_of(slot->fd, SOL_SOCKET, SO_ERROR);
    if (error != 0) {
        slot->connected = false;
        slot->ended = true;
        return fail(esp_number(error));
    }
    return 0;
}

ssize_t lwip_recv(int s, void *mem, size_t len, int flags)
{
    struct slot *slot = slot_of(s);
    if (slot == NULL) {
        return -1;
    }
    be_slow();
    for (;;) {
        if (aborted(slot)) {
            return fail(ESP_ECONNABORTED);
        }
        if (reachable(slot)) {
            ssize_t n = recv(slot->fd, mem, len, (flags & 1 ? MSG_PEEK : 0));
            if (n >= 0) {
                return host_faulty("recv", ESP_ECONNRESET) ? -1 : n;
            }
            if (errno != EAGAIN) {
                return fail(esp_number(errno));
            }
        }
        if (slot->nonblocking || flags & 8) {
            return fail(ESP_EAGAIN);
        }
        if (wait_ready(slot, POLLIN, slot->receive_us) != 0) {
            return -1;
        }
    }
}

ssize_t lwip_send(int s, const void *dataptr, size_t size, int flags)
{
    struct slot *slot = slot_of(s);
    if (slot == NULL || host_faulty("send", ESP_ECONNRESET)) {
        return -1;
    }
    be_slow();
    char value[4];
    if (size > 1 && host_setting(NET, "short", value, sizeof(value))) {
        size = 1 + host_random() % size;
    }
    /* lwIP's blocking send() takes all, unless a time-out or an error ends it. */
    size_t sent = 0;
    while (sent < size || size == 0) {
        if (aborted(slot)) {
            return fail(ESP_ECONNABORTED);
        }
        if (reachable(slot)) {
            ssize_t n = send(slot->fd, (const char *)dataptr + sent, size - sent, MSG_NOSIGNAL);
            if (n < 0 && errno != EAGAIN) {
                return fail(esp_number(errno));
            }
            sent += n > 0 ? (size_t)n : 0;
            if (size == 0) {
                break;
            }
        }
        if (sent < size && (slot->nonblocking || flags & 8)) {
            fail(ESP_EAGAIN);
            break;
        }
        if (sent < size && wait_ready(slot, POLLOUT, slot->send_us) != 0) {
            break;
        }
    }
    return sent > 0 || size == 0 ? (ssize_t)sent : -1;
}

int lwip_shutdown(int s, int how)
{
    struct slot *slot = slot_of(s);
    if (slot == NULL) {
        return -1;
    }
    const int hows[] = { SHUT_RD, SHUT_WR, SHUT_RDWR };
    if (how < 0 || how > 2) {
        return fail(ESP_EINVAL);
    }
    return shutdown(slot->fd, hows[how]) == 0 ? 0 : fail(esp_number(errno));
}

int host_close(int s)
{
    struct slot *slot = slot_of(s);
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

ssize_t host_read(int s, void *buf, size_t count) { return lwip_recv(s, buf, count, 0); }
ssize_t host_write(int s, const void *buf, size_t count) { return lwip_send(s, buf, count, 0); }
int host_usleep(unsigned us) { return usleep(us); }
unsigned host_sleep(unsigned seconds) { return sleep(seconds); }

/* Options ---------------------------------------------------------------- */

enum {
    ESP_SOL_SOCKET = 0xfff, ESP_SO_REUSEADDR = 4, ESP_SO_KEEPALIVE = 8, ESP_SO_LINGER = 0x80, ESP_SO_SNDTIMEO = 0x1005,
    ESP_SO_RCVTIMEO = 0x1006, ESP_SO_ERROR = 0x1007, ESP_SO_TYPE = 0x1008,
    ESP_TCP_NODELAY = 1, ESP_TCP_KEEPALIVE = 2, ESP_TCP_KEEPIDLE = 3, ESP_TCP_KEEPINTVL = 4, ESP_TCP_KEEPCNT = 5,
    ESP_IPV6_V6ONLY = 27,
};

/* The PC's option for one of lwIP's; false where lwIP has none. */
static bool host_option(int level, int name, int *host_level, int *host_name)
{
    static const struct { int level, name, host_level, host_name; } table[] = {
        { ESP_SOL_SOCKET, ESP_SO_REUSEADDR, SOL_SOCKET, SO_REUSEADDR },
        { ESP_SOL_SOCKET, ESP_SO_KEEPALIVE, SOL_SOCKET, SO_KEEPALIVE },
#ifdef CONFIG_LWIP_SO_LINGER
        { ESP_SOL_SOCKET, ESP_SO_LINGER, SOL_SOCKET, SO_LINGER },
#endif
        { ESP_SOL_SOCKET, ESP_SO_TYPE, SOL_SOCKET, SO_TYPE },
        { IPPROTO_TCP, ESP_TCP_NODELAY, IPPROTO_TCP, TCP_NODELAY },
        { IPPROTO_TCP, ESP_TCP_KEEPIDLE, IPPROTO_TCP, TCP_KEEPIDLE },
        { IPPROTO_TCP, ESP_TCP_KEEPINTVL, IPPROTO_TCP, TCP_KEEPINTVL },
        { IPPROTO_TCP, ESP_TCP_KEEPCNT, IPPROTO_TCP, TCP_KEEPCNT },
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].level == level && table[i].name == name) {
            *host_level = table[i].host_level;
            *host_name = table[i].host_name;
            return true;
        }
    }
    return false;
}

static int64_t *timeout_of(struct slot *slot, int level, int name)
{
    if (level != ESP_SOL_SOCKET) {
        return NULL;
    }
    return name == ESP_SO_RCVTIMEO ? &slot->receive_us : name == ESP_SO_SNDTIMEO ? &slot->send_us : NULL;
}

union option {
    int number;
    struct timeval time;
    struct linger linger; /* the same on the PC */
};

static socklen_t option_size(int level, int name)
{
    if (level == ESP_SOL_SOCKET && (name == ESP_SO_RCVTIMEO || name == ESP_SO_SNDTIMEO)) {
        return sizeof(struct timeval);
    }
    return level == ESP_SOL_SOCKET && name == ESP_SO_LINGER ? sizeof(struct linger) : sizeof(int);
}

int lwip_setsockopt(int s, int level, int name, const void *value, uint32_t length)
{
    struct slot *slot = slot_of(s);
    if (slot == NULL || host_faulty("setsockopt", ESP_EINVAL)) {
        return -1;
    }
    union option o;
    int host_level, host_name;
    socklen_t size = option_size(level, name);
    if (length < size || (level == IPPROTO_TCP && slot->listening)) {
        return fail(ESP_EINVAL);
    }
    memcpy(&o, value, size);
    int64_t *timeout = timeout_of(slot, level, name);
    if (timeout != NULL) {
        int64_t ms = (int64_t)o.time.tv_sec * 1000 + o.time.tv_usec / 1000;
        if (ms < 0) {
            return fail(ESP_EINVAL);
        }
        *timeout = ms * 1000; /* less than a millisecond is none */
        return 0;
    }
    if (level == IPPROTO_TCP && name == ESP_TCP_KEEPALIVE) { /* the idle time in ms */
        name = ESP_TCP_KEEPIDLE;
        o.number = (o.number + 999) / 1000;
    }
    if (level == IPPROTO_IPV6 && name == ESP_IPV6_V6ONLY) {
        slot->v6only = o.number != 0;
        return 0;
    }
    if (!host_option(level, name, &host_level, &host_name)) {
        return fail(ESP_ENOPROTOOPT);
    }
    if (slot->second >= 0) {
        setsockopt(slot->second, host_level, host_name, &o, size);
    }
    return setsockopt(slot->fd, host_level, host_name, &o, size) == 0 ? 0 : fail(esp_number(errno));
}

/* Why a connection ended, or was not made; 0 where it was. */
static int take_error(struct slot *slot)
{
    int error = option_of(slot->fd, SOL_SOCKET, SO_ERROR);
    slot->ended = slot->ended || error != 0 || aborted(slot);
    return aborted(slot) ? ESP_ECONNABORTED : error == 0 ? 0 : esp_number(error);
}

int lwip_getsockopt(int s, int level, int name, void *value, uint32_t *length)
{
    struct slot *slot = slot_of(s);
    if (slot == NULL) {
        return -1;
    }
    union option o = { 0 };
    int host_level, host_name;
    socklen_t size = option_size(level, name);
    if (*length < size || (level == IPPROTO_TCP && slot->listening)) {
        return fail(ESP_EINVAL);
    }
    int64_t *timeout = timeout_of(slot, level, name);
    if (timeout != NULL) {
        o.time = (struct timeval){ .tv_sec = *timeout / 1000000, .tv_usec = *timeout % 1000000 };
    } else if (level == IPPROTO_IPV6 && name == ESP_IPV6_V6ONLY) {
        o.number = slot->v6only;
    } else if (level == ESP_SOL_SOCKET && name == ESP_SO_ERROR) {
        o.number = take_error(slot);
    } else if (!host_option(level, name, &host_level, &host_name)) {
        return fail(ESP_ENOPROTOOPT);
    } else if (getsockopt(slot->fd, host_level, host_name, &o, &size) != 0) {
        return fail(esp_number(errno));
    }
    memcpy(value, &o, size);
    *length = size;
    return 0;
}

int lwip_getsockname(int s, void *name, uint32_t *namelen)
{
    struct slot *slot = slot_of(s);
    if (slot == NULL) {
        return -1;
    }
    struct sockaddr_in6 a = own_address(slot->fd);
    if (over_ipv6(slot)) {
        host_link_ipv6(a.sin6_addr.s6_addr);
    } else if (slot->connected) {
        a = ipv4(host_link_address(), a.sin6_port);
    } else if (slot->ipv6) {
        a.sin6_addr = in6addr_any;
    } else {
        a = ipv4(INADDR_ANY, a.sin6_port);
    }
    give_address(&a, slot->ipv6, name, namelen);
    return 0;
}

int lwip_getpeername(int s, void *name, uint32_t *namelen)
{
    struct sockaddr_storage a;
    socklen_t length = sizeof(a);
    struct slot *slot = slot_of(s);
    if (slot == NULL) {
        return -1;
    }
    if (getpeername(slot->fd, (struct sockaddr *)&a, &length) != 0) {
        return fail(esp_number(errno));
    }
    give_address(&slot->peer, slot->ipv6, name, namelen);
    return 0;
}

int host_fcntl(int s, int cmd, int value)
{
    enum { ESP_F_GETFL = 3, ESP_F_SETFL = 4, ESP_O_NONBLOCK = 0x4000 };
    struct slot *slot = slot_of(s);
    if (slot == NULL) {
        return -1;
    }
    switch (cmd) {
    case ESP_F_GETFL:
        return slot->nonblocking ? ESP_O_NONBLOCK : 0;
    case ESP_F_SETFL:
        slot->nonblocking = (value & ESP_O_NONBLOCK) != 0;
        return 0;
    }
    return fail(ESP_ENOSYS);
}

int host_ioctl(int s, int request, int *value)
{
    struct slot *slot = slot_of(s);
    if (slot == NULL) {
        return -1;
    }
    if (request == (int)0x8004667e) { /* FIONBIO */
        slot->nonblocking = *value != 0;
        return 0;
    }
    if (request == 0x4004667f) { /* FIONREAD */
        return ioctl(slot->fd, FIONREAD, value) == 0 ? 0 : fail(esp_number(errno));
    }
    return fail(ESP_ENOSYS);
}

/* select() --------------------------------------------------------------- */

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
            struct slot *slot = slot_of(s);
            if (slot == NULL) {
                return -1;
            }
            if (aborted(slot)) {
                got_read |= want_read & bit;
                got_write |= want_write & bit;
            } else if (reachable(slot)) {
                short events = (want_read & bit ? POLLIN : 0) | (want_write & bit ? POLLOUT : 0);
                int fds[2];
                awake(slot, fds);
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
        n += snprintf(text + n, size - (size_t)n, " %s=%d", options[k].name, option_of(slot->fd, options[k].level, options[k].option));
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
