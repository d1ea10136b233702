/* Options of sockets. lwIP's PCB has most of them, and its values are what is kept; the PC's socket gets what is like them. */
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/time.h>
#include "sockets.h"

enum {
    ESP_SOL_SOCKET = 0xfff, ESP_SO_ACCEPTCONN = 2, ESP_SO_REUSEADDR = 4, ESP_SO_KEEPALIVE = 8, ESP_SO_LINGER = 0x80,
    ESP_SO_SNDTIMEO = 0x1005, ESP_SO_RCVTIMEO = 0x1006, ESP_SO_ERROR = 0x1007, ESP_SO_TYPE = 0x1008,
    ESP_IP_TOS = 1, ESP_IP_TTL = 2,
    ESP_TCP_NODELAY = 1, ESP_TCP_KEEPALIVE = 2, ESP_TCP_KEEPIDLE = 3, ESP_TCP_KEEPINTVL = 4, ESP_TCP_KEEPCNT = 5,
    ESP_IPV6_V6ONLY = 27,
};

static int clamp(uint32_t value, int most)
{
    return value < 1 ? 1 : value < (uint32_t)most ? (int)value : most;
}

static void set_pc(int fd, int level, int name, int value)
{
    setsockopt(fd, level, name, &value, sizeof(value));
}

void host_apply_options(const struct slot *slot, int fd)
{
    const struct socket_options *o = &slot->options;
    const int most_seconds = 32767, most_probes = 127; /* Linux takes no more */
    /* Linux takes TIME_WAIT's sockets into account where they had not this option; lwIP does not. */
    set_pc(fd, SOL_SOCKET, SO_REUSEADDR, o->reuse_address || slot->state == CONNECTED || slot->state == CONNECTING);
    set_pc(fd, SOL_SOCKET, SO_KEEPALIVE, o->keep_alive);
    set_pc(fd, IPPROTO_TCP, TCP_NODELAY, o->no_delay);
    set_pc(fd, IPPROTO_TCP, TCP_KEEPIDLE, clamp((o->keep_idle_ms + 999) / 1000, most_seconds));
    set_pc(fd, IPPROTO_TCP, TCP_KEEPINTVL, clamp(o->keep_interval_ms / 1000, most_seconds));
    set_pc(fd, IPPROTO_TCP, TCP_KEEPCNT, clamp(o->keep_count, most_probes));
    set_pc(fd, IPPROTO_IP, IP_TTL, clamp(o->ttl, 255));
    set_pc(fd, IPPROTO_IP, IP_TOS, o->tos);
}

/* The option of a PCB as lwIP gives it; false where there is none. */
static bool get_pcb_option(const struct slot *slot, int level, int name, int *value)
{
    const struct socket_options *o = &slot->options;
    switch (level) {
    case ESP_SOL_SOCKET:
        switch (name) {
        case ESP_SO_ACCEPTCONN: *value = slot->state == LISTENING; return true;
        case ESP_SO_REUSEADDR: *value = o->reuse_address ? ESP_SO_REUSEADDR : 0; return true; /* lwIP gives the flag itself */
        case ESP_SO_KEEPALIVE: *value = o->keep_alive ? ESP_SO_KEEPALIVE : 0; return true;
        }
        break;
    case IPPROTO_IP:
        switch (name) {
        case ESP_IP_TOS: *value = o->tos; return true;
        case ESP_IP_TTL: *value = o->ttl; return true;
        }
        break;
    case IPPROTO_TCP:
        switch (name) {
        case ESP_TCP_NODELAY: *value = o->no_delay; return true;
        case ESP_TCP_KEEPALIVE: *value = (int)o->keep_idle_ms; return true;
        case ESP_TCP_KEEPIDLE: *value = (int)(o->keep_idle_ms / 1000); return true;
        case ESP_TCP_KEEPINTVL: *value = (int)(o->keep_interval_ms / 1000); return true;
        case ESP_TCP_KEEPCNT: *value = (int)o->keep_count; return true;
        }
    }
    return false;
}

/* Sets it, unchecked as in lwIP. */
static void set_pcb_option(struct slot *slot, int level, int name, int value)
{
    struct socket_options *o = &slot->options;
    switch (level) {
    case ESP_SOL_SOCKET:
        *(name == ESP_SO_REUSEADDR ? &o->reuse_address : &o->keep_alive) = value != 0;
        break;
    case IPPROTO_IP:
        *(name == ESP_IP_TOS ? &o->tos : &o->ttl) = (uint8_t)value;
        break;
    case IPPROTO_TCP:
        switch (name) {
        case ESP_TCP_NODELAY: o->no_delay = value != 0; break;
        case ESP_TCP_KEEPALIVE: o->keep_idle_ms = (uint32_t)value; break;
        case ESP_TCP_KEEPIDLE: o->keep_idle_ms = 1000u * (uint32_t)value; break;
        case ESP_TCP_KEEPINTVL: o->keep_interval_ms = 1000u * (uint32_t)value; break;
        case ESP_TCP_KEEPCNT: o->keep_count = (uint32_t)value; break;
        }
    }
    host_apply_options(slot, slot->fd);
    if (slot->second >= 0) {
        host_apply_options(slot, slot->second);
    }
}

static int64_t *timeout_of(struct slot *slot, int level, int name)
{
    if (level != ESP_SOL_SOCKET) {
        return NULL;
    }
    return name == ESP_SO_RCVTIMEO ? &slot->receive_ms : name == ESP_SO_SNDTIMEO ? &slot->send_ms : NULL;
}

static bool is_linger(int level, int name)
{
#ifdef CONFIG_LWIP_SO_LINGER
    return level == ESP_SOL_SOCKET && name == ESP_SO_LINGER;
#else
    (void)level, (void)name;
    return false;
#endif
}

union option {
    int number;
    struct timeval time;
    struct linger linger; /* the same on the PC */
};

static socklen_t option_size(struct slot *slot, int level, int name)
{
    if (timeout_of(slot, level, name) != NULL) {
        return sizeof(struct timeval);
    }
    return is_linger(level, name) ? sizeof(struct linger) : sizeof(int);
}

/* Whether a PCB is needed that there is not, or one of a connection where it is a listener's. */
static bool lacks_pcb(const struct slot *slot, int level)
{
    return slot->state == GONE || (level == IPPROTO_TCP && slot->state == LISTENING);
}

static int set_timeout(int64_t *timeout_ms, const struct timeval *time)
{
    int64_t ms = (int64_t)time->tv_sec * 1000 + time->tv_usec / 1000;
    if (ms < 0) {
        return fail(ESP_EINVAL);
    }
    *timeout_ms = ms; /* less than a millisecond is none */
    return 0;
}

static int set_option(struct slot *slot, int level, int name, const void *value, uint32_t length)
{
    if (host_faulty("setsockopt", ESP_EINVAL)) {
        return -1;
    }
    union option o;
    int old;
    socklen_t size = option_size(slot, level, name);
    host_look(slot, 0);
    if (length < size) {
        return fail(ESP_EINVAL);
    }
    memcpy(&o, value, size);
    int64_t *timeout = timeout_of(slot, level, name);
    if (timeout != NULL) {
        return set_timeout(timeout, &o.time);
    }
    if (level == IPPROTO_IPV6 && name == ESP_IPV6_V6ONLY) {
        slot->v6only = o.number != 0;
        return 0;
    }
    if (is_linger(level, name)) {
        return setsockopt(slot->fd, SOL_SOCKET, SO_LINGER, &o, size) == 0 ? 0 : fail(host_esp_errno(errno));
    }
    if (!get_pcb_option(slot, level, name, &old) || (level == ESP_SOL_SOCKET && name == ESP_SO_ACCEPTCONN)) {
        return fail(ESP_ENOPROTOOPT);
    }
    if (lacks_pcb(slot, level)) {
        return fail(ESP_EINVAL);
    }
    set_pcb_option(slot, level, name, o.number);
    return 0;
}

int host_socket_setsockopt(int s, int level, int name, const void *value, uint32_t length)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, set_option(slot, level, name, value, length));
}

static int get_option(struct slot *slot, int level, int name, void *value, uint32_t *length)
{
    union option o = { 0 };
    socklen_t size = option_size(slot, level, name);
    host_look(slot, 0);
    if (*length < size) {
        return fail(ESP_EINVAL);
    }
    int64_t *timeout = timeout_of(slot, level, name);
    if (timeout != NULL) {
        o.time = (struct timeval){ .tv_sec = *timeout / 1000, .tv_usec = *timeout % 1000 * 1000 };
    } else if (level == IPPROTO_IPV6 && name == ESP_IPV6_V6ONLY) {
        o.number = slot->v6only;
    } else if (level == ESP_SOL_SOCKET && name == ESP_SO_TYPE) {
        o.number = 1; /* SOCK_STREAM */
    } else if (level == ESP_SOL_SOCKET && name == ESP_SO_ERROR) {
        o.number = host_take_pending(slot);
    } else if (is_linger(level, name)) {
        getsockopt(slot->fd, SOL_SOCKET, SO_LINGER, &o, &size);
    } else if (!get_pcb_option(slot, level, name, &o.number)) {
        return fail(ESP_ENOPROTOOPT);
    } else if (lacks_pcb(slot, level)) {
        return fail(ESP_EINVAL);
    }
    memcpy(value, &o, size);
    *length = size;
    return 0;
}

int host_socket_getsockopt(int s, int level, int name, void *value, uint32_t *length)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, get_option(slot, level, name, value, length));
}

static int control(struct slot *slot, int cmd, int value)
{
    enum { ESP_F_GETFL = 3, ESP_F_SETFL = 4, ESP_O_RDWR = 2, ESP_O_ACCMODE = 3, ESP_O_NONBLOCK = 0x4000 };
    switch (cmd) {
    case ESP_F_GETFL:
        host_look(slot, 0);
        return (slot->nonblocking ? ESP_O_NONBLOCK : 0) | (slot->state == GONE || slot->no_write ? 0 : ESP_O_RDWR);
    case ESP_F_SETFL:
        if ((value & ~ESP_O_ACCMODE & ~ESP_O_NONBLOCK) != 0) {
            break;
        }
        slot->nonblocking = (value & ESP_O_NONBLOCK) != 0;
        return 0;
    }
    return fail(ESP_ENOSYS);
}

int host_socket_fcntl(int s, int cmd, int value)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, control(slot, cmd, value));
}

/* FIONREAD is one of those that there are not: it needs CONFIG_LWIP_SO_RCVBUF. */
static int control_io(struct slot *slot, int request, const int *value)
{
    if (request != (int)0x8004667e) { /* FIONBIO */
        return fail(ESP_ENOSYS);
    }
    slot->nonblocking = value != NULL && *value != 0;
    return 0;
}

int host_socket_ioctl(int s, int request, int *value)
{
    struct slot *slot = host_get_socket(s);
    return slot == NULL ? -1 : (int)host_done_socket(slot, control_io(slot, request, value));
}
