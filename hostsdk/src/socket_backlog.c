/*
 * The connections that wait at a listener to be accepted. As many as the backlog says are made, and whoever comes then is
 * not answered; the PC's kernel sees to that as lwIP does. lwIP puts those that are made into a mailbox. Where that holds
 * fewer than the backlog, it resets what does not fit; here a thread does.
 *
 * Without a link nobody can come, but on the PC they do: such a connection is held until there is a link. One that was made
 * before the link was lost is given out, as lwIP does, and is of no use.
 */
#define _GNU_SOURCE
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "sockets.h"

struct mailbox {
    struct waiting connections[CONFIG_LWIP_TCP_ACCEPTMBOX_SIZE];
    int count;
    int bell; /* an eventfd, which counts them */
};

/* How exactly Linux tells when something was: it has 100 to 1000 of its ticks in a second. */
#define LINUX_TICK_US 10000

static const struct waiting nobody = { .fd = -1 };

static void reset(int fd)
{
    struct linger at_once = { .l_onoff = 1 };
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(fd);
}

/* A connection that waits at one of the PC's listeners. */
static struct waiting accept_pc(int listener)
{
    struct sockaddr_storage a = { 0 };
    socklen_t length = sizeof(a);
    int fd = listener < 0 ? -1 : accept4(listener, (struct sockaddr *)&a, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return fd < 0 ? nobody : (struct waiting){ .fd = fd, .peer = host_station_address(host_from_pc(&a)) };
}

static int pc_listener(const struct slot *slot, int i)
{
    return i == 0 ? slot->fd : slot->second;
}

bool host_hears(const struct slot *slot, int i)
{
    return slot->mailbox != NULL || host_link_up(i == 0 && slot->ipv6_listener);
}

/* When a connection was heard of last: as it was made, or later. Linux tells how long ago that is, so the time must be that
 * of its answer, and not of when a busy PC goes on with this thread. */
static int64_t heard_of_at(int fd)
{
    struct tcp_info info = { 0 };
    int64_t asked, answered;
    int tries = 0;
    do {
        socklen_t length = sizeof(info);
        asked = host_now_us();
        getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length);
        answered = host_now_us();
    } while (answered - asked > LINUX_TICK_US / 10 && ++tries < 1000);
    return answered - info.tcpi_last_ack_recv * INT64_C(1000);
}

bool host_lost_with_link(const struct waiting *connection)
{
    return heard_of_at(connection->fd) + LINUX_TICK_US < host_link_lost_at(!is_ipv4(&connection->peer));
}

/* Whether what is held can be given out. */
static bool is_due(const struct slot *slot, int i)
{
    return slot->held[i].fd >= 0 && (host_hears(slot, i) || host_lost_with_link(&slot->held[i]));
}

bool host_connection_held(struct slot *slot)
{
    for (int i = 0; slot->mailbox == NULL && i < 2; i++) {
        if (slot->held[i].fd < 0 && !host_hears(slot, i)) {
            slot->held[i] = accept_pc(pc_listener(slot, i));
        }
        if (is_due(slot, i)) {
            return true;
        }
    }
    return false;
}

static struct waiting take_from_mailbox(struct mailbox *mailbox)
{
    eventfd_t one;
    if (eventfd_read(mailbox->bell, &one) != 0) {
        return nobody;
    }
    struct waiting first = mailbox->connections[0];
    mailbox->count--;
    memmove(mailbox->connections, mailbox->connections + 1, (size_t)mailbox->count * sizeof(first));
    return first;
}

struct waiting host_accept_pc(struct slot *slot)
{
    if (slot->mailbox != NULL) {
        return take_from_mailbox(slot->mailbox);
    }
    for (int i = 0; i < 2; i++) {
        if (slot->held[i].fd < 0) {
            slot->held[i] = accept_pc(pc_listener(slot, i));
        }
        if (is_due(slot, i)) {
            struct waiting connection = slot->held[i];
            slot->held[i] = nobody;
            return connection;
        }
    }
    return nobody;
}

void host_awake(const struct slot *slot, int fds[2])
{
    fds[0] = slot->fd;
    fds[1] = slot->second;
    if (slot->mailbox != NULL) {
        fds[0] = slot->mailbox->bell;
        fds[1] = -1;
    }
    for (int i = 0; i < 2; i++) {
        fds[i] = slot->held[i].fd < 0 ? fds[i] : -1; /* there is no room for another */
    }
}

/* Takes in what comes to the PC's listeners. */
static void fill_mailbox(struct slot *slot, const int listeners[2])
{
    struct mailbox *mailbox = slot->mailbox;
    for (int i = 0; i < 2; i++) {
        struct waiting connection;
        while ((connection = accept_pc(listeners[i])).fd >= 0) {
            if (mailbox->count == CONFIG_LWIP_TCP_ACCEPTMBOX_SIZE) {
                reset(connection.fd);
            } else {
                mailbox->connections[mailbox->count++] = connection;
                eventfd_write(mailbox->bell, 1);
            }
        }
    }
}

/* Takes in what comes until the listener is closed. */
static void *take_in(void *arg)
{
    struct slot *slot = arg;
    host_socket_lock();
    while (!slot->closing) {
        int listeners[2] = { host_link_up(slot->ipv6_listener) ? slot->fd : -1, host_link_up(false) ? slot->second : -1 };
        fill_mailbox(slot, listeners);
        struct pollfd p[] = { { .fd = slot->closed, .events = POLLIN }, { .fd = listeners[0], .events = POLLIN },
                              { .fd = listeners[1], .events = POLLIN } };
        host_poll(p, 3, 50000, 0);
    }
    host_done_socket(slot, 0);
    return NULL;
}

int host_pc_backlog(int backlog)
{
    if (backlog > CONFIG_LWIP_TCP_ACCEPTMBOX_SIZE) {
        return SOMAXCONN; /* the mailbox is the limit */
    }
    return backlog < 1 ? 1 : backlog; /* as lwIP does */
}

void host_open_mailbox(struct slot *slot, int backlog)
{
    if (slot->mailbox != NULL || backlog <= CONFIG_LWIP_TCP_ACCEPTMBOX_SIZE) {
        return;
    }
    slot->mailbox = calloc(1, sizeof(*slot->mailbox));
    if (slot->mailbox == NULL || (slot->mailbox->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE)) < 0) {
        abort();
    }
    slot->users++; /* the thread's */
    host_thread(take_in, slot);
}

void host_close_mailbox(struct slot *slot)
{
    for (int i = 0; i < 2; i++) {
        if (slot->held[i].fd >= 0) {
            reset(slot->held[i].fd);
        }
    }
    if (slot->mailbox == NULL) {
        return;
    }
    for (int i = 0; i < slot->mailbox->count; i++) {
        reset(slot->mailbox->connections[i].fd);
    }
    close(slot->mailbox->bell);
    free(slot->mailbox);
    slot->mailbox = NULL;
}
