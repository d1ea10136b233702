/* Handlers that unregister themselves, and a station that is told to connect anew while it waits for an address. */
#include <stdio.h>
#include "esp_err.h"
#include "esp_event.h"
#include "esp_netif.h"
#include "esp_wifi.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "nvs_flash.h"

#define CHECK(condition) printf("%s %d: %s\n", (condition) ? "ok" : "FAILED", __LINE__, #condition)

ESP_EVENT_DEFINE_BASE(TEST);

static SemaphoreHandle_t ready;
static int first_calls, second_calls;

static void first(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    first_calls++;
    ESP_ERROR_CHECK(esp_event_handler_unregister(base, id, first));
}

static void second(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    second_calls++;
    xSemaphoreGive(ready);
}

static char seen[16]; /* D, C and G for disconnected, connected and got an address */
static int count;

static void on_event(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    char c = base == IP_EVENT && id == IP_EVENT_STA_GOT_IP ? 'G' :
             base == WIFI_EVENT && id == WIFI_EVENT_STA_CONNECTED ? 'C' :
             base == WIFI_EVENT && id == WIFI_EVENT_STA_DISCONNECTED ? 'D' : 0;
    if (c != 0 && count < (int)sizeof(seen) - 1) {
        seen[count++] = c;
        xSemaphoreGive(ready);
    }
}

void app_main(void)
{
    ready = xSemaphoreCreateCounting(16, 0);
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    ESP_ERROR_CHECK(esp_event_handler_register(TEST, 1, first, NULL));
    ESP_ERROR_CHECK(esp_event_handler_register(TEST, 1, second, NULL));
    for (int i = 0; i < 2; i++) {
        ESP_ERROR_CHECK(esp_event_post(TEST, 1, NULL, 0, portMAX_DELAY));
        xSemaphoreTake(ready, portMAX_DELAY);
    }
    CHECK(first_calls == 1 && second_calls == 2);

    ESP_ERROR_CHECK(nvs_flash_init());
    ESP_ERROR_CHECK(esp_netif_init());
    esp_netif_create_default_wifi_sta();
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    ESP_ERROR_CHECK(esp_wifi_init(&init));
    ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));
    wifi_config_t config = { .sta = { .ssid = "lab" } };
    ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &config));
    ESP_ERROR_CHECK(esp_event_handler_register(ESP_EVENT_ANY_BASE, ESP_EVENT_ANY_ID, on_event, NULL));
    ESP_ERROR_CHECK(esp_wifi_start());
    ESP_ERROR_CHECK(esp_wifi_connect());
    xSemaphoreTake(ready, portMAX_DELAY); /* connected; the address comes late */
    ESP_ERROR_CHECK(esp_wifi_disconnect());
    ESP_ERROR_CHECK(esp_wifi_connect());
    for (int i = 0; i < 3; i++) {
        xSemaphoreTake(ready, portMAX_DELAY);
    }
    CHECK(seen[0] == 'C' && seen[1] == 'D' && seen[2] == 'C' && seen[3] == 'G');
    printf("seen %s\ndone\n", seen);
    vSemaphoreDelete(ready);
}
