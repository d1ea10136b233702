#include <errno.h>
#include <string.h>
#include "esp_log.h"
#include "net_error.h"

const char *net_error_text(int error)
{
    switch (error) {
    case EAGAIN:
        return "EAGAIN, it would block, or has timed out";
    case EIO:
        return "EIO, input or output has failed";
    case EBADF:
        return "EBADF, no such socket";
    case ENOMEM:
        return "ENOMEM, out of memory";
    case ENOBUFS:
        return "ENOBUFS, out of buffers";
    case ENFILE:
        return "ENFILE, all sockets are in use";
    case EINVAL:
        return "EINVAL, not possible in this state";
    case EADDRINUSE:
        return "EADDRINUSE, the port is in use";
    case ENETUNREACH:
        return "ENETUNREACH, no way to this network from here";
    case EHOSTUNREACH:
        return "EHOSTUNREACH, no way to this address from here";
    case ETIMEDOUT:
        return "ETIMEDOUT, no answer in time";
    case ECONNRESET:
        return "ECONNRESET, the peer reset or refused the connection";
    case ECONNABORTED:
        return "ECONNABORTED, given up: no answer from the peer, or the link is down";
    case EPIPE:
        return "EPIPE, the connection has ended";
    case ENOTCONN:
        return "ENOTCONN, the connection has ended";
    default:
        return strerror(error);
    }
}

int net_error_log(const char *tag, const char *call)
{
    int error = errno;
    ESP_LOGE(tag, "%s failed: %s (%d)", call, net_error_text(error), error);
    return error;
}
