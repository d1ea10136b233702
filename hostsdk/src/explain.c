/* Explains the errors that the project logs, in plain words: what has happened here, and what to do. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "host.h"
#include "lwip/netdb.h"
#include "sdkconfig.h"

#define STRING_(x) #x
#define STRING(x)  STRING_(x)

/* What errors mean where nobody who knows more has said it. */
static const struct {
    const char *call; /* "" for any other */
    int number;
    const char *text;
} explanations[] = {
    { "socket", ENFILE, "all " STRING(CONFIG_LWIP_MAX_SOCKETS) " sockets are open (CONFIG_LWIP_MAX_SOCKETS); close() each one that has ended" },
    { "accept", ENFILE, "all " STRING(CONFIG_LWIP_MAX_SOCKETS) " sockets are open (CONFIG_LWIP_MAX_SOCKETS), so the client was turned away; "
      "close() each connection that has ended" },
    { "accept", EINVAL, "the socket does not listen; call bind() and listen() first" },
    { "accept", ENOTCONN, "the client had reset its connection before accept(), or another task has closed the listening socket" },
    { "accept", EAGAIN, "no client has come: the socket is non-blocking, or SO_RCVTIMEO has passed" },
    { "bind", EINVAL, "the socket is connected, or listens already; bind() comes before both" },
    { "listen", EINVAL, "the socket is connected; a server has one socket to listen, and one for each client" },
    { "listen", ENOTCONN, "the socket's connection has ended; listen() requires a new socket" },
    { "connect", EINPROGRESS, "the socket is non-blocking and the connection is being made; wait with select(), then read SO_ERROR" },
    { "connect", EALREADY, "an earlier connect() is still at work; wait with select()" },
    { "connect", EISCONN, "the socket is connected, or listens, already; each connection requires a socket of its own" },
    { "connect", ENOTCONN, "this socket has had a connection, or a try, that has ended; close() it, and make a new socket for each try" },
    { "recv", EAGAIN, "nothing has come: the socket is non-blocking, or SO_RCVTIMEO has passed" },
    { "read", EAGAIN, "nothing has come: the socket is non-blocking, or SO_RCVTIMEO has passed" },
    { "send", EAGAIN, "the send buffer is full: the peer does not read, or the network is slow; wait with select()" },
    { "write", EAGAIN, "the send buffer is full: the peer does not read, or the network is slow; wait with select()" },
    { "send", EINPROGRESS, "the connection is still being made, or the socket listens; wait with select()" },
    { "write", EINPROGRESS, "the connection is still being made, or the socket listens; wait with select()" },
    { "setsockopt", EINVAL, "the socket's connection has ended, or the length is not that of the option's type" },
    { "getsockopt", EINVAL, "the socket's connection has ended, or the length is less than that of the option's type" },
    { "", ENOPROTOOPT, "lwIP does not have this option as ESP-IDF configures it: SO_LINGER and SO_RCVBUF have to be switched on" },
    { "shutdown", EIO, "a listening socket cannot be shut down; close() it" },
    { "shutdown", EINVAL, "shutdown() requires SHUT_RD, SHUT_WR or SHUT_RDWR" },
    { "shutdown", ENOTCONN, "the socket has no connection, or this direction is shut down already" },
    { "select", EBADF, "a socket of the sets is not open, or was closed by another task meanwhile" },
    { "select", EINVAL, "nfds must be the highest socket plus 1, 64 at most" },
    { "select", EINTR, "the sets have 0, 1 or 2 in them: here these are no sockets" },
    { "fcntl", ENOSYS, "lwIP knows F_GETFL, and F_SETFL of O_NONBLOCK" },
    { "ioctl", ENOSYS, "lwIP knows FIONBIO, and FIONREAD only with CONFIG_LWIP_SO_RCVBUF, which the host SDK does not have" },
    { "getaddrinfo", EAI_FAIL, "the name was not found" },
    { "getaddrinfo", EAI_SERVICE, "the port must be a number from 0 to 65535: lwIP knows no names of services" },
    { "getaddrinfo", EAI_NONAME, "there is neither a name nor a port, or AI_NUMERICHOST was set and the name is no address of the family" },
    { "getaddrinfo", EAI_FAMILY, "ai_family must be AF_UNSPEC, AF_INET or AF_INET6" },
    { "", EBADF, "the socket is not open: socket() or accept() has failed, or it was closed already" },
    { "", ENOTCONN, "the socket has no connection: it was never made, or it has ended and an earlier call has told why; close() the socket" },
};

static const char *explanation_of(const struct host_failure *f)
{
    if (f->why[0] != '\0') {
        return f->why;
    }
    for (size_t i = 0; i < sizeof(explanations) / sizeof(explanations[0]); i++) {
        const char *call = explanations[i].call;
        if (explanations[i].number == f->number && (call[0] == '\0' || strcmp(call, f->name) == 0)) {
            return explanations[i].text;
        }
    }
    return NULL;
}

/* Whether a text has a number that is no part of another one. */
static bool has_number(const char *text, int number)
{
    while (*text != '\0') {
        if (!isdigit((unsigned char)*text)) {
            text++;
            continue;
        }
        char *end;
        long found = strtol(text, &end, 10);
        if (found == number) {
            return true;
        }
        text = end;
    }
    return false;
}

/* What follows the level, the time and the tag of a line of the log. */
static const char *message_of(const char *line)
{
    const char *time = strchr(line, '('), *tag = time == NULL ? NULL : strstr(time, ") ");
    const char *message = tag == NULL ? NULL : strstr(tag, ": ");
    return message == NULL ? line : message;
}

void host_explain_line(const char *line)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static char last[256]; /* is not said again before another is */
    struct host_failure *f = host_last_failure();
    if (!has_number(message_of(line), f->number)) {
        return;
    }
    const char *text = explanation_of(f), *name = strcmp(f->name, "getaddrinfo") == 0 ? host_eai_name(f->number) : host_errno_name(f->number);
    f->name = NULL;
    if (text == NULL || name == NULL) {
        return;
    }
    pthread_mutex_lock(&mutex);
    bool is_new = strncmp(last, text, sizeof(last) - 1) != 0;
    snprintf(last, sizeof(last), "%s", text);
    pthread_mutex_unlock(&mutex);
    if (is_new) {
        host_say("%d %s: %s", f->number, name, text);
    }
}
