/* Connections in the making, which take 300 ms, and those that are refused. */
#include "peer.h"

static int nothing_there(struct sockaddr_in *a)
{
    int s = listen_at(0, 1);
    *a = peer_address();
    a->sin_port = htons((uint16_t)port_of(s, getsockname));
    return close(s);
}

static int connect_to(int s, const struct sockaddr_in *a)
{
    return result(connect(s, (const struct sockaddr *)a, sizeof(*a)));
}

static int receive_some(int s)
{
    return receive(s, 10, 0);
}

static void check_refused(const struct sockaddr_in *a)
{
    int s = socket(AF_INET, SOCK_STREAM, 0);
    ROW("refused", connect_to(s, a) == -ECONNRESET);
    ROW("refused-then", option(s, SOL_SOCKET, SO_ERROR) == ECONNRESET);
    ROW("refused-then", option(s, SOL_SOCKET, SO_ERROR) == 0);
    ROW("refused-then", connect_to(s, a) == -ENOTCONN);
    ROW("refused-then", give(s, 10, 0) == -ENOTCONN);
    ROW("refused-then", receive(s, 10, 0) == -ECONNRESET);
    close(s);

    s = socket(AF_INET, SOCK_STREAM, 0);
    fcntl(s, F_SETFL, O_NONBLOCK);
    ROW("nb-refused", connect_to(s, a) == -EINPROGRESS);
    ROW("connecting", ready(s, READS | WRITES | EXCEPTS, 0) == 0);
    await(s, EXCEPTS);
    ROW("nb-refused", ready(s, READS | WRITES | EXCEPTS, 0) == (READS | WRITES | EXCEPTS));
    ROW("nb-refused", option(s, SOL_SOCKET, SO_ERROR) == ECONNRESET);
    ROW("nb-refused", option(s, SOL_SOCKET, SO_ERROR) == 0);
    close(s);
}

static void check_connecting(void)
{
    struct sockaddr_in a = peer_address();
    int s = socket(AF_INET, SOCK_STREAM, 0);
    fcntl(s, F_SETFL, O_NONBLOCK);
    ROW("nb-connect", connect_to(s, &a) == -EINPROGRESS);
    ROW("nb-connect", connect_to(s, &a) == -EALREADY);
    ROW("connecting", give(s, 10, 0) == -EINPROGRESS);
    ROW("connecting", receive(s, 10, 0) == -EAGAIN);
    ROW("connecting", option(s, SOL_SOCKET, SO_ERROR) == 0);
    await(s, WRITES);
    ROW("nb-connect", connect_to(s, &a) == -EISCONN);
    ROW("nb-connect", give(s, 5, 0) == 5);
    close(s);

    s = socket(AF_INET, SOCK_STREAM, 0);
    fcntl(s, F_SETFL, O_NONBLOCK);
    connect_to(s, &a);
    fcntl(s, F_SETFL, 0);
    begin(receive_some, s);
    ROW("close-connecting", result(close(s)) == 0);
    ROW("close-connecting", ended(LONG) && other.result == -ENOTCONN);
}

static void check_no_address(void)
{
    struct sockaddr_in a = peer_address();
    int s = socket(AF_INET, SOCK_STREAM, 0);
    ROW("no-address", connect_to(s, &a) == -EHOSTUNREACH);
    close(s);
}

void app_main(void)
{
    struct sockaddr_in a;
    check_no_address();
    join();
    nothing_there(&a);
    check_refused(&a);
    check_connecting();
    printf("done\n");
}
