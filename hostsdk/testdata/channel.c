/* Tells of all that it does, and starts again. The channel is not for it to see. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "join.h"

ESP_EVENT_DEFINE_BASE(OWN);

__attribute__((constructor)) static void look(void)
{
    if (getenv("ESPGEN_EVENTS") != NULL) {
        abort();
    }
}

static void on_own(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    (void)arg, (void)base, (void)id, (void)data;
}

static void restart(void *arg)
{
    (void)arg;
    esp_restart();
}

void app_main(void)
{
    if (esp_reset_reason() == ESP_RST_SW) {
        return;
    }
    join();
    ESP_ERROR_CHECK(esp_event_handler_register(WIFI_EVENT, WIFI_EVENT_STA_DISCONNECTED, on_address, NULL));
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t length = sizeof(a);
    int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    bind(server, (struct sockaddr *)&a, sizeof(a));
    listen(server, 1);
    getsockname(server, (struct sockaddr *)&a, &length);
    inet_pton(AF_INET, "192.168.137.1", &a.sin_addr);
    connect(client, (struct sockaddr *)&a, sizeof(a));
    esp_event_handler_register(OWN, ESP_EVENT_ANY_ID, on_own, NULL);
    esp_event_post(OWN, 7, NULL, 0, portMAX_DELAY);
    ESP_ERROR_CHECK(esp_wifi_disconnect());
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    xTaskCreate(restart, "t\xc3\xbc\xff\"\\\n\xe2\x82\xac", 4096, NULL, 5, NULL);
}
