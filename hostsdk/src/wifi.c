/*
 * A Wi-Fi station without a radio. What the driver would do in time, a thread does: it makes and loses connections as
 * the scenario of espgen run says, and posts the driver's events in the driver's order.
 *
 * ESPGEN_WIFI is a list of
 *   absent=N        the access point is not found for the first N tries; without =N, never
 *   password        the password is wrong
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

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;

/* Guarded by mutex. */
static bool nvs_ready, initialised, started, wanted, connected;
static wifi_mode_t mode;
static wifi_config_t config;
static wifi_ps_type_t power_save = WIFI_PS_MIN_MODEM;
static unsigned ended;      /* how many connections, and tries to make one, are over */
static int tries;           /* to connect, since the start */
static int64_t drop_at;     /* when the connection is lost */
static int64_t away_until;  /* when the access point is back */

/* NVS -------------------------------------------------------------------- */

esp_err_t nvs_flash_init(void)
{
    nvs_ready = true;
    return ESP_OK;
}

esp_err_t nvs_flash_erase(void)
{
    nvs_ready = false;
    return ESP_OK;
}

esp_err_t nvs_flash_deinit(void)
{
    esp_err_t err = nvs_ready ? ESP_OK : ESP_ERR_NVS_NOT_INITIALIZED;
    nvs_ready = false;
    return err;
}

/* The driver ------------------------------------------------------------- */

static void post(esp_event_base_t base, int32_t id, const void *data, size_t size)
{
    if (esp_event_post(base, id, data, size, portMAX_DELAY) != ESP_OK) {
        host_note("an event of %s was lost", base);
    }
}

void host_wifi_ready(void)
{
    ESP_ERROR_CHECK(esp_event_post(WIFI_EVENT, WIFI_EVENT_WIFI_READY, NULL, 0, 0));
}

/* The scenario: sets when the connection is lost, now that there is an address. The mutex is held. */
static void set_drop(void)
{
    if (connected) {
        drop_at = host_now_us() + host_setting_us(SCENARIO, "drop", INT64_MAX / 2);
        pthread_cond_broadcast(&changed);
    }
}

void host_wifi_got_address(void)
{
    pthread_mutex_lock(&mutex);
    set_drop();
    pthread_mutex_unlock(&mutex);
}

/* Ends a connection, or a try to make one. The mutex is held. */
static void post_disconnected(uint8_t reason)
{
    wifi_event_sta_disconnected_t e = { .reason = reason, .rssi = -60 };
    memcpy(e.ssid, config.sta.ssid, sizeof(e.ssid));
    e.ssid_len = (uint8_t)strnlen((const char *)e.ssid, sizeof(e.ssid));
    connected = wanted = false;
    ended++;
    host_netif_down();
    drop_at = INT64_MAX;
    post(WIFI_EVENT, WIFI_EVENT_STA_DISCONNECTED, &e, sizeof(e));
}

/* Waits with the mutex held; false when the station has been stopped or told otherwise meanwhile. */
static bool pause_us(int64_t us)
{
    int64_t until = host_now_us() + us;
    unsigned before = ended; /* a new connection may be wanted by the time that this looks */
    while (wanted && ended == before && host_wait(&changed, &mutex, until)) {
    }
    return wanted && ended == before;
}

static void try_to_connect(void)
{
    char value[16];
    tries++;
    if (!pause_us(CONNECT_US)) {
        return;
    }
    bool absent = host_setting(SCENARIO, "absent", value, sizeof(value)) && (value[0] == '\0' || tries <= atoi(value));
    if (absent || host_now_us() < away_until) {
        post_disconnected(WIFI_REASON_NO_AP_FOUND);
    } else if (host_setting(SCENARIO, "password", value, sizeof(value))) {
        post_disconnected(WIFI_REASON_4WAY_HANDSHAKE_TIMEOUT);
    } else {
        wifi_event_sta_connected_t e = { .channel = 6, .authmode = WIFI_AUTH_WPA2_PSK, .aid = 1 };
        memcpy(e.ssid, config.sta.ssid, sizeof(e.ssid));
        e.ssid_len = (uint8_t)strnlen((const char *)e.ssid, sizeof(e.ssid));
        connected = true;
        drop_at = INT64_MAX;
        bool is_static = host_netif_up();
        post(WIFI_EVENT, WIFI_EVENT_STA_CONNECTED, &e, sizeof(e));
        if (is_static) {
            host_netif_use_static();
            set_drop();
        }
    }
}

static void *run_driver(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&mutex);
    for (;;) {
        if (wanted && !connected) {
            try_to_connect();
        } else if (connected && host_now_us() >= drop_at) {
            away_until = host_now_us() + host_setting_us(SCENARIO, "back", 0);
            post_disconnected(WIFI_REASON_BEACON_TIMEOUT);
        } else {
            host_wait(&changed, &mutex, connected ? drop_at : INT64_MAX);
        }
    }
    return NULL;
}

esp_err_t esp_wifi_init(const wifi_init_config_t *init)
{
    if (init == NULL || init->magic != WIFI_INIT_CONFIG_MAGIC) {
        return ESP_ERR_INVALID_ARG;
    }
    if (init->nvs_enable && !nvs_ready) {
        return ESP_ERR_NVS_NOT_INITIALIZED;
    }
    if (initialised) {
        return ESP_ERR_INVALID_STATE; /* as in ESP-IDF 6.0; older ones return ESP_OK */
    }
    host_cond_init(&changed);
    drop_at = INT64_MAX;
    initialised = true;
    host_thread(run_driver, NULL);
    return ESP_OK;
}

esp_err_t esp_wifi_set_mode(wifi_mode_t new_mode)
{
    if (!initialised) {
        return ESP_ERR_WIFI_NOT_INIT;
    }
    if (new_mode != WIFI_MODE_STA && new_mode != WIFI_MODE_NULL) {
        return ESP_ERR_INVALID_ARG; /* the SDK has a station only */
    }
    mode = new_mode;
    return ESP_OK;
}

esp_err_t esp_wifi_get_mode(wifi_mode_t *current)
{
    if (!initialised) {
        return ESP_ERR_WIFI_NOT_INIT;
    }
    if (current == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *current = mode;
    return ESP_OK;
}

esp_err_t esp_wifi_set_storage(wifi_storage_t storage)
{
    if (!initialised) {
        return ESP_ERR_WIFI_NOT_INIT;
    }
    return storage == WIFI_STORAGE_FLASH || storage == WIFI_STORAGE_RAM ? ESP_OK : ESP_ERR_INVALID_ARG;
}

esp_err_t esp_wifi_set_config(wifi_interface_t interface, wifi_config_t *conf)
{
    if (!initialised) {
        return ESP_ERR_WIFI_NOT_INIT;
    }
    if (conf == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (interface != WIFI_IF_STA) {
        return ESP_ERR_WIFI_IF;
    }
    if (mode != WIFI_MODE_STA) {
        return ESP_ERR_WIFI_MODE;
    }
    size_t length = strnlen((const char *)conf->sta.password, sizeof(conf->sta.password));
    if (length > 0 && length < 8) {
        return ESP_ERR_WIFI_PASSWORD;
    }
    pthread_mutex_lock(&mutex);
    config = *conf;
    pthread_mutex_unlock(&mutex);
    return ESP_OK;
}

esp_err_t esp_wifi_get_config(wifi_interface_t interface, wifi_config_t *conf)
{
    if (!initialised) {
        return ESP_ERR_WIFI_NOT_INIT;
    }
    if (conf == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (interface != WIFI_IF_STA) {
        return ESP_ERR_WIFI_IF;
    }
    pthread_mutex_lock(&mutex);
    *conf = config;
    pthread_mutex_unlock(&mutex);
    return ESP_OK;
}

esp_err_t esp_wifi_start(void)
{
    if (!initialised) {
        return ESP_ERR_WIFI_NOT_INIT;
    }
    if (mode != WIFI_MODE_STA) {
        return ESP_ERR_WIFI_MODE;
    }
    if (!started) {
        started = true;
        post(WIFI_EVENT, WIFI_EVENT_STA_START, NULL, 0);
    }
    return ESP_OK;
}

esp_err_t esp_wifi_stop(void)
{
    if (!initialised) {
        return ESP_ERR_WIFI_NOT_INIT;
    }
    esp_wifi_disconnect();
    if (started) {
        started = false;
        post(WIFI_EVENT, WIFI_EVENT_STA_STOP, NULL, 0);
    }
    return ESP_OK;
}

/* The state in which a connection may be made or ended. */
static esp_err_t station_state(void)
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
    esp_err_t err = station_state();
    if (err != ESP_OK) {
        return err;
    }
    if (esp_netif_get_handle_from_ifkey("WIFI_STA_DEF") == NULL) {
        host_note("esp_wifi_connect: there is no interface, esp_netif_create_default_wifi_sta was not called");
    }
    pthread_mutex_lock(&mutex);
    if (config.sta.ssid[0] == '\0') {
        err = ESP_ERR_WIFI_SSID;
    } else {
        wanted = true;
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&mutex);
    return err;
}

esp_err_t esp_wifi_disconnect(void)
{
    esp_err_t err = station_state();
    if (err != ESP_OK) {
        return err;
    }
    pthread_mutex_lock(&mutex);
    if (wanted || connected) {
        post_disconnected(WIFI_REASON_ASSOC_LEAVE);
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&mutex);
    return ESP_OK;
}

esp_err_t esp_wifi_sta_get_ap_info(wifi_ap_record_t *ap)
{
    if (ap == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    pthread_mutex_lock(&mutex);
    bool is_connected = connected;
    *ap = (wifi_ap_record_t){ .primary = 6, .rssi = -60, .authmode = WIFI_AUTH_WPA2_PSK };
    memcpy(ap->ssid, config.sta.ssid, sizeof(config.sta.ssid));
    pthread_mutex_unlock(&mutex);
    return is_connected ? ESP_OK : ESP_ERR_WIFI_NOT_CONNECT;
}

esp_err_t esp_wifi_set_ps(wifi_ps_type_t type)
{
    if (!initialised) {
        return ESP_ERR_WIFI_NOT_INIT;
    }
    power_save = type;
    return ESP_OK;
}

esp_err_t esp_wifi_get_ps(wifi_ps_type_t *type)
{
    if (type == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *type = power_save;
    return ESP_OK;
}
