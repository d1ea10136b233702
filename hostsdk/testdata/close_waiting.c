/* Sockets that are closed while another task waits at them, and tasks that are deleted there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>
#include "join.h"

static int listener, client, server; /* a connection of the project with itself */

static void connect_pair(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t length = sizeof(a);
    getsockname(listener, (struct sockaddr *)&a, &length);
    inet_pton(AF_INET, "192.168.1.2", &a.sin_addr);
    client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(connect(client, (struct sockaddr *)&a, sizeof(a)) == 0);
    server = accept(listener, NULL, NULL);
    CHECK(server >= 0);
}

static int open_listener(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    int s = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(s, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(s, 1) == 0);
    return s;
}

static int do_recv(int s)
{
    char text[8];
    return recv(s, text, sizeof(text), 0);
}

static int do_recv_at_once(int s)
{
    char text[8];
    return recv(s, text, sizeof(text), MSG_DONTWAIT);
}

/* More than the PC buffers. */
static int do_send(int s)
{
    static char much[32 << 20];
    return send(s, much, sizeof(much), 0);
}

static int do_accept(int s)
{
    return accept(s, NULL, NULL);
}

static int do_select(int s)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(s, &set);
    return select(s + 1, &set, NULL, NULL, NULL);
}

static struct {
    int (*function)(int s);
    int s, result, error;
    TaskHandle_t task;
} call;

static void run_call(void *arg)
{
    (void)arg;
    call.result = call.function(call.s);
    call.error = errno;
    xTaskNotifyGive(main_task);
    vTaskDelete(NULL);
}

/* Lets another task call a function, and gives it time to wait there. */
static void begin(int (*function)(int), int s, TickType_t time)
{
    call.function = function;
    call.s = s;
    xTaskCreate(run_call, "call", 4096, NULL, 5, &call.task);
    vTaskDelay(time);
}

static bool ended(TickType_t patience)
{
    return ulTaskNotifyTake(pdTRUE, patience) != 0;
}

static int at_server(void)
{
    connect_pair();
    return server;
}

/* What a call ends with that waits at a socket when that is closed. */
static int closed_during(int (*function)(int), int (*open)(void))
{
    for (TickType_t time = 10;; time *= 2) {
        client = server = -1;
        begin(function, open(), time);
        CHECK(close(call.s) == 0);
        CHECK(ended(pdMS_TO_TICKS(30000)));
        CHECK(call.result == -1);
        if (client >= 0) {
            CHECK(close(client) == 0);
        }
        if (call.error != EBADF || function == do_select || time > 1000) { /* or else the task came too late */
            return call.error;
        }
    }
}

/* The number of a socket that another task waits at is another connection's at once. */
static void check_reuse(void)
{
    char text[8] = "";
    connect_pair();
    int old = client;
    begin(do_recv, server, 10);
    CHECK(close(call.s) == 0);
    CHECK(close(old) == 0);
    connect_pair();
    CHECK(server == call.s || client == call.s);
    int same = call.s, other = server == call.s ? client : server;
    CHECK(send(other, "mine", 4, 0) == 4);
    CHECK(ended(pdMS_TO_TICKS(30000)) && call.result == -1);
    CHECK(recv(same, text, sizeof(text), 0) == 4 && memcmp(text, "mine", 4) == 0);
    CHECK(close(client) == 0 && close(server) == 0);
}

/* A task that is deleted leaves its socket as it is. */
static void check_delete(int (*function)(int))
{
    connect_pair();
    begin(function, server, 10);
    vTaskDelete(call.task);
    vTaskDelay(10);
    CHECK(send(client, "mine", 4, 0) == 4);
    CHECK(do_recv(server) == 4 || function == do_send);
    CHECK(close(server) == 0 && close(client) == 0);
}

/* A call that takes 4294.967296 s, which is 2^32 us. */
static void check_slow(void)
{
    connect_pair();
    setenv("ESPGEN_NET", "slow=4294967296", 1);
    begin(do_recv_at_once, server, 0);
    CHECK(!ended(30));
    CHECK(close(server) == 0);
    CHECK(ended(pdMS_TO_TICKS(30000)) && call.result == -1 && call.error == ENOTCONN);
    CHECK(close(client) == 0);
}

void app_main(void)
{
    join();
    listener = open_listener();
    CHECK(closed_during(do_recv, at_server) == ENOTCONN);
    CHECK(closed_during(do_send, at_server) == ENOTCONN);
    CHECK(closed_during(do_accept, open_listener) == ENOTCONN);
    CHECK(closed_during(do_select, at_server) == EBADF);
    CHECK(closed_during(do_select, open_listener) == EBADF);
    check_reuse();
    check_delete(do_recv);
    check_delete(do_select);
    check_delete(do_send);
    check_slow();
    CHECK(close(listener) == 0);
    printf("done\n");
}
