/* A station that asks for its IPv6 address on each connection, and connects anew in a timer's callback. */
#include <string.h>
#include "esp_event.h"
#include "esp_netif.h"
#include "esp_timer.h"
#include "esp_wifi.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "nvs_flash.h"

#define CHECK(condition) printf("%s %d: %s\n", (condition) ? "ok" : "FAILED", __LINE__, #condition)

#define CONNECTIONS 3 /* with an IPv6 address: one that is lost early has none */

static SemaphoreHandle_t finished;
static esp_netif_t *netif;
static esp_timer_handle_t again;
static int addresses;

static void connect_again(void *arg)
{
    CHECK(esp_wifi_connect() == ESP_OK);
}

static void on_wifi(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    esp_ip6_addr_t address;
    switch (id) {
    case WIFI_EVENT_STA_START:
        CHECK(esp_netif_create_ip6_linklocal(netif) == ESP_FAIL);
        CHECK(esp_wifi_connect() == ESP_OK);
        break;
    case WIFI_EVENT_STA_CONNECTED:
        CHECK(esp_netif_create_ip6_linklocal(netif) == ESP_OK);
        break;
    case WIFI_EVENT_STA_DISCONNECTED:
        CHECK(esp_netif_get_ip6_linklocal(netif, &address) == ESP_FAIL);
        if (addresses < CONNECTIONS) {
            CHECK(esp_timer_start_once(again, 10000) == ESP_OK && esp_timer_is_active(again));
        } else {
            xSemaphoreGive(finished);
        }
        break;
    }
}

static void on_ip6(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    const ip_event_got_ip6_t *e = data;
    const uint8_t *bytes = (const uint8_t *)e->ip6_info.ip.addr;
    CHECK(e->esp_netif == netif && e->ip_index == 0 && bytes[0] == 0xfe && bytes[1] == 0x80);
    addresses++;
}

void app_main(void)
{
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    wifi_config_t config = { .sta = { .ssid = "lab" } };
    const esp_timer_create_args_t timer = { .callback = connect_again, .name = "again" };
    finished = xSemaphoreCreateBinary();
    ESP_ERROR_CHECK(nvs_flash_init());
    ESP_ERROR_CHECK(esp_netif_init());
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    ESP_ERROR_CHECK(esp_timer_create(&timer, &again));
    netif = esp_netif_create_default_wifi_sta();
    ESP_ERROR_CHECK(esp_wifi_init(&init));
    ESP_ERROR_CHECK(esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, on_wifi, NULL));
    ESP_ERROR_CHECK(esp_event_handler_register(IP_EVENT, IP_EVENT_GOT_IP6, on_ip6, NULL));
    ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));
    ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &config));
    ESP_ERROR_CHECK(esp_wifi_start());
    xSemaphoreTake(finished, portMAX_DELAY);
    ESP_ERROR_CHECK(esp_timer_delete(again));
    vSemaphoreDelete(finished);
    printf("done\n");
}
