/*
 * What the sources of the sockets share. They use the PC's own headers: what the project sees of sockets, its numbers and
 * its structures, is repeated under names of its own.
 */
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include "host.h"
#include "sdkconfig.h"

#define NET "ESPGEN_NET"

/* Error numbers ---------------------------------------------------------- */

enum {
    ESP_EIO = 5, ESP_EBADF = 9, ESP_EAGAIN = 11, ESP_ENOMEM = 12, ESP_EFAULT = 14, ESP_EINVAL = 22, ESP_ENFILE = 23,
    ESP_ENOSPC = 28, ESP_ENOSYS = 88, ESP_EOPNOTSUPP = 95, ESP_ECONNRESET = 104, ESP_ENOBUFS = 105, ESP_EAFNOSUPPORT = 106,
    ESP_ENOPROTOOPT = 109, ESP_EADDRINUSE = 112, ESP_ECONNABORTED = 113, ESP_EHOSTUNREACH = 118, ESP_EINPROGRESS = 119,
    ESP_EALREADY = 120, ESP_EADDRNOTAVAIL = 125, ESP_EISCONN = 127, ESP_ENOTCONN = 128,
};

int *host_errno(void);

static inline int fail(int number)
{
    *host_errno() = number;
    return -1;
}

/* The number that lwIP gives where the PC's kernel gives e. */
int host_esp_errno(int e);

/* Addresses -------------------------------------------------------------- */

struct esp_sockaddr {
    uint8_t len, family;
    uint16_t port;     /* in network byte order */
    uint32_t address;  /* IPv4's; IPv6's flow label */
    uint8_t rest[20];  /* IPv6's address and scope */
};

enum { ESP_AF_INET = 2, ESP_AF_INET6 = 10, ESP_SOCKADDR_IN = 16, ESP_SOCKADDR_IN6 = 28 };

/* From here on every address is a sockaddr_in6. IPv4's are mapped: ::ffff:a.b.c.d. */

static inline struct sockaddr_in6 ipv4(uint32_t address, uint16_t port)
{
    struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = port };
    memset(a.sin6_addr.s6_addr + 10, 0xff, 2);
    memcpy(a.sin6_addr.s6_addr + 12, &address, sizeof(address));
    return a;
}

static inline bool is_ipv4(const struct sockaddr_in6 *a)
{
    return IN6_IS_ADDR_V4MAPPED(&a->sin6_addr);
}

static inline uint32_t ipv4_of(const struct sockaddr_in6 *a)
{
    uint32_t address;
    memcpy(&address, a->sin6_addr.s6_addr + 12, sizeof(address));
    return address;
}

bool host_parse_address(const char *text, uint16_t port, struct sockaddr_in6 *a);

enum { ADDRESS_TEXT = 64 };

/* ADDRESS:PORT, as --map has it. */
const char *host_address_text(const struct sockaddr_in6 *a, char text[ADDRESS_TEXT]);

/* The address in the form that a PC's socket of a family takes. */
socklen_t host_pc_address(int family, const struct sockaddr_in6 *a, struct sockaddr_storage *to);
struct sockaddr_in6 host_from_pc(const struct sockaddr_storage *from);

/* Gives the project an address: mapped, or IPv4's as such. */
void host_give_address(const struct sockaddr_in6 *from, bool mapped, void *to, uint32_t *length);

/* The socket table ------------------------------------------------------- */

struct slot {
    int users;  /* the calls at it, and one more while it is open; 0 where the slot is free */
    int closed; /* an eventfd, which close() wakes the calls with */
    bool closing;
    int fd;     /* the PC's */
    int second; /* the PC's socket for IPv4 where both families listen; else -1 */
    bool ipv6;  /* made for AF_INET6 */
    bool v6only;
    bool ipv6_listener; /* fd is, and not second */
    struct mailbox *mailbox; /* of a listener that lets more wait than lwIP's mailbox holds; else NULL */
    bool nonblocking, listening, connected;
    bool unanswered; /* the scenario: nobody answers its connect() */
    bool ended; /* a connection could not be made: lwIP's sockets are of no more use then */
    unsigned changes; /* of the link, when the connection was made */
    int64_t since;    /* when that was */
    int64_t receive_us, send_us; /* time-outs; 0 for none */
    int keep_idle_ms;            /* as lwIP has it; the PC has seconds */
    struct sockaddr_in6 peer;    /* once connected: as the project knows it */
};

/* Each call is between lock and unlock, but for when it waits: lwIP, too, makes one call after the other, in its tcpip
 * task. A task that another deletes ends where it waits, or at its next call. */
void host_socket_lock(void);
void host_socket_unlock(void);

/* Takes a free slot for a socket of the PC, which is closed where there is none: -1 and ENFILE. */
int host_add_socket(struct slot socket);

/* Begins a call at an open socket; NULL and EBADF for any other number. It is locked, and stays the caller's until the
 * call is done, which gives the call's result. */
struct slot *host_get_socket(int s);
ssize_t host_done_socket(struct slot *slot, ssize_t result);

/* The same for a set of numbers, as in an fd_set. */
bool host_get_sockets(uint64_t set);
void host_done_sockets(uint64_t set);
struct slot *host_socket_of(int s);

/* poll() for a time, for a call at a set of sockets. Other calls can be made meanwhile. */
int host_poll(struct pollfd *fds, nfds_t count, int64_t us, uint64_t set);

bool host_over_ipv6(const struct slot *slot);
int host_option_of(int fd, int level, int name);

/* A listener's sockets of the PC; -1 in place of one whose family is down. */
void host_pc_listeners(const struct slot *slot, int fds[2]);

/* The connections that wait at a listener: see socket_backlog.c. */
int host_accept_pc(struct slot *slot, struct sockaddr_in6 *peer);
int host_mailbox_bell(const struct slot *slot);
void host_open_mailbox(struct slot *slot, int backlog);
int host_pc_backlog(int backlog); /* how many the PC's kernel is to let wait */
void host_close_mailbox(struct slot *slot);

/* Whether bytes can come and go. */
bool host_reachable(const struct slot *slot);

/* The PC's sockets of a slot at which something can happen now; -1 in place of a listener's whose family is down. */
void host_awake(const struct slot *slot, int fds[2]);

/* A connection whose address the station no longer has is aborted, as lwIP does, one that keep-alive gave up, and one
 * that was never made. */
bool host_aborted(const struct slot *slot);

/* The scenario: recv() and send() take their time. 0, or -1 and errno. */
int host_be_slow(struct slot *slot);

/* Waits until a descriptor is ready while the link is up, for a time (0: for ever). 0, or -1 and errno. */
int host_wait_ready(struct slot *slot, short events, int64_t timeout_us);
