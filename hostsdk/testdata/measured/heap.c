/* What is free as the network comes up. */
#include "station.h"

static void check_free(const char *when, int want)
{
    int got = (int)esp_get_free_heap_size();
    ROW("free-heap", got > want - 500 && got < want + 500, "%s: %d, not %d", when, got, want);
}

static void on_address(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    (void)base, (void)id, (void)data;
    xTaskNotifyGive(arg);
}

void app_main(void)
{
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    wifi_config_t config = { .sta = { .ssid = "lab" } };
    check_free("app_main", 249848);
    ESP_ERROR_CHECK(nvs_flash_init());
    check_free("NVS", 248552);
    ESP_ERROR_CHECK(esp_netif_init());
    check_free("netif", 243784);
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    check_free("loop", 239872);
    station = esp_netif_create_default_wifi_sta();
    check_free("station", 239008);
    ESP_ERROR_CHECK(esp_wifi_init(&init));
    check_free("Wi-Fi", 201144);
    ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));
    ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &config));
    ESP_ERROR_CHECK(esp_wifi_start());
    check_free("start", 198892);
    ESP_ERROR_CHECK(esp_event_handler_register(IP_EVENT, IP_EVENT_STA_GOT_IP, on_address, xTaskGetCurrentTaskHandle()));
    ESP_ERROR_CHECK(esp_wifi_connect());
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    check_free("address", 198436);
    printf("done\n");
}
