/* select(), and sockets that another task closes or shuts down. */
#include "peer.h"

enum { ALL = READS | WRITES | EXCEPTS };

static void check_ready(void)
{
    int s = dial("fin");
    await(s, READS);
    ROW("select-ready", ready(s, ALL, 0) == (READS | WRITES));
    receive(s, 10, 0);
    ROW("select-ready", ready(s, ALL, 0) == (READS | WRITES));
    close(s);
    s = dial("wait");
    ROW("select-ready", ready(s, ALL, 0) == WRITES);
    give(s, 1, 0);
    close(s);
    s = listen_at(0, 1);
    ROW("select-ready", ready(s, ALL, 0) == 0);
    int control = call_me(s, "send 1");
    ROW("select-ready", ready(s, ALL, 1000) == READS);
    close(control);
    close(s);

    s = reset_connection();
    ROW("select-reset", ready(s, ALL, 0) == ALL);
    receive(s, 10, 0);
    receive(s, 10, 0);
    receive(s, 10, 0);
    ROW("select-reset", ready(s, ALL, 0) == ALL);
    close(s);

    s = socket(AF_INET, SOCK_STREAM, 0);
    ROW("select-fresh", ready(s, ALL, 0) == 0);
    shutdown(s, SHUT_RDWR);
    ROW("select-shut", ready(s, ALL, 0) == ALL);
    close(s);
    ROW("select-closed", ready(s, ALL, 0) == -EBADF);
}

static void check_numbers(void)
{
    fd_set set;
    struct timeval soon = { .tv_usec = 1000 };
    FD_ZERO(&set);
    ROW("nfds", result(select(-1, &set, NULL, NULL, &soon)) == -EINVAL);
    ROW("nfds", result(select(65, &set, NULL, NULL, &soon)) == -EINVAL);
    ROW("nfds", ready(0, READS, 0) == -EINTR && ready(1, READS, 0) == -EINTR);
}

static void check_time(void)
{
    const struct { int ms; TickType_t ticks; } times[] = { { 1, 2 }, { 10, 2 }, { 11, 3 }, { 20, 3 }, { 100, 11 } };
    int s = dial("wait");
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        TickType_t start = xTaskGetTickCount();
        ROW("select-time", ready(s, READS, times[i].ms) == 0);
        TickType_t took = xTaskGetTickCount() - start;
        ROW("select-time", took >= times[i].ticks - 1, "%d ms took %u ticks", times[i].ms, (unsigned)took);
    }
    give(s, 1, 0);
    close(s);
}

static int receive_some(int s)
{
    return receive(s, 10, 0);
}

static int accept_one(int s)
{
    return result(accept(s, NULL, NULL));
}

static int wait_for_data(int s)
{
    return ready(s, READS, 60000);
}

static void check_shutdown_read(void)
{
    int s = dial("wait, send 10, done, watch shut-read");
    shutdown(s, SHUT_RD);
    ROW("shut-read", ready(s, ALL, 0) == (READS | WRITES));
    ROW("shut-read", receive(s, 10, 0) == -ENOTCONN);
    give(s, 1, 0); /* has it send */
    int n;
    while ((n = give(s, 1, 0)) == 1) {
        vTaskDelay(1);
    }
    ROW("shut-read", n == -ECONNABORTED);
    ROW("shut-read", give(s, 1, 0) == -ENOTCONN);
    ROW("shut-read", strncmp(ask("seen shut-read"), "reset after", 11) == 0);
    close(s);
}

static void check_other_task(void)
{
    for (int how = SHUT_RD; how <= SHUT_RDWR; how += 2) {
        int s = dial("wait");
        begin(receive_some, s);
        shutdown(s, how);
        ROW("shutdown-recv", ended(LONG) && other.result == -ENOTCONN);
        close(s);
    }
    int s = dial("wait, wait, send 3");
    begin(receive_some, s);
    give(s, 2, 0);
    shutdown(s, SHUT_WR);
    ROW("shutdown-write-recv", ended(LONG) && other.result == 3);
    close(s);

    s = listen_at(0, 1);
    begin(accept_one, s);
    ROW("shutdown-accept", result(shutdown(s, SHUT_RDWR)) == -EIO);
    int control = call_me(s, "send 1");
    ROW("shutdown-accept", ended(LONG) && other.result >= 0);
    close(other.result);
    close(control);

    begin(accept_one, s);
    close(s);
    ROW("close-waiting-call", ended(LONG) && other.result == -ENOTCONN);
    s = dial("wait");
    begin(receive_some, s);
    close(s);
    ROW("close-waiting-call", ended(LONG) && other.result == -ENOTCONN);
    s = dial("wait");
    begin(wait_for_data, s);
    close(s);
    ROW("close-select", ended(LONG) && other.result == -EBADF);
}

void app_main(void)
{
    join();
    check_ready();
    check_numbers();
    check_time();
    check_shutdown_read();
    check_other_task();
    printf("done\n");
}
