/* The least that an echo server can be: one client, one buffer, blocking calls, no error handling. What bench/serve
 * compares the generated servers with. */
#include <string.h>
#include <unistd.h>
#include "esp_err.h"
#include "esp_event.h"
#include "esp_netif.h"
#include "esp_wifi.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "lwip/sockets.h"
#include "nvs_flash.h"

static void start_wifi(void)
{
    ESP_ERROR_CHECK(nvs_flash_init());
    ESP_ERROR_CHECK(esp_netif_init());
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    esp_netif_create_default_wifi_sta();
    const wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    ESP_ERROR_CHECK(esp_wifi_init(&init));
    ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));
    wifi_config_t config = { .sta = { .ssid = "bench" } };
    ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &config));
    ESP_ERROR_CHECK(esp_wifi_start());
    ESP_ERROR_CHECK(esp_wifi_connect());
    vTaskDelay(pdMS_TO_TICKS(500));
}

void app_main(void)
{
    start_wifi();
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(8080) };
    bind(listener, (struct sockaddr *)&address, sizeof(address));
    listen(listener, 1);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        char buffer[128];
        ssize_t length;
        while ((length = recv(client, buffer, sizeof(buffer), 0)) > 0) {
            for (ssize_t sent = 0; sent < length;) {
                sent += send(client, buffer + sent, (size_t)(length - sent), 0);
            }
        }
        close(client);
    }
}
