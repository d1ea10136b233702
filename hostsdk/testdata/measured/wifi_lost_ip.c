/* When an address counts as lost, which takes 4 s here: the timer starts at a disconnection, and anew with each start of
 * DHCP, which is 1 s later here. */
#include "station.h"

void app_main(void)
{
    start_station();
    ESP_ERROR_CHECK(esp_wifi_connect());
    struct seen connected = skip_to(WIFI_EVENT, WIFI_EVENT_STA_CONNECTED);
    struct seen got = next();
    ROW("ip-changed-after-lost", got.changed);
    ESP_ERROR_CHECK(esp_wifi_disconnect());
    struct seen end = next(), lost = next();
    ROW("lost-ip-after-connection", wifi(end, WIFI_EVENT_STA_DISCONNECTED) && ip(lost, IP_EVENT_STA_LOST_IP));
    ROW("lost-ip-after-connection", lost.at - connected.at > 3900000, "%d us", (int)(lost.at - connected.at));
    ESP_ERROR_CHECK(esp_wifi_connect());
    got = skip_to(IP_EVENT, IP_EVENT_STA_GOT_IP);
    ROW("ip-changed-after-lost", got.changed);

    ESP_ERROR_CHECK(esp_wifi_disconnect());
    end = next();
    vTaskDelay(pdMS_TO_TICKS(1000));
    ESP_ERROR_CHECK(esp_wifi_connect());
    ROW("lost-ip-restart", wifi(next(), WIFI_EVENT_STA_CONNECTED));
    ESP_ERROR_CHECK(esp_netif_dhcpc_stop(station)); /* so that there is no address */
    lost = skip_to(IP_EVENT, IP_EVENT_STA_LOST_IP);
    ROW("lost-ip-restart", lost.id != -1 && lost.at - end.at > 4900000, "%d us", (int)(lost.at - end.at));
    printf("done\n");
}
