/* A station that keeps what its handlers are told, for the programs beside this file. */
#pragma once

#include <string.h>
#include "esp_event.h"
#include "esp_netif.h"
#include "esp_timer.h"
#include "esp_wifi.h"
#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "freertos/task.h"
#include "nvs_flash.h"
#include "row.h"

#define HOME_CHANNEL_CHANGE 43 /* 5.1 has no name for it */

/* As ESP-IDF 5.5 has it. */
struct home_channel_change {
    uint8_t old_channel;
    int old_second;
    uint8_t new_channel;
    int new_second;
};

/* How long an event may take that must come. */
#ifndef PATIENCE_MS
#define PATIENCE_MS 30000
#endif

/* An event, and what a handler finds then. */
struct seen {
    esp_event_base_t base;
    int32_t id;
    int64_t at;
    uint8_t reason, from, to;
    int rssi;
    char ssid[33];
    bool changed, up;
    uint32_t address;
};

static QueueHandle_t seen_events;
static esp_netif_t *station;

static inline void keep(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    esp_netif_ip_info_t info = { 0 };
    (void)arg;
    struct seen e = { .base = base, .id = id, .at = esp_timer_get_time(), .up = esp_netif_is_netif_up(station) };
    if (esp_netif_get_ip_info(station, &info) == ESP_OK) {
        e.address = info.ip.addr;
    }
    if (base == WIFI_EVENT && id == WIFI_EVENT_STA_DISCONNECTED) {
        const wifi_event_sta_disconnected_t *d = data;
        e.reason = d->reason;
        e.rssi = d->rssi;
        memcpy(e.ssid, d->ssid, d->ssid_len);
    } else if (base == WIFI_EVENT && id == HOME_CHANNEL_CHANGE) {
        const struct home_channel_change *c = data;
        e.from = c->old_channel;
        e.to = c->new_channel;
    } else if (base == IP_EVENT && id == IP_EVENT_STA_GOT_IP) {
        e.changed = ((ip_event_got_ip_t *)data)->ip_changed;
    }
    xQueueSend(seen_events, &e, 0);
}

/* The next event; id is -1 where none comes. */
static inline struct seen next(void)
{
    struct seen e = { .id = -1 };
    xQueueReceive(seen_events, &e, pdMS_TO_TICKS(PATIENCE_MS));
    return e;
}

/* How many events have been handled and not looked at. */
static inline int kept(void)
{
    return (int)uxQueueMessagesWaiting(seen_events);
}

static inline bool wifi(struct seen e, int32_t id)
{
    return e.base == WIFI_EVENT && e.id == id;
}

static inline bool ip(struct seen e, int32_t id)
{
    return e.base == IP_EVENT && e.id == id;
}

static inline bool disconnected(struct seen e, int reason, int rssi)
{
    return wifi(e, WIFI_EVENT_STA_DISCONNECTED) && e.reason == reason && e.rssi == rssi;
}

/* Leaves out the events before this one. */
static inline struct seen skip_to(esp_event_base_t base, int32_t id)
{
    struct seen e = next();
    while (e.id != -1 && (e.base != base || e.id != id)) {
        e = next();
    }
    return e;
}

static inline void set_network(const char *ssid, const char *password)
{
    wifi_config_t config = { 0 };
    strcpy((char *)config.sta.ssid, ssid);
    memcpy(config.sta.password, password, strlen(password)); /* 64 characters have no end */
    ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &config));
}

/* All but the start of Wi-Fi. */
static inline void prepare(void)
{
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    seen_events = xQueueCreate(64, sizeof(struct seen));
    ESP_ERROR_CHECK(nvs_flash_init());
    ESP_ERROR_CHECK(esp_netif_init());
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    station = esp_netif_create_default_wifi_sta();
    ESP_ERROR_CHECK(esp_wifi_init(&init));
    ESP_ERROR_CHECK(esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, keep, NULL));
    ESP_ERROR_CHECK(esp_event_handler_register(IP_EVENT, ESP_EVENT_ANY_ID, keep, NULL));
    ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));
    set_network("lab", "");
}

static inline void start_station(void)
{
    prepare();
    ESP_ERROR_CHECK(esp_wifi_start());
    struct seen e;
    while (xQueueReceive(seen_events, &e, 0) == pdTRUE) {
    }
}

static inline void connect_station(void)
{
    ESP_ERROR_CHECK(esp_wifi_connect());
    skip_to(IP_EVENT, IP_EVENT_STA_GOT_IP);
}
