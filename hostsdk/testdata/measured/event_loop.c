/* The default event loop: who is called when, and what its calls return. Each post's handlers run before it returns. */
#include <string.h>
#include "esp_event.h"
#include "freertos/semphr.h"
#include "row.h"

ESP_EVENT_DEFINE_BASE(TEST);

enum { ORDER, AGAIN, ADDS, NO_DATA, LEAVES, BLOCKS, FILLS };

static char called[32];

static void note(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    (void)base, (void)id, (void)data;
    strcat(called, arg);
}

static void other(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    note(arg, base, id, data);
}

/* Posts an event, and tells whom it called. */
static const char *call(int32_t id)
{
    called[0] = '\0';
    ESP_ERROR_CHECK(esp_event_post(TEST, id, NULL, 0, portMAX_DELAY));
    return called;
}

static void check_order(void)
{
    ESP_ERROR_CHECK(esp_event_handler_instance_register(TEST, ORDER, note, "1", NULL));
    ESP_ERROR_CHECK(esp_event_handler_instance_register(ESP_EVENT_ANY_BASE, ESP_EVENT_ANY_ID, note, "2", NULL));
    ESP_ERROR_CHECK(esp_event_handler_instance_register(TEST, ESP_EVENT_ANY_ID, note, "3", NULL));
    ESP_ERROR_CHECK(esp_event_handler_instance_register(TEST, ORDER, note, "4", NULL));
    ROW("handler-order", strcmp(call(ORDER), "1234") == 0, "%s", called);
    ROW("event-codes", esp_event_handler_unregister(ESP_EVENT_ANY_BASE, ESP_EVENT_ANY_ID, note) == ESP_OK);
    ROW("event-codes", esp_event_handler_unregister(TEST, ESP_EVENT_ANY_ID, note) == ESP_OK);
}

static void check_again(void)
{
    ESP_ERROR_CHECK(esp_event_handler_register(TEST, AGAIN, note, "a"));
    ESP_ERROR_CHECK(esp_event_handler_register(TEST, AGAIN, other, "b"));
    ESP_ERROR_CHECK(esp_event_handler_register(TEST, AGAIN, note, "c"));
    ROW("handler-again", strcmp(call(AGAIN), "cb") == 0, "%s", called);
    ESP_ERROR_CHECK(esp_event_handler_instance_register(TEST, AGAIN, note, "d", NULL));
    ROW("handler-instances", strcmp(call(AGAIN), "cbd") == 0, "%s", called);
    ESP_ERROR_CHECK(esp_event_handler_unregister(TEST, AGAIN, note));
    ESP_ERROR_CHECK(esp_event_handler_register(TEST, AGAIN, note, "e")); /* over the instance */
    ROW("handler-again", strcmp(call(AGAIN), "be") == 0, "%s", called);
}

static void add_another(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    note(arg, base, id, data);
    if (strlen(called) == 1) {
        ESP_ERROR_CHECK(esp_event_handler_register(TEST, ADDS, other, "n"));
    }
}

static void leave(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    note(arg, base, id, data);
    ESP_ERROR_CHECK(esp_event_handler_unregister(base, id, leave));
}

static void check_changes(void)
{
    ESP_ERROR_CHECK(esp_event_handler_register(TEST, ADDS, add_another, "o"));
    ROW("handler-adds", strcmp(call(ADDS), "o") == 0, "%s", called);
    ROW("handler-adds", strcmp(call(ADDS), "on") == 0, "%s", called);
    ESP_ERROR_CHECK(esp_event_handler_register(TEST, LEAVES, leave, "l"));
    ESP_ERROR_CHECK(esp_event_handler_register(TEST, LEAVES, note, "s"));
    ROW("event-codes", strcmp(call(LEAVES), "ls") == 0 && strcmp(call(LEAVES), "s") == 0, "%s", called);
}

static void want_no_data(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    (void)arg, (void)base, (void)id;
    strcpy(called, data == NULL ? "none" : "some");
    ROW("event-task", strcmp(pcTaskGetName(NULL), "sys_evt") == 0);
}

static void check_codes(void)
{
    esp_event_handler_instance_t instance;
    ROW("event-codes", esp_event_loop_create_default() == ESP_ERR_INVALID_STATE);
    ROW("event-codes", esp_event_handler_unregister(TEST, 99, note) == ESP_ERR_NOT_FOUND);
    ROW("event-codes", esp_event_handler_instance_register(TEST, 99, note, "", &instance) == ESP_OK);
    ROW("event-codes", esp_event_handler_instance_unregister(TEST, 99, NULL) == ESP_ERR_INVALID_ARG);
    ROW("event-codes", esp_event_handler_instance_unregister(TEST, 99, instance) == ESP_OK);
    ESP_ERROR_CHECK(esp_event_handler_register(TEST, NO_DATA, want_no_data, NULL));
    ROW("post-null", esp_event_post(TEST, NO_DATA, NULL, 4, 0) == ESP_OK && strcmp(called, "none") == 0, "%s", called);
}

static SemaphoreHandle_t released;

static void block(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    (void)arg, (void)base, (void)id, (void)data;
    xSemaphoreTake(released, portMAX_DELAY);
}

/* A handler waits: the task that posted goes on, and can fill the queue. */
static void check_full(void)
{
    int posted = 0;
    released = xSemaphoreCreateBinary();
    ESP_ERROR_CHECK(esp_event_handler_register(TEST, BLOCKS, block, NULL));
    ESP_ERROR_CHECK(esp_event_post(TEST, BLOCKS, NULL, 0, portMAX_DELAY));
    while (posted < 99 && esp_event_post(TEST, FILLS, NULL, 0, 0) == ESP_OK) {
        posted++;
    }
    ROW("queue-full", posted == 32, "%d", posted);
    ROW("queue-full", esp_event_post(TEST, FILLS, NULL, 0, 1) == ESP_ERR_TIMEOUT);
    xSemaphoreGive(released);
    ROW("queue-full", esp_event_post(TEST, FILLS, NULL, 0, portMAX_DELAY) == ESP_OK);
}

void app_main(void)
{
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    check_order();
    check_again();
    check_changes();
    check_codes();
    check_full();
    printf("done\n");
}
