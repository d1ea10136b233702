#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "esp_log.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "lwip/sockets.h"
#include "app_handler.h"
#include "net_error.h"
#include "net_task.h"
#include "tcp_connection.h"

// 同一个连接最多连续读取的次数，达到后轮到其他连接。
#define MOST_READS 8

// 本端结束发送后，等待对端关闭它那一侧的最长时间。提前关闭会使对端收到复位（RST），可能丢
// 失最后的数据。
#define LINGER_MS 2000

static const char *TAG = "tcp_connection";

// 丢弃缓冲区开头的若干字节，返回剩余的字节数。
static size_t drop(uint8_t *buffer, size_t length, size_t dropped)
{
    memmove(buffer, buffer + dropped, length - dropped);
    return length - dropped;
}

size_t tcp_connection_room(const tcp_connection_t *connection)
{
    if (connection->fd < 0 || connection->finishing) {
        return 0;
    }
    return sizeof(connection->tx) - connection->tx_length;
}

size_t tcp_connection_send(tcp_connection_t *connection, const void *data, size_t length)
{
    size_t room = tcp_connection_room(connection);
    if (length > room) {
        length = room;
    }
    if (length == 0) {
        return 0;
    }
    if (connection->tx_length == 0) {
        connection->progress_us = esp_timer_get_time();
    }
    memcpy(connection->tx + connection->tx_length, data, length);
    connection->tx_length += length;
    return length;
}

void tcp_connection_finish(tcp_connection_t *connection)
{
    connection->finishing = true;
}

void tcp_connection_set_deadline(tcp_connection_t *connection, uint32_t ms)
{
    connection->deadline_us = ms == 0 ? INT64_MAX : esp_timer_get_time() + ms * INT64_C(1000);
}

static bool set_option(int fd, int level, int option, int value)
{
    if (setsockopt(fd, level, option, &value, sizeof(value)) != 0) {
        net_error_log(TAG, "setsockopt");
        return false;
    }
    return true;
}

static bool set_options(int fd)
{
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        net_error_log(TAG, "fcntl");
        return false;
    }
#if CONFIG_TCP_CONNECTION_KEEPALIVE
    if (!set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1) ||
        !set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, CONFIG_TCP_CONNECTION_KEEPALIVE_IDLE) ||
        !set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, CONFIG_TCP_CONNECTION_KEEPALIVE_INTERVAL) ||
        !set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, CONFIG_TCP_CONNECTION_KEEPALIVE_COUNT)) {
        return false;
    }
#endif
#if CONFIG_TCP_CONNECTION_NO_DELAY
    // 较短的应答也立即发送，不等待后续数据。
    if (!set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1)) {
        return false;
    }
#endif
    return true;
}

static void write_peer(char text[TCP_CONNECTION_PEER_SIZE], const struct sockaddr_storage *peer)
{
    char address[48];
#if LWIP_IPV6
    if (peer->ss_family == AF_INET6) {
        const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)peer;
        inet_ntop(AF_INET6, &ipv6->sin6_addr, address, sizeof(address));
        snprintf(text, TCP_CONNECTION_PEER_SIZE, "[%s]:%u", address, ntohs(ipv6->sin6_port));
    }
#endif
#if LWIP_IPV4
    if (peer->ss_family == AF_INET) {
        const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)peer;
        inet_ntop(AF_INET, &ipv4->sin_addr, address, sizeof(address));
        snprintf(text, TCP_CONNECTION_PEER_SIZE, "%s:%u", address, ntohs(ipv4->sin_port));
    }
#endif
}

bool tcp_connection_open(tcp_connection_t *connection, int fd, const struct sockaddr_storage *peer)
{
    if (!set_options(fd)) {
        close(fd);
        return false;
    }
    connection->fd = fd;
    connection->peer_ended = connection->finishing = connection->told_end = false;
    connection->blocked = connection->news = false;
    connection->opened_us = connection->active_us = connection->polled_us = connection->taken_us = esp_timer_get_time();
    connection->deadline_us = INT64_MAX;
    connection->rx_length = connection->tx_length = 0;
    write_peer(connection->peer, peer);
    ESP_LOGI(TAG, "%s: connected", connection->peer);
    return true;
}

void tcp_connection_close(tcp_connection_t *connection, const char *why)
{
    if (connection->tx_length > 0) {
        ESP_LOGW(TAG, "%s: closed: %s; %u bytes were not sent", connection->peer, why, (unsigned)connection->tx_length);
    } else {
        ESP_LOGI(TAG, "%s: closed: %s", connection->peer, why);
    }
    connection->finishing = true;
    app_disconnected(connection);
#if CONFIG_LWIP_SO_LINGER
    if (connection->tx_length > 0) {
        // 复位连接。否则只要对端不接收数据，lwIP 就会一直保留该连接及其缓冲区中的数据。
        const struct linger at_once = { .l_onoff = 1 };
        setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    }
#endif
    close(connection->fd);
    connection->fd = -1;
    ESP_LOGD(TAG, "The task has never used %u bytes of its stack", (unsigned)uxTaskGetStackHighWaterMark(NULL));
}

static bool can_receive(const tcp_connection_t *connection)
{
    return !connection->peer_ended && connection->rx_length < sizeof(connection->rx);
}

void tcp_connection_watch(const tcp_connection_t *connection, fd_set *reads, fd_set *writes, int *highest)
{
    if (connection->fd < 0) {
        return;
    }
    // 对端不接收应答时，缓冲区一旦填满，就不再读取它的数据：只有它自己需要等待，其他连接
    // 不受影响。
    if (can_receive(connection)) {
        FD_SET(connection->fd, reads);
    }
    if (connection->tx_length > 0) {
        FD_SET(connection->fd, writes);
    }
    if (connection->fd > *highest) {
        *highest = connection->fd;
    }
}

// 按缓冲区的剩余空间接收数据。返回是否可能还有数据可以立即接收。
static bool receive(tcp_connection_t *connection)
{
    size_t room = sizeof(connection->rx) - connection->rx_length;
    ssize_t got = recv(connection->fd, connection->rx + connection->rx_length, room, 0);
    int error = errno;
    // 若对端关闭连接时未读取的段已超过 lwIP 能保留的数量，lwIP 会自行结束连接并给出
    // ENOTCONN。此前收到的数据仍交给应用。
    if (got == 0 || (got < 0 && error == ENOTCONN)) {
        connection->peer_ended = true;
        return false;
    }
    if (got < 0) {
        if (error != EAGAIN) {
            tcp_connection_close(connection, net_error_text(error));
        }
        return false;
    }
    connection->active_us = esp_timer_get_time();
    connection->rx_length += (size_t)got;
    connection->news = true;
    return (size_t)got == room;
}

// 把收到的数据交给应用程序。返回应用程序是否取走了数据。
static bool hand_over(tcp_connection_t *connection)
{
    if (connection->finishing) {
        connection->rx_length = 0;
    }
    if (!connection->news || connection->rx_length == 0) {
        return false;
    }
    size_t taken = app_received(connection, connection->rx, connection->rx_length);
    if (taken > connection->rx_length) {
        taken = connection->rx_length;
    }
    connection->rx_length = drop(connection->rx, connection->rx_length, taken);
    connection->news = taken > 0;
    if (taken > 0) {
        connection->taken_us = esp_timer_get_time();
    }
    return taken > 0;
}

// 发送对端此时能接收的数据。返回是否发出了数据。
static bool send_waiting(tcp_connection_t *connection)
{
    if (connection->tx_length == 0 || connection->blocked) {
        return false;
    }
    ssize_t sent = send(connection->fd, connection->tx, connection->tx_length, 0);
    int error = errno;
    if (sent < 0) {
        connection->blocked = true;
        if (error != EAGAIN) {
            tcp_connection_close(connection, net_error_text(error));
        }
        return false;
    }
    connection->active_us = connection->progress_us = esp_timer_get_time();
    connection->tx_length = drop(connection->tx, connection->tx_length, (size_t)sent);
    connection->news = true;
    return sent > 0;
}

// 告知对端不再有数据，并等待对端关闭它那一侧。
static void end(tcp_connection_t *connection)
{
    if (!connection->told_end) {
        shutdown(connection->fd, SHUT_WR);
        connection->told_end = true;
        connection->progress_us = esp_timer_get_time();
    } else if (connection->peer_ended || esp_timer_get_time() - connection->progress_us > LINGER_MS * INT64_C(1000)) {
        tcp_connection_close(connection, "by the application");
    }
}

// 是否必须等应用取走已收到的数据，连接才能继续。
static bool waits_for_application(const tcp_connection_t *connection)
{
    return connection->tx_length == 0 && connection->rx_length > 0 && !can_receive(connection);
}

// 在无事可做或无望继续时关闭连接。
static void check(tcp_connection_t *connection)
{
    const int64_t now = esp_timer_get_time();
    if (!waits_for_application(connection)) {
        connection->taken_us = now;
    }
    if (now > connection->deadline_us) {
        tcp_connection_close(connection, "the deadline has passed");
    } else if (connection->tx_length > 0) {
#if CONFIG_TCP_CONNECTION_SEND_TIMEOUT_MS
        if (now - connection->progress_us > CONFIG_TCP_CONNECTION_SEND_TIMEOUT_MS * INT64_C(1000)) {
            tcp_connection_close(connection, "the peer takes no data");
        }
#endif
    } else if (connection->finishing) {
        end(connection);
    } else if (waits_for_application(connection)) {
        if (now - connection->taken_us > CONFIG_TCP_CONNECTION_HANDLER_TIMEOUT_MS * INT64_C(1000)) {
            tcp_connection_close(connection, "the application takes no data");
        }
    } else if (connection->peer_ended) {
        tcp_connection_close(connection, "by the peer");
    }
}

// 每隔一段时间重试正在等待的事：发送，因为只有空间较大时 select() 才报告可写；以及交给应
// 用，应用现在也许能取走先前没有取走的数据。
static void poll_waiting(tcp_connection_t *connection)
{
    const int64_t now = esp_timer_get_time();
    if (now - connection->polled_us < NET_TASK_TICK_MS * INT64_C(1000)) {
        return;
    }
    connection->polled_us = now;
    connection->blocked = false;
    connection->news = true;
    if (!connection->finishing) {
        app_poll(connection);
    }
}

void tcp_connection_serve(tcp_connection_t *connection, bool readable, bool writable)
{
    if (writable) {
        connection->blocked = false;
    }
    poll_waiting(connection);
    int reads = 0;
    while (connection->fd >= 0) {
        if (hand_over(connection)) {
            continue;
        }
        if (readable && can_receive(connection) && reads < MOST_READS) {
            readable = receive(connection);
            reads++;
            continue;
        }
        // 最后才发送，使应答以尽可能少的数据段发出。
        if (!send_waiting(connection)) {
            break;
        }
    }
    if (connection->fd >= 0) {
        check(connection);
    }
}
