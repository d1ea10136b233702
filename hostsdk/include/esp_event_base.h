/* What is known of events where the event loop is not. As ESP-IDF 5.1's, it includes nothing. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

typedef const char *esp_event_base_t;
typedef void *esp_event_handler_instance_t;
typedef void (*esp_event_handler_t)(void *event_handler_arg, esp_event_base_t event_base, int32_t event_id,
                                    void *event_data);

#define ESP_EVENT_DECLARE_BASE(id) extern esp_event_base_t const id
#define ESP_EVENT_DEFINE_BASE(id)  esp_event_base_t const id = #id
#define ESP_EVENT_ANY_BASE         NULL
#define ESP_EVENT_ANY_ID           -1

#ifdef __cplusplus
}
#endif
