/* An access point that ends the connection, with reason 3. */
#include "station.h"

void app_main(void)
{
    start_station();
    connect_station();
    struct seen end = next();
    ROW("deauthentication", disconnected(end, WIFI_REASON_AUTH_LEAVE, -60), "event %d, reason %d", (int)end.id, end.reason);
    ROW("disconnect-after-3", esp_wifi_disconnect() == ESP_OK && kept() == 0);
    printf("done\n");
}
