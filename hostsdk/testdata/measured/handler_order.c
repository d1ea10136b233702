/* Handlers that are registered before and after esp_netif_create_default_wifi_sta. */
#include "station.h"

static struct { bool up, has_address; } found[2];

/* What a handler finds when the connection ends. */
static void look(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    esp_netif_ip_info_t info = { 0 };
    int i = *(int *)arg;
    (void)base, (void)data;
    if (base == WIFI_EVENT && id == WIFI_EVENT_STA_DISCONNECTED) {
        found[i].up = esp_netif_is_netif_up(station);
        esp_netif_get_ip_info(station, &info);
        found[i].has_address = info.ip.addr != 0;
    }
}

void app_main(void)
{
    static int before = 0, after = 1;
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    ESP_ERROR_CHECK(esp_event_handler_instance_register(ESP_EVENT_ANY_BASE, ESP_EVENT_ANY_ID, look, &before, NULL));
    /* As prepare(), whose loop is there already. */
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    seen_events = xQueueCreate(64, sizeof(struct seen));
    ESP_ERROR_CHECK(nvs_flash_init());
    ESP_ERROR_CHECK(esp_netif_init());
    station = esp_netif_create_default_wifi_sta();
    ESP_ERROR_CHECK(esp_event_handler_instance_register(WIFI_EVENT, WIFI_EVENT_STA_DISCONNECTED, look, &after, NULL));
    ESP_ERROR_CHECK(esp_event_handler_register(IP_EVENT, ESP_EVENT_ANY_ID, keep, NULL));
    ESP_ERROR_CHECK(esp_wifi_init(&init));
    ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));
    set_network("lab", "");
    ESP_ERROR_CHECK(esp_wifi_start());
    connect_station();
    ESP_ERROR_CHECK(esp_wifi_disconnect());
    ROW("handler-before-interface", found[0].up && found[0].has_address);
    ROW("handler-after-interface", !found[1].up && !found[1].has_address);
    printf("done\n");
}
