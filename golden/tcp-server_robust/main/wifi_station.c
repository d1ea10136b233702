#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include "esp_check.h"
#include "esp_event.h"
#include "esp_log.h"
#include "esp_mac.h"
#include "esp_netif.h"
#include "esp_timer.h"
#include "esp_wifi.h"
#include "sdkconfig.h"
#include "backoff.h"
#include "wifi_reason.h"
#include "wifi_station.h"

// An SSID has up to 32 bytes and a key up to 64, and neither needs a NUL at its end.
#define SSID CONFIG_WIFI_STATION_SSID
#define PASSWORD CONFIG_WIFI_STATION_PASSWORD
_Static_assert(sizeof(SSID) - 1 >= 1, "the SSID is empty");
_Static_assert(sizeof(SSID) - 1 <= 32, "the SSID has more than 32 bytes");
_Static_assert(sizeof(PASSWORD) - 1 == 0 || sizeof(PASSWORD) - 1 >= 8, "the Wi-Fi password has less than 8 characters");
_Static_assert(sizeof(PASSWORD) - 1 <= 64, "the Wi-Fi password has more than 64 characters");
_Static_assert(CONFIG_WIFI_STATION_BACKOFF_FIRST_MS <= CONFIG_WIFI_STATION_BACKOFF_LONGEST_MS,
               "the first reconnect delay is above the maximum");
_Static_assert(sizeof(CONFIG_WIFI_STATION_HOSTNAME) - 1 <= 32, "the host name has more than 32 characters");

#if CONFIG_WIFI_STATION_AUTH_OPEN
#define WEAKEST_AUTH WIFI_AUTH_OPEN
#elif CONFIG_WIFI_STATION_AUTH_WPA_PSK
#define WEAKEST_AUTH WIFI_AUTH_WPA_PSK
#elif CONFIG_WIFI_STATION_AUTH_WPA3_PSK
#define WEAKEST_AUTH WIFI_AUTH_WPA3_PSK
#else
#define WEAKEST_AUTH WIFI_AUTH_WPA2_PSK
#endif

#if CONFIG_WIFI_STATION_PS_MIN_MODEM
#define POWER_SAVE WIFI_PS_MIN_MODEM
#elif CONFIG_WIFI_STATION_PS_MAX_MODEM
#define POWER_SAVE WIFI_PS_MAX_MODEM
#else
#define POWER_SAVE WIFI_PS_NONE
#endif

#if CONFIG_WIFI_STATION_SCAN_FAST
#define SCAN_METHOD WIFI_FAST_SCAN
#else
#define SCAN_METHOD WIFI_ALL_CHANNEL_SCAN
#endif

// How long the driver may take to join a network, or to say that it cannot.
#define JOIN_WAIT_MS 30000

// How long the driver may take to leave a network, or to start.
#define DRIVER_WAIT_MS 5000

// How long the station stays in a network that gives it no address.
#define ADDRESS_WAIT_MS 60000

static const char *TAG = "wifi_station";

// What the station waits for.
enum {
    // The time of the next try.
    PAUSING,
    // The driver's word that Wi-Fi has started.
    STARTING,
    // The driver's word that the station is in the network, or cannot join it.
    JOINING,
    // The driver's word that the station has left the network.
    LEAVING,
    // An address: the station is in the network.
    JOINED,
    // Nothing: the station has an address.
    ONLINE,
};

// The timer's task and that of the event loop use these.
static atomic_int state = STARTING;
static esp_timer_handle_t timer;

static wifi_station_listener_t tell_listener;
static esp_netif_t *netif;

// The variables below belong to the task of the event loop.
static bool up;
static bool has_ipv4;
static backoff_t backoff = {
    .first_ms = CONFIG_WIFI_STATION_BACKOFF_FIRST_MS,
    .longest_ms = CONFIG_WIFI_STATION_BACKOFF_LONGEST_MS,
};

// Waits for something, but not for ever: on_timer() runs if it does not come in time. The timer does
// the waiting, since a handler that waited would hold up every other event.
static void wait_for(int what, uint32_t ms)
{
    // This fails if the timer is not running, which does no harm.
    esp_timer_stop(timer);
    atomic_store(&state, what);
    if (what == ONLINE) {
        return;
    }
    esp_err_t err = esp_timer_start_once(timer, (uint64_t)ms * 1000);
    if (err != ESP_OK) {
        ESP_LOGE(TAG, "esp_timer_start_once failed: %s", esp_err_to_name(err));
    }
}

static void join(void)
{
    wait_for(JOINING, JOIN_WAIT_MS);
    esp_err_t err = esp_wifi_connect();
    if (err != ESP_OK) {
        ESP_LOGE(TAG, "esp_wifi_connect failed: %s", esp_err_to_name(err));
    }
}

static void leave(void)
{
    wait_for(LEAVING, DRIVER_WAIT_MS);
    esp_err_t err = esp_wifi_disconnect();
    if (err != ESP_OK) {
        ESP_LOGE(TAG, "esp_wifi_disconnect failed: %s", esp_err_to_name(err));
    }
}

static void restart_wifi(void)
{
    wait_for(STARTING, DRIVER_WAIT_MS);
    esp_err_t err = esp_wifi_stop();
    if (err != ESP_OK) {
        ESP_LOGE(TAG, "esp_wifi_stop failed: %s", esp_err_to_name(err));
    }
    err = esp_wifi_start();
    if (err != ESP_OK) {
        ESP_LOGE(TAG, "esp_wifi_start failed: %s", esp_err_to_name(err));
    }
}

// The timer's callback: the time is up. Stopping and starting Wi-Fi takes a moment, in which no other
// esp_timer runs. If the driver hangs, that is until the device restarts.
static void on_timer(void *arg)
{
    switch (atomic_load(&state)) {
    case PAUSING:
        join();
        break;
    case JOINING:
        ESP_LOGW(TAG, "No answer from the Wi-Fi driver in %d ms: giving up this try", JOIN_WAIT_MS);
        leave();
        break;
    case JOINED:
        ESP_LOGW(TAG, "No address in %d ms: leaving, to join again", ADDRESS_WAIT_MS);
        leave();
        break;
    case STARTING:
    case LEAVING:
        ESP_LOGE(TAG, "No answer from the Wi-Fi driver in %d ms: stopping and starting Wi-Fi", DRIVER_WAIT_MS);
        restart_wifi();
        break;
    default:
        break;
    }
}

static void set_down(void)
{
    has_ipv4 = false;
    if (up) {
        up = false;
        tell_listener(WIFI_STATION_DOWN);
    }
}

// There is an address, the first one or another one.
static void add_address(void)
{
    wait_for(ONLINE, 0);
    backoff_reset(&backoff);
    if (up) {
        tell_listener(WIFI_STATION_MORE_ADDRESSES);
    } else {
        up = true;
        tell_listener(WIFI_STATION_UP);
    }
}

// Whether the station is in the network. If not, an address is one of a link that has been lost: its event
// has waited behind that of the loss.
static bool is_in_network(void)
{
    int now = atomic_load(&state);
    return now == JOINED || now == ONLINE;
}

static void on_start(void)
{
    ESP_LOGI(TAG, "Joining \"%s\"", SSID);
    // Set it at each start: nothing says that the driver keeps it.
    esp_err_t err = esp_wifi_set_ps(POWER_SAVE);
    if (err != ESP_OK) {
        ESP_LOGE(TAG, "esp_wifi_set_ps failed: %s", esp_err_to_name(err));
    }
    join();
}

static void on_connected(const wifi_event_sta_connected_t *event)
{
    ESP_LOGI(TAG, "Joined the access point " MACSTR " on channel %u", MAC2STR(event->bssid), event->channel);
    wait_for(JOINED, ADDRESS_WAIT_MS);
#if !CONFIG_NET_FAMILY_IPV4
    // IPv6 does nothing before there is a link-local address.
    esp_err_t err = esp_netif_create_ip6_linklocal(netif);
    if (err != ESP_OK) {
        ESP_LOGE(TAG, "esp_netif_create_ip6_linklocal failed: %s", esp_err_to_name(err));
    }
#endif
}

static void on_disconnected(const wifi_event_sta_disconnected_t *event)
{
    set_down();
    ESP_LOGW(TAG, "Disconnected: %s (%u): %s", wifi_reason_name(event->reason), event->reason,
             wifi_reason_hint(event->reason));
    if (atomic_load(&state) == STARTING) {
        // Wi-Fi stops, and will be started.
        return;
    }
    // If the station roams, the driver joins the other access point by itself. This try is for when it
    // does not.
    bool roams = event->reason == WIFI_REASON_ROAMING;
    uint32_t ms = roams ? CONFIG_WIFI_STATION_BACKOFF_LONGEST_MS : backoff_next_ms(&backoff);
    ESP_LOGI(TAG, "Next try in %" PRIu32 " ms", ms);
    wait_for(PAUSING, ms);
}

static void on_wifi_event(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    switch (id) {
    case WIFI_EVENT_STA_START:
        on_start();
        break;
    case WIFI_EVENT_STA_CONNECTED:
        on_connected(data);
        break;
    case WIFI_EVENT_STA_DISCONNECTED:
        on_disconnected(data);
        break;
    default:
        break;
    }
}

#if CONFIG_WIFI_STATION_STATIC_IP
_Static_assert(sizeof(CONFIG_WIFI_STATION_ADDRESS) > 1 && sizeof(CONFIG_WIFI_STATION_NETMASK) > 1 &&
                   sizeof(CONFIG_WIFI_STATION_GATEWAY) > 1 && sizeof(CONFIG_WIFI_STATION_DNS) > 1,
               "a static address needs address, netmask, gateway and DNS server");

// The DNS server is set with every address, since ESP-IDF forgets it when an address is set.
static void set_dns(void)
{
    esp_netif_dns_info_t dns = { .ip = { .type = ESP_IPADDR_TYPE_V4 } };
    esp_err_t err = esp_netif_str_to_ip4(CONFIG_WIFI_STATION_DNS, &dns.ip.u_addr.ip4);
    if (err == ESP_OK) {
        err = esp_netif_set_dns_info(netif, ESP_NETIF_DNS_MAIN, &dns);
    }
    if (err != ESP_OK) {
        ESP_LOGE(TAG, "The DNS server is not set: %s", esp_err_to_name(err));
    }
}

static esp_err_t set_static_ip(void)
{
    esp_netif_ip_info_t info;
    ESP_RETURN_ON_ERROR(esp_netif_str_to_ip4(CONFIG_WIFI_STATION_ADDRESS, &info.ip), TAG, "The address is wrong");
    ESP_RETURN_ON_ERROR(esp_netif_str_to_ip4(CONFIG_WIFI_STATION_NETMASK, &info.netmask), TAG, "The netmask is wrong");
    ESP_RETURN_ON_ERROR(esp_netif_str_to_ip4(CONFIG_WIFI_STATION_GATEWAY, &info.gw), TAG, "The gateway is wrong");
    ESP_RETURN_ON_ERROR(esp_netif_dhcpc_stop(netif), TAG, "DHCP does not stop");
    return esp_netif_set_ip_info(netif, &info);
}
#endif

static void on_got_ip(const ip_event_got_ip_t *event)
{
    if (!is_in_network()) {
        return;
    }
    ESP_LOGI(TAG, "Address " IPSTR, IP2STR(&event->ip_info.ip));
#if CONFIG_WIFI_STATION_STATIC_IP
    set_dns();
#endif
#if !CONFIG_NET_FAMILY_IPV6
    if (has_ipv4 && event->ip_changed) {
        tell_listener(WIFI_STATION_NEW_ADDRESS);
    } else {
        add_address();
    }
    has_ipv4 = true;
#endif
}

#if !CONFIG_NET_FAMILY_IPV4
static void on_got_ip6(const ip_event_got_ip6_t *event)
{
    if (!is_in_network() || event->esp_netif != netif) {
        return;
    }
    ESP_LOGI(TAG, "Address " IPV6STR, IPV62STR(event->ip6_info.ip));
#if CONFIG_NET_FAMILY_DUAL
    // A link-local address comes without a router, and so says nothing of DHCP: it is not enough.
    esp_ip6_addr_t address = event->ip6_info.ip;
    if (esp_netif_ip6_get_addr_type(&address) == ESP_IP6_ADDR_IS_LINK_LOCAL) {
        return;
    }
#endif
    add_address();
}
#endif

static void on_ip_event(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    switch (id) {
    case IP_EVENT_STA_GOT_IP:
        on_got_ip(data);
        break;
#if CONFIG_NET_FAMILY_IPV4
    case IP_EVENT_STA_LOST_IP:
        ESP_LOGW(TAG, "The address is lost");
        set_down();
        if (atomic_load(&state) == ONLINE) {
            wait_for(JOINED, ADDRESS_WAIT_MS);
        }
        break;
#else
    case IP_EVENT_GOT_IP6:
        on_got_ip6(data);
        break;
#endif
    default:
        break;
    }
}

esp_err_t wifi_station_join(wifi_station_listener_t listener)
{
    tell_listener = listener;

    ESP_RETURN_ON_ERROR(esp_netif_init(), TAG, "The network stack does not start");
    ESP_RETURN_ON_ERROR(esp_event_loop_create_default(), TAG, "The event loop does not start");
    netif = esp_netif_create_default_wifi_sta();
    ESP_RETURN_ON_ERROR(esp_netif_set_hostname(netif, CONFIG_WIFI_STATION_HOSTNAME), TAG, "The host name is not taken");
#if CONFIG_WIFI_STATION_STATIC_IP
    ESP_RETURN_ON_ERROR(set_static_ip(), TAG, "The static address is not taken");
#endif

    const esp_timer_create_args_t timer_args = { .callback = on_timer, .name = "wifi_station" };
    ESP_RETURN_ON_ERROR(esp_timer_create(&timer_args, &timer), TAG, "There is no timer");
    ESP_RETURN_ON_ERROR(esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, on_wifi_event, NULL), TAG,
                        "The handler of Wi-Fi events is not taken");
    ESP_RETURN_ON_ERROR(esp_event_handler_register(IP_EVENT, ESP_EVENT_ANY_ID, on_ip_event, NULL), TAG,
                        "The handler of IP events is not taken");

    const wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    ESP_RETURN_ON_ERROR(esp_wifi_init(&init), TAG, "The Wi-Fi driver does not start");
    // The settings come from the firmware: the driver need not keep a copy of the password in flash.
    ESP_RETURN_ON_ERROR(esp_wifi_set_storage(WIFI_STORAGE_RAM), TAG, "The storage is not taken");
    ESP_RETURN_ON_ERROR(esp_wifi_set_mode(WIFI_MODE_STA), TAG, "The mode is not taken");
    wifi_config_t config = {
        .sta = {
            .scan_method = SCAN_METHOD,
            .sort_method = WIFI_CONNECT_AP_BY_SIGNAL,
            .threshold.authmode = WEAKEST_AUTH,
            .pmf_cfg.capable = true,
            .sae_pwe_h2e = WPA3_SAE_PWE_BOTH,
        },
    };
    memcpy(config.sta.ssid, SSID, sizeof(SSID) - 1);
    memcpy(config.sta.password, PASSWORD, sizeof(PASSWORD) - 1);
    ESP_RETURN_ON_ERROR(esp_wifi_set_config(WIFI_IF_STA, &config), TAG, "The network's settings are not taken");
    wait_for(STARTING, DRIVER_WAIT_MS);
    ESP_RETURN_ON_ERROR(esp_wifi_start(), TAG, "Wi-Fi does not start");
    return ESP_OK;
}
