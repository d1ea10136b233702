/* Connects to port 7000 of a server that has another address on the PC, and says what each is. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "esp_mac.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "join.h"

void app_main(void)
{
    join();
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(7000) };
    inet_pton(AF_INET, "192.168.1.77", &a.sin_addr);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    char text[32] = "", own[32];
    uint8_t mac[6];
    connect(s, (struct sockaddr *)&a, sizeof(a));
    recv(s, text, sizeof(text) - 1, 0);
    socklen_t length = sizeof(a);
    getsockname(s, (struct sockaddr *)&a, &length);
    esp_read_mac(mac, ESP_MAC_WIFI_STA);
    printf("I am %s, and " MACSTR "; it sees %s\n", inet_ntop(AF_INET, &a.sin_addr, own, sizeof(own)), MAC2STR(mac), text);
    getpeername(s, (struct sockaddr *)&a, &length);
    printf("it is %s\n", inet_ntop(AF_INET, &a.sin_addr, own, sizeof(own)));
    for (;;) {
        vTaskDelay(100);
    }
}
