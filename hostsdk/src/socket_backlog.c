/*
 * The connections that wait at a listener to be accepted. As many as the backlog says are made, and whoever comes then is
 * not answered; the PC's kernel sees to that as lwIP does. lwIP puts those that are made into a mailbox. Where that holds
 * fewer than the backlog, it resets what does not fit; here a thread does.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "sockets.h"

struct mailbox {
    int fds[CONFIG_LWIP_TCP_ACCEPTMBOX_SIZE];
    struct sockaddr_in6 peers[CONFIG_LWIP_TCP_ACCEPTMBOX_SIZE];
    int count;
    int bell; /* an eventfd, which counts them */
};

static void reset(int fd)
{
    struct linger at_once = { .l_onoff = 1 };
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(fd);
}

/* A connection that waits at one of the PC's listeners; -1 if there is none. */
static int accept_pc(const int listeners[2], struct sockaddr_in6 *peer)
{
    for (int i = 0; i < 2; i++) {
        struct sockaddr_storage a = { 0 };
        socklen_t length = sizeof(a);
        int fd = listeners[i] < 0 ? -1 : accept4(listeners[i], (struct sockaddr *)&a, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            *peer = host_from_pc(&a);
            return fd;
        }
    }
    return -1;
}

int host_accept_pc(struct slot *slot, struct sockaddr_in6 *peer)
{
    int listeners[2];
    struct mailbox *mailbox = slot->mailbox;
    if (mailbox == NULL) {
        host_awake(slot, listeners);
        return accept_pc(listeners, peer);
    }
    eventfd_t one;
    if (eventfd_read(mailbox->bell, &one) != 0) {
        return -1;
    }
    int fd = mailbox->fds[0];
    *peer = mailbox->peers[0];
    mailbox->count--;
    memmove(mailbox->fds, mailbox->fds + 1, (size_t)mailbox->count * sizeof(mailbox->fds[0]));
    memmove(mailbox->peers, mailbox->peers + 1, (size_t)mailbox->count * sizeof(mailbox->peers[0]));
    return fd;
}

int host_mailbox_bell(const struct slot *slot)
{
    return slot->mailbox->bell;
}

/* Takes in what comes until the listener is closed. */
static void *take_in(void *arg)
{
    struct slot *slot = arg;
    host_socket_lock();
    while (!slot->closing) {
        int listeners[2], fd;
        struct sockaddr_in6 peer;
        host_pc_listeners(slot, listeners);
        while ((fd = accept_pc(listeners, &peer)) >= 0) {
            struct mailbox *mailbox = slot->mailbox;
            if (mailbox->count == CONFIG_LWIP_TCP_ACCEPTMBOX_SIZE) {
                reset(fd);
                continue;
            }
            mailbox->fds[mailbox->count] = fd;
            mailbox->peers[mailbox->count++] = peer;
            eventfd_write(mailbox->bell, 1);
        }
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
    if (slot->mailbox == NULL) {
        return;
    }
    for (int i = 0; i < slot->mailbox->count; i++) {
        reset(slot->mailbox->fds[i]);
    }
    close(slot->mailbox->bell);
    free(slot->mailbox);
    slot->mailbox = NULL;
}
