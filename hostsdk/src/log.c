/* Logging, error names and failed checks. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include "esp_err.h"
#include "esp_log.h"
#include "esp_mac.h"
#include "esp_wifi.h"
#include "host.h"
#include "nvs_flash.h"

static esp_log_level_t log_level = CONFIG_LOG_DEFAULT_LEVEL;

uint32_t esp_log_timestamp(void)
{
    return (uint32_t)(host_now_us() / 1000);
}

void esp_log_level_set(const char *tag, esp_log_level_t level)
{
    if (strcmp(tag, "*") == 0) {
        log_level = level;
    }
}

esp_log_level_t esp_log_level_get(const char *tag)
{
    (void)tag;
    return log_level;
}

void esp_log_write(esp_log_level_t level, const char *tag, const char *format, ...)
{
    static const char *const colours[] = { [ESP_LOG_ERROR] = "\033[0;31m", [ESP_LOG_WARN] = "\033[0;33m", [ESP_LOG_INFO] = "\033[0;32m" };
    bool is_own = tag != NULL && strcmp(tag, "host") == 0;
    if (!is_own) {
        HOST_LOOK_AT_STACK();
    }
    if (level > log_level) {
        return;
    }
    size_t length = strlen(format);
    char coloured[length + 16];
    if (level <= ESP_LOG_INFO && getenv("ESPGEN_COLOUR") != NULL) {
        /* As idf.py monitor: the colour ends before the line does. */
        bool newline = length > 0 && format[length - 1] == '\n';
        snprintf(coloured, sizeof(coloured), "%s%.*s\033[0m%s", colours[level], (int)(length - newline), format, newline ? "\n" : "");
        format = coloured;
    }
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    fflush(stdout);
    if (!is_own && host_last_failure() != NULL) {
        char line[512];
        va_start(args, format);
        vsnprintf(line, sizeof(line), format, args);
        va_end(args);
        host_explain_line(line);
    }
}

const char *esp_err_to_name(esp_err_t code)
{
#define NAME(code) case code: return #code
    switch (code) {
        NAME(ESP_OK);
        NAME(ESP_FAIL);
        NAME(ESP_ERR_NO_MEM);
        NAME(ESP_ERR_INVALID_ARG);
        NAME(ESP_ERR_INVALID_STATE);
        NAME(ESP_ERR_INVALID_SIZE);
        NAME(ESP_ERR_NOT_FOUND);
        NAME(ESP_ERR_NOT_SUPPORTED);
        NAME(ESP_ERR_TIMEOUT);
        NAME(ESP_ERR_INVALID_RESPONSE);
        NAME(ESP_ERR_INVALID_CRC);
        NAME(ESP_ERR_INVALID_VERSION);
        NAME(ESP_ERR_INVALID_MAC);
        NAME(ESP_ERR_NOT_FINISHED);
        NAME(ESP_ERR_NOT_ALLOWED);
        NAME(ESP_ERR_NVS_NOT_INITIALIZED);
        NAME(ESP_ERR_NVS_NOT_FOUND);
        NAME(ESP_ERR_NVS_TYPE_MISMATCH);
        NAME(ESP_ERR_NVS_READ_ONLY);
        NAME(ESP_ERR_NVS_NOT_ENOUGH_SPACE);
        NAME(ESP_ERR_NVS_INVALID_NAME);
        NAME(ESP_ERR_NVS_INVALID_HANDLE);
        NAME(ESP_ERR_NVS_REMOVE_FAILED);
        NAME(ESP_ERR_NVS_KEY_TOO_LONG);
        NAME(ESP_ERR_NVS_PAGE_FULL);
        NAME(ESP_ERR_NVS_INVALID_STATE);
        NAME(ESP_ERR_NVS_INVALID_LENGTH);
        NAME(ESP_ERR_NVS_NO_FREE_PAGES);
        NAME(ESP_ERR_NVS_VALUE_TOO_LONG);
        NAME(ESP_ERR_NVS_PART_NOT_FOUND);
        NAME(ESP_ERR_NVS_NEW_VERSION_FOUND);
        NAME(ESP_ERR_NVS_XTS_ENCR_FAILED);
        NAME(ESP_ERR_NVS_XTS_DECR_FAILED);
        NAME(ESP_ERR_NVS_XTS_CFG_FAILED);
        NAME(ESP_ERR_NVS_XTS_CFG_NOT_FOUND);
        NAME(ESP_ERR_NVS_ENCR_NOT_SUPPORTED);
        NAME(ESP_ERR_NVS_KEYS_NOT_INITIALIZED);
        NAME(ESP_ERR_NVS_CORRUPT_KEY_PART);
        NAME(ESP_ERR_NVS_CONTENT_DIFFERS);
        NAME(ESP_ERR_NVS_WRONG_ENCRYPTION);
        NAME(ESP_ERR_WIFI_NOT_INIT);
        NAME(ESP_ERR_WIFI_NOT_STARTED);
        NAME(ESP_ERR_WIFI_NOT_STOPPED);
        NAME(ESP_ERR_WIFI_IF);
        NAME(ESP_ERR_WIFI_MODE);
        NAME(ESP_ERR_WIFI_STATE);
        NAME(ESP_ERR_WIFI_CONN);
        NAME(ESP_ERR_WIFI_NVS);
        NAME(ESP_ERR_WIFI_MAC);
        NAME(ESP_ERR_WIFI_SSID);
        NAME(ESP_ERR_WIFI_PASSWORD);
        NAME(ESP_ERR_WIFI_TIMEOUT);
        NAME(ESP_ERR_WIFI_WAKE_FAIL);
        NAME(ESP_ERR_WIFI_WOULD_BLOCK);
        NAME(ESP_ERR_WIFI_NOT_CONNECT);
        NAME(ESP_ERR_WIFI_POST);
        NAME(ESP_ERR_WIFI_INIT_STATE);
        NAME(ESP_ERR_WIFI_STOP_STATE);
        NAME(ESP_ERR_WIFI_NOT_ASSOC);
        NAME(ESP_ERR_WIFI_TX_DISALLOW);
        NAME(ESP_ERR_ESP_NETIF_INVALID_PARAMS);
        NAME(ESP_ERR_ESP_NETIF_IF_NOT_READY);
        NAME(ESP_ERR_ESP_NETIF_DHCPC_START_FAILED);
        NAME(ESP_ERR_ESP_NETIF_DHCP_ALREADY_STARTED);
        NAME(ESP_ERR_ESP_NETIF_DHCP_ALREADY_STOPPED);
        NAME(ESP_ERR_ESP_NETIF_NO_MEM);
        NAME(ESP_ERR_ESP_NETIF_DHCP_NOT_STOPPED);
        NAME(ESP_ERR_ESP_NETIF_DNS_NOT_CONFIGURED);
        NAME(ESP_ERR_ESP_NETIF_IP6_ADDR_FAILED);
    default:
        return "UNKNOWN ERROR";
    }
#undef NAME
}

static void print_check(const char *what, esp_err_t rc, const char *file, int line, const char *function, const char *expression)
{
    printf("%s failed: esp_err_t 0x%x (%s)\nfile: \"%s\" line %d\nfunc: %s\nexpression: %s\n", what, (unsigned)rc,
           esp_err_to_name(rc), file, line, function, expression);
    fflush(stdout);
}

void _esp_error_check_failed(esp_err_t rc, const char *file, int line, const char *function, const char *expression)
{
    print_check("ESP_ERROR_CHECK", rc, file, line, function, expression);
    host_tell_fault("ESP_ERROR_CHECK(%s) failed in %s(): %s", expression, function, esp_err_to_name(rc));
    abort();
}

void _esp_error_check_failed_without_abort(esp_err_t rc, const char *file, int line, const char *function, const char *expression)
{
    print_check("ESP_ERROR_CHECK_WITHOUT_ABORT", rc, file, line, function, expression);
}

void __assert_func(const char *file, int line, const char *function, const char *expression)
{
    const char *slash = strrchr(file, '/');
    printf("assert failed: %s %s:%d (%s)\n", function, slash == NULL ? file : slash + 1, line, expression);
    fflush(stdout);
    host_tell_fault("assert(%s) failed in %s()", expression, function);
    abort();
}

esp_err_t esp_read_mac(uint8_t *mac, esp_mac_type_t type)
{
    if (mac == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    const uint8_t own[6] = { 0x02, 0x00, 0x00, 0x00, (uint8_t)(host_station() > 0 ? host_station() : 0), (uint8_t)type };
    memcpy(mac, own, sizeof(own));
    return ESP_OK;
}
