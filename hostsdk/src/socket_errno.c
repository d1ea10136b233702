/* lwIP's error numbers for those of the PC. */
#include <errno.h>
#include "sockets.h"

int *host_errno(void)
{
    static __thread int number;
    return &number;
}

int host_esp_errno(int e)
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
