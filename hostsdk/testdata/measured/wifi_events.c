/* The driver's events, on a network that is there. Those of a call are handled before it returns. */
#include "station.h"

static const esp_netif_ip_info_t fixed = { .ip = { ESP_IP4TOADDR(10, 0, 0, 7) }, .netmask = { ESP_IP4TOADDR(255, 255, 255, 0) },
                                           .gw = { ESP_IP4TOADDR(10, 0, 0, 1) } };

static void check_start(void)
{
    ESP_ERROR_CHECK(esp_wifi_start());
    ROW("handlers-before-return", kept() == 2, "after start: %d", kept());
    struct seen first = next(), second = next();
    ROW("start-first", wifi(first, HOME_CHANNEL_CHANGE) && first.from == 0 && first.to == 1 && wifi(second, WIFI_EVENT_STA_START),
        "%d, %d", (int)first.id, (int)second.id);
    ROW("start-twice", esp_wifi_start() == ESP_OK && kept() == 0);
    ESP_ERROR_CHECK(esp_wifi_stop());
    ROW("handlers-before-return", kept() == 1, "after stop: %d", kept());
    ROW("stop-idle", wifi(next(), WIFI_EVENT_STA_STOP) && esp_wifi_stop() == ESP_OK && kept() == 0);
    ESP_ERROR_CHECK(esp_wifi_start());
    ROW("start-again", kept() == 1 && wifi(next(), WIFI_EVENT_STA_START));
}

static void check_connecting(void)
{
    ESP_ERROR_CHECK(esp_wifi_connect());
    esp_wifi_connect(); /* it fails, unless the first one is done already */
    struct seen change = next();
    ROW("connect-events", wifi(change, HOME_CHANNEL_CHANGE) && change.from == 1 && change.to == 6, "%d", (int)change.id);
    ROW("connect-events", wifi(next(), WIFI_EVENT_STA_CONNECTED) && ip(next(), IP_EVENT_STA_GOT_IP));
    ROW("connect-connecting-goes-on", kept() == 0);
}

static void check_connected(void)
{
    ROW("connect-connected", esp_wifi_connect() == ESP_OK && kept() == 0);
    set_network("other", "");
    ROW("connect-connected", esp_wifi_connect() == ESP_OK && kept() == 0);
    ESP_ERROR_CHECK(esp_wifi_disconnect());
    ROW("handlers-before-return", kept() == 1, "after disconnect: %d", kept());
    struct seen end = next();
    ROW("disconnect-connected", disconnected(end, WIFI_REASON_ASSOC_LEAVE, -60), "%d, %d", end.reason, end.rssi);
    ROW("connect-connected", strcmp(end.ssid, "other") == 0, "%s", end.ssid);
    ROW("disconnect-connected", esp_wifi_disconnect() == ESP_OK && kept() == 0); /* and none after reason 8 */
    ESP_ERROR_CHECK(esp_wifi_connect());
    struct seen again = next();
    ROW("connect-events", wifi(again, WIFI_EVENT_STA_CONNECTED), "a channel that is the same: %d", (int)again.id);
    skip_to(IP_EVENT, IP_EVENT_STA_GOT_IP);
    ESP_ERROR_CHECK(esp_wifi_stop());
    struct seen first = next(), second = next();
    ROW("stop-connected", disconnected(first, WIFI_REASON_ASSOC_LEAVE, -60) && wifi(second, WIFI_EVENT_STA_STOP));
    ROW("stop-connected", esp_wifi_stop() == ESP_OK && kept() == 0);
    ESP_ERROR_CHECK(esp_wifi_start());
    skip_to(WIFI_EVENT, WIFI_EVENT_STA_START);
}

static void check_modes(void)
{
    connect_station();
    ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_NULL));
    struct seen first = next(), second = next();
    ROW("mode-null-connected", disconnected(first, WIFI_REASON_ASSOC_LEAVE, -60) && wifi(second, WIFI_EVENT_STA_STOP));
    ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));
    ROW("mode-null-connected", wifi(next(), WIFI_EVENT_STA_START) && kept() == 0);
}

/* A static address: given with the connection, and anew while that is there. */
static void check_static(void)
{
    esp_netif_ip_info_t info = fixed;
    ESP_ERROR_CHECK(esp_netif_dhcpc_stop(station));
    ESP_ERROR_CHECK(esp_netif_set_ip_info(station, &info));
    ROW("static-after-connected", kept() == 0);
    ESP_ERROR_CHECK(esp_wifi_connect());
    ROW("static-after-connected", wifi(next(), WIFI_EVENT_STA_CONNECTED));
    struct seen got = next();
    ROW("static-after-connected", ip(got, IP_EVENT_STA_GOT_IP) && got.address == info.ip.addr);
    ROW("ip-changed", got.changed);
    ESP_ERROR_CHECK(esp_netif_set_ip_info(station, &info));
    ROW("static-while-up", kept() == 1 && ip(got = next(), IP_EVENT_STA_GOT_IP) && !got.changed);
    ROW("ip-changed", !got.changed);
    info.gw.addr = ESP_IP4TOADDR(10, 0, 0, 2);
    ESP_ERROR_CHECK(esp_netif_set_ip_info(station, &info));
    ROW("ip-changed", kept() == 1 && next().changed);
    ROW("handlers-before-return", kept() == 0);
    ROW("static-zero", esp_netif_set_ip_info(station, &(esp_netif_ip_info_t){ 0 }) == ESP_OK && kept() == 0);
}

void app_main(void)
{
    prepare();
    check_start();
    check_connecting();
    check_connected();
    check_modes();
    check_static();
    printf("done\n");
}
