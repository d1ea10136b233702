/* An access point that falls silent. */
#include "station.h"

void app_main(void)
{
    start_station();
    connect_station();
    struct seen silent = next(), end = next();
    ROW("beacon-timeout", wifi(silent, WIFI_EVENT_STA_BEACON_TIMEOUT) && silent.up && silent.address != 0, "%d", (int)silent.id);
    ROW("beacon-timeout", disconnected(end, WIFI_REASON_BEACON_TIMEOUT, -60), "%d", end.reason);
    ROW("disconnect-after-200", esp_wifi_disconnect() == ESP_OK && kept() == 0);
    printf("done\n");
}
