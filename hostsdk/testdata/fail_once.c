/* A session with itself, until one goes without a failure. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include "join.h"
#include "netdb.h"

static bool ok(const char *call, int result)
{
    if (result < 0) {
        printf("failed: %s %d\n", call, errno);
    }
    return result >= 0;
}

#define OK(call, ...) ok(#call, call(__VA_ARGS__))

static int server = -1, client = -1, accepted = -1;

static bool look_up(uint16_t port, struct sockaddr_in *a)
{
    struct addrinfo hints = { .ai_family = AF_INET }, *res;
    int err = getaddrinfo("example.com", "80", &hints, &res);
    if (err != 0) {
        printf("failed: getaddrinfo %d\n", err);
        return false;
    }
    *a = *(struct sockaddr_in *)res->ai_addr;
    a->sin_port = port;
    freeaddrinfo(res);
    return true;
}

static bool talk(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t length = sizeof(a);
    int one = 1;
    char byte = 'x';
    fd_set set;
    struct timeval soon = { .tv_usec = 20000 };
    server = socket(AF_INET, SOCK_STREAM, 0);
    if (!ok("socket", server) || !OK(setsockopt, server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
        !OK(bind, server, (struct sockaddr *)&a, sizeof(a)) || !OK(listen, server, 1)) {
        return false;
    }
    getsockname(server, (struct sockaddr *)&a, &length);
    FD_ZERO(&set);
    FD_SET(server, &set);
    CHECK(select(server + 1, &set, NULL, NULL, &soon) == 0); /* is not counted */
    if (!look_up(a.sin_port, &a)) {
        return false;
    }
    client = socket(AF_INET, SOCK_STREAM, 0);
    if (!ok("socket", client) || !OK(connect, client, (struct sockaddr *)&a, sizeof(a))) {
        return false;
    }
    FD_SET(server, &set);
    if (!OK(select, server + 1, &set, NULL, NULL, NULL)) {
        return false;
    }
    accepted = accept(server, NULL, NULL);
    if (!ok("accept", accepted)) {
        return false;
    }
    CHECK(recv(accepted, &byte, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN); /* neither is this */
    return OK(send, client, &byte, 1, 0) && OK(recv, accepted, &byte, 1, 0);
}

void app_main(void)
{
    int *sockets[] = { &server, &client, &accepted };
    join();
    for (bool done = false; !done;) {
        done = talk();
        for (int i = 0; i < 3; i++) {
            if (*sockets[i] >= 0) {
                close(*sockets[i]);
            }
            *sockets[i] = -1;
        }
    }
    printf("done\n");
}
