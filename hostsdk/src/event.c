/* The default event loop: one task that calls the handlers in order. */
#include <string.h>
#include "esp_event.h"
#include "esp_log.h"
#include "esp_wifi.h"
#include "host.h"

/* A handler that runs longer holds up every other event of the program. */
#define HANDLER_LIMIT_US 100000

#define QUEUE_LENGTH  32 /* CONFIG_ESP_SYSTEM_EVENT_QUEUE_SIZE's default */
#define LOOP_PRIORITY 20

enum { EVENT_TEXT = 64 };

struct handler {
    struct handler *next;
    unsigned serial; /* grows with each registration */
    esp_event_base_t base;
    int32_t id;
    esp_event_handler_t code;
    void *arg;
    bool is_instance; /* registered as one: it may be there twice */
};

struct event {
    struct event *next;
    esp_event_base_t base;
    int32_t id;
    bool has_data;
    uint8_t data[] __attribute__((aligned(8)));
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;

/* Guarded by mutex. */
static bool created;
static struct handler *handlers;     /* in the order of their registration */
static struct event *queue;          /* the events that wait for the loop */
static int queued;                   /* how many */
static bool busy;                    /* the handlers of an event run */
static bool stalled;                 /* a handler waits, so that tasks of lower priority go on */
static __thread bool calls_handlers; /* this is the loop's thread, at an event */

static bool wants(const struct handler *h, const struct event *e)
{
    return (h->base == ESP_EVENT_ANY_BASE || h->base == e->base) && (h->id == ESP_EVENT_ANY_ID || h->id == e->id);
}

/* The first handler after a serial number that wants an event; without code where there is none. Handlers may register and
 * unregister others and themselves while they run, so it is a copy. */
static struct handler next_handler(unsigned after, const struct event *e)
{
    struct handler found = { 0 };
    pthread_mutex_lock(&mutex);
    for (struct handler *h = handlers; h != NULL && found.code == NULL; h = h->next) {
        if (h->serial > after && wants(h, e)) {
            found = *h;
        }
    }
    pthread_mutex_unlock(&mutex);
    return found;
}

/* The name of an event, with its base and its number where it has none. */
static const char *name_of(const struct event *e, char text[EVENT_TEXT])
{
    const char *name = host_event_name(e->base, e->id);
    if (name != NULL) {
        return name;
    }
    snprintf(text, EVENT_TEXT, "%s %d", e->base, (int)e->id);
    return text;
}

/* The reason of a disconnection; 0 for other events. */
static int reason_of(const struct event *e)
{
    bool has_reason = e->base == WIFI_EVENT && e->id == WIFI_EVENT_STA_DISCONNECTED && e->has_data;
    return has_reason ? ((const wifi_event_sta_disconnected_t *)e->data)->reason : 0;
}

/* Tells of an event before the handlers see it. */
static void tell(const struct event *e)
{
    char name[EVENT_TEXT], more[80] = "";
    int reason = reason_of(e);
    struct host_message m;
    host_message_begin(&m, "event");
    host_message_text(&m, "base", e->base);
    host_message_number(&m, "id", e->id);
    if (host_event_name(e->base, e->id) != NULL) {
        host_message_text(&m, "name", host_event_name(e->base, e->id));
    }
    if (reason != 0) {
        const char *text = host_reason_name(reason) == NULL ? "unknown" : host_reason_name(reason);
        host_message_number(&m, "reason", reason);
        host_message_text(&m, "reason_name", text);
        snprintf(more, sizeof(more), ", reason %d (%s)", reason, text);
    }
    host_message_send(&m);
    host_trace_event(name_of(e, name), more);
}

/* The first frame of a handler, which its stack is reckoned from. */
static __attribute__((noinline)) void call(const struct handler *h, const struct event *e)
{
    host_stack_begin(__builtin_frame_address(0));
    h->code(h->arg, e->base, e->id, e->has_data ? (void *)e->data : NULL);
    host_stack_begin(NULL);
}

/* As ESP-IDF, which looks for the next handler before it calls one: what the last one registers runs from the next event
 * on. */
static void call_handlers(const struct event *e)
{
    tell(e);
    struct handler h = next_handler(0, e);
    while (h.code != NULL) {
        bool is_last = next_handler(h.serial, e).code == NULL;
        int64_t start = host_now_us();
        call(&h, e);
        int64_t took = host_now_us() - start;
        if (took > HANDLER_LIMIT_US) {
            char name[EVENT_TEXT];
            host_note("a handler of %s blocked the event task for %d ms", name_of(e, name), (int)(took / 1000));
        }
        h = is_last ? (struct handler){ 0 } : next_handler(h.serial, e);
    }
}

static void *run_loop(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&mutex);
    for (;;) {
        while (queue == NULL) {
            host_has_waited();
            host_wait_quietly(&changed, &mutex, INT64_MAX);
        }
        struct event *e = queue;
        queue = e->next;
        queued--;
        busy = true;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&mutex);
        calls_handlers = true;
        call_handlers(e);
        calls_handlers = false;
        free(e);
        pthread_mutex_lock(&mutex);
        busy = false;
        pthread_cond_broadcast(&changed);
    }
    return NULL;
}

void host_handler_waits(bool begins)
{
    if (calls_handlers) {
        pthread_mutex_lock(&mutex);
        stalled = begins;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&mutex);
    }
}

void host_let_handlers_run(void)
{
    if (calls_handlers || host_priority() >= LOOP_PRIORITY) {
        return;
    }
    int64_t until = host_now_us() + HOST_TURN_US;
    pthread_mutex_lock(&mutex);
    while ((queue != NULL || busy) && !stalled && host_wait_quietly(&changed, &mutex, until)) {
    }
    pthread_mutex_unlock(&mutex);
}

esp_err_t esp_event_loop_create_default(void)
{
    pthread_mutex_lock(&mutex);
    bool again = created;
    if (!created) {
        host_cond_init(&changed);
        created = true;
    }
    pthread_mutex_unlock(&mutex);
    if (again) {
        return ESP_ERR_INVALID_STATE;
    }
    host_take_heap(3700); /* the loop, its queue and its stack */
    host_system_task("sys_evt", LOOP_PRIORITY, 2816, run_loop, NULL);
    return ESP_OK;
}

/* The handler that a registration replaces, as only one that is no instance does; NULL for none. The mutex is held. */
static struct handler *replaced(const struct handler *added)
{
    struct handler *h = handlers;
    while (h != NULL && (added->is_instance || h->base != added->base || h->id != added->id || h->code != added->code)) {
        h = h->next;
    }
    return h;
}

/* Takes a handler over: at the end, or its argument only, where the function is there already. The mutex is held. */
static void add(struct handler *added)
{
    static unsigned registered;
    struct handler *old = replaced(added), **end = &handlers;
    if (old != NULL) {
        ESP_LOGW("event", "handler already registered, overwriting");
        old->arg = added->arg;
        free(added);
        return;
    }
    added->serial = ++registered;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = added;
}

static esp_err_t register_handler(esp_event_base_t base, int32_t id, esp_event_handler_t code, void *arg, bool is_instance,
                                  esp_event_handler_instance_t *instance)
{
    configASSERT(code != NULL);
    if (base == ESP_EVENT_ANY_BASE && id != ESP_EVENT_ANY_ID) {
        return ESP_ERR_INVALID_ARG;
    }
    struct handler *h = calloc(1, sizeof(*h));
    if (h == NULL) {
        return ESP_ERR_NO_MEM;
    }
    *h = (struct handler){ .base = base, .id = id, .code = code, .arg = arg, .is_instance = is_instance };
    pthread_mutex_lock(&mutex);
    bool ok = created;
    if (ok) {
        add(h);
    }
    pthread_mutex_unlock(&mutex);
    if (!ok) {
        free(h);
        return ESP_ERR_INVALID_STATE;
    }
    if (instance != NULL) {
        *instance = h;
    }
    return ESP_OK;
}

esp_err_t esp_event_handler_instance_register(esp_event_base_t event_base, int32_t event_id,
                                              esp_event_handler_t event_handler, void *event_handler_arg,
                                              esp_event_handler_instance_t *instance)
{
    return register_handler(event_base, event_id, event_handler, event_handler_arg, true, instance);
}

esp_err_t esp_event_handler_register(esp_event_base_t event_base, int32_t event_id, esp_event_handler_t event_handler,
                                     void *event_handler_arg)
{
    return register_handler(event_base, event_id, event_handler, event_handler_arg, false, NULL);
}

/* Removes the handler that is instance, or that has the code where instance is NULL. */
static esp_err_t unregister(esp_event_base_t base, int32_t id, const void *instance, esp_event_handler_t code)
{
    pthread_mutex_lock(&mutex);
    esp_err_t err = created ? ESP_ERR_NOT_FOUND : ESP_ERR_INVALID_STATE;
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

/* An event with a copy of its data. */
static struct event *make_event(esp_event_base_t base, int32_t id, const void *data, size_t size)
{
    bool has_data = data != NULL && size > 0;
    struct event *e = calloc(1, sizeof(*e) + (has_data ? size : 0));
    if (e == NULL) {
        return NULL;
    }
    e->base = base;
    e->id = id;
    e->has_data = has_data;
    if (has_data) {
        memcpy(e->data, data, size);
    }
    return e;
}

/* The mutex is held. */
static void append(struct event *e)
{
    struct event **end = &queue;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = e;
    queued++;
    pthread_cond_broadcast(&changed);
}

bool host_post(const char *base, int32_t id, const void *data, size_t size, bool always)
{
    struct event *e = make_event(base, id, data, size);
    if (e == NULL) {
        abort();
    }
    pthread_mutex_lock(&mutex);
    bool ok = created && (always || queued < QUEUE_LENGTH);
    if (ok) {
        append(e);
    }
    pthread_mutex_unlock(&mutex);
    if (!ok) {
        free(e);
        const char *name = host_event_name(base, id);
        host_note("the event %s was lost: the event loop's queue was full, or there was no loop", name == NULL ? base : name);
    }
    return ok;
}

/* Waits until there is room in the queue. The mutex is held. */
static bool await_room(TickType_t ticks)
{
    int64_t until = ticks == portMAX_DELAY ? INT64_MAX : host_now_us() + (int64_t)ticks * portTICK_PERIOD_MS * 1000;
    while (queued >= QUEUE_LENGTH && host_wait(&changed, &mutex, until)) {
    }
    return queued < QUEUE_LENGTH;
}

esp_err_t esp_event_post(esp_event_base_t event_base, int32_t event_id, const void *event_data, size_t event_data_size,
                         TickType_t ticks_to_wait)
{
    if (event_base == ESP_EVENT_ANY_BASE || event_id == ESP_EVENT_ANY_ID) {
        return ESP_ERR_INVALID_ARG;
    }
    struct event *e = make_event(event_base, event_id, event_data, event_data_size);
    if (e == NULL) {
        return ESP_ERR_NO_MEM;
    }
    pthread_mutex_lock(&mutex);
    esp_err_t err = !created ? ESP_ERR_INVALID_STATE : ESP_ERR_TIMEOUT;
    /* A handler that waited for room would wait for itself. */
    if (created && await_room(calls_handlers ? 0 : ticks_to_wait)) {
        append(e);
        err = ESP_OK;
    }
    pthread_mutex_unlock(&mutex);
    if (err != ESP_OK) {
        free(e);
        return err;
    }
    host_let_handlers_run();
    return ESP_OK;
}
