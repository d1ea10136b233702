/* What the driver's calls return, from before its init on. */
#include "station.h"

static wifi_config_t config = { .sta = { .ssid = "lab" } };
static wifi_mode_t mode;
static wifi_ps_type_t ps;
static wifi_ap_record_t ap;

static void check_before_init(void)
{
    ROW("before-init", esp_wifi_set_mode(WIFI_MODE_STA) == ESP_ERR_WIFI_NOT_INIT && esp_wifi_get_mode(&mode) == ESP_ERR_WIFI_NOT_INIT);
    ROW("before-init", esp_wifi_set_config(WIFI_IF_STA, &config) == ESP_ERR_WIFI_NOT_INIT);
    ROW("before-init", esp_wifi_get_config(WIFI_IF_STA, &config) == ESP_ERR_WIFI_NOT_INIT);
    ROW("before-init", esp_wifi_set_storage(WIFI_STORAGE_RAM) == ESP_ERR_WIFI_NOT_INIT);
    ROW("before-init", esp_wifi_start() == ESP_ERR_WIFI_NOT_INIT && esp_wifi_stop() == ESP_ERR_WIFI_NOT_INIT);
    ROW("before-init", esp_wifi_connect() == ESP_ERR_WIFI_NOT_INIT && esp_wifi_disconnect() == ESP_ERR_WIFI_NOT_INIT);
    ROW("before-init", esp_wifi_set_ps(WIFI_PS_NONE) == ESP_ERR_WIFI_NOT_INIT && esp_wifi_get_ps(&ps) == ESP_ERR_WIFI_NOT_INIT);
    ROW("before-init", esp_wifi_sta_get_ap_info(&ap) == ESP_ERR_WIFI_NOT_INIT && esp_wifi_sta_get_ap_info(NULL) == ESP_ERR_WIFI_NOT_INIT);
}

static void check_init(void)
{
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT(), bad = { .nvs_enable = 1, .magic = 1 };
    ROW("init-refused", esp_wifi_init(&init) == ESP_ERR_NVS_NOT_INITIALIZED && ESP_ERR_NVS_NOT_INITIALIZED == 0x1101);
    ESP_ERROR_CHECK(nvs_flash_init());
    ROW("init-refused", esp_wifi_init(NULL) == ESP_ERR_INVALID_ARG && esp_wifi_init(&bad) == ESP_ERR_INVALID_ARG);
    ESP_ERROR_CHECK(esp_wifi_init(&init));
    ROW("mode-after-init", esp_wifi_get_mode(&mode) == ESP_OK && mode == WIFI_MODE_AP, "%d", mode);
    ROW("mode-after-init", esp_wifi_set_config(WIFI_IF_STA, &config) == ESP_ERR_WIFI_MODE);
    ROW("mode-after-init", esp_wifi_start() == ESP_OK && wifi(skip_to(WIFI_EVENT, WIFI_EVENT_AP_START), WIFI_EVENT_AP_START));
    ESP_ERROR_CHECK(esp_wifi_stop());
    ROW("mode-after-init", wifi(next(), WIFI_EVENT_AP_STOP));
}

static void check_before_start(void)
{
    ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_NULL));
    ROW("start-mode-null", esp_wifi_start() == ESP_OK && esp_wifi_connect() == ESP_ERR_WIFI_MODE);
    ESP_ERROR_CHECK(esp_wifi_stop());
    ROW("start-mode-null", kept() == 0, "%d", (int)next().id);
    ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));
    ROW("before-start", esp_wifi_stop() == ESP_OK && esp_wifi_set_ps(WIFI_PS_NONE) == ESP_OK);
    ROW("before-start", esp_wifi_connect() == ESP_ERR_WIFI_NOT_STARTED && esp_wifi_disconnect() == ESP_ERR_WIFI_NOT_STARTED);
    ROW("ap-info", esp_wifi_sta_get_ap_info(&ap) == ESP_ERR_WIFI_CONN);
}

static wifi_config_t with_password(const char *password)
{
    wifi_config_t c = config;
    memcpy(c.sta.password, password, strlen(password)); /* 64 characters have no end */
    return c;
}

static void check_passwords(void)
{
    static const char *const passwords[] = {
        "1", "1234", "12345", "1234567", "012345678901234567890123456789012345678901234567890123456789012",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "not hexadecimal, and sixty-four characters are all that it has..",
    };
    for (size_t i = 0; i < sizeof(passwords) / sizeof(passwords[0]); i++) {
        size_t length = strlen(passwords[i]);
        wifi_config_t c = with_password(passwords[i]), got;
        ROW("passwords", esp_wifi_set_config(WIFI_IF_STA, &c) == ESP_OK, "of %d characters", (int)length);
        ESP_ERROR_CHECK(esp_wifi_get_config(WIFI_IF_STA, &got));
        wifi_auth_mode_t threshold = length < 8 ? WIFI_AUTH_OPEN : WIFI_AUTH_WPA2_PSK;
        ROW("password-threshold", got.sta.threshold.authmode == threshold, "%d characters: %d", (int)length, got.sta.threshold.authmode);
    }
    ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &config));
}

static void check_arguments(void)
{
    wifi_config_t c = config;
    c.sta.threshold.authmode = 99;
    ROW("invalid-arguments", esp_wifi_set_config(WIFI_IF_STA, &c) == ESP_ERR_INVALID_ARG);
    ROW("invalid-arguments", esp_wifi_set_ps(7) == ESP_ERR_INVALID_ARG && esp_wifi_set_storage(7) == ESP_ERR_INVALID_ARG);
    ROW("invalid-arguments", esp_wifi_set_mode(9) == ESP_ERR_INVALID_ARG);
}

static void check_started(void)
{
    wifi_config_t nameless = { 0 };
    ESP_ERROR_CHECK(esp_wifi_start());
    ROW("ap-info", esp_wifi_sta_get_ap_info(&ap) == ESP_ERR_WIFI_NOT_CONNECT);
    ROW("passwords", esp_wifi_set_config(WIFI_IF_STA, &(wifi_config_t){ .sta = { .ssid = "lab", .password = "1234567" } }) == ESP_OK);
    ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &nameless));
    ROW("before-start", esp_wifi_connect() == ESP_ERR_WIFI_SSID);
    ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &config));
    connect_station();
    ROW("ap-info", esp_wifi_sta_get_ap_info(&ap) == ESP_OK);
}

static void check_nvs(void)
{
    ROW("nvs", nvs_flash_init() == ESP_OK && nvs_flash_init() == ESP_OK);
    ROW("nvs", nvs_flash_deinit() == ESP_OK && nvs_flash_deinit() == ESP_ERR_NVS_NOT_INITIALIZED);
    ROW("nvs", nvs_flash_init() == ESP_OK && nvs_flash_erase() == ESP_OK && nvs_flash_deinit() == ESP_ERR_NVS_NOT_INITIALIZED);
}

void app_main(void)
{
    check_before_init();
    seen_events = xQueueCreate(64, sizeof(struct seen));
    ESP_ERROR_CHECK(esp_netif_init());
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    station = esp_netif_create_default_wifi_sta();
    ESP_ERROR_CHECK(esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, keep, NULL));
    ESP_ERROR_CHECK(esp_event_handler_register(IP_EVENT, ESP_EVENT_ANY_ID, keep, NULL));
    check_nvs();
    check_init();
    check_before_start();
    check_passwords();
    check_arguments();
    check_started();
    printf("done\n");
}
