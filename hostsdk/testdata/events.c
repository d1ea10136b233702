/* Handlers that unregister themselves or let the event queue fill up, and a station that is told to connect anew while
 * it waits for an address. */
#include <stdio.h>
#include <string.h>
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

/* Does not return before the connection has ended. */
static void wait_for_end(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    wifi_ap_record_t ap;
    xSemaphoreGive(ready);
    while (esp_wifi_sta_get_ap_info(&ap) == ESP_OK) {
        vTaskDelay(1);
    }
}

static char seen[128]; /* D, C and G for disconnected, connected and got an address, ? for what the driver never posts */
static int count;

static void on_event(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    char c = base == IP_EVENT && id == IP_EVENT_STA_GOT_IP ? 'G' :
             base == WIFI_EVENT && id == WIFI_EVENT_STA_CONNECTED ? 'C' :
             base == WIFI_EVENT && id == WIFI_EVENT_STA_DISCONNECTED ? 'D' :
             base == WIFI_EVENT && id == WIFI_EVENT_WIFI_READY ? '?' : 0;
    if (c != 0 && count < (int)sizeof(seen) - 1) {
        seen[count++] = c;
        xSemaphoreGive(ready);
    }
}

static void check_handlers(void)
{
    ESP_ERROR_CHECK(esp_event_handler_register(TEST, 1, first, NULL));
    ESP_ERROR_CHECK(esp_event_handler_register(TEST, 1, second, NULL));
    for (int i = 0; i < 2; i++) {
        ESP_ERROR_CHECK(esp_event_post(TEST, 1, NULL, 0, portMAX_DELAY));
        xSemaphoreTake(ready, portMAX_DELAY);
    }
    CHECK(first_calls == 1 && second_calls == 2);
}

static void start_station(void)
{
    ESP_ERROR_CHECK(nvs_flash_init());
    ESP_ERROR_CHECK(esp_netif_init());
    ESP_ERROR_CHECK(esp_event_handler_register(ESP_EVENT_ANY_BASE, ESP_EVENT_ANY_ID, on_event, NULL));
    esp_netif_create_default_wifi_sta();
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    ESP_ERROR_CHECK(esp_wifi_init(&init));
    ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));
    wifi_config_t config = { .sta = { .ssid = "lab" } };
    ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &config));
    ESP_ERROR_CHECK(esp_wifi_start());
    ESP_ERROR_CHECK(esp_wifi_connect());
    xSemaphoreTake(ready, portMAX_DELAY); /* connected; the address comes late */
}

/* Each end of a connection, and each new one, is told: that the driver finds out late that there was an end is likely in
 * one of many tries. */
static void check_connecting_anew(void)
{
    char expected[sizeof(seen)] = "C";
    for (int i = 0; i < 20; i++) {
        ESP_ERROR_CHECK(esp_wifi_disconnect());
        ESP_ERROR_CHECK(esp_wifi_connect());
        xSemaphoreTake(ready, portMAX_DELAY);
        xSemaphoreTake(ready, portMAX_DELAY);
        strcat(expected, "DC");
    }
    strcat(expected, "G");
    xSemaphoreTake(ready, portMAX_DELAY);
    CHECK(strcmp(seen, expected) == 0);
    printf("seen %s\n", seen);
}

static SemaphoreHandle_t lock;

static void take_lock(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    xSemaphoreTake(lock, portMAX_DELAY);
    xSemaphoreGive(lock);
    xSemaphoreGive(ready);
}

/* Who posts goes on when a handler waits for it. It would go on in any case, but after a second. */
static void check_handler_that_waits(void)
{
    TickType_t begin = xTaskGetTickCount();
    lock = xSemaphoreCreateMutex();
    ESP_ERROR_CHECK(esp_event_handler_register(TEST, 4, take_lock, NULL));
    for (int i = 0; i < 5; i++) {
        xSemaphoreTake(lock, portMAX_DELAY);
        ESP_ERROR_CHECK(esp_event_post(TEST, 4, NULL, 0, portMAX_DELAY));
        xSemaphoreGive(lock);
        xSemaphoreTake(ready, portMAX_DELAY);
    }
    CHECK(xTaskGetTickCount() - begin < pdMS_TO_TICKS(4000));
    vSemaphoreDelete(lock);
}

/* The connection ends while a handler runs and the queue is full. */
static void check_full_queue(void)
{
    count = 0;
    memset(seen, 0, sizeof(seen));
    ESP_ERROR_CHECK(esp_event_handler_register(TEST, 2, wait_for_end, NULL));
    ESP_ERROR_CHECK(esp_event_post(TEST, 2, NULL, 0, portMAX_DELAY));
    xSemaphoreTake(ready, portMAX_DELAY);
    while (esp_event_post(TEST, 3, NULL, 0, 0) == ESP_OK) {
    }
    CHECK(esp_wifi_disconnect() == ESP_OK);
    CHECK(esp_wifi_connect() == ESP_OK);
    for (int i = 0; i < 3; i++) {
        xSemaphoreTake(ready, portMAX_DELAY);
    }
    CHECK(strcmp(seen, "DCG") == 0);
}

void app_main(void)
{
    ready = xSemaphoreCreateCounting(16, 0);
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    check_handlers();
    check_handler_that_waits();
    start_station();
    check_connecting_anew();
    check_full_queue();
    printf("done\n");
    vSemaphoreDelete(ready);
}
