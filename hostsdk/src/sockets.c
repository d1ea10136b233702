/*
 * lwIP's sockets over the PC's. This source uses the PC's own headers: what the project sees of sockets, its numbers and
 * its structures, is repeated here under names of its own.
 *
 * ESPGEN_NET is a list of
 *   short           send() takes a part of what it is given
 *   slow=US         each recv() and send() takes this long
 *   fail=N          every Nth call fails, as lwIP would
 *   silent=US       nothing goes to or comes from the other end, this long after a connection is made
 *   listen=ADDRESS  the PC's address that stands for the board's; 127.0.0.1
 *   port=NUMBER     the PC's port in place of the one that the project binds; 0 for any
 * ESPGEN_MAP is a list of ADDRESS:PORT=ADDRESS:PORT: where a connection goes instead. All others go to 127.0.0.1.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
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

#define FIRST_SOCKET (64 - CONFIG_LWIP_MAX_SOCKETS)

/* Error numbers ---------------------------------------------------------- */

enum {
    ESP_EIO = 5, ESP_EBADF = 9, ESP_EAGAIN = 11, ESP_ENOMEM = 12, ESP_EFAULT = 14, ESP_EINVAL = 22, ESP_ENFILE = 23,
    ESP_ENOSYS = 88, ESP_EOPNOTSUPP = 95, ESP_ECONNRESET = 104, ESP_ENOBUFS = 105, ESP_EAFNOSUPPORT = 106,
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

enum { ESP_AF_INET = 2, ESP_AF_INET6 = 10 };

uint16_t lwip_htons(uint16_t x) { return htons(x); }
uint32_t lwip_htonl(uint32_t x) { return htonl(x); }

uint32_t ipaddr_addr(const char *cp)
{
    return inet_addr(cp);
}

char *host_inet_ntoa_r(const void *addr, char *buf, int buflen)
{
    return (char *)inet_ntop(AF_INET, addr, buf, (socklen_t)buflen);
}

char *host_inet6_ntoa_r(const void *addr, char *buf, int buflen)
{
    return (char *)inet_ntop(AF_INET6, addr, buf, (socklen_t)buflen);
}

const char *lwip_inet_ntop(int af, const void *src, char *dst, uint32_t size)
{
    return inet_ntop(af == ESP_AF_INET6 ? AF_INET6 : AF_INET, src, dst, size);
}

int lwip_inet_pton(int af, const char *src, void *dst)
{
    return inet_pton(af == ESP_AF_INET6 ? AF_INET6 : AF_INET, src, dst);
}

static void give_address(const struct sockaddr_in *from, void *to, uint32_t *length)
{
    if (to == NULL || length == NULL) {
        return;
    }
    struct esp_sockaddr a = { .len = 16, .family = ESP_AF_INET, .port = from->sin_port, .address = from->sin_addr.s_addr };
    uint32_t n = *length < 16 ? *length : 16;
    memcpy(to, &a, n);
    *length = 16;
}

/* The socket table ------------------------------------------------------- */

struct slot {
    int fd; /* the PC's; -1 where the slot is free */
    bool nonblocking, listening, connected;
    unsigned changes; /* of the link, when the connection was made */
    int64_t since;    /* when that was */
    int64_t receive_us, send_us; /* time-outs; 0 for none */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct slot slots[CONFIG_LWIP_MAX_SOCKETS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void clear_slots(void)
{
    for (int i = 0; i < CONFIG_LWIP_MAX_SOCKETS; i++) {
        slots[i].fd = -1;
    }
}

/* Takes a free slot for a descriptor; -1 and ENFILE where there is none. */
static int take_slot(int fd)
{
    pthread_once(&once, clear_slots);
    pthread_mutex_lock(&mutex);
    for (int i = 0; i < CONFIG_LWIP_MAX_SOCKETS; i++) {
        if (slots[i].fd < 0) {
            slots[i] = (struct slot){ .fd = fd };
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

/* The scenario: a call that it lets fail. */
static bool faulty(int number)
{
    static int64_t calls;
    int64_t every = host_setting_us(NET, "fail", 0);
    if (every <= 0 || __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) % every != 0) {
        return false;
    }
    host_note("--net fail: errno %d", number);
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

/* Whether bytes can come and go. */
static bool reachable(const struct slot *slot)
{
    return host_link_up() && host_now_us() < silent_from(slot);
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

/* A connection whose address the station no longer has is aborted, as lwIP does, and one that keep-alive gave up. */
static bool aborted(const struct slot *slot)
{
    return slot->connected && (slot->changes != host_link_changes() || given_up(slot));
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
        struct pollfd p = { .fd = slot->fd, .events = events };
        int64_t left = until - host_now_us();
        int wait_ms = up ? 50 : 5;
        if (left < wait_ms * 1000) {
            wait_ms = left > 0 ? (int)(left / 1000) + 1 : 0;
        }
        int ready = up ? poll(&p, 1, wait_ms) : (usleep((useconds_t)wait_ms * 1000), 0);
        if (ready > 0) {
            return 0;
        }
        if (host_now_us() >= until) {
            return fail(ESP_EAGAIN);
        }
    }
}

/* lwIP's calls ----------------------------------------------------------- */

int lwip_socket(int domain, int type, int protocol)
{
    if (faulty(ESP_ENFILE)) {
        return -1;
    }
    if (domain != ESP_AF_INET) {
        return fail(ESP_EAFNOSUPPORT);
    }
    int fd = socket(AF_INET, (type == 2 ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (fd < 0) {
        return fail(esp_number(errno));
    }
    return take_slot(fd);
}

int lwip_bind(int s, const struct esp_sockaddr *name, uint32_t namelen)
{
    struct slot *slot = slot_of(s);
    if (slot == NULL || faulty(ESP_EADDRINUSE)) {
        return -1;
    }
    if (name->family != ESP_AF_INET || namelen < 16) {
        return fail(ESP_EINVAL);
    }
    char listen_address[64] = "127.0.0.1";
    host_setting(NET, "listen", listen_address, sizeof(listen_address));
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = name->port, .sin_addr = { inet_addr(listen_address) } };
    int64_t port = host_setting_us(NET, "port", -1);
    if (port >= 0) {
        a.sin_port = htons((uint16_t)port);
    }
    if (bind(slot->fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
        return fail(esp_number(errno));
    }
    return 0;
}

int lwip_listen(int s, int backlog)
{
    struct slot *slot = slot_of(s);
    if (slot == NULL || faulty(ESP_EADDRINUSE)) {
        return -1;
    }
    if (listen(slot->fd, backlog) != 0) {
        return fail(esp_number(errno));
    }
    slot->listening = true;
    struct sockaddr_in a = { 0 };
    socklen_t length = sizeof(a);
    getsockname(slot->fd, (struct sockaddr *)&a, &length);
    char text[INET_ADDRSTRLEN];
    printf("host: listening on %s:%d\n", inet_ntop(AF_INET, &a.sin_addr, text, sizeof(text)), ntohs(a.sin_port));
    fflush(stdout);
    return 0;
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
        struct sockaddr_in a = { 0 };
        socklen_t length = sizeof(a);
        int fd = host_link_up() ? accept4(slot->fd, (struct sockaddr *)&a, &length, SOCK_NONBLOCK | SOCK_CLOEXEC) : -1;
        if (fd >= 0) {
            if (faulty(ESP_ENFILE)) {
                close(fd);
                return -1;
            }
            int n = take_slot(fd);
            if (n >= 0) {
                slots[n - FIRST_SOCKET].connected = true;
                slots[n - FIRST_SOCKET].changes = host_link_changes();
                slots[n - FIRST_SOCKET].since = host_now_us();
                give_address(&a, addr, addrlen);
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
static void map_address(struct sockaddr_in *a)
{
    char name[64], to[64], text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &a->sin_addr, text, sizeof(text));
    int port = ntohs(a->sin_port);
    snprintf(name, sizeof(name), "%s:%d", text, port);
    a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (host_setting(MAP, name, to, sizeof(to))) {
        char *colon = strrchr(to, ':');
        if (colon != NULL) {
            *colon = '\0';
            a->sin_port = htons((uint16_t)atoi(colon + 1));
        }
        a->sin_addr.s_addr = inet_addr(to);
    }
    char target[INET_ADDRSTRLEN];
    printf("host: %s stands for %s:%d\n", name, inet_ntop(AF_INET, &a->sin_addr, target, sizeof(target)), ntohs(a->sin_port));
    fflush(stdout);
}

int lwip_connect(int s, const struct esp_sockaddr *name, uint32_t namelen)
{
    struct slot *slot = slot_of(s);
    if (slot == NULL || faulty(ESP_ECONNRESET)) {
        return -1;
    }
    if (name->family != ESP_AF_INET || namelen < 16) {
        return fail(ESP_EINVAL);
    }
    if (!host_link_up()) {
        return fail(ESP_EHOSTUNREACH);
    }
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = name->port, .sin_addr = { name->address } };
    map_address(&a);
    if (connect(slot->fd, (struct sockaddr *)&a, sizeof(a)) != 0 && errno != EINPROGRESS) {
        return fail(esp_number(errno));
    }
    slot->changes = host_link_changes();
    slot->since = host_now_us();
    slot->connected = true;
    if (slot->nonblocking) {
        return fail(ESP_EINPROGRESS);
    }
    if (wait_ready(slot, POLLOUT, 0) != 0) {
        return -1;
    }
    int error = 0;
    socklen_t length = sizeof(error);
    getsockopt(slot->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) {
        slot->connected = false;
        return fail(esp_number(error));
    }
    return 0;
}

ssize_t lwip_recv(int s, void *mem, size_t len, int flags)
{
    struct slot *slot = slot_of(s);
    if (slot == NULL || faulty(ESP_ECONNRESET)) {
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
                return n;
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
    if (slot == NULL || faulty(ESP_ECONNRESET)) {
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
            break;
        }
        if (sent < size && wait_ready(slot, POLLOUT, slot->send_us) != 0) {
            break;
        }
    }
    return sent > 0 || size == 0 ? (ssize_t)sent : fail(*host_errno() == 0 ? ESP_EAGAIN : *host_errno());
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
    int fd = slot->fd;
    slot->fd = -1;
    pthread_mutex_unlock(&mutex);
    close(fd);
    return 0;
}

ssize_t host_read(int s, void *buf, size_t count) { return lwip_recv(s, buf, count, 0); }
ssize_t host_write(int s, const void *buf, size_t count) { return lwip_send(s, buf, count, 0); }
int host_usleep(unsigned us) { return usleep(us); }
unsigned host_sleep(unsigned seconds) { return sleep(seconds); }

/* Options ---------------------------------------------------------------- */

enum {
    ESP_SOL_SOCKET = 0xfff, ESP_SO_REUSEADDR = 4, ESP_SO_KEEPALIVE = 8, ESP_SO_SNDTIMEO = 0x1005,
    ESP_SO_RCVTIMEO = 0x1006, ESP_SO_ERROR = 0x1007, ESP_SO_TYPE = 0x1008,
    ESP_TCP_NODELAY = 1, ESP_TCP_KEEPALIVE = 2, ESP_TCP_KEEPIDLE = 3, ESP_TCP_KEEPINTVL = 4, ESP_TCP_KEEPCNT = 5,
};

/* The PC's option for an integer option of lwIP's; false where lwIP has none. */
static bool host_option(int level, int name, int *host_level, int *host_name)
{
    static const struct { int level, name, host_level, host_name; } table[] = {
        { ESP_SOL_SOCKET, ESP_SO_REUSEADDR, SOL_SOCKET, SO_REUSEADDR },
        { ESP_SOL_SOCKET, ESP_SO_KEEPALIVE, SOL_SOCKET, SO_KEEPALIVE },
        { ESP_SOL_SOCKET, ESP_SO_ERROR, SOL_SOCKET, SO_ERROR },
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

int lwip_setsockopt(int s, int level, int name, const void *value, uint32_t length)
{
    struct slot *slot = slot_of(s);
    if (slot == NULL) {
        return -1;
    }
    int64_t *timeout = timeout_of(slot, level, name);
    if (timeout != NULL) {
        struct timeval t;
        if (length < sizeof(t)) {
            return fail(ESP_EINVAL);
        }
        memcpy(&t, value, sizeof(t));
        *timeout = (int64_t)t.tv_sec * 1000000 + t.tv_usec;
        return 0;
    }
    int number, host_level, host_name;
    if (length < sizeof(number)) {
        return fail(ESP_EINVAL);
    }
    memcpy(&number, value, sizeof(number));
    if (level == IPPROTO_TCP && name == ESP_TCP_KEEPALIVE) { /* the idle time in ms */
        name = ESP_TCP_KEEPIDLE;
        number = (number + 999) / 1000;
    }
    if (!host_option(level, name, &host_level, &host_name)) {
        return fail(ESP_ENOPROTOOPT);
    }
    return setsockopt(slot->fd, host_level, host_name, &number, sizeof(number)) == 0 ? 0 : fail(esp_number(errno));
}

int lwip_getsockopt(int s, int level, int name, void *value, uint32_t *length)
{
    struct slot *slot = slot_of(s);
    int number = 0, host_level, host_name;
    socklen_t size = sizeof(number);
    if (slot == NULL) {
        return -1;
    }
    if (!host_option(level, name, &host_level, &host_name)) {
        return fail(ESP_ENOPROTOOPT);
    }
    if (getsockopt(slot->fd, host_level, host_name, &number, &size) != 0) {
        return fail(esp_number(errno));
    }
    if (name == ESP_SO_ERROR && level == ESP_SOL_SOCKET && number != 0) {
        number = esp_number(number);
    }
    memcpy(value, &number, sizeof(number));
    *length = sizeof(number);
    return 0;
}

int lwip_getsockname(int s, void *name, uint32_t *namelen)
{
    struct sockaddr_in a = { 0 };
    socklen_t length = sizeof(a);
    struct slot *slot = slot_of(s);
    if (slot == NULL || getsockname(slot->fd, (struct sockaddr *)&a, &length) != 0) {
        return -1;
    }
    a.sin_addr.s_addr = host_link_address();
    give_address(&a, name, namelen);
    return 0;
}

int lwip_getpeername(int s, void *name, uint32_t *namelen)
{
    struct sockaddr_in a = { 0 };
    socklen_t length = sizeof(a);
    struct slot *slot = slot_of(s);
    if (slot == NULL) {
        return -1;
    }
    if (getpeername(slot->fd, (struct sockaddr *)&a, &length) != 0) {
        return fail(esp_number(errno));
    }
    give_address(&a, name, namelen);
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
        struct pollfd p[CONFIG_LWIP_MAX_SOCKETS];
        int count = 0, numbers[CONFIG_LWIP_MAX_SOCKETS];
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
                numbers[count] = s;
                p[count++] = (struct pollfd){ .fd = slot->fd, .events = (want_read & bit ? POLLIN : 0) | (want_write & bit ? POLLOUT : 0) };
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

/* Host names ------------------------------------------------------------- */

struct esp_addrinfo {
    int flags, family, socktype, protocol;
    uint32_t addrlen;
    struct esp_sockaddr *addr;
    char *canonname;
    struct esp_addrinfo *next;
};

int lwip_getaddrinfo(const char *node, const char *service, const struct esp_addrinfo *hints, struct esp_addrinfo **res)
{
    enum { EAI_ESP_NONAME = 200, EAI_ESP_MEMORY = 203, EAI_ESP_FAMILY = 204 };
    if (hints != NULL && hints->family == ESP_AF_INET6) {
        return EAI_ESP_FAMILY;
    }
    uint32_t address = node == NULL ? 0 : inet_addr(node);
    if (node != NULL && address == INADDR_NONE) {
        if (!host_link_up()) {
            return EAI_ESP_NONAME;
        }
        address = htonl(0xc0000201); /* 192.0.2.1: every name stands for this PC */
    }
    struct esp_addrinfo *ai = calloc(1, sizeof(*ai) + sizeof(struct esp_sockaddr));
    if (ai == NULL) {
        return EAI_ESP_MEMORY;
    }
    ai->family = ESP_AF_INET;
    ai->socktype = hints != NULL ? hints->socktype : 0;
    ai->addrlen = 16;
    ai->addr = (struct esp_sockaddr *)(ai + 1);
    *ai->addr = (struct esp_sockaddr){ .len = 16, .family = ESP_AF_INET, .address = address,
                                       .port = htons((uint16_t)(service == NULL ? 0 : atoi(service))) };
    *res = ai;
    return 0;
}

void lwip_freeaddrinfo(struct esp_addrinfo *ai)
{
    free(ai);
}

/* Reports ---------------------------------------------------------------- */

int host_report_sockets(bool with_options)
{
    int n = 0;
    pthread_once(&once, clear_slots);
    for (int i = 0; i < CONFIG_LWIP_MAX_SOCKETS; i++) {
        if (slots[i].fd < 0) {
            continue;
        }
        n++;
        printf("host: socket %d: %s", FIRST_SOCKET + i, slots[i].listening ? "listening" : slots[i].connected ? "connected" : "open");
        static const struct { const char *name; int level, option; } options[] = {
            { "reuseaddr", SOL_SOCKET, SO_REUSEADDR }, { "keepalive", SOL_SOCKET, SO_KEEPALIVE },
            { "keepidle", IPPROTO_TCP, TCP_KEEPIDLE }, { "keepintvl", IPPROTO_TCP, TCP_KEEPINTVL },
            { "keepcnt", IPPROTO_TCP, TCP_KEEPCNT }, { "nodelay", IPPROTO_TCP, TCP_NODELAY },
        };
        for (size_t k = 0; with_options && k < sizeof(options) / sizeof(options[0]); k++) {
            printf(" %s=%d", options[k].name, option_of(slots[i].fd, options[k].level, options[k].option));
        }
        printf("\n");
    }
    return n;
}
