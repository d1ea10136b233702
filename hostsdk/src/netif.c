/*
 * The station's interface: its addresses, DHCP and DNS. The driver's events bring it up and down, as ESP-IDF does it;
 * what takes time, a thread does.
 *
 * ESPGEN_WIFI also has
 *   no-ip           DHCP never answers
 *   ip-late=US      DHCP answers after this time
 *   new-ip          each connection gets another address
 *   station=N       which of several stations of one network this is, from 0 on
 */
#include <string.h>
#include "esp_event.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_wifi.h"
#include "host.h"
#include "lwip/inet.h"
#include "lwip/sockets.h"
#include "sdkconfig.h"

#define SCENARIO "ESPGEN_WIFI"

/* How long DHCP takes, with lwIP's check that no other has the address, and the same check for IPv6. */
#define FAST_US 20000
#define DHCP_US 1000000
#define IPV6_US 1750000

#define LOST_US   (CONFIG_ESP_NETIF_IP_LOST_TIMER_INTERVAL * INT64_C(1000000))

#define HOSTNAME_MAX 32

ESP_EVENT_DEFINE_BASE(IP_EVENT);

struct esp_netif_obj {
    char hostname[HOSTNAME_MAX + 1];
    bool has_hostname; /* from the start on, or since the project has set one */
    bool has_started;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;

/* Guarded by mutex. Addresses are in network byte order, 0 without one. */
static bool ready, up;
static struct esp_netif_obj *station;
static esp_netif_dhcp_status_t dhcp;
static esp_netif_ip_info_t configured;    /* kept while the interface is down: a static address */
static esp_netif_ip_info_t current, last; /* last: of the last event */
static esp_netif_dns_info_t dns[ESP_NETIF_DNS_MAX];
static bool ipv6;                    /* there is a link-local address */
static bool ipv6_checked;            /* and no other has it */
static unsigned ipv4_changes, ipv6_changes, leases;
static int64_t ipv4_lost_at = INT64_MIN, ipv6_lost_at = INT64_MIN; /* when the addresses changed last */
/* When it is time for each; INT64_MAX for never. */
static int64_t lease_at = INT64_MAX, ipv6_at = INT64_MAX, lost_at = INT64_MAX;

int host_station(void)
{
    return (int)host_setting_us(SCENARIO, "station", -1);
}

/* What differs between the stations of a network in their addresses. */
static uint32_t station_number(void)
{
    return host_station() > 0 ? (uint32_t)host_station() : 0;
}

/* FE80::FF:FE00:0, and FE80::FF:FE00:100 of the second station: of the MAC address that esp_read_mac() gives. */
static esp_ip6_addr_t link_local(void)
{
    return (esp_ip6_addr_t){ .addr = { htonl(0xfe800000), 0, htonl(0xff), htonl(0xfe000000 | station_number() << 8) } };
}

esp_ip6_addr_type_t esp_netif_ip6_get_addr_type(esp_ip6_addr_t *ip6_addr)
{
    uint32_t first = ntohl(ip6_addr->addr[0]);
    if (first >> 29 == 1) {
        return ESP_IP6_ADDR_IS_GLOBAL;
    }
    if (first >> 22 == 0xfe80 >> 6) {
        return ESP_IP6_ADDR_IS_LINK_LOCAL;
    }
    if (first >> 22 == 0xfec0 >> 6) {
        return ESP_IP6_ADDR_IS_SITE_LOCAL;
    }
    if (first >> 25 == 0xfc >> 1) {
        return ESP_IP6_ADDR_IS_UNIQUE_LOCAL;
    }
    bool mapped = first == 0 && ip6_addr->addr[1] == 0 && ip6_addr->addr[2] == htonl(0xffff);
    return mapped ? ESP_IP6_ADDR_IS_IPV4_MAPPED_IPV6 : ESP_IP6_ADDR_IS_UNKNOWN;
}

/* What the sockets see ------------------------------------------------------ */

bool host_link_up(bool over_ipv6)
{
    pthread_mutex_lock(&mutex);
    bool is_up = over_ipv6 ? ipv6 : current.ip.addr != 0;
    pthread_mutex_unlock(&mutex);
    return is_up;
}

uint32_t host_link_address(void)
{
    pthread_mutex_lock(&mutex);
    uint32_t a = current.ip.addr;
    pthread_mutex_unlock(&mutex);
    return a;
}

void host_link_ipv6(uint8_t address[16])
{
    pthread_mutex_lock(&mutex);
    memset(address, 0, 16);
    if (ipv6) {
        const esp_ip6_addr_t own = link_local();
        memcpy(address, own.addr, 16);
    }
    pthread_mutex_unlock(&mutex);
}

unsigned host_link_changes(bool over_ipv6)
{
    pthread_mutex_lock(&mutex);
    unsigned n = over_ipv6 ? ipv6_changes : ipv4_changes;
    pthread_mutex_unlock(&mutex);
    return n;
}

int64_t host_link_lost_at(bool over_ipv6)
{
    pthread_mutex_lock(&mutex);
    int64_t at = over_ipv6 ? ipv6_lost_at : ipv4_lost_at;
    pthread_mutex_unlock(&mutex);
    return at;
}

static bool dns_known(void)
{
    for (int i = 0; i < ESP_NETIF_DNS_MAX; i++) {
        if (dns[i].ip.type == ESP_IPADDR_TYPE_V6 || dns[i].ip.u_addr.ip4.addr != 0) {
            return true;
        }
    }
    return false;
}

bool host_netif_ready(void)
{
    pthread_mutex_lock(&mutex);
    bool is_ready = ready;
    pthread_mutex_unlock(&mutex);
    return is_ready;
}

bool host_dns_known(void)
{
    pthread_mutex_lock(&mutex);
    bool known = dns_known();
    pthread_mutex_unlock(&mutex);
    return known;
}

bool host_dns_reachable(void)
{
    pthread_mutex_lock(&mutex);
    bool reachable = (current.ip.addr != 0 || ipv6) && dns_known();
    pthread_mutex_unlock(&mutex);
    return reachable;
}

/* Changes, with the mutex held ---------------------------------------------- */

/* As esp_netif posts: an event for which there is no room is lost. */
static void post(int32_t id, const void *data, size_t size)
{
    host_post(IP_EVENT, id, data, size, false);
}

static void start_lost_timer(bool anew)
{
    if ((anew || lost_at == INT64_MAX) && LOST_US > 0) {
        lost_at = host_now_us() + LOST_US;
        pthread_cond_broadcast(&changed);
    }
}

/* Takes the IPv4 address away: its connections are aborted. */
static void lose_address(void)
{
    if (current.ip.addr != 0) {
        ipv4_changes++;
        ipv4_lost_at = host_now_us();
    }
    current = (esp_netif_ip_info_t){ 0 };
    start_lost_timer(false);
}

static void use_address(const esp_netif_ip_info_t *info)
{
    if (current.ip.addr != 0 && current.ip.addr != info->ip.addr) {
        ipv4_changes++;
        ipv4_lost_at = host_now_us();
    }
    current = *info;
    if (info->ip.addr == 0) {
        return;
    }
    host_wifi_got_address();
    ip_event_got_ip_t e = { .esp_netif = station, .ip_info = *info, .ip_changed = memcmp(info, &last, sizeof(last)) != 0 };
    last = *info;
    post(IP_EVENT_STA_GOT_IP, &e, sizeof(e));
}

/* The servers that DHCP or the project named; the fallback stays. */
static void forget_dns(void)
{
    memset(dns, 0, ESP_NETIF_DNS_FALLBACK * sizeof(dns[0]));
}

static void start_dhcp(void)
{
    char value[4];
    dhcp = ESP_NETIF_DHCP_STARTED;
    start_lost_timer(true);
    if (host_setting(SCENARIO, "no-ip", value, sizeof(value))) {
        host_say("Wi-Fi: DHCP does not answer, so there is no IP_EVENT_STA_GOT_IP (--wifi no-ip)");
    } else {
        lease_at = host_now_us() + host_setting_us(SCENARIO, "ip-late", host_takes_us(FAST_US, DHCP_US));
        pthread_cond_broadcast(&changed);
    }
}

static void take_lease(void)
{
    char value[4];
    uint32_t host = 42 + station_number();
    if (host_setting(SCENARIO, "new-ip", value, sizeof(value))) {
        host += leases++ % 100 * (host_station() < 0 ? 1 : 2); /* never one that the other station has */
    }
    lease_at = INT64_MAX;
    esp_netif_ip_info_t info = { .ip = { htonl(0xc0a88900 + host) }, .netmask = { htonl(0xffffff00) }, .gw = { htonl(0xc0a88901) } };
    dns[ESP_NETIF_DNS_MAIN].ip = (esp_ip_addr_t){ .u_addr.ip4 = info.gw, .type = ESP_IPADDR_TYPE_V4 };
    use_address(&info);
}

static void take_ipv6(void)
{
    ip_event_got_ip6_t e = { .esp_netif = station, .ip6_info = { .ip = link_local() } };
    ipv6_at = INT64_MAX;
    ipv6 = ipv6_checked = true;
    post(IP_EVENT_GOT_IP6, &e, sizeof(e));
}

/* Without an address for so long that it counts as lost. */
static void tell_loss(void)
{
    lost_at = INT64_MAX;
    if (current.ip.addr == 0) {
        ip_event_got_ip_t e = { .esp_netif = station };
        last = (esp_netif_ip_info_t){ 0 };
        post(IP_EVENT_STA_LOST_IP, &e, sizeof(e));
    }
}

static void *run_netif(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&mutex);
    for (;;) {
        int64_t now = host_now_us();
        if (lease_at <= now) {
            take_lease();
        } else if (ipv6_at <= now) {
            take_ipv6();
        } else if (lost_at <= now) {
            tell_loss();
        } else {
            int64_t next = lease_at < ipv6_at ? lease_at : ipv6_at;
            host_wait(&changed, &mutex, next < lost_at ? next : lost_at);
        }
    }
    return NULL;
}

/* ESP-IDF's handlers: those that the project registered before it made the interface come before them, others after - */

static void on_start(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    (void)arg, (void)base, (void)id, (void)data;
    pthread_mutex_lock(&mutex);
    station->has_started = true;
    if (!station->has_hostname) {
        strcpy(station->hostname, "espressif");
        station->has_hostname = true;
    }
    pthread_mutex_unlock(&mutex);
}

static void on_got_ip(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    (void)arg, (void)base, (void)id;
    static bool had_address;
    const esp_netif_ip_info_t *info = &((ip_event_got_ip_t *)data)->ip_info;
    if (!had_address) {
        had_address = true;
        host_take_heap(456);
    }
    ESP_LOGI("esp_netif_handlers", "sta ip: " IPSTR ", mask: " IPSTR ", gw: " IPSTR, IP2STR(&info->ip), IP2STR(&info->netmask),
             IP2STR(&info->gw));
}

static void on_connected(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    (void)arg, (void)base, (void)id, (void)data;
    pthread_mutex_lock(&mutex);
    up = true;
    if (dhcp == ESP_NETIF_DHCP_INIT) {
        forget_dns();
        start_dhcp();
    } else if (dhcp == ESP_NETIF_DHCP_STOPPED && configured.ip.addr == 0) {
        ESP_LOGE("esp_netif_handlers", "invalid static ip");
    } else if (dhcp == ESP_NETIF_DHCP_STOPPED) {
        use_address(&configured);
    }
    pthread_mutex_unlock(&mutex);
}

static void on_disconnected(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    (void)arg, (void)base, (void)id, (void)data;
    pthread_mutex_lock(&mutex);
    up = false;
    lease_at = ipv6_at = INT64_MAX;
    if (dhcp == ESP_NETIF_DHCP_STARTED) {
        dhcp = ESP_NETIF_DHCP_INIT;
    }
    if (ipv6) {
        ipv6_changes++;
        ipv6_lost_at = host_now_us();
    }
    ipv6 = ipv6_checked = false;
    lose_address(); /* the first of failed tries starts the timer, too; in 5.1 only the loss of an address does */
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

/* esp_netif ------------------------------------------------------------------ */

esp_err_t esp_netif_init(void)
{
    pthread_mutex_lock(&mutex);
    if (!ready) {
        ready = true;
        host_take_heap(4768);
    }
    pthread_mutex_unlock(&mutex);
    return ESP_OK;
}

esp_netif_t *esp_netif_create_default_wifi_sta(void)
{
    static struct esp_netif_obj obj;
    pthread_mutex_lock(&mutex);
    configASSERT(ready && station == NULL);
    host_cond_init(&changed);
    station = &obj;
    host_take_heap(864);
    pthread_mutex_unlock(&mutex);
    ESP_ERROR_CHECK(esp_event_handler_register(WIFI_EVENT, WIFI_EVENT_STA_START, on_start, NULL));
    ESP_ERROR_CHECK(esp_event_handler_register(WIFI_EVENT, WIFI_EVENT_STA_CONNECTED, on_connected, NULL));
    ESP_ERROR_CHECK(esp_event_handler_register(WIFI_EVENT, WIFI_EVENT_STA_DISCONNECTED, on_disconnected, NULL));
    ESP_ERROR_CHECK(esp_event_handler_register(IP_EVENT, IP_EVENT_STA_GOT_IP, on_got_ip, NULL));
    host_thread(run_netif, NULL);
    return &obj;
}

esp_netif_t *esp_netif_get_handle_from_ifkey(const char *if_key)
{
    pthread_mutex_lock(&mutex);
    esp_netif_t *found = strcmp(if_key, "WIFI_STA_DEF") == 0 ? station : NULL; /* without a key it crashes, as there */
    pthread_mutex_unlock(&mutex);
    return found;
}

esp_err_t esp_netif_set_hostname(esp_netif_t *esp_netif, const char *hostname)
{
    if (esp_netif == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (strlen(hostname) > HOSTNAME_MAX) {
        return ESP_ERR_ESP_NETIF_INVALID_PARAMS;
    }
    pthread_mutex_lock(&mutex);
    strcpy(esp_netif->hostname, hostname);
    esp_netif->has_hostname = true;
    pthread_mutex_unlock(&mutex);
    return ESP_OK;
}

esp_err_t esp_netif_get_hostname(esp_netif_t *esp_netif, const char **hostname)
{
    if (esp_netif == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    pthread_mutex_lock(&mutex);
    bool has_name = esp_netif->has_hostname;
    pthread_mutex_unlock(&mutex);
    if (!has_name) {
        return ESP_ERR_ESP_NETIF_IF_NOT_READY;
    }
    *hostname = esp_netif->hostname;
    return ESP_OK;
}

bool esp_netif_is_netif_up(esp_netif_t *esp_netif)
{
    pthread_mutex_lock(&mutex);
    bool is_up = esp_netif != NULL && up;
    pthread_mutex_unlock(&mutex);
    return is_up;
}

int esp_netif_get_netif_impl_index(esp_netif_t *esp_netif)
{
    if (esp_netif == NULL) {
        return -1;
    }
    pthread_mutex_lock(&mutex);
    int index = esp_netif->has_started ? 2 : 1; /* lwIP's first is the loopback */
    pthread_mutex_unlock(&mutex);
    return index;
}

esp_err_t esp_netif_str_to_ip4(const char *src, esp_ip4_addr_t *dst)
{
    if (src == NULL || dst == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    return inet_pton(AF_INET, src, dst) == 1 ? ESP_OK : ESP_FAIL;
}

esp_err_t esp_netif_get_ip_info(esp_netif_t *esp_netif, esp_netif_ip_info_t *ip_info)
{
    if (esp_netif == NULL || ip_info == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    pthread_mutex_lock(&mutex);
    *ip_info = up ? current : configured;
    pthread_mutex_unlock(&mutex);
    return ESP_OK;
}

esp_err_t esp_netif_set_ip_info(esp_netif_t *esp_netif, const esp_netif_ip_info_t *ip_info)
{
    if (esp_netif == NULL || ip_info == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    esp_err_t err = ESP_ERR_ESP_NETIF_DHCP_NOT_STOPPED;
    pthread_mutex_lock(&mutex);
    if (dhcp == ESP_NETIF_DHCP_STOPPED) {
        forget_dns();
        configured = *ip_info;
        if (up) {
            use_address(&configured);
        }
        err = ESP_OK;
    }
    pthread_mutex_unlock(&mutex);
    host_let_handlers_run();
    return err;
}

esp_err_t esp_netif_dhcpc_start(esp_netif_t *esp_netif)
{
    if (esp_netif == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    esp_err_t err = ESP_ERR_ESP_NETIF_DHCP_ALREADY_STARTED;
    pthread_mutex_lock(&mutex);
    if (dhcp != ESP_NETIF_DHCP_STARTED) {
        configured = (esp_netif_ip_info_t){ 0 };
        forget_dns();
        dhcp = ESP_NETIF_DHCP_INIT; /* while it is down: it starts with the next connection */
        if (up) {
            lose_address();
            start_dhcp();
        }
        err = ESP_OK;
    }
    pthread_mutex_unlock(&mutex);
    return err;
}

esp_err_t esp_netif_dhcpc_stop(esp_netif_t *esp_netif)
{
    if (esp_netif == NULL) {
        return ESP_ERR_ESP_NETIF_INVALID_PARAMS;
    }
    esp_err_t err = ESP_OK;
    pthread_mutex_lock(&mutex);
    if (dhcp == ESP_NETIF_DHCP_STOPPED) {
        err = ESP_ERR_ESP_NETIF_DHCP_ALREADY_STOPPED;
    } else if (dhcp == ESP_NETIF_DHCP_STARTED) {
        lease_at = INT64_MAX;
        lose_address();
        pthread_cond_broadcast(&changed);
    }
    dhcp = ESP_NETIF_DHCP_STOPPED;
    pthread_mutex_unlock(&mutex);
    return err;
}

esp_err_t esp_netif_dhcpc_get_status(esp_netif_t *esp_netif, esp_netif_dhcp_status_t *status)
{
    if (esp_netif == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    pthread_mutex_lock(&mutex);
    *status = dhcp; /* without one it crashes, as there */
    pthread_mutex_unlock(&mutex);
    return ESP_OK;
}

esp_err_t esp_netif_set_dns_info(esp_netif_t *esp_netif, esp_netif_dns_type_t type, esp_netif_dns_info_t *info)
{
    static const esp_ip6_addr_t none;
    if (esp_netif == NULL || info == NULL || type >= ESP_NETIF_DNS_MAX) {
        return ESP_ERR_ESP_NETIF_INVALID_PARAMS;
    }
    const esp_ip_addr_t *ip = &info->ip;
    if (ip->type == ESP_IPADDR_TYPE_V6 ? memcmp(ip->u_addr.ip6.addr, none.addr, sizeof(none.addr)) == 0 : ip->u_addr.ip4.addr == 0) {
        return ESP_ERR_ESP_NETIF_INVALID_PARAMS;
    }
    pthread_mutex_lock(&mutex);
    dns[type] = *info;
    pthread_mutex_unlock(&mutex);
    return ESP_OK;
}

esp_err_t esp_netif_get_dns_info(esp_netif_t *esp_netif, esp_netif_dns_type_t type, esp_netif_dns_info_t *info)
{
    static const esp_netif_dns_info_t none;
    if (esp_netif == NULL || info == NULL) {
        return ESP_ERR_ESP_NETIF_INVALID_PARAMS;
    }
    pthread_mutex_lock(&mutex);
    *info = type < ESP_NETIF_DNS_MAX ? dns[type] : none;
    pthread_mutex_unlock(&mutex);
    return ESP_OK;
}

esp_err_t esp_netif_create_ip6_linklocal(esp_netif_t *esp_netif)
{
    esp_err_t err = ESP_FAIL;
    pthread_mutex_lock(&mutex);
    if (esp_netif->has_started && up) { /* without an interface it crashes, as there */
        ipv6_checked = false;
        ipv6_at = host_now_us() + host_takes_us(FAST_US, IPV6_US);
        pthread_cond_broadcast(&changed);
        err = ESP_OK;
    }
    pthread_mutex_unlock(&mutex);
    return err;
}

esp_err_t esp_netif_get_ip6_linklocal(esp_netif_t *esp_netif, esp_ip6_addr_t *if_ip6)
{
    if (esp_netif == NULL || if_ip6 == NULL) {
        return ESP_ERR_ESP_NETIF_INVALID_PARAMS;
    }
    esp_err_t err = ESP_FAIL;
    pthread_mutex_lock(&mutex);
    if (ipv6_checked) {
        *if_ip6 = link_local();
        err = ESP_OK;
    }
    pthread_mutex_unlock(&mutex);
    return err;
}
