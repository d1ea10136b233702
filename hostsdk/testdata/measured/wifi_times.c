/* How long the driver takes with --wifi real-times. A slow machine takes longer, none takes less. The first try finds no
 * access point, which falls silent as soon as there is an address. */
#include <netdb.h>
#include <sys/socket.h>
#include "station.h"

static int64_t begin;

static int ms(struct seen e)
{
    return (int)((e.at - begin) / 1000);
}

static void check_names(void)
{
    struct addrinfo *res;
    begin = esp_timer_get_time();
    ROW("dns-disconnected", getaddrinfo("example.com", "80", NULL, &res) == EAI_FAIL);
    int took = (int)((esp_timer_get_time() - begin) / 1000);
    ROW("dns-disconnected", took >= 6900, "%d ms", took);
}

void app_main(void)
{
    wifi_config_t config = { .sta = { .ssid = "lab", .scan_method = WIFI_ALL_CHANNEL_SCAN } };
    start_station();
    begin = esp_timer_get_time();
    ESP_ERROR_CHECK(esp_wifi_connect());
    struct seen end = next();
    ROW("absent-time", disconnected(end, WIFI_REASON_NO_AP_FOUND, -128) && ms(end) >= 2400, "%d ms", ms(end));
    begin = esp_timer_get_time();
    ESP_ERROR_CHECK(esp_wifi_connect());
    struct seen connected = skip_to(WIFI_EVENT, WIFI_EVENT_STA_CONNECTED);
    ROW("connect-time", ms(connected) >= 5 * 120, "%d ms", ms(connected)); /* to channel 6 */
    begin = connected.at;
    ESP_ERROR_CHECK(esp_netif_create_ip6_linklocal(station));
    struct seen got = next(), six = next();
    ROW("address-time", ip(got, IP_EVENT_STA_GOT_IP) && ms(got) >= 980, "%d ms", ms(got));
    ROW("ipv6-time", ip(six, IP_EVENT_GOT_IP6) && ms(six) >= 1490, "%d ms", ms(six));
    esp_ip6_addr_t address;
    ROW("linklocal-tentative", esp_netif_get_ip6_linklocal(station, &address) == ESP_OK);
    ROW("linklocal-tentative", esp_netif_create_ip6_linklocal(station) == ESP_OK);
    ROW("linklocal-tentative", esp_netif_get_ip6_linklocal(station, &address) == ESP_FAIL);

    ESP_ERROR_CHECK(esp_wifi_disconnect());
    next();
    check_names();
    ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &config));
    begin = esp_timer_get_time();
    ESP_ERROR_CHECK(esp_wifi_connect());
    connected = next();
    ROW("connect-time", wifi(connected, WIFI_EVENT_STA_CONNECTED) && ms(connected) >= 2400, "%d ms", ms(connected));

    begin = skip_to(IP_EVENT, IP_EVENT_STA_GOT_IP).at;
    struct seen silent = next();
    end = next();
    ROW("beacon-time", wifi(silent, WIFI_EVENT_STA_BEACON_TIMEOUT) && ms(silent) >= 5900, "%d ms", ms(silent));
    ROW("beacon-time", disconnected(end, WIFI_REASON_BEACON_TIMEOUT, -60) && ms(end) >= 5900 + 2490, "%d ms", ms(end));
    printf("done\n");
}
