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
// The next client is accepted before the connection of another is closed for it.
#define SPARE_SOCKETS 1
#else
#define SPARE_SOCKETS 0
#endif
_Static_assert(CONFIG_TCP_SERVER_MAX_CLIENTS + 1 + SPARE_SOCKETS <= CONFIG_LWIP_MAX_SOCKETS,
               "LWIP_MAX_SOCKETS has no room for all clients and the listener");

_Static_assert(CONFIG_TCP_SERVER_BACKLOG <= DEFAULT_ACCEPTMBOX_SIZE,
               "the backlog is larger than LWIP_TCP_ACCEPTMBOX_SIZE (6 before ESP-IDF 5.3): lwIP would reset clients");

static tcp_connection_t connections[CONFIG_TCP_SERVER_MAX_CLIENTS];

// The pauses after a failure: of the listener, or of accept() for lack of memory or sockets.
static backoff_t backoff = { .first_ms = 100, .longest_ms = 5000 };

#if CONFIG_TCP_SERVER_WHEN_FULL_CLOSE_IDLE
// A client that has been heard of within this time is not idle, however many others wait.
#define SHORTEST_IDLE_US INT64_C(1000000)
#endif

// When clients are accepted again, by esp_timer_get_time().
static int64_t accept_from_us;

#if CONFIG_NET_FAMILY_IPV4
#define FAMILY AF_INET
#else
#define FAMILY AF_INET6
#endif

// Makes a socket listen on the port, on every address of the device.
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
    // Without this option the socket takes clients over IPv4, too.
    const int only_ipv6 = 1;
    if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6, sizeof(only_ipv6)) != 0) {
        net_error_log(TAG, "setsockopt IPV6_V6ONLY");
        return false;
    }
#endif
    // Connections that have ended a moment ago do not keep the port.
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
    // A client may be gone by the time of accept(), which must not wait for the next one then.
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        net_error_log(TAG, "fcntl");
        return false;
    }
    return true;
}

// Returns a socket that listens, or -1.
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

// Returns the place for the next client, or NULL if there is none.
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

// Accepts the next client into a place. Returns false if the listener has failed.
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
        // lwIP gives ECONNABORTED if it has no memory for the connection.
        case ECONNABORTED:
        case ENFILE:
        case ENOMEM:
        case ENOBUFS:
            // The listener stays open, and pauses until there may be memory again.
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

// Waits until something happens, and deals with it. Returns false if the listener has failed.
static bool serve_once(int listener)
{
    fd_set reads, writes;
    FD_ZERO(&reads);
    FD_ZERO(&writes);
    int highest = -1;
    for (int i = 0; i < CONFIG_TCP_SERVER_MAX_CLIENTS; i++) {
        tcp_connection_watch(&connections[i], &reads, &writes, &highest);
    }
    // While no place is free nobody is accepted: the next clients wait in the backlog.
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
    // The clients have been served since, so another one may be idle now, or none.
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
