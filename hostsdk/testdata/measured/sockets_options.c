/* Options and flags. */
#include "peer.h"

static void check_options(int s)
{
    ROW("no-option", set_option(s, SOL_SOCKET, SO_SNDBUF, 5000) == -ENOPROTOOPT);
    ROW("no-option", set_option(s, SOL_SOCKET, SO_RCVBUF, 5000) == -ENOPROTOOPT);
    ROW("no-option", set_option(s, SOL_SOCKET, SO_BROADCAST, 1) == -ENOPROTOOPT);
    ROW("no-option", set_option(s, SOL_SOCKET, 0x0200, 1) == -ENOPROTOOPT); /* SO_REUSEPORT */
    ROW("no-option", set_option(s, IPPROTO_TCP, 18, 1000) == -ENOPROTOOPT);
    ROW("no-option", option(s, SOL_SOCKET, SO_SNDBUF) == -ENOPROTOOPT);
    struct linger linger = { .l_onoff = 1 };
    ROW("no-option", result(setsockopt(s, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger))) == -ENOPROTOOPT);

    ROW("flags", option(s, SOL_SOCKET, SO_KEEPALIVE) == 0 && option(s, SOL_SOCKET, SO_REUSEADDR) == 0);
    ROW("flags", set_option(s, SOL_SOCKET, SO_KEEPALIVE, 1) == 0 && option(s, SOL_SOCKET, SO_KEEPALIVE) == 8);
    ROW("flags", set_option(s, SOL_SOCKET, SO_REUSEADDR, 1) == 0 && option(s, SOL_SOCKET, SO_REUSEADDR) == 4);
    ROW("values", option(s, IPPROTO_TCP, TCP_NODELAY) == 0);
    ROW("values", set_option(s, IPPROTO_TCP, TCP_NODELAY, 1) == 0 && option(s, IPPROTO_TCP, TCP_NODELAY) == 1);
    ROW("values", option(s, SOL_SOCKET, SO_TYPE) == SOCK_STREAM);
    ROW("values", option(s, IPPROTO_TCP, TCP_KEEPIDLE) == 7200 && option(s, IPPROTO_TCP, TCP_KEEPINTVL) == 75 &&
                      option(s, IPPROTO_TCP, TCP_KEEPCNT) == 9);
    ROW("out-of-range", set_option(s, IPPROTO_TCP, TCP_KEEPIDLE, 0) == 0 && option(s, IPPROTO_TCP, TCP_KEEPIDLE) == 0);
    ROW("out-of-range", set_option(s, IPPROTO_TCP, TCP_KEEPIDLE, 100000) == 0 && option(s, IPPROTO_TCP, TCP_KEEPIDLE) == 100000);
    ROW("out-of-range", set_option(s, IPPROTO_TCP, TCP_KEEPCNT, 0) == 0 && option(s, IPPROTO_TCP, TCP_KEEPCNT) == 0);
    ROW("out-of-range", set_option(s, IPPROTO_TCP, TCP_KEEPINTVL, -1) == 0);
    ROW("ip", option(s, IPPROTO_IP, IP_TTL) == 64 && set_option(s, IPPROTO_IP, IP_TTL, 7) == 0 && option(s, IPPROTO_IP, IP_TTL) == 7);
    ROW("ip", option(s, IPPROTO_IP, IP_TOS) == 0 && set_option(s, IPPROTO_IP, IP_TOS, 16) == 0 && option(s, IPPROTO_IP, IP_TOS) == 16);
    ROW("ip", option(s, SOL_SOCKET, SO_ACCEPTCONN) == 0);
}

static void check_inheritance(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    set_option(listener, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(listener, SOL_SOCKET, SO_REUSEADDR, 1);
    set_option(listener, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(listener, IPPROTO_TCP, TCP_KEEPIDLE, 5);
    bind_to(listener, 0);
    listen(listener, 1);
    ROW("ip", option(listener, SOL_SOCKET, SO_ACCEPTCONN) == 1);
    ROW("getfl", fcntl(listener, F_GETFL, 0) == O_RDWR);
    int control = call_me(listener, "send 1");
    fcntl(listener, F_SETFL, O_NONBLOCK);
    int s = accept(listener, NULL, NULL);
    ROW("inherits", option(s, SOL_SOCKET, SO_KEEPALIVE) == 8 && option(s, SOL_SOCKET, SO_REUSEADDR) == 4);
    ROW("inherits", option(s, IPPROTO_TCP, TCP_NODELAY) == 0 && option(s, IPPROTO_TCP, TCP_KEEPIDLE) == 7200);
    ROW("inherits", fcntl(s, F_GETFL, 0) == O_RDWR);
    close(control);
    close(s);
    close(listener);
}

static void check_flags(void)
{
    int s = dial("wait"), bytes = -1, on = 1;
    ROW("getfl", fcntl(s, F_GETFL, 0) == O_RDWR);
    ROW("fionread", result(ioctl(s, FIONREAD, &bytes)) == -ENOSYS);
    ROW("getfl", fcntl(s, F_SETFL, O_NONBLOCK) == 0 && fcntl(s, F_GETFL, 0) == (O_NONBLOCK | O_RDWR));
    ROW("setfl", result(fcntl(s, F_SETFL, O_APPEND)) == -ENOSYS);
    ROW("setfl", fcntl(s, F_SETFL, O_RDWR) == 0 && ioctl(s, FIONBIO, &on) == 0 && fcntl(s, F_GETFL, 0) == (O_NONBLOCK | O_RDWR));
    give(s, 1, 0);
    shutdown(s, SHUT_WR);
    fcntl(s, F_SETFL, 0);
    ROW("getfl", fcntl(s, F_GETFL, 0) == 0);
    close(s);
}

void app_main(void)
{
    join();
    int s = socket(AF_INET, SOCK_STREAM, 0);
    check_options(s);
    close(s);
    check_inheritance();
    check_flags();
    printf("done\n");
}
