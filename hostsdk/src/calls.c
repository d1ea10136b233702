/*
 * The calls at sockets as the project makes them. What they do is in the sources socket*.c and in netdb.c; here they are told of,
 * with their arguments as in C.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include "host.h"
#include "lwip/netdb.h"

int host_socket_socket(int domain, int type, int protocol);
int host_socket_bind(int s, const struct sockaddr *name, socklen_t namelen);
int host_socket_listen(int s, int backlog);
int host_socket_accept(int s, struct sockaddr *addr, socklen_t *addrlen);
int host_socket_connect(int s, const struct sockaddr *name, socklen_t namelen);
ssize_t host_socket_recv(int s, void *mem, size_t len, int flags);
ssize_t host_socket_send(int s, const void *dataptr, size_t size, int flags);
int host_socket_shutdown(int s, int how);
int host_socket_close(int s);
int host_socket_setsockopt(int s, int level, int optname, const void *optval, socklen_t optlen);
int host_socket_getsockopt(int s, int level, int optname, void *optval, socklen_t *optlen);
int host_socket_getsockname(int s, struct sockaddr *name, socklen_t *namelen);
int host_socket_getpeername(int s, struct sockaddr *name, socklen_t *namelen);
int host_socket_select(int nfds, fd_set *reads, fd_set *writes, fd_set *excepts, struct timeval *timeout);
int host_socket_fcntl(int s, int cmd, int value);
int host_socket_ioctl(int s, int request, int *value);
int host_socket_getaddrinfo(const char *nodename, const char *servname, const struct addrinfo *hints, struct addrinfo **res);

/* Arguments as text -------------------------------------------------------- */

/* Each text of an argument is in a buffer of its caller's. */
enum { TEXT = 128, MOST_DATA = 32 };

struct value {
    int number;
    const char *name;
};

#define NAME(value) { value, #value }
#define NAMED(values, number, text) named(values, sizeof(values) / sizeof((values)[0]), number, text)

/* The name of a number, or the number. */
static const char *named(const struct value *values, size_t count, int number, char text[TEXT])
{
    for (size_t i = 0; i < count; i++) {
        if (values[i].number == number) {
            return values[i].name;
        }
    }
    snprintf(text, TEXT, "%d", number);
    return text;
}

static const char *family_text(int family, char text[TEXT])
{
    static const struct value families[] = { NAME(AF_UNSPEC), NAME(AF_INET), NAME(AF_INET6) };
    return NAMED(families, family, text);
}

static const char *type_text(int type, char text[TEXT])
{
    static const struct value types[] = { NAME(SOCK_STREAM), NAME(SOCK_DGRAM) };
    return NAMED(types, type, text);
}

static const char *level_text(int level, char text[TEXT])
{
    static const struct value levels[] = { NAME(SOL_SOCKET), NAME(IPPROTO_IP), NAME(IPPROTO_TCP), NAME(IPPROTO_IPV6) };
    return NAMED(levels, level, text);
}

static const char *option_text(int level, int option, char text[TEXT])
{
    static const struct value of_sockets[] = {
        NAME(SO_ACCEPTCONN), NAME(SO_REUSEADDR), NAME(SO_KEEPALIVE), NAME(SO_BROADCAST), NAME(SO_LINGER), NAME(SO_SNDBUF),
        NAME(SO_RCVBUF), NAME(SO_RCVTIMEO), NAME(SO_SNDTIMEO), NAME(SO_ERROR), NAME(SO_TYPE),
    };
    static const struct value of_tcp[] = {
        NAME(TCP_NODELAY), NAME(TCP_KEEPALIVE), NAME(TCP_KEEPIDLE), NAME(TCP_KEEPINTVL), NAME(TCP_KEEPCNT),
    };
    static const struct value of_ip[] = { NAME(IP_TOS), NAME(IP_TTL) };
    static const struct value of_ipv6[] = { NAME(IPV6_V6ONLY) };
    switch (level) {
    case SOL_SOCKET: return NAMED(of_sockets, option, text);
    case IPPROTO_TCP: return NAMED(of_tcp, option, text);
    case IPPROTO_IP: return NAMED(of_ip, option, text);
    }
    if (level == IPPROTO_IPV6) {
        return NAMED(of_ipv6, option, text);
    }
    snprintf(text, TEXT, "%d", option);
    return text;
}

/* Adds to a text that may be full. */
static void append(char text[TEXT], const char *more)
{
    size_t length = strlen(text);
    snprintf(text + length, TEXT - length, "%s", more);
}

static const char *flags_text(const struct value *values, size_t count, int flags, char text[TEXT])
{
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if ((flags & values[i].number) != 0) {
            append(text, text[0] == '\0' ? "" : "|");
            append(text, values[i].name);
            flags &= ~values[i].number;
        }
    }
    if (flags != 0 || text[0] == '\0') {
        char rest[TEXT];
        snprintf(rest, sizeof(rest), flags < 10 ? "%s%d" : "%s0x%x", text[0] == '\0' ? "" : "|", (unsigned)flags);
        append(text, rest);
    }
    return text;
}

static const char *message_flags(int flags, char text[TEXT])
{
    static const struct value values[] = {
        NAME(MSG_PEEK), NAME(MSG_WAITALL), NAME(MSG_OOB), NAME(MSG_DONTWAIT), NAME(MSG_MORE), NAME(MSG_NOSIGNAL),
    };
    return flags_text(values, sizeof(values) / sizeof(values[0]), flags, text);
}

static const char *file_flags(int flags, char text[TEXT])
{
    static const struct value values[] = { NAME(O_RDWR), NAME(O_APPEND), NAME(O_NONBLOCK) };
    return flags_text(values, sizeof(values) / sizeof(values[0]), flags, text);
}

/* ADDRESS:PORT, of which the project gives, or has got, a length. */
static const char *address_text(const struct sockaddr *name, socklen_t length, char text[TEXT])
{
    char ip[INET6_ADDRSTRLEN] = "?";
    if (name == NULL) {
        return "NULL";
    }
    if (name->sa_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
        const struct sockaddr_in *a = (const void *)name;
        inet_ntop(AF_INET, &a->sin_addr, ip, sizeof(ip));
        snprintf(text, TEXT, "%s:%d", ip, ntohs(a->sin_port));
    } else if (name->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6)) {
        const struct sockaddr_in6 *a = (const void *)name;
        inet_ntop(AF_INET6, &a->sin6_addr, ip, sizeof(ip));
        snprintf(text, TEXT, "[%s]:%d", ip, ntohs(a->sin6_port));
    } else {
        snprintf(text, TEXT, "an address of family %d", name->sa_family);
    }
    return text;
}

/* An address that the call gives, and its length. */
static void tell_address(int s, int result, const struct sockaddr *name, const socklen_t *length)
{
    char address[TEXT];
    if (name == NULL || length == NULL) {
        host_call_tell("%d, NULL, NULL", s);
    } else if (result < 0) {
        host_call_tell("%d, ?, %u", s, (unsigned)*length);
    } else {
        host_call_tell("%d, %s, %u", s, address_text(name, *length, address), (unsigned)*length);
    }
}

/* The first bytes of data as a string of C. */
static const char *data_text(const void *data, ssize_t size, char text[TEXT + 32])
{
    static const char escaped[] = "\n\r\t\"\\", letters[] = "nrt\"\\";
    const unsigned char *bytes = data;
    if (data == NULL) {
        return "NULL";
    }
    char *end = text;
    *end++ = '"';
    for (ssize_t i = 0; i < size && i < MOST_DATA; i++) {
        const char *letter = bytes[i] == '\0' ? NULL : strchr(escaped, bytes[i]);
        if (letter != NULL) {
            end += sprintf(end, "\\%c", letters[letter - escaped]);
        } else {
            end += sprintf(end, bytes[i] < 0x80 && isprint(bytes[i]) ? "%c" : "\\x%02x", bytes[i]);
        }
    }
    strcpy(end, size > MOST_DATA ? "\"..." : "\"");
    return text;
}

/* The value of an option. */
static const char *value_text(int level, int option, const void *value, socklen_t length, char text[TEXT])
{
    bool is_time = level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO);
    bool is_linger = level == SOL_SOCKET && option == SO_LINGER;
    int number;
    if (value == NULL) {
        return "NULL";
    }
    if (is_time && length >= sizeof(struct timeval)) {
        struct timeval time;
        memcpy(&time, value, sizeof(time));
        snprintf(text, TEXT, "{%lld, %ld}", (long long)time.tv_sec, (long)time.tv_usec);
    } else if (is_linger && length >= sizeof(struct linger)) {
        struct linger linger;
        memcpy(&linger, value, sizeof(linger));
        snprintf(text, TEXT, "{%d, %d}", linger.l_onoff, linger.l_linger);
    } else if (length >= sizeof(number)) {
        memcpy(&number, value, sizeof(number));
        if (level == SOL_SOCKET && option == SO_ERROR && host_errno_name(number) != NULL) {
            return host_errno_name(number);
        }
        snprintf(text, TEXT, "%d", number);
    } else {
        return "?";
    }
    return text;
}

/* The numbers below nfds of a set. */
static const char *set_text(const fd_set *set, int nfds, char text[TEXT])
{
    if (set == NULL) {
        return "NULL";
    }
    strcpy(text, "{");
    for (int s = 0; s < nfds && s < FD_SETSIZE; s++) {
        if (FD_ISSET(s, set)) {
            char number[16];
            snprintf(number, sizeof(number), "%s%d", text[1] == '\0' ? "" : ", ", s);
            append(text, number);
        }
    }
    append(text, "}");
    return text;
}

/* The calls ------------------------------------------------------------------ */

int lwip_socket(int domain, int type, int protocol)
{
    char a[TEXT], b[TEXT];
    HOST_CALL_BEGIN("socket", -1);
    int result = host_socket_socket(domain, type, protocol);
    if (host_call_end(result)) {
        host_call_tell("%s, %s, %d", family_text(domain, a), type_text(type, b), protocol);
    }
    return result;
}

int lwip_bind(int s, const struct sockaddr *name, socklen_t namelen)
{
    char a[TEXT];
    HOST_CALL_BEGIN("bind", s);
    int result = host_socket_bind(s, name, namelen);
    if (host_call_end(result)) {
        host_call_tell("%d, %s, %u", s, address_text(name, namelen, a), (unsigned)namelen);
    }
    return result;
}

int lwip_listen(int s, int backlog)
{
    HOST_CALL_BEGIN("listen", s);
    int result = host_socket_listen(s, backlog);
    if (host_call_end(result)) {
        host_call_tell("%d, %d", s, backlog);
    }
    return result;
}

int lwip_accept(int s, struct sockaddr *addr, socklen_t *addrlen)
{
    HOST_CALL_BEGIN("accept", s);
    int result = host_socket_accept(s, addr, addrlen);
    if (host_call_end(result)) {
        tell_address(s, result, addr, addrlen);
    }
    return result;
}

int lwip_connect(int s, const struct sockaddr *name, socklen_t namelen)
{
    char a[TEXT];
    HOST_CALL_BEGIN("connect", s);
    int result = host_socket_connect(s, name, namelen);
    if (host_call_end(result)) {
        host_call_tell("%d, %s, %u", s, address_text(name, namelen, a), (unsigned)namelen);
    }
    return result;
}

/* recv() and read(), which has no flags. */
static ssize_t receive(const char *call, int s, void *mem, size_t len, int flags)
{
    char data[TEXT + 32], a[TEXT];
    HOST_CALL_BEGIN(call, s);
    ssize_t result = host_socket_recv(s, mem, len, flags);
    if (result == 0 && len > 0) {
        host_call_note("the peer sends no more");
    }
    if (host_call_end(result)) {
        bool has_flags = strcmp(call, "read") != 0;
        host_call_tell("%d, %s, %zu%s%s", s, result < 0 ? "?" : data_text(mem, result, data), len, has_flags ? ", " : "",
                       has_flags ? message_flags(flags, a) : "");
    }
    return result;
}

ssize_t lwip_recv(int s, void *mem, size_t len, int flags)
{
    return receive("recv", s, mem, len, flags);
}

ssize_t read(int fd, void *buf, size_t count)
{
    return receive("read", fd, buf, count, 0);
}

/* send() and write(), which has no flags. */
static ssize_t transmit(const char *call, int s, const void *dataptr, size_t size, int flags)
{
    char data[TEXT + 32], a[TEXT];
    HOST_CALL_BEGIN(call, s);
    ssize_t result = host_socket_send(s, dataptr, size, flags);
    if (host_call_end(result)) {
        bool has_flags = strcmp(call, "write") != 0;
        host_call_tell("%d, %s, %zu%s%s", s, data_text(dataptr, (ssize_t)size, data), size, has_flags ? ", " : "",
                       has_flags ? message_flags(flags, a) : "");
    }
    return result;
}

ssize_t lwip_send(int s, const void *dataptr, size_t size, int flags)
{
    return transmit("send", s, dataptr, size, flags);
}

ssize_t write(int fd, const void *buf, size_t count)
{
    return transmit("write", fd, buf, count, 0);
}

int lwip_shutdown(int s, int how)
{
    static const struct value hows[] = { NAME(SHUT_RD), NAME(SHUT_WR), NAME(SHUT_RDWR) };
    char a[TEXT];
    HOST_CALL_BEGIN("shutdown", s);
    int result = host_socket_shutdown(s, how);
    if (host_call_end(result)) {
        host_call_tell("%d, %s", s, NAMED(hows, how, a));
    }
    return result;
}

int close(int fd)
{
    HOST_CALL_BEGIN("close", fd);
    int result = host_socket_close(fd);
    if (host_call_end(result)) {
        host_call_tell("%d", fd);
    }
    return result;
}

int lwip_setsockopt(int s, int level, int optname, const void *optval, socklen_t optlen)
{
    char a[TEXT], b[TEXT], c[TEXT];
    HOST_CALL_BEGIN("setsockopt", s);
    int result = host_socket_setsockopt(s, level, optname, optval, optlen);
    if (host_call_end(result)) {
        host_call_tell("%d, %s, %s, %s, %u", s, level_text(level, a), option_text(level, optname, b),
                       value_text(level, optname, optval, optlen, c), (unsigned)optlen);
    }
    return result;
}

int lwip_getsockopt(int s, int level, int optname, void *optval, socklen_t *optlen)
{
    char a[TEXT], b[TEXT], c[TEXT];
    HOST_CALL_BEGIN("getsockopt", s);
    int result = host_socket_getsockopt(s, level, optname, optval, optlen);
    bool traced = host_call_end(result);
    if (result == 0 && level == SOL_SOCKET && optname == SO_ERROR && *(int *)optval != 0) {
        host_call_failed("connect", *(int *)optval);
    }
    if (traced) {
        host_call_tell("%d, %s, %s, %s, %u", s, level_text(level, a), option_text(level, optname, b),
                       result < 0 ? "?" : value_text(level, optname, optval, *optlen, c), optlen == NULL ? 0 : (unsigned)*optlen);
    }
    return result;
}

int lwip_getsockname(int s, struct sockaddr *name, socklen_t *namelen)
{
    HOST_CALL_BEGIN("getsockname", s);
    int result = host_socket_getsockname(s, name, namelen);
    if (host_call_end(result)) {
        tell_address(s, result, name, namelen);
    }
    return result;
}

int lwip_getpeername(int s, struct sockaddr *name, socklen_t *namelen)
{
    HOST_CALL_BEGIN("getpeername", s);
    int result = host_socket_getpeername(s, name, namelen);
    if (host_call_end(result)) {
        tell_address(s, result, name, namelen);
    }
    return result;
}

/* Which sockets select() has found. */
static void note_ready(int nfds, const fd_set *const sets[3])
{
    static const char *const what[] = { "can be read", "can be written", "has failed" };
    for (int i = 0; i < 3; i++) {
        char a[TEXT];
        if (sets[i] != NULL && sets[i]->host_bits != 0) {
            host_call_note("%s: %s", what[i], set_text(sets[i], nfds, a));
        }
    }
}

int select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, struct timeval *timeout)
{
    char a[TEXT], b[TEXT], c[TEXT], d[TEXT];
    const fd_set *const sets[] = { readfds, writefds, exceptfds };
    fd_set before[3];
    for (int i = 0; i < 3; i++) {
        before[i] = sets[i] == NULL ? (fd_set){ 0 } : *sets[i];
    }
    HOST_CALL_BEGIN("select", nfds);
    int result = host_socket_select(nfds, readfds, writefds, exceptfds, timeout);
    if (result >= 0) {
        note_ready(nfds, sets);
    }
    if (host_call_end(result)) {
        host_call_tell("%d, %s, %s, %s, %s", nfds, readfds == NULL ? "NULL" : set_text(&before[0], nfds, a),
                       writefds == NULL ? "NULL" : set_text(&before[1], nfds, b),
                       exceptfds == NULL ? "NULL" : set_text(&before[2], nfds, c),
                       value_text(SOL_SOCKET, SO_RCVTIMEO, timeout, sizeof(*timeout), d));
    }
    return result;
}

int fcntl(int fd, int cmd, ...)
{
    static const struct value commands[] = { NAME(F_GETFL), NAME(F_SETFL) };
    char a[TEXT], b[TEXT];
    int value = 0;
    if (cmd == F_SETFL) {
        va_list args;
        va_start(args, cmd);
        value = va_arg(args, int);
        va_end(args);
    }
    HOST_CALL_BEGIN("fcntl", fd);
    int result = host_socket_fcntl(fd, cmd, value);
    if (cmd == F_GETFL && result >= 0) {
        host_call_note("%s", file_flags(result, a));
    }
    if (host_call_end(result)) {
        host_call_tell(cmd == F_SETFL ? "%d, %s, %s" : "%d, %s", fd, NAMED(commands, cmd, a), file_flags(value, b));
    }
    return result;
}

int ioctl(int fd, int request, ...)
{
    static const struct value requests[] = { NAME(FIONREAD), NAME(FIONBIO) };
    char a[TEXT];
    va_list args;
    va_start(args, request);
    int *value = va_arg(args, int *);
    va_end(args);
    HOST_CALL_BEGIN("ioctl", fd);
    int result = host_socket_ioctl(fd, request, value);
    if (host_call_end(result)) {
        host_call_tell(request == FIONBIO && value != NULL ? "%d, %s, %d" : "%d, %s", fd, NAMED(requests, request, a),
                       request == FIONBIO && value != NULL ? *value : 0);
    }
    return result;
}

static const char *hints_text(const struct addrinfo *hints, char text[TEXT])
{
    char family[TEXT], type[TEXT];
    if (hints == NULL) {
        return "NULL";
    }
    snprintf(text, TEXT, "{%.40s, %.40s}", family_text(hints->ai_family, family), type_text(hints->ai_socktype, type));
    return text;
}

int lwip_getaddrinfo(const char *nodename, const char *servname, const struct addrinfo *hints, struct addrinfo **res)
{
    char a[TEXT], b[TEXT + 32], c[TEXT + 32], d[TEXT];
    HOST_CALL_BEGIN("getaddrinfo", -1);
    int result = host_socket_getaddrinfo(nodename, servname, hints, res);
    if (host_call_end(result)) {
        host_call_tell("%s, %s, %s, %s", nodename == NULL ? "NULL" : data_text(nodename, (ssize_t)strlen(nodename), b),
                       servname == NULL ? "NULL" : data_text(servname, (ssize_t)strlen(servname), c), hints_text(hints, d),
                       result != 0 ? "?" : address_text((*res)->ai_addr, (*res)->ai_addrlen, a));
    }
    return result;
}
