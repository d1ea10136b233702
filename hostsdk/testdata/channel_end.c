/* Leaves sockets and a task, and goes on. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "join.h"

static void wait_for_ever(void *arg)
{
    (void)arg;
    void *kept = malloc(1000);
    for (;;) {
        vTaskDelay(100);
        memset(kept, 0, 1000);
    }
}

void app_main(void)
{
    join();
    xTaskCreate(wait_for_ever, "waits", 4096, NULL, 5, NULL);
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t length = sizeof(a);
    int server = socket(AF_INET, SOCK_STREAM, 0);
    socket(AF_INET, SOCK_STREAM, 0);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    bind(server, (struct sockaddr *)&a, sizeof(a));
    listen(server, 1);
    getsockname(server, (struct sockaddr *)&a, &length);
    connect(client, (struct sockaddr *)&a, sizeof(a));
    send(client, "hello", 5, 0);
    esp_wifi_disconnect();
}
