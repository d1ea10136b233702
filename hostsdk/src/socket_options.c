/* Options of sockets. */
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include "sockets.h"

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

static int set_option(struct slot *slot, int level, int name, const void *value, uint32_t length)
{
    if (host_faulty("setsockopt", ESP_EINVAL)) {
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
    int keep_idle_ms = slot->keep_idle_ms;
    if (level == IPPROTO_TCP && name == ESP_TCP_KEEPIDLE) {
        keep_idle_ms = (int)(1000u * (unsigned)o.number);
    } else if (level == IPPROTO_TCP && name == ESP_TCP_KEEPALIVE) { /* the same in ms */
        keep_idle_ms = o.number;
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
    if (setsockopt(slot->fd, host_level, host_name, &o, size) != 0) {
        return fail(host_esp_errno(errno));
    }
    slot->keep_idle_ms = keep_idle_ms;
    return 0;
}

int lwip_setsockopt(int s, int level, int name, const void *value, uint32_t length)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, set_option(slot, level, name, value, length));
}

/* Why a connection ended, or was not made; 0 where it was. */
static int take_error(struct slot *slot)
{
    int error = host_option_of(slot->fd, SOL_SOCKET, SO_ERROR);
    slot->ended = slot->ended || error != 0 || host_aborted(slot);
    return host_aborted(slot) ? ESP_ECONNABORTED : error == 0 ? 0 : host_esp_errno(error);
}

static int get_option(struct slot *slot, int level, int name, void *value, uint32_t *length)
{
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
    } else if (level == IPPROTO_TCP && name == ESP_TCP_KEEPALIVE) {
        o.number = slot->keep_idle_ms;
    } else if (level == IPPROTO_TCP && name == ESP_TCP_KEEPIDLE) {
        o.number = slot->keep_idle_ms / 1000;
    } else if (!host_option(level, name, &host_level, &host_name)) {
        return fail(ESP_ENOPROTOOPT);
    } else if (getsockopt(slot->fd, host_level, host_name, &o, &size) != 0) {
        return fail(host_esp_errno(errno));
    }
    memcpy(value, &o, size);
    *length = size;
    return 0;
}

int lwip_getsockopt(int s, int level, int name, void *value, uint32_t *length)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, get_option(slot, level, name, value, length));
}

static int control(struct slot *slot, int cmd, int value)
{
    enum { ESP_F_GETFL = 3, ESP_F_SETFL = 4, ESP_O_NONBLOCK = 0x4000 };
    switch (cmd) {
    case ESP_F_GETFL:
        return slot->nonblocking ? ESP_O_NONBLOCK : 0;
    case ESP_F_SETFL:
        slot->nonblocking = (value & ESP_O_NONBLOCK) != 0;
        return 0;
    }
    return fail(ESP_ENOSYS);
}

int host_fcntl(int s, int cmd, int value)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, control(slot, cmd, value));
}

static int control_io(struct slot *slot, int request, int *value)
{
    if (request == (int)0x8004667e) { /* FIONBIO */
        slot->nonblocking = *value != 0;
        return 0;
    }
    if (request == 0x4004667f) { /* FIONREAD */
        return ioctl(slot->fd, FIONREAD, value) == 0 ? 0 : fail(host_esp_errno(errno));
    }
    return fail(ESP_ENOSYS);
}

int host_ioctl(int s, int request, int *value)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, control_io(slot, request, value));
}
