/* Addresses of sockets, and the numbers of sockets. */
#include "peer.h"

static int reusing(int on)
{
    int s = socket(AF_INET, SOCK_STREAM, 0);
    set_option(s, SOL_SOCKET, SO_REUSEADDR, on);
    return s;
}

static void check_twice(void)
{
    int s = socket(AF_INET, SOCK_STREAM, 0);
    ROW("twice", bind_to(s, 0) == 0);
    ROW("twice", bind_to(s, 0) == 0);
    ROW("twice", result(listen(s, 1)) == 0);
    ROW("twice", result(listen(s, 2)) == 0);
    ROW("twice", bind_to(s, 0) == -EINVAL);
    ROW("twice", port_of(s, getsockname) > 0);
    close(s);
    s = socket(AF_INET, SOCK_STREAM, 0);
    ROW("listen-unbound", result(listen(s, 1)) == 0);
    ROW("listen-unbound", port_of(s, getsockname) == 0);
    close(s);
}

/* A port that is bound, or at which somebody listens. */
static void check_in_use(bool listens)
{
    for (int reuse = 0; reuse < 4; reuse++) {
        int first = reusing(reuse & 1), second = reusing(reuse >> 1);
        bind_to(first, 0);
        int port = port_of(first, getsockname);
        if (listens) {
            listen(first, 1);
        }
        if (reuse < 3) {
            ROW("in-use", bind_to(second, port) == -EADDRINUSE);
        } else {
            ROW("in-use-both", bind_to(second, port) == 0);
            ROW("in-use-both", result(listen(first, 1)) == 0);
            ROW("in-use-both", result(listen(second, 1)) == -EADDRINUSE);
            close(first);
            ROW("in-use-both", result(listen(second, 1)) == 0);
            first = -1;
        }
        close(first);
        close(second);
    }
}

/* A connection of a port whose listener is closed. */
static void check_connection(void)
{
    for (int reuse = 0; reuse < 4; reuse++) {
        int listener = reusing(reuse & 1), second = reusing(reuse >> 1);
        bind_to(listener, 0);
        listen(listener, 1);
        int port = port_of(listener, getsockname);
        int control = call_me(listener, "send 1");
        int s = accept(listener, NULL, NULL);
        close(listener);
        ROW("established", bind_to(second, port) == (reuse == 3 ? 0 : -EADDRINUSE));
        close(second);
        close(control);
        close(s);
    }
}

/* A port at which a connection is in TIME_WAIT, which this end closed first. */
static void check_time_wait(void)
{
    int listener = listen_at(0, 1), port = port_of(listener, getsockname);
    int control = call_me(listener, "done, watch time-wait, fin");
    int s = accept(listener, NULL, NULL);
    close(listener);
    shutdown(s, SHUT_WR);
    ask("seen time-wait");
    ROW("time-wait", receive(s, 10, 0) == 0);
    close(s);
    close(control);
    s = socket(AF_INET, SOCK_STREAM, 0);
    ROW("time-wait", bind_to(s, port) == -EADDRINUSE);
    close(s);
    s = reusing(1);
    ROW("time-wait", bind_to(s, port) == 0);
    ROW("time-wait", result(listen(s, 1)) == 0);
    close(s);
}

static int receive_some(int s)
{
    return receive(s, 10, 0);
}

static void check_numbers(void)
{
    int all[CONFIG_LWIP_MAX_SOCKETS];
    for (int i = 0; i < CONFIG_LWIP_MAX_SOCKETS; i++) {
        all[i] = socket(i % 2 == 0 ? AF_INET : 77, SOCK_STREAM, 0);
        ROW("numbers", all[i] == 64 - CONFIG_LWIP_MAX_SOCKETS + i);
        ROW("domain", all[i] >= 0);
    }
    ROW("too-many", result(socket(AF_INET, SOCK_STREAM, 0)) == -ENFILE);
    close(all[3]);
    close(all[1]);
    ROW("numbers", socket(AF_INET, SOCK_STREAM, 0) == all[1]);
    ROW("numbers", socket(AF_INET, SOCK_STREAM, 0) == all[3]);
    for (int i = 0; i < CONFIG_LWIP_MAX_SOCKETS; i++) {
        close(all[i]);
    }
    int s = dial("wait");
    begin(receive_some, s);
    close(s);
    ROW("number-in-use", ended(LONG) && other.result == -ENOTCONN);
}

void app_main(void)
{
    join();
    check_twice();
    check_in_use(false);
    check_in_use(true);
    check_connection();
    check_time_wait();
    check_numbers();
    printf("done\n");
}
