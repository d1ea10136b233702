/* A host name that is set before Wi-Fi is started stays. */
#include "station.h"

void app_main(void)
{
    const char *name = "";
    prepare();
    ESP_ERROR_CHECK(esp_netif_set_hostname(station, "early"));
    ESP_ERROR_CHECK(esp_wifi_start());
    ROW("hostname-early", esp_netif_get_hostname(station, &name) == ESP_OK && strcmp(name, "early") == 0, "%s", name);
    ESP_ERROR_CHECK(esp_netif_set_hostname(station, ""));
    ESP_ERROR_CHECK(esp_wifi_stop());
    ESP_ERROR_CHECK(esp_wifi_start());
    ROW("hostname-early", esp_netif_get_hostname(station, &name) == ESP_OK && name[0] == '\0', "%s", name);
    printf("done\n");
}
