/* An access point without a password. */
#include "station.h"

static void check_end(const char *id, int reason)
{
    ESP_ERROR_CHECK(esp_wifi_connect());
    struct seen end = next();
    ROW(id, disconnected(end, reason, -128), "event %d, reason %d, %d dBm", (int)end.id, end.reason, end.rssi);
}

void app_main(void)
{
    static const char *const passwords[] = {
        "1", "1234567", "12345678", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    };
    start_station();
    for (size_t i = 0; i < sizeof(passwords) / sizeof(passwords[0]); i++) {
        set_network("lab", passwords[i]);
        check_end("open-password", 210);
    }
    ESP_ERROR_CHECK(esp_wifi_disconnect());
    ROW("disconnect-after-210", kept() == 1 && next().reason == WIFI_REASON_STA_LEAVING);
    ROW("disconnect-after-210", esp_wifi_disconnect() == ESP_OK && kept() == 0);

    wifi_config_t config = { .sta = { .ssid = "lab", .threshold.authmode = WIFI_AUTH_WPA2_PSK } };
    ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &config));
    check_end("open-threshold", 211);
    set_network("lab", "");
    ESP_ERROR_CHECK(esp_wifi_connect());
    ROW("open-password", wifi(skip_to(WIFI_EVENT, WIFI_EVENT_STA_CONNECTED), WIFI_EVENT_STA_CONNECTED));
    printf("done\n");
}
