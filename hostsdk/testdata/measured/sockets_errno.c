/* Errors of connections that end, and of calls in the wrong state. */
#include "peer.h"

static void check_reset(void)
{
    int s = reset_connection();
    ROW("reset-recv", receive(s, 10, 0) == -ECONNRESET);
    ROW("reset-recv", receive(s, 10, 0) == -ECONNRESET);
    ROW("reset-recv", receive(s, 10, 0) == -ENOTCONN);
    close(s);

    s = reset_connection();
    ROW("reset-send", give(s, 10, 0) == -ECONNRESET);
    ROW("reset-send", give(s, 10, 0) == -ENOTCONN);
    ROW("reset-send", give(s, 10, 0) == -ENOTCONN);
    ROW("reset-send", receive(s, 10, 0) == -ECONNRESET);
    ROW("reset-send", receive(s, 10, 0) == -ENOTCONN);
    close(s);

    s = reset_connection();
    ROW("reset-names", port_of(s, getpeername) == -ENOTCONN);
    ROW("reset-names", port_of(s, getsockname) == -ENOTCONN);
    ROW("reset-options", set_option(s, SOL_SOCKET, SO_KEEPALIVE, 1) == -EINVAL);
    ROW("reset-options", set_option(s, IPPROTO_TCP, TCP_NODELAY, 1) == -EINVAL);
    ROW("reset-options", option(s, IPPROTO_TCP, TCP_KEEPIDLE) == -EINVAL);
    ROW("reset-options", set_time(s, SO_RCVTIMEO, 100) == 0);
    close(s);
}

static int receive_all(int s)
{
    return receive(s, 100, 0);
}

static void check_reset_while_waiting(void)
{
    int s = dial("wait, reset");
    begin(receive_all, s);
    give(s, 1, 0);
    ROW("reset-waiting-recv", ended(LONG) && other.result == -ECONNRESET);
    ROW("reset-waiting-recv", receive(s, 10, 0) == -ECONNRESET);
    close(s);
}

static void check_data_then_reset(void)
{
    int s = dial("send 30, reset");
    await(s, EXCEPTS);
    ROW("data-reset", receive(s, 30, 0) == 30);
    ROW("data-reset", receive(s, 30, 0) == -ECONNRESET);
    close(s);
    s = dial("send 30, reset");
    await(s, EXCEPTS);
    fcntl(s, F_SETFL, O_NONBLOCK);
    ROW("data-reset", receive(s, 10, 0) == 10);
    ROW("data-reset", receive(s, 100, 0) == 20);
    ROW("data-reset", receive(s, 100, 0) == -ECONNRESET);
    close(s);
}

static void check_fin(void)
{
    int s = dial("fin");
    ROW("fin", receive(s, 10, 0) == 0);
    ROW("fin", receive(s, 10, 0) == -ENOTCONN);
    ROW("fin", receive(s, 10, MSG_DONTWAIT) == -ENOTCONN);
    ROW("fin", port_of(s, getpeername) == 7000);
    close(s);
    s = dial("fin");
    await(s, READS);
    fcntl(s, F_SETFL, O_NONBLOCK);
    ROW("fin", receive(s, 10, MSG_PEEK) == 0);
    char byte;
    ROW("fin", result((int)read(s, &byte, 1)) == -ENOTCONN);
    close(s);

    s = dial("fin, wait, reset");
    ROW("fin-send-reset", receive(s, 10, 0) == 0);
    ROW("fin-send-reset", give(s, 10, 0) == 10);
    await(s, EXCEPTS);
    ROW("fin-send-reset", give(s, 10, 0) == -ECONNRESET);
    ROW("fin-send-reset", give(s, 10, 0) == -ENOTCONN);
    close(s);

    s = dial("fin, wait, reset");
    await(s, READS);
    give(s, 1, 0);
    await(s, EXCEPTS);
    ROW("fin-unread-reset", receive(s, 10, 0) == -ECONNRESET);
    ROW("fin-unread-reset", receive(s, 10, 0) == -ECONNRESET);
    ROW("fin-unread-reset", receive(s, 10, 0) == -ENOTCONN);
    close(s);
}

/* The client of the guide: it takes the end of the stream for data. */
static void check_guide_loop(void)
{
    int zeros = 0, sent = 0, n;
    int s = dial("send 20, fin");
    while ((n = receive(s, 128, 0)) >= 0) {
        zeros += n == 0;
        sent += give(s, n, 0);
    }
    ROW("fin-loop", n == -ENOTCONN && zeros == 1 && sent == 20);
    close(s);
}

static void check_receive_timeout(void)
{
    int s = dial("fin, wait"), t = dial("wait");
    TickType_t start = xTaskGetTickCount();
    set_time(t, SO_RCVTIMEO, 109);
    ROW("rcvtimeo", receive(t, 10, 0) == -EAGAIN);
    ROW("rcvtimeo", xTaskGetTickCount() - start >= 9);
    set_time(t, SO_RCVTIMEO, 9);
    int attempts = 0;
    for (start = xTaskGetTickCount(); attempts < 1000 && receive(t, 10, 0) == -EAGAIN; attempts++) {
    }
    ROW("rcvtimeo", attempts == 1000 && xTaskGetTickCount() - start < 500); /* or else 900 */
    give(s, 1, 0);
    give(t, 1, 0);
    close(s);
    fcntl(t, F_SETFL, O_NONBLOCK);
    ROW("nonblocking", receive(t, 10, 0) == -EAGAIN);
    close(t);
    t = listen_at(0, 1);
    fcntl(t, F_SETFL, O_NONBLOCK);
    ROW("nonblocking", result(accept(t, NULL, NULL)) == -EAGAIN);
    close(t);
}

static void check_unconnected(void)
{
    int s = socket(AF_INET, SOCK_STREAM, 0);
    ROW("recv-unconnected", receive(s, 10, MSG_DONTWAIT) == -EAGAIN);
    set_time(s, SO_RCVTIMEO, 50);
    ROW("recv-unconnected", receive(s, 10, 0) == -EAGAIN);
    ROW("unconnected", give(s, 10, 0) == -ENOTCONN);
    ROW("unconnected", port_of(s, getpeername) == -ENOTCONN);
    ROW("unconnected", port_of(s, getsockname) == 0);
    ROW("unconnected", result(accept(s, NULL, NULL)) == -EINVAL);
    ROW("unconnected", result(shutdown(s, SHUT_WR)) == -ENOTCONN);
    ROW("unconnected", result(shutdown(s, SHUT_RDWR)) == 0);
    ROW("unconnected", port_of(s, getsockname) == -ENOTCONN);
    ROW("unconnected", result(shutdown(s, SHUT_RDWR)) == -ENOTCONN);
    close(s);

    struct sockaddr_in a = peer_address();
    s = listen_at(0, 1);
    ROW("listener", result(connect(s, (struct sockaddr *)&a, sizeof(a))) == -EISCONN);
    ROW("listener", give(s, 10, 0) == -EINPROGRESS);
    ROW("listener", receive(s, 10, 0) == -ENOTCONN);
    ROW("listener", result(shutdown(s, SHUT_RDWR)) == -EIO);
    close(s);
    s = dial("wait");
    ROW("connected-again", result(connect(s, (struct sockaddr *)&a, sizeof(a))) == -EISCONN);
    ROW("connected-again", bind_to(s, 0) == -EINVAL);
    ROW("connected-again", result(listen(s, 1)) == -EINVAL);
    give(s, 1, 0);
    close(s);
    for (int i = 0; i < 4; i++) {
        const int numbers[] = { s, -1, 0, 200 };
        ROW("bad-number", receive(numbers[i], 10, 0) == -EBADF);
        ROW("bad-number", result(close(numbers[i])) == -EBADF);
    }
}

void app_main(void)
{
    join();
    check_reset();
    check_reset_while_waiting();
    check_data_then_reset();
    check_fin();
    check_guide_loop();
    check_receive_timeout();
    check_unconnected();
    printf("done\n");
}
