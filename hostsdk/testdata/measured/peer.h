/* The other end: a server in Go that does what the first line says which a connection sends it. */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>
#include "join.h"
#include "row.h"

static inline struct sockaddr_in peer_address(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(7000) };
    inet_pton(AF_INET, "192.168.137.1", &a.sin_addr);
    return a;
}

/* A connection to the peer, whose other end follows a script. */
static inline int dial(const char *script)
{
    struct sockaddr_in a = peer_address();
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(s, (struct sockaddr *)&a, sizeof(a)) != 0 || send(s, script, strlen(script), 0) < 0 || send(s, "\n", 1, 0) < 0) {
        printf("FAILED to dial: %d\n", errno);
    }
    return s;
}

/* What the peer says to a line. */
static inline const char *ask(const char *line)
{
    static char answer[64];
    size_t length = 0;
    ssize_t n;
    int s = dial(line);
    while (length < sizeof(answer) - 1 && (n = recv(s, answer + length, sizeof(answer) - 1 - length, 0)) > 0) {
        length += (size_t)n;
    }
    answer[length] = '\0';
    close(s);
    return answer;
}

enum { READS = 1, WRITES = 2, EXCEPTS = 4 };

/* What select() says of a socket that is in all of these sets. */
static inline int ready(int s, int sets, int ms)
{
    fd_set r, w, e;
    struct timeval time = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
    FD_ZERO(&r);
    FD_ZERO(&w);
    FD_ZERO(&e);
    FD_SET(s, &r);
    FD_SET(s, &w);
    FD_SET(s, &e);
    if (select(s + 1, sets & READS ? &r : NULL, sets & WRITES ? &w : NULL, sets & EXCEPTS ? &e : NULL, &time) < 0) {
        return -errno;
    }
    return (sets & READS && FD_ISSET(s, &r) ? READS : 0) | (sets & WRITES && FD_ISSET(s, &w) ? WRITES : 0) |
           (sets & EXCEPTS && FD_ISSET(s, &e) ? EXCEPTS : 0);
}

/* Waits until data, or the end of them, are there; until an error is. */
static inline void await(int s, int set)
{
    if (ready(s, set, 60000) != set) {
        printf("FAILED to await %d\n", set);
    }
}

/* A connection that was reset. */
static inline int reset_connection(void)
{
    int s = dial("reset");
    await(s, EXCEPTS);
    return s;
}

/* The results of calls: what they return, or the negative errno. */
static inline int receive(int s, int length, int flags)
{
    static char data[20000];
    ssize_t n = recv(s, data, (size_t)length, flags);
    return n < 0 ? -errno : (int)n;
}

static inline int give(int s, int length, int flags)
{
    static char data[20000];
    ssize_t n = send(s, data, (size_t)length, flags);
    return n < 0 ? -errno : (int)n;
}

static inline int result(int n)
{
    return n < 0 ? -errno : n;
}

static inline int option(int s, int level, int name)
{
    int value = -1;
    socklen_t length = sizeof(value);
    return getsockopt(s, level, name, &value, &length) == 0 ? value : -errno;
}

static inline int set_option(int s, int level, int name, int value)
{
    return result(setsockopt(s, level, name, &value, sizeof(value)));
}

static inline int set_time(int s, int name, int ms)
{
    struct timeval time = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
    return result(setsockopt(s, SOL_SOCKET, name, &time, sizeof(time)));
}

/* The port of a socket, or of its peer. */
static inline int port_of(int s, int (*name)(int, struct sockaddr *, socklen_t *))
{
    struct sockaddr_in a = { 0 };
    socklen_t length = sizeof(a);
    return name(s, (struct sockaddr *)&a, &length) == 0 ? ntohs(a.sin_port) : -errno;
}

static inline int bind_to(int s, int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    return result(bind(s, (struct sockaddr *)&a, sizeof(a)));
}

static inline int listen_at(int port, int backlog)
{
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (bind_to(s, port) != 0 || listen(s, backlog) != 0) {
        printf("FAILED to listen: %d\n", errno);
    }
    return s;
}

/* Has the peer call a listener, and follow a script. The result is a connection that ends the call when it is closed. */
static inline int call_me(int listener, const char *script)
{
    char line[128], done[8] = "";
    snprintf(line, sizeof(line), "call %d, %s, done", port_of(listener, getsockname), script);
    int s = dial(line);
    for (ssize_t n, length = 0; length < 5 && (n = recv(s, done + length, 5 - length, 0)) > 0;) {
        length += n;
    }
    return s;
}

/* Calls of another task. */
static struct {
    int (*function)(int s);
    int s, result;
    volatile bool begun;
} other;

static inline void run_other(void *arg)
{
    (void)arg;
    other.begun = true;
    other.result = other.function(other.s);
    xTaskNotifyGive(main_task);
    vTaskDelete(NULL);
}

/* Lets another task call a function, and gives it time to wait there. */
static inline void begin(int (*function)(int), int s)
{
    other.function = function;
    other.s = s;
    other.begun = false;
    xTaskCreate(run_other, "other", 4096, NULL, 5, NULL);
    while (!other.begun) {
        vTaskDelay(1);
    }
    vTaskDelay(30);
}

static inline bool ended(TickType_t patience)
{
    return ulTaskNotifyTake(pdTRUE, patience) != 0;
}

#define LONG pdMS_TO_TICKS(60000)
