/* Fails in many ways, and logs each errno as projects do. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "join.h"
#include "netdb.h"

static const char *TAG = "test";

#define TELL(what) ESP_LOGE(TAG, "%s: errno %d", what, errno)

static struct sockaddr_in at(const char *ip, uint16_t port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = port };
    inet_pton(AF_INET, ip, &a.sin_addr);
    return a;
}

static int connect_to(int s, struct sockaddr_in a)
{
    return connect(s, (struct sockaddr *)&a, sizeof(a));
}

static int new_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0);
}

static int server;
static struct sockaddr_in own;

/* A connection with itself: its two ends. */
static void pair(int ends[2])
{
    ends[0] = new_socket();
    connect_to(ends[0], at("192.168.137.42", own.sin_port));
    ends[1] = accept(server, NULL, NULL);
}

static void close_both(const int ends[2])
{
    close(ends[0]);
    close(ends[1]);
}

static void before_address(void)
{
    int s = new_socket();
    connect_to(s, at("192.168.137.1", htons(1)));
    TELL("early connect");
    close(s);
}

static void refused(void)
{
    int error = 0;
    socklen_t length = sizeof(error);
    int s = new_socket();
    connect_to(s, at("192.168.137.1", htons(1)));
    close(s); /* before it is told of, as in the guide */
    TELL("refused");
    TELL("refused, told again");

    s = new_socket();
    fcntl(s, F_SETFL, O_NONBLOCK);
    connect_to(s, at("192.168.137.1", htons(2)));
    fd_set writes;
    FD_ZERO(&writes);
    FD_SET(s, &writes);
    select(s + 1, NULL, &writes, NULL, NULL);
    getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &length);
    ESP_LOGE(TAG, "later: some text (%d)", error);
    recv(s, &error, 1, 0);
    recv(s, &error, 1, 0);
    TELL("of no more use");
    close(s);

    s = new_socket();
    connect_to(s, at("192.168.137.1", htons(1)));
    close(s);
    ESP_LOGE(TAG, "no number");
    ESP_LOGI(TAG, "104 in another line");
}

static void lost(void)
{
    int ends[2];
    char buffer[8];
    pair(ends);
    close(ends[1]);
    recv(ends[0], buffer, sizeof(buffer), 0); /* the end */
    recv(ends[0], buffer, sizeof(buffer), 0);
    TELL("after the end");
    close(ends[0]);
    close(ends[0]);
    recv(ends[0], buffer, sizeof(buffer), 0);
    TELL("closed");

    pair(ends);
    send(ends[0], "unread", 6, 0);
    close(ends[1]);
    recv(ends[0], buffer, sizeof(buffer), 0);
    TELL("reset");
    close(ends[0]);

    pair(ends);
    int sockets[CONFIG_LWIP_MAX_SOCKETS], n = 0;
    while ((sockets[n] = new_socket()) >= 0) {
        n++;
    }
    TELL("no more sockets");
    while (n > 0) {
        close(sockets[--n]);
    }

    int second = new_socket();
    bind(second, (struct sockaddr *)&own, sizeof(own));
    TELL("the same port");
    close(second);

    recv(ends[0], buffer, sizeof(buffer), MSG_DONTWAIT);
    ESP_LOGI(TAG, "nothing is there");
    send(ends[1], "eleven char", 11, 0);
    int got = recv(ends[0], buffer, sizeof(buffer), 0);
    ESP_LOGI(TAG, "received 11 bytes, %d of them now", got);

    esp_wifi_disconnect();
    recv(ends[0], buffer, sizeof(buffer), 0);
    recv(ends[0], buffer, sizeof(buffer), 0);
    TELL("lost");
    close_both(ends);
    int s = new_socket();
    connect_to(s, own);
    TELL("late connect");
    struct addrinfo *res;
    int err = getaddrinfo("example.com", "80", NULL, &res);
    ESP_LOGE(TAG, "no name: %d", err);
}

void app_main(void)
{
    ESP_ERROR_CHECK(esp_netif_init());
    before_address();
    join();
    socklen_t length = sizeof(own);
    server = new_socket();
    own = at("0.0.0.0", 0);
    bind(server, (struct sockaddr *)&own, sizeof(own));
    listen(server, 2);
    getsockname(server, (struct sockaddr *)&own, &length);
    refused();
    lost();
    printf("done\n");
}
