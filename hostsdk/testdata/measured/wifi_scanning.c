/* A driver that is still looking for the network: it does so for ever, three times. */
#include "station.h"

void app_main(void)
{
    wifi_config_t config = { .sta = { .ssid = "lab" } };
    start_station();
    ESP_ERROR_CHECK(esp_wifi_connect());
    ROW("connect-connecting", esp_wifi_connect() == ESP_ERR_WIFI_CONN);
    ROW("set-config-connecting", esp_wifi_set_config(WIFI_IF_STA, &config) == ESP_ERR_WIFI_STATE);
    ROW("connect-connecting", kept() == 0);
    ESP_ERROR_CHECK(esp_wifi_disconnect());
    struct seen end = next();
    ROW("disconnect-scanning", disconnected(end, WIFI_REASON_STA_LEAVING, -128), "%d, %d", end.reason, end.rssi);
    ROW("disconnect-scanning", esp_wifi_disconnect() == ESP_OK && kept() == 0);

    ESP_ERROR_CHECK(esp_wifi_connect());
    ESP_ERROR_CHECK(esp_wifi_stop());
    ROW("stop-scanning", kept() == 1 && wifi(next(), WIFI_EVENT_STA_STOP));
    ESP_ERROR_CHECK(esp_wifi_start());
    next();
    ESP_ERROR_CHECK(esp_wifi_connect());
    ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_NULL));
    ROW("stop-scanning", kept() == 1 && wifi(next(), WIFI_EVENT_STA_STOP));
    printf("done\n");
}
