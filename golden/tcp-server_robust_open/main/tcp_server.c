#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>
#include "esp_log.h"
#include "esp_timer.h"
#include "lwip/opt.h"
#include "lwip/sockets.h"
#include "sdkconfig.h"
#include "app_handler.h"
#include "backoff.h"
#include "net_error.h"
#include "net_task.h"
#include "tcp_connection.h"
#include "tcp_server.h"

static const char *TAG = "tcp_server";

#if CONFIG_TCP_SERVER_WHEN_FULL_CLOSE_IDLE
// 先接受下一个客户端，再为它关闭另一个连接。
#define SPARE_SOCKETS 1
#else
#define SPARE_SOCKETS 0
#endif
_Static_assert(CONFIG_TCP_SERVER_MAX_CLIENTS + 1 + SPARE_SOCKETS <= CONFIG_LWIP_MAX_SOCKETS,
               "LWIP_MAX_SOCKETS has no room for all clients and the listener");

_Static_assert(CONFIG_TCP_SERVER_BACKLOG <= DEFAULT_ACCEPTMBOX_SIZE,
               "the backlog is larger than LWIP_TCP_ACCEPTMBOX_SIZE (6 before ESP-IDF 5.3): lwIP would reset clients");

static tcp_connection_t connections[CONFIG_TCP_SERVER_MAX_CLIENTS];

// 失败后的等待间隔：监听套接字出错，或 accept() 因内存或套接字不足而失败时使用。
static backoff_t backoff = { .first_ms = 100, .longest_ms = 5000 };

#if CONFIG_TCP_SERVER_WHEN_FULL_CLOSE_IDLE
// 在此时间内有过数据往来的客户端不算空闲，无论有多少其他客户端在等待。
#define SHORTEST_IDLE_US INT64_C(1000000)
#endif

// 从何时起再次接受客户端，以 esp_timer_get_time() 计。
static int64_t accept_from_us;

#if CONFIG_NET_FAMILY_IPV4
#define FAMILY AF_INET
#else
#define FAMILY AF_INET6
#endif

// 让套接字在设备的所有地址上监听该端口。
static bool start_listening(int fd)
{
#if CONFIG_NET_FAMILY_IPV4
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(CONFIG_TCP_SERVER_PORT),
        .sin_addr.s_addr = htonl(INADDR_ANY),
    };
#else
    const struct sockaddr_in6 address = {
        .sin6_family = AF_INET6,
        .sin6_port = htons(CONFIG_TCP_SERVER_PORT),
        .sin6_addr = IN6ADDR_ANY_INIT,
    };
#endif
#if CONFIG_NET_FAMILY_IPV6
    // 不设置此选项，套接字也会接受 IPv4 客户端。
    const int only_ipv6 = 1;
    if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6, sizeof(only_ipv6)) != 0) {
        net_error_log(TAG, "setsockopt IPV6_V6ONLY");
        return false;
    }
#endif
    // 刚刚结束的连接不会继续占用端口。
    const int reuse = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse)) != 0) {
        net_error_log(TAG, "setsockopt SO_REUSEADDR");
        return false;
    }
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        net_error_log(TAG, "bind");
        return false;
    }
    if (listen(fd, CONFIG_TCP_SERVER_BACKLOG) != 0) {
        net_error_log(TAG, "listen");
        return false;
    }
    // 客户端可能在 select() 之后、accept() 之前断开，这时 accept() 不得等待下一个客户端。
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        net_error_log(TAG, "fcntl");
        return false;
    }
    return true;
}

// 返回监听套接字，失败时返回 -1。
static int open_listener(void)
{
    int fd = socket(FAMILY, SOCK_STREAM, 0);
    if (fd < 0) {
        net_error_log(TAG, "socket");
        return -1;
    }
    if (!start_listening(fd)) {
        close(fd);
        return -1;
    }
    ESP_LOGI(TAG, "Listening on port %d", CONFIG_TCP_SERVER_PORT);
    return fd;
}

// 返回留给下一个客户端的位置；没有则返回 NULL。
static tcp_connection_t *next_place(void)
{
    for (int i = 0; i < CONFIG_TCP_SERVER_MAX_CLIENTS; i++) {
        if (connections[i].fd < 0) {
            return &connections[i];
        }
    }
#if CONFIG_TCP_SERVER_WHEN_FULL_CLOSE_IDLE
    tcp_connection_t *idlest = &connections[0];
    for (int i = 1; i < CONFIG_TCP_SERVER_MAX_CLIENTS; i++) {
        if (connections[i].active_us < idlest->active_us) {
            idlest = &connections[i];
        }
    }
    if (esp_timer_get_time() - idlest->active_us >= SHORTEST_IDLE_US) {
        return idlest;
    }
#endif
    return NULL;
}

// 接受下一个客户端并放入指定位置。监听套接字已不可用时返回 false。
static bool accept_client(int listener, tcp_connection_t *place)
{
    struct sockaddr_storage peer;
    socklen_t length = sizeof(peer);
    int fd = accept(listener, (struct sockaddr *)&peer, &length);
    int error = errno;
    if (fd < 0) {
        switch (error) {
        case EAGAIN:
        case ENOTCONN:
        case ECONNRESET:
            ESP_LOGD(TAG, "A client has gone before it was accepted: %s (%d)", net_error_text(error), error);
            return true;
        // 没有内存建立连接时，lwIP 给出 ECONNABORTED。
        case ECONNABORTED:
        case ENFILE:
        case ENOMEM:
        case ENOBUFS:
            // 保留监听套接字，暂停接受连接，稍后可能又有内存可用。
            ESP_LOGW(TAG, "No memory or no socket for another client: accept failed with errno %d", error);
            accept_from_us = esp_timer_get_time() + backoff_next_ms(&backoff) * INT64_C(1000);
            return true;
        default:
            ESP_LOGE(TAG, "accept failed: %s (%d)", net_error_text(error), error);
            return false;
        }
    }
    backoff_reset(&backoff);
    if (place->fd >= 0) {
        tcp_connection_close(place, "idle, and there is another client");
    }
    if (tcp_connection_open(place, fd, &peer)) {
        app_connected(place);
    }
    return true;
}

static void serve_connection(tcp_connection_t *connection, bool readable, bool writable)
{
    tcp_connection_serve(connection, readable, writable);
#if CONFIG_TCP_SERVER_IDLE_TIMEOUT_S
    int64_t idle_us = esp_timer_get_time() - connection->active_us;
    if (connection->fd >= 0 && idle_us > CONFIG_TCP_SERVER_IDLE_TIMEOUT_S * INT64_C(1000000)) {
        tcp_connection_close(connection, "idle for too long");
    }
#endif
#if CONFIG_TCP_SERVER_SESSION_TIMEOUT_S
    int64_t open_us = esp_timer_get_time() - connection->opened_us;
    if (connection->fd >= 0 && open_us > CONFIG_TCP_SERVER_SESSION_TIMEOUT_S * INT64_C(1000000)) {
        tcp_connection_close(connection, "open for too long");
    }
#endif
}

// 等待事件发生，并进行处理。监听套接字不能再用时返回 false。
static bool serve_once(int listener)
{
    fd_set reads, writes;
    FD_ZERO(&reads);
    FD_ZERO(&writes);
    int highest = -1;
    for (int i = 0; i < CONFIG_TCP_SERVER_MAX_CLIENTS; i++) {
        tcp_connection_watch(&connections[i], &reads, &writes, &highest);
    }
    // 没有空闲名额时不接受连接：后来的客户端在等待队列中排队。
    const bool accepts = esp_timer_get_time() >= accept_from_us && next_place() != NULL;
    if (accepts) {
        FD_SET(listener, &reads);
        highest = listener > highest ? listener : highest;
    }

    struct timeval tick = { .tv_usec = NET_TASK_TICK_MS * 1000 };
    int ready = select(highest + 1, &reads, &writes, NULL, &tick);
    if (ready < 0) {
        if (net_error_log(TAG, "select") != ENOMEM) {
            return false;
        }
        net_task_wait_ms(backoff_next_ms(&backoff));
        return true;
    }
    for (int i = 0; i < CONFIG_TCP_SERVER_MAX_CLIENTS; i++) {
        const int fd = connections[i].fd;
        if (fd >= 0) {
            serve_connection(&connections[i], FD_ISSET(fd, &reads), FD_ISSET(fd, &writes));
        }
    }
    if (!accepts || !FD_ISSET(listener, &reads)) {
        return true;
    }
    // 此后已为各客户端服务过，空闲的客户端可能已经不同，也可能没有。
    tcp_connection_t *place = next_place();
    return place == NULL || accept_client(listener, place);
}

void tcp_server_session(void)
{
    for (int i = 0; i < CONFIG_TCP_SERVER_MAX_CLIENTS; i++) {
        connections[i].number = i;
        connections[i].fd = -1;
    }
    int listener = open_listener();
    bool works = listener >= 0;
    while (works && !net_task_link_lost()) {
        works = serve_once(listener);
    }
    for (int i = 0; i < CONFIG_TCP_SERVER_MAX_CLIENTS; i++) {
        if (connections[i].fd >= 0) {
            tcp_connection_close(&connections[i], works ? "the link is lost" : "the server starts again");
        }
    }
    if (listener >= 0) {
        close(listener);
    }
    if (!works) {
        net_task_wait_ms(backoff_next_ms(&backoff));
    }
}
