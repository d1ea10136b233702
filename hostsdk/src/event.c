/* The default event loop: one task that calls the handlers in order. */
#include <string.h>
#include "esp_event.h"
#include "host.h"

/* A handler that runs longer holds up every other event of the program. */
#define HANDLER_LIMIT_US 100000

struct handler {
    struct handler *next;
    unsigned serial; /* grows with each registration */
    esp_event_base_t base;
    int32_t id;
    esp_event_handler_t code;
    void *arg;
};

struct event {
    esp_event_base_t base;
    int32_t id;
    void *data;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct handler *handlers; /* in the order of their registration */
static QueueHandle_t events;     /* NULL before the loop is created */

static bool wants(const struct handler *h, const struct event *e)
{
    return (h->base == ESP_EVENT_ANY_BASE || h->base == e->base) && (h->id == ESP_EVENT_ANY_ID || h->id == e->id);
}

/* Finds the first handler after a serial number that wants an event. Handlers may register and unregister others and
 * themselves while they run, so none is kept. */
static bool next_handler(unsigned after, const struct event *e, struct handler *found)
{
    bool ok = false;
    pthread_mutex_lock(&mutex);
    for (struct handler *h = handlers; h != NULL && !ok; h = h->next) {
        if (h->serial > after && wants(h, e)) {
            *found = *h;
            ok = true;
        }
    }
    pthread_mutex_unlock(&mutex);
    return ok;
}

static void *run_loop(void *arg)
{
    (void)arg;
    struct event e;
    while (xQueueReceive(events, &e, portMAX_DELAY)) {
        struct handler h = { 0 };
        while (next_handler(h.serial, &e, &h)) {
            int64_t start = host_now_us();
            h.code(h.arg, e.base, e.id, e.data);
            int64_t took = host_now_us() - start;
            if (took > HANDLER_LIMIT_US) {
                host_note("a handler of %s %d blocked the event task for %d ms", e.base, (int)e.id, (int)(took / 1000));
            }
        }
        free(e.data);
    }
    return NULL;
}

esp_err_t esp_event_loop_create_default(void)
{
    if (events != NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    events = xQueueCreate(32, sizeof(struct event));
    host_thread(run_loop, NULL);
    return ESP_OK;
}

esp_err_t esp_event_handler_instance_register(esp_event_base_t event_base, int32_t event_id,
                                              esp_event_handler_t event_handler, void *event_handler_arg,
                                              esp_event_handler_instance_t *instance)
{
    if (event_handler == NULL || (event_base == ESP_EVENT_ANY_BASE && event_id != ESP_EVENT_ANY_ID)) {
        return ESP_ERR_INVALID_ARG;
    }
    if (events == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    struct handler *h = calloc(1, sizeof(*h));
    if (h == NULL) {
        return ESP_ERR_NO_MEM;
    }
    *h = (struct handler){ .base = event_base, .id = event_id, .code = event_handler, .arg = event_handler_arg };
    static unsigned registered;
    pthread_mutex_lock(&mutex);
    h->serial = ++registered;
    struct handler **end = &handlers;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = h;
    pthread_mutex_unlock(&mutex);
    if (instance != NULL) {
        *instance = h;
    }
    return ESP_OK;
}

esp_err_t esp_event_handler_register(esp_event_base_t event_base, int32_t event_id, esp_event_handler_t event_handler,
                                     void *event_handler_arg)
{
    return esp_event_handler_instance_register(event_base, event_id, event_handler, event_handler_arg, NULL);
}

/* Removes the handler that is instance, or that has the code where instance is NULL. */
static esp_err_t unregister(esp_event_base_t base, int32_t id, const void *instance, esp_event_handler_t code)
{
    esp_err_t err = events == NULL ? ESP_ERR_INVALID_STATE : ESP_ERR_NOT_FOUND;
    pthread_mutex_lock(&mutex);
    for (struct handler **p = &handlers; *p != NULL; p = &(*p)->next) {
        struct handler *h = *p;
        if (h->base == base && h->id == id && (instance != NULL ? h == instance : h->code == code)) {
            *p = h->next;
            free(h);
            err = ESP_OK;
            break;
        }
    }
    pthread_mutex_unlock(&mutex);
    return err;
}

esp_err_t esp_event_handler_unregister(esp_event_base_t event_base, int32_t event_id, esp_event_handler_t event_handler)
{
    return unregister(event_base, event_id, NULL, event_handler);
}

esp_err_t esp_event_handler_instance_unregister(esp_event_base_t event_base, int32_t event_id,
                                                esp_event_handler_instance_t instance)
{
    return instance == NULL ? ESP_ERR_INVALID_ARG : unregister(event_base, event_id, instance, NULL);
}

esp_err_t esp_event_post(esp_event_base_t event_base, int32_t event_id, const void *event_data, size_t event_data_size,
                         TickType_t ticks_to_wait)
{
    if (event_base == ESP_EVENT_ANY_BASE || event_id == ESP_EVENT_ANY_ID) {
        return ESP_ERR_INVALID_ARG;
    }
    if (events == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    struct event e = { .base = event_base, .id = event_id };
    if (event_data_size > 0) {
        if ((e.data = malloc(event_data_size)) == NULL) {
            return ESP_ERR_NO_MEM;
        }
        memcpy(e.data, event_data, event_data_size);
    }
    if (xQueueSend(events, &e, ticks_to_wait) != pdTRUE) {
        free(e.data);
        return ESP_ERR_TIMEOUT;
    }
    return ESP_OK;
}
