/* IPv6 sockets as the SDK has them. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "join.h"

static struct sockaddr_in6 ipv6(const char *ip, uint16_t port)
{
    struct sockaddr_in6 a = { .sin6_len = sizeof(a), .sin6_family = AF_INET6, .sin6_port = htons(port) };
    inet_pton(AF_INET6, ip, &a.sin6_addr);
    return a;
}

static struct sockaddr_in ipv4(const char *ip, uint16_t port)
{
    struct sockaddr_in a = { .sin_len = sizeof(a), .sin_family = AF_INET, .sin_port = htons(port) };
    inet_pton(AF_INET, ip, &a.sin_addr);
    return a;
}

static int listener(const char *ip, int only, uint16_t *port)
{
    struct sockaddr_in6 a = ipv6(ip, 0);
    socklen_t length = sizeof(a);
    int s = socket(AF_INET6, SOCK_STREAM, 0), one = 1;
    CHECK(s >= LWIP_SOCKET_OFFSET);
    CHECK(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0);
    CHECK(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)) == 0);
    CHECK(bind(s, (struct sockaddr *)&a, sizeof(a)) == 0);
    CHECK(listen(s, 4) == 0);
    CHECK(getsockname(s, (struct sockaddr *)&a, &length) == 0 && length == sizeof(a) && a.sin6_family == AF_INET6);
    *port = ntohs(a.sin6_port);
    CHECK(*port != 0);
    return s;
}

static bool readable(int s, int ms)
{
    fd_set set;
    struct timeval wait = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
    FD_ZERO(&set);
    FD_SET(s, &set);
    return select(s + 1, &set, NULL, NULL, &wait) == 1 && FD_ISSET(s, &set);
}

/* Accepts a connection, exchanges a few bytes with its other end and returns how the listener calls the peer. */
static struct sockaddr_storage meet(int server, int client)
{
    struct sockaddr_storage peer = { 0 }, again = { 0 };
    socklen_t length = sizeof(peer), length_again = sizeof(again);
    char buffer[8] = "";
    CHECK(readable(server, 60000));
    int s = accept(server, (struct sockaddr *)&peer, &length);
    CHECK(s >= LWIP_SOCKET_OFFSET);
    CHECK(length == peer.s2_len && length == (peer.ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)));
    CHECK(send(client, "hello", 5, MSG_NOSIGNAL | MSG_MORE) == 5);
    CHECK(recv(s, buffer, 5, 0) > 0 && buffer[0] == 'h');
    /* The accepted socket is IPv6's, whatever the peer is. */
    CHECK(getpeername(s, (struct sockaddr *)&again, &length_again) == 0 && again.ss_family == AF_INET6);
    if (peer.ss_family == AF_INET) {
        char text[INET6_ADDRSTRLEN];
        inet6_ntoa_r(((struct sockaddr_in6 *)&again)->sin6_addr, text, sizeof(text));
        CHECK(strcmp(text, "::FFFF:127.0.0.1") == 0);
    }
    CHECK(close(s) == 0);
    CHECK(close(client) == 0);
    return peer;
}

static void check_dual(void)
{
    uint16_t port;
    int value = 1, server = listener("::", 0, &port);
    socklen_t length = sizeof(value);
    CHECK(getsockopt(server, IPPROTO_IPV6, IPV6_V6ONLY, &value, &length) == 0 && value == 0);

    struct sockaddr_in6 six = ipv6("2001:db8::1", port), name;
    int client = socket(AF_INET6, SOCK_STREAM, 0);
    CHECK(connect(client, (struct sockaddr *)&six, sizeof(six)) == 0);
    length = sizeof(name);
    CHECK(getpeername(client, (struct sockaddr *)&name, &length) == 0 && memcmp(&name.sin6_addr, &six.sin6_addr, 16) == 0);
    CHECK(meet(server, client).ss_family == AF_INET6);

    struct sockaddr_in four = ipv4("192.168.1.2", port);
    client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(connect(client, (struct sockaddr *)&four, sizeof(four)) == 0);
    CHECK(meet(server, client).ss_family == AF_INET);

    six = ipv6("::ffff:192.168.1.2", port); /* IPv4 from an IPv6 socket */
    client = socket(AF_INET6, SOCK_STREAM, 0);
    CHECK(connect(client, (struct sockaddr *)&six, sizeof(six)) == 0);
    CHECK(meet(server, client).ss_family == AF_INET);
    CHECK(!readable(server, 0));
    CHECK(close(server) == 0);
}

static void check_only(void)
{
    uint16_t port;
    int server = listener("::", 1, &port);
    struct sockaddr_in four = ipv4("192.168.1.2", port);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(connect(client, (struct sockaddr *)&four, sizeof(four)) == -1 && errno == ECONNRESET);
    CHECK(close(client) == 0);
    struct sockaddr_in6 six = ipv6("fe80::1", port);
    client = socket(AF_INET6, SOCK_STREAM, 0);
    CHECK(connect(client, (struct sockaddr *)&six, sizeof(six)) == 0);
    CHECK(meet(server, client).ss_family == AF_INET6);
    CHECK(close(server) == 0);
}

static void check_mistakes(void)
{
    struct sockaddr_in four = ipv4("192.168.1.2", 1);
    struct sockaddr_in6 six = ipv6("::1", 1);
    int s = socket(AF_INET6, SOCK_STREAM, 0);
    CHECK(bind(s, (struct sockaddr *)&four, sizeof(four)) == -1 && errno == EINVAL);
    CHECK(connect(s, (struct sockaddr *)&four, sizeof(four)) == -1 && errno == EINVAL);
    CHECK(bind(s, (struct sockaddr *)&six, 8) == -1 && errno == EIO);
    CHECK(getpeername(s, (struct sockaddr *)&six, &(socklen_t){ sizeof(six) }) == -1 && errno == ENOTCONN);
    CHECK(close(s) == 0);
}

static void check_text(void)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr any = IN6ADDR_ANY_INIT, loopback = IN6ADDR_LOOPBACK_INIT, a;
    struct in_addr four;
    CHECK(memcmp(&any, &in6addr_any, sizeof(any)) == 0);
    CHECK(strcmp(inet_ntop(AF_INET6, &loopback, text, sizeof(text)), "::1") == 0);
    CHECK(inet_pton(AF_INET6, "fe80::AbCd", &a) == 1 && a.s6_addr[0] == 0xfe && a.s6_addr[15] == 0xcd);
    CHECK(strcmp(inet_ntop(AF_INET6, &a, text, sizeof(text)), "FE80::ABCD") == 0);
    CHECK(inet_pton(AF_INET6, "fe80:::1", &a) == 0);
    CHECK(inet_pton(AF_INET6, "10.0.0.1", &a) == 0);
    CHECK(inet_pton(AF_INET, "::1", &four) == 0);
    CHECK(inet_pton(AF_INET, " 10.0.0.1", &four) == 0);
    CHECK(inet_pton(99, "::1", &a) == -1 && errno == EAFNOSUPPORT);
    CHECK(inet_ntop(AF_INET6, &a, text, 4) == NULL && errno == ENOSPC);
}

void app_main(void)
{
    join();
    check_text();
    check_mistakes();
    check_dual();
    check_only();
    printf("done\n");
}
