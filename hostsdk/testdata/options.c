/* Options of sockets, and connections that are made in the background. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "join.h"

static int get(int s, int level, int name)
{
    int value = -1;
    socklen_t length = sizeof(value);
    CHECK(getsockopt(s, level, name, &value, &length) == 0 && length == sizeof(value));
    return value;
}

static void check_options(void)
{
    struct timeval t = { .tv_sec = 1, .tv_usec = 2999 };
    struct linger linger = { .l_onoff = 1, .l_linger = 5 };
    socklen_t length = sizeof(t);
    int s = socket(AF_INET, SOCK_STREAM, 0), one = 1, error;
    CHECK(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)) == 0);
    t = (struct timeval){ 0 };
    CHECK(getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, &length) == 0 && t.tv_sec == 1 && t.tv_usec == 2000);
    CHECK(getsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &t, &length) == 0 && t.tv_sec == 0 && t.tv_usec == 0);
    CHECK(setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &one, sizeof(one)) == -1 && errno == EINVAL);
    t = (struct timeval){ .tv_sec = -1 };
    CHECK(setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t)) == -1 && errno == EINVAL);
    error = setsockopt(s, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) == 0 ? 0 : errno;
#ifdef CONFIG_LWIP_SO_LINGER
    length = sizeof(linger);
    CHECK(error == 0);
    CHECK(getsockopt(s, SOL_SOCKET, SO_LINGER, &linger, &length) == 0 && linger.l_onoff != 0 && linger.l_linger == 5);
#else
    CHECK(error == ENOPROTOOPT);
#endif
    CHECK(setsockopt(s, SOL_SOCKET, SO_RCVBUF, &one, sizeof(one)) == -1 && errno == ENOPROTOOPT);
    CHECK(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == 0 && get(s, IPPROTO_TCP, TCP_NODELAY) == 1);
    one = 4500;
    CHECK(setsockopt(s, IPPROTO_TCP, TCP_KEEPALIVE, &one, sizeof(one)) == 0 && get(s, IPPROTO_TCP, TCP_KEEPALIVE) == 4500);
    CHECK(get(s, IPPROTO_TCP, TCP_KEEPIDLE) == 4);
    one = 3;
    CHECK(setsockopt(s, IPPROTO_TCP, TCP_KEEPIDLE, &one, sizeof(one)) == 0 && get(s, IPPROTO_TCP, TCP_KEEPALIVE) == 3000);
    CHECK(listen(s, 1) == 0);
    CHECK(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == -1 && errno == EINVAL); /* not of a listener */
    CHECK(close(s) == 0);
}

/* Waits until a socket is writable; true if it is. */
static bool writable(int s)
{
    fd_set set;
    struct timeval patience = { .tv_sec = 60 };
    FD_ZERO(&set);
    FD_SET(s, &set);
    return select(s + 1, NULL, &set, NULL, &patience) == 1 && FD_ISSET(s, &set);
}

static int background(const struct sockaddr_in *to)
{
    int s = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(fcntl(s, F_SETFL, fcntl(s, F_GETFL, 0) | O_NONBLOCK) == 0);
    CHECK(connect(s, (const struct sockaddr *)to, sizeof(*to)) == -1 && errno == EINPROGRESS);
    return s;
}

static void check_connect(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t length = sizeof(a);
    int server = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(server, (struct sockaddr *)&a, sizeof(a)) == 0);
    CHECK(getsockname(server, (struct sockaddr *)&a, &length) == 0);
    inet_pton(AF_INET, "192.168.1.2", &a.sin_addr);

    int s = background(&a); /* nobody listens there */
    CHECK(writable(s));
    CHECK(get(s, SOL_SOCKET, SO_ERROR) == ECONNRESET);
    CHECK(connect(s, (struct sockaddr *)&a, sizeof(a)) == -1 && errno == ENOTCONN); /* a new socket is needed */
    CHECK(close(s) == 0);
    s = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(connect(s, (struct sockaddr *)&a, sizeof(a)) == -1 && errno == ECONNRESET);
    CHECK(connect(s, (struct sockaddr *)&a, sizeof(a)) == -1 && errno == ENOTCONN);
    CHECK(close(s) == 0);

#ifdef CONFIG_LWIP_SO_LINGER /* what the listener has, the connection has not */
    struct linger linger = { .l_onoff = 1, .l_linger = 5 };
    CHECK(setsockopt(server, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) == 0);
#endif
    CHECK(listen(server, 1) == 0);
    s = background(&a);
    CHECK(writable(s));
    CHECK(get(s, SOL_SOCKET, SO_ERROR) == 0);
    CHECK(connect(s, (struct sockaddr *)&a, sizeof(a)) == -1 && errno == EISCONN);
#ifdef CONFIG_LWIP_SO_LINGER
    int accepted = accept(server, NULL, NULL);
    length = sizeof(linger);
    CHECK(getsockopt(accepted, SOL_SOCKET, SO_LINGER, &linger, &length) == 0 && linger.l_onoff == 0);
    CHECK(close(accepted) == 0);
#endif
    esp_wifi_disconnect();
    int error;
    while ((error = get(s, SOL_SOCKET, SO_ERROR)) == 0) { /* until the event has been handled */
        vTaskDelay(1);
    }
    CHECK(error == ECONNABORTED);
    CHECK(send(s, "x", 1, 0) == -1 && errno == ENOTCONN); /* SO_ERROR took the error */
    CHECK(send(s, "", 0, 0) == 0); /* looks at nothing */
    CHECK(close(s) == 0 && close(server) == 0);
}

void app_main(void)
{
    join();
    check_options();
    check_connect();
    printf("done\n");
}
