/* An access point that is not there; addresses count as lost after 2 s here. */
#include "station.h"

void app_main(void)
{
    start_station();
    wifi_config_t config = { .sta = { .ssid = "lab", .failure_retry_cnt = 3 } };
    ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &config));
    ESP_ERROR_CHECK(esp_wifi_connect());
    struct seen end = next();
    ROW("absent", disconnected(end, WIFI_REASON_NO_AP_FOUND, -128), "%d, %d", end.reason, end.rssi);
    struct seen lost = next(); /* and not another try before */
    ROW("absent", ip(lost, IP_EVENT_STA_LOST_IP), "failure_retry_cnt has an effect: %d", (int)lost.id);
    ROW("lost-ip-first-failure", ip(lost, IP_EVENT_STA_LOST_IP) && lost.at - end.at > 1900000, "%d us", (int)(lost.at - end.at));

    ESP_ERROR_CHECK(esp_wifi_disconnect());
    ROW("disconnect-after-201", kept() == 1 && disconnected(end = next(), WIFI_REASON_STA_LEAVING, -128), "%d", end.reason);
    ROW("disconnect-after-201", esp_wifi_disconnect() == ESP_OK && kept() == 0);
    lost = next();
    ROW("lost-ip-later-failure", ip(lost, IP_EVENT_STA_LOST_IP), "%d", (int)lost.id);

    ESP_ERROR_CHECK(esp_wifi_connect());
    ROW("absent", disconnected(next(), WIFI_REASON_NO_AP_FOUND, -128));
    ESP_ERROR_CHECK(esp_wifi_stop());
    ROW("stop-after-201", kept() == 1 && wifi(next(), WIFI_EVENT_STA_STOP));
    printf("done\n");
}
