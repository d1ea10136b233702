/* An access point that does not answer the authentication. */
#include "station.h"

void app_main(void)
{
    static const int reasons[] = {
        WIFI_REASON_AUTH_EXPIRE, WIFI_REASON_CONNECTION_FAIL, WIFI_REASON_AUTH_EXPIRE, WIFI_REASON_CONNECTION_FAIL,
    };
    start_station();
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        ESP_ERROR_CHECK(esp_wifi_connect());
        struct seen end = next();
        ROW("authentication-unanswered", wifi(end, WIFI_EVENT_STA_DISCONNECTED) && end.reason == reasons[i], "%d", end.reason);
    }
    ESP_ERROR_CHECK(esp_wifi_disconnect());
    ROW("disconnect-after-205", kept() == 1 && disconnected(next(), WIFI_REASON_STA_LEAVING, -128));
    ROW("disconnect-after-205", esp_wifi_disconnect() == ESP_OK && kept() == 0);
    printf("done\n");
}
