/* What the interface's calls return, and what is known of names and DNS servers when. */
#include "station.h"

static esp_netif_dns_info_t dns_of(uint32_t address)
{
    return (esp_netif_dns_info_t){ .ip = { .u_addr.ip4.addr = address, .type = ESP_IPADDR_TYPE_V4 } };
}

static uint32_t server(esp_netif_dns_type_t type)
{
    esp_netif_dns_info_t dns = { 0 };
    ESP_ERROR_CHECK(esp_netif_get_dns_info(station, type, &dns));
    return dns.ip.u_addr.ip4.addr;
}

static void set_servers(void)
{
    for (esp_netif_dns_type_t type = ESP_NETIF_DNS_MAIN; type < ESP_NETIF_DNS_MAX; type++) {
        esp_netif_dns_info_t dns = dns_of(ESP_IP4TOADDR(10, 0, 0, 1 + type));
        ESP_ERROR_CHECK(esp_netif_set_dns_info(station, type, &dns));
    }
}

static bool only_fallback(void)
{
    return server(ESP_NETIF_DNS_MAIN) == 0 && server(ESP_NETIF_DNS_BACKUP) == 0 && server(ESP_NETIF_DNS_FALLBACK) == ESP_IP4TOADDR(10, 0, 0, 3);
}

static void check_null(void)
{
    const char *name;
    esp_netif_ip_info_t info = { 0 };
    esp_netif_dns_info_t dns = dns_of(1);
    ROW("netif-null", esp_netif_set_hostname(NULL, "board") == ESP_ERR_INVALID_ARG && esp_netif_get_hostname(NULL, &name) == ESP_ERR_INVALID_ARG);
    ROW("netif-null", esp_netif_set_ip_info(NULL, &info) == ESP_ERR_INVALID_STATE);
    ROW("netif-null", esp_netif_set_dns_info(NULL, ESP_NETIF_DNS_MAIN, &dns) == ESP_ERR_ESP_NETIF_INVALID_PARAMS);
    ROW("dns-type-9", esp_netif_get_dns_info(station, 9, &dns) == ESP_OK);
}

static bool is_named(const char *want)
{
    const char *name = "";
    return esp_netif_get_hostname(station, &name) == ESP_OK && strcmp(name, want) == 0;
}

static void check_hostname_lengths(void)
{
    ROW("hostname-length", esp_netif_set_hostname(station, "123456789-123456789-123456789-123") == ESP_ERR_ESP_NETIF_INVALID_PARAMS);
    ROW("hostname-length", esp_netif_set_hostname(station, "123456789-123456789-123456789-12") == ESP_OK);
    ROW("hostname-length", esp_netif_set_hostname(station, "") == ESP_OK && is_named(""));
    ROW("hostname-length", esp_netif_set_hostname(station, "bad name!") == ESP_OK && is_named("bad name!"));
}

static void check_down(void)
{
    esp_netif_ip_info_t info = { .ip = { 1 } };
    ROW("dhcp-codes", esp_netif_set_ip_info(station, &info) == ESP_ERR_ESP_NETIF_DHCP_NOT_STOPPED);
    ROW("dhcp-codes", esp_netif_get_ip_info(station, &info) == ESP_OK && info.ip.addr == 0 && info.gw.addr == 0);
    ROW("dhcp-codes", esp_netif_dhcpc_start(station) == ESP_OK && esp_netif_dhcpc_start(station) == ESP_OK);
    ROW("dhcp-codes", esp_netif_dhcpc_stop(station) == ESP_OK && esp_netif_dhcpc_stop(station) == ESP_ERR_ESP_NETIF_DHCP_ALREADY_STOPPED);
    set_servers();
    info = (esp_netif_ip_info_t){ .ip = { ESP_IP4TOADDR(10, 0, 0, 7) }, .netmask = { ESP_IP4TOADDR(255, 255, 255, 0) } };
    ROW("static-clears-dns", esp_netif_set_ip_info(station, &info) == ESP_OK && only_fallback());
    set_servers();
    ROW("dhcp-clears-dns", esp_netif_dhcpc_start(station) == ESP_OK && only_fallback());
    ROW("linklocal", esp_netif_create_ip6_linklocal(station) == ESP_FAIL);
}

static void check_up(void)
{
    esp_ip6_addr_t address;
    connect_station();
    ROW("dhcp-codes", esp_netif_dhcpc_start(station) == ESP_ERR_ESP_NETIF_DHCP_ALREADY_STARTED);
    ROW("linklocal", esp_netif_create_ip6_linklocal(station) == ESP_OK && ip(next(), IP_EVENT_GOT_IP6));
    ROW("linklocal", esp_netif_get_ip6_linklocal(station, &address) == ESP_OK);
    ROW("linklocal-again", esp_netif_create_ip6_linklocal(station) == ESP_OK && ip(next(), IP_EVENT_GOT_IP6));
    ROW("linklocal-again", esp_netif_get_ip6_linklocal(station, &address) == ESP_OK);
    set_servers();
    ESP_ERROR_CHECK(esp_wifi_disconnect());
    ROW("dns-survives", server(ESP_NETIF_DNS_MAIN) != 0 && server(ESP_NETIF_DNS_BACKUP) != 0);
    ROW("linklocal", esp_netif_get_ip6_linklocal(station, &address) == ESP_FAIL);
    ROW("linklocal", wifi(next(), WIFI_EVENT_STA_DISCONNECTED) && kept() == 0);
}

void app_main(void)
{
    const char *name;
    prepare();
    ROW("hostname", esp_netif_get_hostname(station, &name) == ESP_ERR_ESP_NETIF_IF_NOT_READY);
    ROW("impl-index", esp_netif_get_netif_impl_index(station) == 1);
    ESP_ERROR_CHECK(esp_wifi_start());
    ROW("hostname", is_named("espressif"));
    ROW("impl-index", esp_netif_get_netif_impl_index(station) == 2);
    skip_to(WIFI_EVENT, WIFI_EVENT_STA_START);
    check_null();
    check_hostname_lengths();
    check_down();
    check_up();
    printf("done\n");
}
