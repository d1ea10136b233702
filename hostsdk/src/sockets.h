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
    ESP_EINTR = 4, ESP_EIO = 5, ESP_EBADF = 9, ESP_EAGAIN = 11, ESP_ENOMEM = 12, ESP_EFAULT = 14, ESP_EINVAL = 22, ESP_ENFILE = 23,
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

/* Of several stations of one network each connects from an address of the PC that tells its own: the first byte is 127 in
 * place of the network's. False for the only station. */
bool host_pc_source(struct sockaddr_in6 *a);

/* The address of the station that has connected from an address of the PC; what is none's is the same. */
struct sockaddr_in6 host_station_address(struct sockaddr_in6 a);

/* The address in the form that a PC's socket of a family takes. */
socklen_t host_pc_address(int family, const struct sockaddr_in6 *a, struct sockaddr_storage *to);
struct sockaddr_in6 host_from_pc(const struct sockaddr_storage *from);

/* Gives the project an address: mapped, or IPv4's as such. */
void host_give_address(const struct sockaddr_in6 *from, bool mapped, void *to, uint32_t *length);

/* The socket table ------------------------------------------------------- */

/* What lwIP has of a socket: a PCB in one of these states, or none. */
enum socket_state {
    UNCONNECTED,
    CONNECTING,
    CONNECTED, /* whatever was shut down, or read to its end */
    LISTENING,
    GONE, /* no PCB: a connection that failed or was closed. The socket is of no more use */
};

/* What a PCB has, in lwIP's units. */
struct socket_options {
    bool reuse_address, keep_alive, no_delay;
    uint8_t ttl, tos;
    uint32_t keep_idle_ms, keep_interval_ms, keep_count;
};

/* Whether what is sent is what was received: see socket_echo.c. */
struct echo {
    char received[16]; /* the first bytes of what came last */
    int length;
    int count;         /* of what was sent back in this second */
    int64_t since;
    bool told;
};

/* A connection that waits to be accepted. */
struct waiting {
    int fd; /* -1 for none */
    struct sockaddr_in6 peer;
};

/* Why a connection has failed. */
enum cause { NO_CAUSE, REFUSED, RESET_BY_PEER, LINK_LOST, UNANSWERED, TIMED_OUT, KEEP_ALIVE, DATA_REFUSED, BOTH_ENDED };

struct slot {
    int users;  /* the calls at it, and one more while it is open; 0 where the slot is free */
    int closed; /* an eventfd, which close() wakes the calls with */
    bool closing;
    int fd;     /* the PC's */
    int second; /* the PC's socket for IPv4 where both families listen; else -1 */
    bool ipv6;  /* made for AF_INET6 */
    bool v6only;
    bool ipv6_listener; /* fd is, and not second */
    bool both_families; /* bound to :: for both */
    struct mailbox *mailbox; /* of a listener that lets more wait than lwIP's mailbox holds; else NULL */
    struct waiting held[2];  /* of a listener: what came to fd and second while there was no link */
    enum socket_state state;
    bool nonblocking;
    bool bound;
    int backlog;     /* of a listener, as the project gave it */
    uint16_t port;   /* that it is bound to, as the project knows it; in network byte order */
    bool bound_late; /* the PC's socket is bound when it listens: another of the project's listens there now */
    struct socket_options options;

    bool unanswered; /* the scenario: nobody answers its connect() */
    bool made;       /* its connect() has succeeded */
    unsigned changes; /* of the link, when the connection was made */
    int64_t since;    /* when that was */
    struct sockaddr_in6 peer; /* once connected: as the project knows it */

    bool no_read;  /* lwIP's mailbox is closed: the end was read, or SHUT_RD */
    bool no_write; /* SHUT_WR, or its connection was closed by SHUT_RDWR */
    bool last_ack; /* SHUT_WR came after the end of what the peer sends: with its answer all is over */
    bool over;     /* SHUT_WR came first, and the peer has ended, too */
    int refuses;   /* after SHUT_RD: more unread bytes than these end the connection; -1 before */
    bool exception; /* as select() has it, from the first error on */
    /* Of a connection that failed. lwIP keeps its error twice: for whoever asks next, and in the mailbox, behind the data. */
    int pending;    /* for send(), SO_ERROR, and recv() where nothing else is there; 0 without one */
    int message;    /* for recv(), behind the data; 0 without one */
    int unread;     /* the bytes that had come */
    bool end_waits; /* the end of what the peer sends, behind them */
    enum cause cause; /* of its error, which is this */
    int error;
    char target[ADDRESS_TEXT]; /* of the PC, where the project has connected to */

    int64_t receive_ms, send_ms; /* time-outs; 0 for none */
    struct echo echo;
};

/* Each call is between lock and unlock, but for when it waits: lwIP, too, makes one call after the other, in its tcpip
 * task. A task that another deletes ends where it waits, or at its next call. */
void host_socket_lock(void);
void host_socket_unlock(void);

/* Takes a free slot for a socket of the PC, which is closed where there is none: -1 and ENFILE. */
int host_add_socket(struct slot socket);

/* Closes one that nobody knows of yet. */
void host_drop_socket(struct slot *slot);

/* Begins a call at an open socket; NULL and EBADF for any other number. It is locked, and stays the caller's until the
 * call is done, which gives the call's result. */
struct slot *host_get_socket(int s);
ssize_t host_done_socket(struct slot *slot, ssize_t result);

/* The same for a set of numbers, as in an fd_set. */
bool host_get_sockets(uint64_t set);
void host_done_sockets(uint64_t set);
struct slot *host_socket_of(int s);

/* Whether another socket has a port, of the state LISTENING only or of any, so that this one cannot. */
bool host_port_taken(const struct slot *slot, uint16_t port, bool listening);

/* Whether another socket has the port and both may reuse it. */
bool host_port_shared(const struct slot *slot, uint16_t port);

/* poll() for a time, for a call at a set of sockets. Other calls can be made meanwhile. */
int host_poll(struct pollfd *fds, nfds_t count, int64_t us, uint64_t set);

/* Waits until a time for data at a socket, or a connection, or room for data, but not for long: the caller looks again what
 * has become of it. 0, or -1 and errno: EAGAIN when the time has come, ENOTCONN where the socket is closed meanwhile. */
int host_wait_ready(struct slot *slot, bool reads, int64_t until);

/* The scenario: recv() and send() take their time. 0, or -1 and errno. */
int host_be_slow(struct slot *slot);

/* When a time-out of some ticks ends. FreeRTOS counts them from the last tick. */
int64_t host_after_ticks(int64_t ticks);
enum { TICK_MS = 1000 / CONFIG_FREERTOS_HZ };

/* lwIP's socket is writable where more than this is free of its send buffer (TCP_SNDLOWAT); HOST_WRITABLE is the number of
 * bytes below which it is. */
enum {
    SEND_BUFFER = CONFIG_LWIP_TCP_SND_BUF_DEFAULT,
    LEAST_FREE = SEND_BUFFER / 2 > 2 * CONFIG_LWIP_TCP_MSS + 1 ? SEND_BUFFER / 2 : 2 * CONFIG_LWIP_TCP_MSS + 1,
    HOST_WRITABLE = LEAST_FREE < SEND_BUFFER ? SEND_BUFFER - LEAST_FREE : 1,
};

/* The PC's sockets ------------------------------------------------------- */

int host_option_of(int fd, int level, int name);

/* The state of TCP, as netinet/tcp.h has it. */
int host_tcp_state(int fd);

/* The bytes that can be read. */
int host_unread(int fd);

/* Gives a socket of the PC the options of its slot. */
void host_apply_options(const struct slot *slot, int fd);

/* The connections of a socket: see socket_state.c -------------------------- */

bool host_over_ipv6(const struct slot *slot);

/* Tells the trace of a connection that the scenario has silenced. */
void host_note_silence(const struct slot *slot);

/* Whether bytes can come and go. */
bool host_reachable(const struct slot *slot);

/* Marks a socket as one that has a peer, from now on. */
void host_set_peer(struct slot *slot, enum socket_state state, const struct sockaddr_in6 *peer);

/* Takes note of what has become of a connection; with a look at the PC's socket where a call at that, or poll(), says that
 * something has. error is the PC's, where the call took it. */
void host_update(struct slot *slot);
void host_look(struct slot *slot, int error);

/* The error that the next one to ask is to have; 0 for none. It is told once. */
int host_take_pending(struct slot *slot);

/* What select() says without a look at the PC, and what poll() is to wait for beside that. patience_us is how long to wait at
 * most, before what can happen without an event of the PC's is looked for again. */
bool host_reads(const struct slot *slot);
bool host_writes(const struct slot *slot);
short host_events(const struct slot *slot, bool reads, bool writes, int64_t *patience_us);

/* Explains the error of a call at a connection that has failed. */
void host_explain_connection(const struct slot *slot, int error);

/* Resets a connection, as lwIP does where data is not read. */
void host_reset_connection(struct slot *slot);

/* What came, and what was sent, at a connection. */
void host_note_received(struct slot *slot, const void *data, ssize_t length);
void host_note_sent(struct slot *slot, const void *data, ssize_t length);

/* The connections that wait at a listener: see socket_backlog.c ------------- */

struct waiting host_accept_pc(struct slot *slot);

/* Whether a connection was made before the link was lost. */
bool host_lost_with_link(const struct waiting *connection);

/* Whether a connection waits of which poll() tells nothing; whether it may tell of what came to fd or second. */
bool host_connection_held(struct slot *slot);
bool host_hears(const struct slot *slot, int listener);

/* What poll() is to look at; -1 for nothing. */
void host_awake(const struct slot *slot, int fds[2]);

void host_open_mailbox(struct slot *slot, int backlog);
int host_pc_backlog(int backlog); /* how many the PC's kernel is to let wait */
void host_close_mailbox(struct slot *slot);
