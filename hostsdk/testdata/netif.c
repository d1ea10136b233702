/* The station's interface: static addresses, DNS, IPv6 and the loss of it all. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "join.h"
#include "freertos/queue.h"
#include "netdb.h"

struct event {
    bool wifi;
    int32_t id;
    ip_event_got_ip_t ip;
    ip_event_got_ip6_t ip6;
};

static QueueHandle_t events;
static esp_netif_t *netif;
static volatile bool losing; /* the loss of an address is waited for: its timer may end earlier, too */

static void on_event(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    (void)arg;
    if (base == IP_EVENT && id == IP_EVENT_STA_LOST_IP && !losing) {
        return;
    }
    struct event e = { .wifi = base == WIFI_EVENT, .id = id };
    if (base == IP_EVENT && id == IP_EVENT_GOT_IP6) {
        e.ip6 = *(ip_event_got_ip6_t *)data;
    } else if (base == IP_EVENT) {
        e.ip = *(ip_event_got_ip_t *)data;
    }
    xQueueSend(events, &e, 0);
}

static struct event next(void)
{
    struct event e;
    xQueueReceive(events, &e, portMAX_DELAY);
    return e;
}

static bool finds_names(void)
{
    struct addrinfo *res;
    if (getaddrinfo("example.com", "80", NULL, &res) != 0) {
        return false;
    }
    freeaddrinfo(res);
    return true;
}

static void expect_wifi(int32_t id)
{
    struct event e = next();
    CHECK(e.wifi && e.id == id);
}

static void expect_address(uint32_t address, bool is_changed)
{
    struct event e = next();
    esp_netif_ip_info_t info;
    CHECK(!e.wifi && e.id == IP_EVENT_STA_GOT_IP && e.ip.ip_info.ip.addr == address && e.ip.ip_changed == is_changed);
    CHECK(e.ip.esp_netif == netif);
    CHECK(esp_netif_get_ip_info(netif, &info) == ESP_OK && info.ip.addr == address);
}

static void check_text(void)
{
    esp_ip4_addr_t address;
    CHECK(esp_netif_str_to_ip4("192.168.1.50", &address) == ESP_OK && address.addr == ESP_IP4TOADDR(192, 168, 1, 50));
    CHECK(esp_netif_str_to_ip4("192.168.1.", &address) == ESP_FAIL);
    CHECK(esp_netif_str_to_ip4(NULL, &address) == ESP_ERR_INVALID_ARG && esp_netif_str_to_ip4("1.2.3.4", NULL) == ESP_ERR_INVALID_ARG);
}

static void check_hostname(void)
{
    const char *name = NULL;
    CHECK(esp_netif_get_hostname(netif, &name) == ESP_ERR_ESP_NETIF_IF_NOT_READY);
    CHECK(esp_netif_set_hostname(netif, "name-of-33-characters-is-too-long") == ESP_ERR_ESP_NETIF_INVALID_PARAMS);
    CHECK(esp_netif_set_hostname(netif, "one-of-32-characters-is-accepted") == ESP_OK);
    CHECK(esp_netif_get_hostname(netif, &name) == ESP_OK && strlen(name) == 32);
    CHECK(esp_netif_set_hostname(NULL, "board") == ESP_ERR_INVALID_ARG && esp_netif_get_hostname(NULL, &name) == ESP_ERR_INVALID_ARG);
}

static void check_static(void)
{
    const esp_netif_ip_info_t info = { .ip = { ESP_IP4TOADDR(10, 0, 0, 7) }, .netmask = { ESP_IP4TOADDR(255, 255, 255, 0) },
                                       .gw = { ESP_IP4TOADDR(10, 0, 0, 1) } };
    esp_netif_dns_info_t dns = { .ip = { .u_addr.ip4 = info.gw, .type = ESP_IPADDR_TYPE_V4 } }, got;
    esp_netif_ip_info_t read;
    esp_netif_dhcp_status_t status;
    CHECK(esp_netif_dhcpc_get_status(netif, &status) == ESP_OK && status == ESP_NETIF_DHCP_INIT);
    CHECK(esp_netif_set_ip_info(netif, &info) == ESP_ERR_ESP_NETIF_DHCP_NOT_STOPPED);
    CHECK(esp_netif_dhcpc_stop(netif) == ESP_OK);
    CHECK(esp_netif_dhcpc_stop(netif) == ESP_ERR_ESP_NETIF_DHCP_ALREADY_STOPPED);
    CHECK(esp_netif_dhcpc_get_status(netif, &status) == ESP_OK && status == ESP_NETIF_DHCP_STOPPED);
    CHECK(esp_netif_set_dns_info(netif, ESP_NETIF_DNS_MAIN, &dns) == ESP_OK);
    CHECK(esp_netif_set_ip_info(netif, &info) == ESP_OK); /* and the DNS server is forgotten */
    CHECK(esp_netif_get_dns_info(netif, ESP_NETIF_DNS_MAIN, &got) == ESP_OK && got.ip.u_addr.ip4.addr == 0);
    CHECK(esp_netif_get_ip_info(netif, &read) == ESP_OK && memcmp(&read, &info, sizeof(read)) == 0);
    CHECK(esp_netif_create_ip6_linklocal(netif) == ESP_FAIL); /* not before the connection */
    CHECK(!esp_netif_is_netif_up(netif) && !esp_netif_is_netif_up(NULL));

    esp_wifi_connect();
    expect_wifi(WIFI_EVENT_STA_CONNECTED);
    CHECK(esp_netif_is_netif_up(netif));
    expect_address(info.ip.addr, true);
    CHECK(!finds_names());
    CHECK(esp_netif_set_dns_info(netif, ESP_NETIF_DNS_MAIN, &(esp_netif_dns_info_t){ 0 }) == ESP_ERR_ESP_NETIF_INVALID_PARAMS);
    CHECK(esp_netif_set_dns_info(netif, ESP_NETIF_DNS_BACKUP, &dns) == ESP_OK);
    CHECK(esp_netif_get_dns_info(netif, ESP_NETIF_DNS_BACKUP, &got) == ESP_OK && got.ip.u_addr.ip4.addr == info.gw.addr);
    CHECK(finds_names());

    /* The same address is there again at once. */
    esp_wifi_disconnect();
    expect_wifi(WIFI_EVENT_STA_DISCONNECTED);
    CHECK(!esp_netif_is_netif_up(netif) && !finds_names());
    esp_wifi_connect();
    expect_wifi(WIFI_EVENT_STA_CONNECTED);
    expect_address(info.ip.addr, false);
}

static void check_dhcp(void)
{
    esp_netif_dhcp_status_t status;
    CHECK(esp_netif_dhcpc_start(netif) == ESP_OK);
    CHECK(esp_netif_dhcpc_start(netif) == ESP_ERR_ESP_NETIF_DHCP_ALREADY_STARTED);
    CHECK(!finds_names());
    expect_address(ESP_IP4TOADDR(192, 168, 137, 42), true);
    CHECK(esp_netif_dhcpc_get_status(netif, &status) == ESP_OK && status == ESP_NETIF_DHCP_STARTED);
    CHECK(finds_names());
}

static void check_ipv6(void)
{
    char text[40];
    esp_ip6_addr_t address;
    struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(9) };
    inet_pton(AF_INET6, "2001:db8::1", &a.sin6_addr);
    int s = socket(AF_INET6, SOCK_STREAM, 0);
    if (s >= 0) { /* where the PC has IPv6 */
        CHECK(connect(s, (struct sockaddr *)&a, sizeof(a)) == -1 && errno == EHOSTUNREACH);
        close(s);
    }
    CHECK(esp_netif_get_ip6_linklocal(netif, &address) == ESP_FAIL);
    CHECK(esp_netif_create_ip6_linklocal(netif) == ESP_OK);
    struct event e = next();
    CHECK(!e.wifi && e.id == IP_EVENT_GOT_IP6 && e.ip6.esp_netif == netif && e.ip6.ip_index == 0);
    snprintf(text, sizeof(text), IPV6STR, IPV62STR(e.ip6.ip6_info.ip));
    CHECK(strcmp(text, "fe80:0000:0000:0000:0000:00ff:fe00:0000") == 0);
    CHECK(esp_netif_get_ip6_linklocal(netif, &address) == ESP_OK && memcmp(&address, &e.ip6.ip6_info.ip, sizeof(address)) == 0);
}

/* A connection ends with the link, and the address is lost some time later. */
static void check_loss(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t length = sizeof(a);
    int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(server, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(server, 1) == 0);
    CHECK(getsockname(server, (struct sockaddr *)&a, &length) == 0 && a.sin_addr.s_addr == INADDR_ANY);
    inet_pton(AF_INET, "192.168.137.1", &a.sin_addr);
    CHECK(connect(client, (struct sockaddr *)&a, sizeof(a)) == 0);
    int accepted = accept(server, NULL, NULL);
    CHECK(getsockname(accepted, (struct sockaddr *)&a, &length) == 0 && a.sin_addr.s_addr == ESP_IP4TOADDR(192, 168, 137, 42));

    esp_wifi_disconnect();
    expect_wifi(WIFI_EVENT_STA_DISCONNECTED);
    losing = true;
    CHECK(recv(accepted, &a, 1, 0) == -1 && errno == ECONNABORTED);
    CHECK(close(accepted) == 0 && close(client) == 0 && close(server) == 0);
    struct event e = next();
    CHECK(!e.wifi && e.id == IP_EVENT_STA_LOST_IP && e.ip.esp_netif == netif && e.ip.ip_info.ip.addr == 0);
    CHECK(esp_netif_get_ip6_linklocal(netif, &(esp_ip6_addr_t){ 0 }) == ESP_FAIL);

    esp_wifi_connect();
    expect_wifi(WIFI_EVENT_STA_CONNECTED);
    expect_address(ESP_IP4TOADDR(192, 168, 137, 42), true); /* no longer known */
}

void app_main(void)
{
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    wifi_config_t config = { .sta = { .ssid = "lab" } };
    events = xQueueCreate(8, sizeof(struct event));
    ESP_ERROR_CHECK(nvs_flash_init());
    ESP_ERROR_CHECK(esp_netif_init());
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    CHECK(esp_netif_get_handle_from_ifkey("WIFI_STA_DEF") == NULL);
    netif = esp_netif_create_default_wifi_sta();
    CHECK(netif != NULL && esp_netif_get_handle_from_ifkey("WIFI_STA_DEF") == netif);
    CHECK(esp_netif_get_handle_from_ifkey("ETH_DEF") == NULL);
    check_text();
    check_hostname();
    CHECK(esp_netif_get_netif_impl_index(netif) == 1 && esp_netif_get_netif_impl_index(NULL) == -1);
    ESP_ERROR_CHECK(esp_wifi_init(&init));
    ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));
    ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &config));
    ESP_ERROR_CHECK(esp_wifi_start());
    CHECK(esp_netif_get_netif_impl_index(netif) == 2);
    ESP_ERROR_CHECK(esp_event_handler_register(WIFI_EVENT, WIFI_EVENT_STA_CONNECTED, on_event, NULL));
    ESP_ERROR_CHECK(esp_event_handler_register(WIFI_EVENT, WIFI_EVENT_STA_DISCONNECTED, on_event, NULL));
    ESP_ERROR_CHECK(esp_event_handler_register(IP_EVENT, ESP_EVENT_ANY_ID, on_event, NULL));
    check_static();
    check_dhcp();
    check_ipv6();
    check_loss();
    printf("done\n");
}
