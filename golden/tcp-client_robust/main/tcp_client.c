#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_timer.h"
#include "lwip/dns.h"
#include "lwip/netdb.h"
#include "lwip/opt.h"
#include "lwip/sockets.h"
#include "sdkconfig.h"
#include "app_handler.h"
#include "backoff.h"
#include "greeting.h"
#include "net_error.h"
#include "net_task.h"
#include "tcp_client.h"
#include "tcp_connection.h"

#if CONFIG_TCP_CLIENT_LOOKUP && CONFIG_ESP_TASK_WDT_INIT
// While a name is looked up nobody feeds the watchdog. lwIP asks each DNS server DNS_MAX_RETRIES times, and
// waits for 1, 1, 2 and 3 of its ticks.
_Static_assert(DNS_MAX_SERVERS * (1 + DNS_MAX_RETRIES * (DNS_MAX_RETRIES - 1) / 2) * DNS_TMR_INTERVAL <
                   CONFIG_ESP_TASK_WDT_TIMEOUT_S * 1000,
               "ESP_TASK_WDT_TIMEOUT_S is shorter than the look-up of a name may take");
#endif

_Static_assert(CONFIG_TCP_CLIENT_BACKOFF_FIRST_MS <= CONFIG_TCP_CLIENT_BACKOFF_LONGEST_MS,
               "the first reconnect delay is above the maximum");
_Static_assert(sizeof(GREETING) - 1 <= CONFIG_TCP_CONNECTION_TX, "the greeting is larger than the send buffer");

static const char *TAG = "tcp_client";

// A connection that lasts no longer was dropped at once.
#define SHORT_SESSION_MS 1000

static tcp_connection_t connection;

// The pauses between tries.
static backoff_t backoff = {
    .first_ms = CONFIG_TCP_CLIENT_BACKOFF_FIRST_MS,
    .longest_ms = CONFIG_TCP_CLIENT_BACKOFF_LONGEST_MS,
};

// Waits until a connection is made. Returns false where it cannot be, or takes too long.
static bool wait_connected(int fd)
{
    const int64_t until_us = esp_timer_get_time() + CONFIG_TCP_CLIENT_CONNECT_TIMEOUT_MS * INT64_C(1000);
    while (!net_task_link_lost()) {
        fd_set writes;
        FD_ZERO(&writes);
        FD_SET(fd, &writes);
        struct timeval tick = { .tv_usec = NET_TASK_TICK_MS * 1000 };
        int ready = select(fd + 1, NULL, &writes, NULL, &tick);
        if (ready < 0) {
            net_error_log(TAG, "select");
            return false;
        }
        if (ready > 0) {
            int error = 0;
            socklen_t length = sizeof(error);
            if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) {
                net_error_log(TAG, "getsockopt");
                return false;
            }
            if (error != 0) {
                ESP_LOGE(TAG, "connect failed: %s (%d)", net_error_text(error), error);
            }
            return error == 0;
        }
        if (esp_timer_get_time() > until_us) {
            ESP_LOGE(TAG, "connect failed: no answer in %d ms", CONFIG_TCP_CLIENT_CONNECT_TIMEOUT_MS);
            return false;
        }
    }
    return false;
}

// Connects a socket without blocking: a connect() that blocks has no time-out but lwIP's own.
static bool connect_socket(int fd, const struct sockaddr *server, socklen_t length)
{
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        net_error_log(TAG, "fcntl");
        return false;
    }
    if (connect(fd, server, length) == 0) {
        return true;
    }
    int error = errno;
    if (error != EINPROGRESS) {
        ESP_LOGE(TAG, "connect failed: %s (%d)", net_error_text(error), error);
        return false;
    }
    return wait_connected(fd);
}

#if !CONFIG_NET_FAMILY_IPV4
// A link-local address exists on every interface: it takes the number of the one that is meant.
static void set_scope(struct sockaddr_in6 *server)
{
    const uint8_t *bytes = (const uint8_t *)&server->sin6_addr;
    if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) {
        esp_netif_t *station = esp_netif_get_handle_from_ifkey("WIFI_STA_DEF");
        server->sin6_scope_id = (uint32_t)esp_netif_get_netif_impl_index(station);
    }
}
#endif

// Returns a socket that is connected to one of the server's addresses, or -1.
static int connect_to(const struct addrinfo *info, struct sockaddr_storage *server)
{
    memset(server, 0, sizeof(*server));
    memcpy(server, info->ai_addr, info->ai_addrlen);
#if !CONFIG_NET_FAMILY_IPV4
    if (server->ss_family == AF_INET6) {
        set_scope((struct sockaddr_in6 *)server);
    }
#endif
    int fd = socket(info->ai_family, SOCK_STREAM, 0);
    if (fd < 0) {
        net_error_log(TAG, "socket");
        return -1;
    }
    if (!connect_socket(fd, (const struct sockaddr *)server, info->ai_addrlen)) {
        close(fd);
        return -1;
    }
    return fd;
}

// Looks the server up in a family of addresses, and connects to it. Returns a socket, or -1.
static int connect_over(int family, struct sockaddr_storage *server)
{
    const struct addrinfo hints = {
        .ai_family = family,
        .ai_socktype = SOCK_STREAM,
#if !CONFIG_TCP_CLIENT_LOOKUP
        .ai_flags = AI_NUMERICHOST,
#endif
    };
    char port[sizeof("65535")];
    snprintf(port, sizeof(port), "%u", (uint16_t)CONFIG_TCP_CLIENT_PORT);

    struct addrinfo *found = NULL;
    int error = getaddrinfo(CONFIG_TCP_CLIENT_HOST, port, &hints, &found);
    if (error != 0) {
#if CONFIG_TCP_CLIENT_LOOKUP
        ESP_LOGE(TAG, "%s is not found over %s: getaddrinfo failed with %d", CONFIG_TCP_CLIENT_HOST,
                 family == AF_INET ? "IPv4" : "IPv6", error);
#else
        ESP_LOGE(TAG, "%s is no %s address, and TCP_CLIENT_LOOKUP is off", CONFIG_TCP_CLIENT_HOST,
                 family == AF_INET ? "IPv4" : "IPv6");
#endif
        return -1;
    }
    // lwIP finds one address, or LWIP_DNS_MAX_HOST_IP.
    int fd = -1;
    for (const struct addrinfo *info = found; info != NULL && fd < 0 && !net_task_link_lost(); info = info->ai_next) {
        fd = connect_to(info, server);
    }
    freeaddrinfo(found);
    return fd;
}

// Connects to the server, over one family after the other. Returns a socket, or -1.
static int connect_to_server(struct sockaddr_storage *server)
{
    int fd = -1;
#if !CONFIG_NET_FAMILY_IPV6
    fd = connect_over(AF_INET, server);
#endif
#if !CONFIG_NET_FAMILY_IPV4
    if (fd < 0 && !net_task_link_lost()) {
        fd = connect_over(AF_INET6, server);
    }
#endif
    return fd;
}

// Waits until something happens on the connection, and deals with it.
static void serve_once(void)
{
    fd_set reads, writes;
    FD_ZERO(&reads);
    FD_ZERO(&writes);
    int highest = -1;
    tcp_connection_watch(&connection, &reads, &writes, &highest);

    struct timeval tick = { .tv_usec = NET_TASK_TICK_MS * 1000 };
    if (select(highest + 1, &reads, &writes, NULL, &tick) < 0) {
        int error = net_error_log(TAG, "select");
        if (error == ENOMEM) {
            net_task_wait_ms(NET_TASK_TICK_MS);
        } else {
            tcp_connection_close(&connection, net_error_text(error));
        }
        return;
    }
    tcp_connection_serve(&connection, FD_ISSET(connection.fd, &reads), FD_ISSET(connection.fd, &writes));
}

// Serves a connection to its end.
static void serve(int fd, const struct sockaddr_storage *server)
{
    const int64_t start_us = esp_timer_get_time();
    if (!tcp_connection_open(&connection, fd, server)) {
        return;
    }
    app_connected(&connection);
    while (connection.fd >= 0) {
        if (net_task_link_lost()) {
            tcp_connection_close(&connection, "the link is lost");
        } else {
            serve_once();
        }
    }
    // A server that takes connections and drops them at once is as good as none: the pauses grow.
    if (esp_timer_get_time() - start_us > SHORT_SESSION_MS * INT64_C(1000)) {
        backoff_reset(&backoff);
    }
}

void tcp_client_session(void)
{
    struct sockaddr_storage server;
    int fd = connect_to_server(&server);
    if (fd >= 0) {
        serve(fd, &server);
    }
    if (!net_task_link_lost()) {
        uint32_t ms = backoff_next_ms(&backoff);
        ESP_LOGI(TAG, "Next try in %" PRIu32 " ms", ms);
        if (net_task_wait_ms(ms)) {
            return;
        }
    }
    // There is another link, or an address more: what has failed before may succeed now.
    backoff_reset(&backoff);
}
