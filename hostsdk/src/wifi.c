/*
 * A Wi-Fi station without a radio. What the driver would do in time, a thread does: it makes and loses connections as
 * the scenario of espgen run says, and posts the driver's events in the driver's order.
 *
 * ESPGEN_WIFI is a list of
 *   absent=N        the access point is not found for the first N tries; without =N, never
 *   password        the password is wrong
 *   silent=N        no event follows the first N tries before the project disconnects; without =N, no try
 *   dead=N          no event follows the first N tries before the project stops Wi-Fi; without =N, no try
 *   ap=DBM:DBM...   the access points of the network in the order in which a scan finds them, with their signals
 *   drop=US         the connection is lost this long after each address
 *   back=US         the access point comes back this long after a loss
 */
#include <string.h>
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_wifi.h"
#include "host.h"
#include "lwip/inet.h"
#include "nvs_flash.h"

#define SCENARIO "ESPGEN_WIFI"

#define CONNECT_US 20000 /* how long association takes */

ESP_EVENT_DEFINE_BASE(WIFI_EVENT);

/* An event that the driver's thread is to post. */
struct outgoing {
    struct outgoing *next;
    int32_t id;
    size_t size;
    uint8_t data[];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;

/* Guarded by mutex. */
static bool nvs_ready, initialised, started;
static wifi_mode_t mode;
static wifi_config_t config;
static wifi_ps_type_t power_save = WIFI_PS_MIN_MODEM;
static enum { IDLE, CONNECTING, CONNECTED } state;
static int64_t state_until = INT64_MAX; /* when the connection is made, or lost */
static int tries;                       /* to connect, since the start */
static int64_t away_until;              /* when the access point is back */
static bool dead;                       /* the driver does nothing before it is stopped */
static wifi_ap_record_t joined;         /* the access point that the station is connected to */
static struct outgoing *outbox;

static esp_err_t unlock(esp_err_t err)
{
    pthread_mutex_unlock(&mutex);
    return err;
}

/* NVS -------------------------------------------------------------------- */

static esp_err_t set_nvs(bool is_ready, esp_err_t otherwise)
{
    pthread_mutex_lock(&mutex);
    bool was_ready = nvs_ready;
    nvs_ready = is_ready;
    return unlock(was_ready ? ESP_OK : otherwise);
}

esp_err_t nvs_flash_init(void)
{
    return set_nvs(true, ESP_OK);
}

esp_err_t nvs_flash_erase(void)
{
    return set_nvs(false, ESP_OK);
}

esp_err_t nvs_flash_deinit(void)
{
    return set_nvs(false, ESP_ERR_NVS_NOT_INITIALIZED);
}

/* The driver, with the mutex held ------------------------------------------ */

static void enter(int new_state, int64_t until)
{
    state = new_state;
    state_until = until;
    pthread_cond_broadcast(&changed);
}

static void post(int32_t id, const void *data, size_t size)
{
    struct outgoing *e = calloc(1, sizeof(*e) + size), **end = &outbox;
    if (e == NULL) {
        abort();
    }
    e->id = id;
    e->size = size;
    if (size > 0) {
        memcpy(e->data, data, size);
    }
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = e;
    pthread_cond_broadcast(&changed);
}

/* Ends a connection, or a try to make one. */
static void disconnect(uint8_t reason)
{
    wifi_event_sta_disconnected_t e = { .reason = reason, .rssi = -60 };
    memcpy(e.ssid, config.sta.ssid, sizeof(e.ssid));
    e.ssid_len = (uint8_t)strnlen((const char *)e.ssid, sizeof(e.ssid));
    enter(IDLE, INT64_MAX);
    post(WIFI_EVENT_STA_DISCONNECTED, &e, sizeof(e));
}

/* Whether the scenario does something to this try: to all of them, or to the first few. */
static bool befalls_try(const char *event)
{
    char value[16];
    return host_setting(SCENARIO, event, value, sizeof(value)) && (value[0] == '\0' || tries <= atoi(value));
}

/* Finds the network: the first access point, or of all the one with the strongest signal. */
static wifi_ap_record_t scan(void)
{
    char signals[256];
    if (!host_setting(SCENARIO, "ap", signals, sizeof(signals))) {
        return (wifi_ap_record_t){ .bssid = { 2, 0, 0, 0, 1, 1 }, .primary = 6, .rssi = -60 };
    }
    wifi_ap_record_t best = { .rssi = INT8_MIN };
    uint8_t number = 0;
    for (char *rest = signals, *one; (one = strsep(&rest, ":")) != NULL;) {
        number++;
        if (number == 1 || (config.sta.scan_method == WIFI_ALL_CHANNEL_SCAN && atoi(one) > best.rssi)) {
            best = (wifi_ap_record_t){ .bssid = { 2, 0, 0, 0, 1, number }, .primary = 1 + 5 * ((number - 1) % 3), .rssi = (int8_t)atoi(one) };
        }
    }
    return best;
}

static void try_to_connect(void)
{
    char value[16];
    tries++;
    if (befalls_try("dead")) {
        dead = true;
    }
    if (dead || befalls_try("silent")) {
        enter(CONNECTING, INT64_MAX);
    } else if (befalls_try("absent") || host_now_us() < away_until) {
        disconnect(WIFI_REASON_NO_AP_FOUND);
    } else if (host_setting(SCENARIO, "password", value, sizeof(value))) {
        disconnect(WIFI_REASON_4WAY_HANDSHAKE_TIMEOUT);
    } else {
        joined = scan();
        joined.authmode = WIFI_AUTH_WPA2_PSK;
        memcpy(joined.ssid, config.sta.ssid, sizeof(config.sta.ssid));
        wifi_event_sta_connected_t e = { .channel = joined.primary, .authmode = joined.authmode, .aid = 1 };
        memcpy(e.bssid, joined.bssid, sizeof(e.bssid));
        memcpy(e.ssid, config.sta.ssid, sizeof(e.ssid));
        e.ssid_len = (uint8_t)strnlen((const char *)e.ssid, sizeof(e.ssid));
        enter(CONNECTED, INT64_MAX);
        post(WIFI_EVENT_STA_CONNECTED, &e, sizeof(e));
    }
}

/* Posts the first event. It waits while the event queue is full, and the handlers may call the driver meanwhile. */
static void send_first(void)
{
    struct outgoing *e = outbox;
    outbox = e->next;
    pthread_mutex_unlock(&mutex);
    if (esp_event_post(WIFI_EVENT, e->id, e->data, e->size, portMAX_DELAY) != ESP_OK) {
        host_note("an event of WIFI_EVENT was lost");
    }
    free(e);
    pthread_mutex_lock(&mutex);
}

static void *run_driver(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&mutex);
    for (;;) {
        if (outbox != NULL) {
            send_first();
        } else if (host_now_us() < state_until) {
            host_wait(&changed, &mutex, state_until);
        } else if (state == CONNECTING) {
            try_to_connect();
        } else {
            away_until = host_now_us() + host_setting_us(SCENARIO, "back", 0);
            disconnect(WIFI_REASON_BEACON_TIMEOUT);
        }
    }
    return NULL;
}

/* The scenario says how long there is a connection once there is an address. */
void host_wifi_got_address(void)
{
    pthread_mutex_lock(&mutex);
    if (state == CONNECTED) {
        enter(CONNECTED, host_now_us() + host_setting_us(SCENARIO, "drop", INT64_MAX / 2));
    }
    pthread_mutex_unlock(&mutex);
}

/* esp_wifi ----------------------------------------------------------------- */

esp_err_t esp_wifi_init(const wifi_init_config_t *init)
{
    if (init == NULL || init->magic != WIFI_INIT_CONFIG_MAGIC) {
        return ESP_ERR_INVALID_ARG;
    }
    pthread_mutex_lock(&mutex);
    if (init->nvs_enable && !nvs_ready) {
        return unlock(ESP_ERR_NVS_NOT_INITIALIZED);
    }
    if (initialised) {
        return unlock(ESP_ERR_INVALID_STATE); /* as in ESP-IDF 6.0; older ones return ESP_OK */
    }
    host_cond_init(&changed);
    initialised = true;
    host_thread(run_driver, NULL);
    return unlock(ESP_OK);
}

esp_err_t esp_wifi_set_mode(wifi_mode_t new_mode)
{
    pthread_mutex_lock(&mutex);
    if (!initialised) {
        return unlock(ESP_ERR_WIFI_NOT_INIT);
    }
    if (new_mode != WIFI_MODE_STA && new_mode != WIFI_MODE_NULL) {
        return unlock(ESP_ERR_INVALID_ARG); /* the SDK has a station only */
    }
    mode = new_mode;
    return unlock(ESP_OK);
}

esp_err_t esp_wifi_get_mode(wifi_mode_t *current)
{
    pthread_mutex_lock(&mutex);
    if (!initialised) {
        return unlock(ESP_ERR_WIFI_NOT_INIT);
    }
    if (current == NULL) {
        return unlock(ESP_ERR_INVALID_ARG);
    }
    *current = mode;
    return unlock(ESP_OK);
}

esp_err_t esp_wifi_set_storage(wifi_storage_t storage)
{
    pthread_mutex_lock(&mutex);
    if (!initialised) {
        return unlock(ESP_ERR_WIFI_NOT_INIT);
    }
    return unlock(storage == WIFI_STORAGE_FLASH || storage == WIFI_STORAGE_RAM ? ESP_OK : ESP_ERR_INVALID_ARG);
}

/* What both functions below refuse. The mutex is held. */
static esp_err_t check_config(wifi_interface_t interface, const wifi_config_t *conf)
{
    if (!initialised) {
        return ESP_ERR_WIFI_NOT_INIT;
    }
    if (conf == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    return interface == WIFI_IF_STA ? ESP_OK : ESP_ERR_WIFI_IF;
}

esp_err_t esp_wifi_set_config(wifi_interface_t interface, wifi_config_t *conf)
{
    pthread_mutex_lock(&mutex);
    esp_err_t err = check_config(interface, conf);
    if (err != ESP_OK) {
        return unlock(err);
    }
    if (mode != WIFI_MODE_STA) {
        return unlock(ESP_ERR_WIFI_MODE);
    }
    size_t length = strnlen((const char *)conf->sta.password, sizeof(conf->sta.password));
    if (length > 0 && length < 8) {
        return unlock(ESP_ERR_WIFI_PASSWORD);
    }
    config = *conf;
    return unlock(ESP_OK);
}

esp_err_t esp_wifi_get_config(wifi_interface_t interface, wifi_config_t *conf)
{
    pthread_mutex_lock(&mutex);
    esp_err_t err = check_config(interface, conf);
    if (err == ESP_OK) {
        *conf = config;
    }
    return unlock(err);
}

esp_err_t esp_wifi_start(void)
{
    pthread_mutex_lock(&mutex);
    if (!initialised) {
        return unlock(ESP_ERR_WIFI_NOT_INIT);
    }
    if (mode != WIFI_MODE_STA) {
        return unlock(ESP_ERR_WIFI_MODE);
    }
    if (!started) {
        started = true;
        post(WIFI_EVENT_STA_START, NULL, 0);
    }
    return unlock(ESP_OK);
}

esp_err_t esp_wifi_stop(void)
{
    pthread_mutex_lock(&mutex);
    if (!initialised) {
        return unlock(ESP_ERR_WIFI_NOT_INIT);
    }
    if (dead) {
        dead = false;
        enter(IDLE, INT64_MAX);
    } else if (state != IDLE) {
        disconnect(WIFI_REASON_ASSOC_LEAVE);
    }
    if (started) {
        started = false;
        post(WIFI_EVENT_STA_STOP, NULL, 0);
    }
    return unlock(ESP_OK);
}

/* Whether a connection may be made or ended. The mutex is held. */
static esp_err_t check_station(void)
{
    if (!initialised) {
        return ESP_ERR_WIFI_NOT_INIT;
    }
    if (!started) {
        return ESP_ERR_WIFI_NOT_STARTED;
    }
    return mode == WIFI_MODE_STA ? ESP_OK : ESP_ERR_WIFI_MODE;
}

esp_err_t esp_wifi_connect(void)
{
    bool has_interface = esp_netif_get_handle_from_ifkey("WIFI_STA_DEF") != NULL;
    pthread_mutex_lock(&mutex);
    esp_err_t err = check_station();
    if (err == ESP_OK && config.sta.ssid[0] == '\0') {
        err = ESP_ERR_WIFI_SSID;
    }
    if (err == ESP_OK && state == IDLE) {
        enter(CONNECTING, host_now_us() + CONNECT_US);
    }
    pthread_mutex_unlock(&mutex);
    if (err == ESP_OK && !has_interface) {
        host_note("esp_wifi_connect: there is no interface, esp_netif_create_default_wifi_sta was not called");
    }
    return err;
}

esp_err_t esp_wifi_disconnect(void)
{
    pthread_mutex_lock(&mutex);
    esp_err_t err = check_station();
    if (err == ESP_OK && state != IDLE && !dead) {
        disconnect(WIFI_REASON_ASSOC_LEAVE);
    }
    return unlock(err);
}

esp_err_t esp_wifi_sta_get_ap_info(wifi_ap_record_t *ap)
{
    if (ap == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    pthread_mutex_lock(&mutex);
    *ap = joined;
    return unlock(state == CONNECTED ? ESP_OK : ESP_ERR_WIFI_NOT_CONNECT);
}

esp_err_t esp_wifi_set_ps(wifi_ps_type_t type)
{
    pthread_mutex_lock(&mutex);
    if (!initialised) {
        return unlock(ESP_ERR_WIFI_NOT_INIT);
    }
    power_save = type;
    return unlock(ESP_OK);
}

esp_err_t esp_wifi_get_ps(wifi_ps_type_t *type)
{
    if (type == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    pthread_mutex_lock(&mutex);
    *type = power_save;
    return unlock(ESP_OK);
}
