/*
 * A Wi-Fi station without a radio. What the driver would do in time, a thread does: it makes and loses connections as
 * the scenario of espgen run says, and posts the driver's events in the driver's order.
 *
 * ESPGEN_WIFI is a list of
 *   absent=N        the access point is not found for the first N tries; without =N, never
 *   open            the access point has no password
 *   password        the password is wrong
 *   no-auth         the access point does not answer the authentication
 *   silent=N        no event follows the first N tries before the project disconnects; without =N, no try
 *   dead=N          no event follows the first N tries before the project stops Wi-Fi; without =N, no try
 *   ap=DBM:DBM...   the access points of the network in the order in which a scan finds them, with their signals
 *   drop=US         the access point falls silent this long after each address
 *   deauth=N        it does not fall silent then, but ends the connection with this reason
 *   back=US         the access point comes back this long after a loss
 *   real-times      a scan, and what follows, take as long as on a chip
 */
#include <string.h>
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_wifi.h"
#include "host.h"
#include "lwip/inet.h"
#include "nvs_flash.h"

#define SCENARIO "ESPGEN_WIFI"

/* By default all that the driver does takes this long. */
#define FAST_US 20000

/* With real-times, as it was measured: a scan up to the channel of the access point, of all channels, an authentication
 * without an answer, and the time from the last beacon to STA_BEACON_TIMEOUT, and from there to the disconnection. */
#define CHANNEL_US    120000
#define JOIN_US       10000
#define SCAN_US       2410000
#define AUTH_US       1000000
#define SILENCE_US    6000000
#define LAST_PROBE_US 2500000

#define NO_SIGNAL (-128)

/* 5.1 has no names for these, so a project has none here. */
enum {
    REASON_NO_COMPATIBLE_SECURITY = 210,
    REASON_BELOW_AUTHMODE_THRESHOLD = 211,
    EVENT_HOME_CHANNEL_CHANGE = 43,
};

#define AUTHMODE_MAX 17 /* WIFI_AUTH_MAX of 5.5 */

/* The data of EVENT_HOME_CHANNEL_CHANGE. The second channels are those of 40 MHz: there are none. */
struct home_channel_change {
    uint8_t old_channel;
    int old_second;
    uint8_t new_channel;
    int new_second;
};

ESP_EVENT_DEFINE_BASE(WIFI_EVENT);

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;

/* Guarded by mutex. */
static bool initialised, started;
static wifi_mode_t mode = WIFI_MODE_AP; /* the driver's default */
static wifi_config_t config;
static wifi_ps_type_t power_save = WIFI_PS_MIN_MODEM;
static enum { IDLE, CONNECTING, CONNECTED, LOSING /* no beacon has come for long */ } state;
static int64_t state_until = INT64_MAX; /* when the state ends */
static uint8_t refusal;                 /* CONNECTING: the reason why it will fail, 0 if it will not */
static const char *refused_by;          /* what the scenario does then */
static bool failed;                     /* disconnect() has one more event after some failures */
static int tries;                       /* to connect, since the start */
static int64_t away_until;              /* when the access point is back */
static bool dead;                       /* the driver does nothing before it is stopped */
static wifi_ap_record_t joined;         /* the access point of the connection, or of the try */
static uint8_t home_channel;            /* 0 before the first start */

static esp_err_t unlock(esp_err_t err)
{
    pthread_mutex_unlock(&mutex);
    return err;
}

/* After a call that posts events: their handlers run before it returns. */
static esp_err_t unlock_and_tell(esp_err_t err)
{
    pthread_mutex_unlock(&mutex);
    host_let_handlers_run();
    return err;
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
    host_post(WIFI_EVENT, id, data, size, true);
}

static void go_to_channel(uint8_t channel)
{
    if (channel != home_channel) {
        struct home_channel_change e = { .old_channel = home_channel, .new_channel = channel };
        home_channel = channel;
        post(EVENT_HOME_CHANNEL_CHANGE, &e, sizeof(e));
    }
}

/* Says why the scenario ends a connection, or a try. */
static void say_why(const char *what, uint8_t reason)
{
    const char *name = host_reason_name(reason);
    host_say("Wi-Fi: %s: WIFI_EVENT_STA_DISCONNECTED with reason %d (%s)", what, reason, name == NULL ? "unknown" : name);
}

/* Ends a connection, or a try to make one. */
static void disconnect(uint8_t reason, int8_t rssi)
{
    wifi_event_sta_disconnected_t e = { .reason = reason, .rssi = rssi };
    memcpy(e.ssid, config.sta.ssid, sizeof(e.ssid));
    e.ssid_len = (uint8_t)strnlen((const char *)e.ssid, sizeof(e.ssid));
    enter(IDLE, INT64_MAX);
    failed = false;
    post(WIFI_EVENT_STA_DISCONNECTED, &e, sizeof(e));
}

static bool in_scenario(const char *event)
{
    char value[16];
    return host_setting(SCENARIO, event, value, sizeof(value));
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

static uint8_t refuse(uint8_t reason, const char *what)
{
    refused_by = what;
    return reason;
}

/* The reason why a scan finds no access point that will do; 0 where it finds one. */
static uint8_t missing(void)
{
    if (befalls_try("absent")) {
        return refuse(WIFI_REASON_NO_AP_FOUND, "the access point is not found (--wifi absent)");
    }
    if (host_now_us() < away_until) {
        return refuse(WIFI_REASON_NO_AP_FOUND, "the access point is not back yet (--wifi back)");
    }
    if (in_scenario("open") && config.sta.password[0] != '\0') {
        return refuse(REASON_NO_COMPATIBLE_SECURITY, "the access point has no password, and the project gives one (--wifi open)");
    }
    if (in_scenario("open") && config.sta.threshold.authmode > WIFI_AUTH_OPEN) {
        return refuse(REASON_BELOW_AUTHMODE_THRESHOLD, "the access point has no password, and threshold.authmode requires one (--wifi open)");
    }
    return 0;
}

/* Begins a try, whose end is known from the start. */
static void begin_try(void)
{
    static bool was_unanswered; /* then the next try fails in another way */
    tries++;
    failed = false;
    dead = befalls_try("dead");
    if (dead || befalls_try("silent")) {
        host_say("Wi-Fi: no event will follow this esp_wifi_connect() (--wifi %s)", dead ? "dead" : "silent");
        enter(CONNECTING, INT64_MAX);
        return;
    }
    joined = scan();
    joined.authmode = in_scenario("open") ? WIFI_AUTH_OPEN : WIFI_AUTH_WPA2_PSK;
    memcpy(joined.ssid, config.sta.ssid, sizeof(config.sta.ssid));
    bool finds_all = config.sta.scan_method == WIFI_ALL_CHANNEL_SCAN;
    int64_t takes_us = finds_all ? SCAN_US : JOIN_US + (joined.primary - 1) * CHANNEL_US;
    refusal = missing();
    if (refusal != 0) {
        joined.rssi = NO_SIGNAL;
        takes_us = SCAN_US;
    } else if (in_scenario("password")) {
        refusal = refuse(WIFI_REASON_4WAY_HANDSHAKE_TIMEOUT, "the password is wrong (--wifi password)");
    } else if (in_scenario("no-auth")) {
        refusal = refuse(was_unanswered ? WIFI_REASON_CONNECTION_FAIL : WIFI_REASON_AUTH_EXPIRE,
                         "the access point does not answer the authentication (--wifi no-auth)");
        takes_us += AUTH_US;
        was_unanswered = !was_unanswered;
    }
    enter(CONNECTING, host_now_us() + host_takes_us(FAST_US, takes_us));
}

static void end_try(void)
{
    if (refusal != 0) {
        say_why(refused_by, refusal);
        disconnect(refusal, joined.rssi);
        failed = refusal >= WIFI_REASON_NO_AP_FOUND;
        return;
    }
    go_to_channel(joined.primary);
    wifi_event_sta_connected_t e = { .channel = joined.primary, .authmode = joined.authmode, .aid = 1 };
    memcpy(e.bssid, joined.bssid, sizeof(e.bssid));
    memcpy(e.ssid, joined.ssid, sizeof(e.ssid));
    e.ssid_len = (uint8_t)strnlen((const char *)e.ssid, sizeof(e.ssid));
    enter(CONNECTED, INT64_MAX);
    post(WIFI_EVENT_STA_CONNECTED, &e, sizeof(e));
}

/* The access point is gone. */
static void lose_connection(uint8_t reason, const char *what)
{
    say_why(what, reason);
    away_until = host_now_us() + host_setting_us(SCENARIO, "back", 0);
    disconnect(reason, joined.rssi);
}

static void end_state(void)
{
    uint8_t deauth = (uint8_t)host_setting_us(SCENARIO, "deauth", 0);
    if (state == CONNECTING) {
        end_try();
    } else if (state == LOSING) {
        lose_connection(WIFI_REASON_BEACON_TIMEOUT, "the access point has fallen silent (--wifi drop)");
    } else if (deauth != 0) {
        lose_connection(deauth, "the access point ends the connection (--wifi deauth)");
    } else {
        post(WIFI_EVENT_STA_BEACON_TIMEOUT, NULL, 0);
        enter(LOSING, host_now_us() + host_takes_us(0, LAST_PROBE_US));
    }
}

static void *run_driver(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&mutex);
    for (;;) {
        if (host_now_us() < state_until) {
            host_wait(&changed, &mutex, state_until);
        } else {
            end_state();
        }
    }
    return NULL;
}

/* The scenario says how long there is a connection once there is an address. */
void host_wifi_got_address(void)
{
    pthread_mutex_lock(&mutex);
    if (state == CONNECTED) {
        int64_t after_us = host_setting_us(SCENARIO, "drop", INT64_MAX / 2);
        if (!in_scenario("deauth")) {
            after_us += host_takes_us(0, SILENCE_US);
        }
        enter(CONNECTED, host_now_us() + after_us);
    }
    pthread_mutex_unlock(&mutex);
}

/* What begins once Wi-Fi is started in a mode, and ends when it is stopped or in another mode. */
static void begin_mode(void)
{
    if (mode == WIFI_MODE_STA) {
        post(WIFI_EVENT_STA_START, NULL, 0);
    } else if (mode == WIFI_MODE_AP) {
        post(WIFI_EVENT_AP_START, NULL, 0);
    }
}

static void end_mode(void)
{
    if (state >= CONNECTED) {
        disconnect(WIFI_REASON_ASSOC_LEAVE, joined.rssi);
    }
    dead = failed = false;
    enter(IDLE, INT64_MAX);
    if (mode == WIFI_MODE_STA) {
        post(WIFI_EVENT_STA_STOP, NULL, 0);
    } else if (mode == WIFI_MODE_AP) {
        post(WIFI_EVENT_AP_STOP, NULL, 0);
    }
}

/* esp_wifi ----------------------------------------------------------------- */

esp_err_t esp_wifi_init(const wifi_init_config_t *init)
{
    if (init == NULL || init->magic != WIFI_INIT_CONFIG_MAGIC) {
        return ESP_ERR_INVALID_ARG;
    }
    pthread_mutex_lock(&mutex);
    if (init->nvs_enable && !host_nvs_ready()) {
        return unlock(ESP_ERR_NVS_NOT_INITIALIZED);
    }
    if (initialised) {
        return unlock(ESP_ERR_INVALID_STATE); /* as in ESP-IDF 6.0; older ones return ESP_OK */
    }
    host_cond_init(&changed);
    initialised = true;
    host_take_heap(37864);
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
    bool changes = started && new_mode != mode;
    if (changes) {
        end_mode();
    }
    mode = new_mode;
    if (changes) {
        begin_mode();
    }
    return unlock_and_tell(ESP_OK);
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
    if (state == CONNECTING) {
        return unlock(ESP_ERR_WIFI_STATE);
    }
    if (conf->sta.threshold.authmode >= AUTHMODE_MAX) {
        return unlock(ESP_ERR_INVALID_ARG);
    }
    config = *conf;
    /* A password is for WPA2 or better. A shorter one cannot be WPA2's, and is taken all the same. */
    size_t length = strnlen((const char *)conf->sta.password, sizeof(conf->sta.password));
    if (length >= 8 && config.sta.threshold.authmode == WIFI_AUTH_OPEN) {
        config.sta.threshold.authmode = WIFI_AUTH_WPA2_PSK;
    }
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
    if (!started) {
        started = true;
        if (home_channel == 0) {
            host_take_heap(2252);
            go_to_channel(1);
        }
        begin_mode();
    }
    return unlock_and_tell(ESP_OK);
}

esp_err_t esp_wifi_stop(void)
{
    pthread_mutex_lock(&mutex);
    if (!initialised) {
        return unlock(ESP_ERR_WIFI_NOT_INIT);
    }
    if (started) {
        started = false;
        end_mode();
    }
    return unlock_and_tell(ESP_OK);
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
    if (err == ESP_OK && state == CONNECTING) {
        err = ESP_ERR_WIFI_CONN;
    }
    if (err == ESP_OK && state == IDLE) {
        begin_try();
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
    if (err == ESP_OK && state >= CONNECTED) {
        disconnect(WIFI_REASON_ASSOC_LEAVE, joined.rssi);
    } else if (err == ESP_OK && !dead && (state == CONNECTING || failed)) {
        disconnect(WIFI_REASON_STA_LEAVING, NO_SIGNAL);
    }
    return unlock_and_tell(err);
}

esp_err_t esp_wifi_sta_get_ap_info(wifi_ap_record_t *ap)
{
    pthread_mutex_lock(&mutex);
    if (!initialised) {
        return unlock(ESP_ERR_WIFI_NOT_INIT);
    }
    if (ap == NULL) {
        return unlock(ESP_ERR_INVALID_ARG);
    }
    if (!started) {
        return unlock(ESP_ERR_WIFI_CONN);
    }
    if (state < CONNECTED) {
        return unlock(ESP_ERR_WIFI_NOT_CONNECT);
    }
    *ap = joined;
    return unlock(ESP_OK);
}

esp_err_t esp_wifi_set_ps(wifi_ps_type_t type)
{
    pthread_mutex_lock(&mutex);
    if (!initialised) {
        return unlock(ESP_ERR_WIFI_NOT_INIT);
    }
    if (type > WIFI_PS_MAX_MODEM) {
        return unlock(ESP_ERR_INVALID_ARG);
    }
    power_save = type;
    return unlock(ESP_OK);
}

esp_err_t esp_wifi_get_ps(wifi_ps_type_t *type)
{
    pthread_mutex_lock(&mutex);
    if (!initialised) {
        return unlock(ESP_ERR_WIFI_NOT_INIT);
    }
    if (type == NULL) {
        return unlock(ESP_ERR_INVALID_ARG);
    }
    *type = power_save;
    return unlock(ESP_OK);
}
