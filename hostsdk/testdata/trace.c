/* Makes each call at sockets, for its trace. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "join.h"
#include "netdb.h"

static void call_late(void *arg)
{
    struct sockaddr_in *a = arg;
    vTaskDelay(pdMS_TO_TICKS(700)); /* accept() waits meanwhile */
    int client = socket(AF_INET, SOCK_STREAM, 0);
    connect(client, (struct sockaddr *)a, sizeof(*a));
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    write(client, "12345678901234567890123456789012+", 33);
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    close(client);
    vTaskDelete(NULL);
}

static void call_sockets(void *arg)
{
    (void)arg;
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *res;
    struct sockaddr_in a = { .sin_family = AF_INET }, peer;
    struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
    struct timeval soon = { .tv_usec = 20000 };
    struct linger linger = { 1, 2 };
    socklen_t length = sizeof(a);
    int one = 1, error = 0;
    char buffer[40];
    fd_set reads, writes;

    int server = socket(AF_INET, SOCK_STREAM, 0), other = socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP);
    setsockopt(server, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
    setsockopt(server, IPPROTO_TCP, TCP_KEEPIDLE, &one, sizeof(one));
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
    setsockopt(server, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    setsockopt(server, 77, 78, &one, sizeof(one));
    bind(server, (struct sockaddr *)&a, sizeof(a));
    bind(other, (struct sockaddr *)&any, sizeof(any));
    listen(server, 2);
    getsockname(server, (struct sockaddr *)&a, &length);
    inet_pton(AF_INET, "192.168.137.1", &a.sin_addr);
    accept(server, (struct sockaddr *)&peer, &length); /* in vain */
    soon.tv_usec = 0;
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
    TaskHandle_t late;
    xTaskCreate(call_late, "late", 4096, &a, 5, &late);
    int conn = accept(server, (struct sockaddr *)&peer, &length);
    getpeername(conn, (struct sockaddr *)&peer, &length);
    FD_ZERO(&reads);
    FD_ZERO(&writes);
    FD_SET(server, &reads);
    FD_SET(conn, &reads);
    FD_SET(conn, &writes);
    select(conn + 1, &reads, &writes, NULL, NULL);
    recv(conn, buffer, sizeof(buffer), MSG_PEEK | MSG_DONTWAIT);
    xTaskNotifyGive(late);
    read(conn, buffer, sizeof(buffer));
    send(conn, "a\r\n\"\\\x01\0\xff", 8, 0);
    xTaskNotifyGive(late);
    recv(conn, buffer, sizeof(buffer), 0); /* it has not read, so its close() resets */
    getsockopt(conn, SOL_SOCKET, SO_ERROR, &error, &length);
    fcntl(conn, F_SETFL, O_NONBLOCK);
    fcntl(conn, F_GETFL);
    ioctl(conn, FIONBIO, &one);
    shutdown(conn, SHUT_RDWR);
    close(conn);
    close(conn);
    getaddrinfo("example.com", "80", &hints, &res);
    freeaddrinfo(res);
    getaddrinfo("", NULL, NULL, &res);
    socket(AF_INET, SOCK_DGRAM, 0);
    inet_pton(AF_INET, "192.168.137.9", &a.sin_addr);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    a.sin_port = htons(1);
    connect(client, (struct sockaddr *)&a, sizeof(a));
    printf("done\n");
    vTaskDelete(NULL);
}

void app_main(void)
{
    join();
    xTaskCreate(call_sockets, "calls", 8192, NULL, 5, NULL);
}
