/* Ticks, tasks, timers, and what they take of the heap. */
#include <string.h>
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "freertos/task.h"
#include "row.h"

#define PRIORITY_BELOW 0
#define PRIORITY_SAME  1 /* main's */
#define PRIORITY_ABOVE 5

static volatile bool has_run;
static char name[32];

/* It works for a while before it says so: a creator that did not wait would be sooner. */
static void run(void *arg)
{
    (void)arg;
    for (int64_t from = esp_timer_get_time(); esp_timer_get_time() - from < 50000;) {
    }
    has_run = true;
    strcpy(name, pcTaskGetName(NULL));
    vTaskDelete(NULL);
}

static bool runs_first(UBaseType_t priority)
{
    has_run = false;
    return xTaskCreate(run, "a name of twenty letters", 2048, NULL, priority, NULL) == pdPASS && has_run;
}

static void run_and_wait(void *arg)
{
    has_run = true;
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    xTaskNotifyGive(arg);
    vTaskDelete(NULL);
}

static void check_tasks(void)
{
    TaskHandle_t task;
    ROW("task-first", runs_first(PRIORITY_ABOVE) && runs_first(PRIORITY_SAME));
    ROW("task-name", strcmp(name, "a name of twent") == 0, "%s", name);
    has_run = false;
    ROW("task-first", xTaskCreate(run_and_wait, "waits", 2048, xTaskGetCurrentTaskHandle(), PRIORITY_ABOVE, &task) == pdPASS && has_run);
    xTaskNotifyGive(task);
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    ROW("task-stack", xTaskCreate(run, "none", 0, NULL, PRIORITY_BELOW, NULL) == -1);
    ROW("task-stack", xTaskCreate(run, "huge", 4 * 1024 * 1024, NULL, PRIORITY_BELOW, NULL) == -1);
}

static void check_ticks(void)
{
    static const struct { int ms, ticks; } times[] = { { 1, 0 }, { 5, 0 }, { 9, 0 }, { 10, 1 }, { 15, 1 }, { 19, 1 }, { 99, 9 } };
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        ROW("ticks", (int)pdMS_TO_TICKS(times[i].ms) == times[i].ticks, "%d ms", times[i].ms);
    }
    ROW("ticks", portTICK_PERIOD_MS == 10);
    /* From the middle of a tick on, to the end of one: several tries, since a slow machine takes longer. */
    bool is_shorter = false;
    for (int i = 0; i < 50 && !is_shorter; i++) {
        vTaskDelay(1);
        int64_t begin = esp_timer_get_time();
        while (esp_timer_get_time() < begin + 4000) {
        }
        begin = esp_timer_get_time();
        vTaskDelay(2);
        is_shorter = esp_timer_get_time() - begin < 20000;
    }
    ROW("delay", is_shorter);
}

static char timer_task[32];

static void count(void *arg)
{
    strcpy(timer_task, pcTaskGetName(NULL));
    __atomic_add_fetch((int *)arg, 1, __ATOMIC_RELAXED);
}

static void check_timers(void)
{
    static const uint64_t periods[] = { 0, 1, 49 };
    esp_timer_handle_t timer;
    static int calls;
    const esp_timer_create_args_t args = { .callback = count, .arg = &calls };
    ESP_ERROR_CHECK(esp_timer_create(&args, &timer));
    ROW("timer-codes", esp_timer_stop(timer) == ESP_ERR_INVALID_STATE);
    for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
        int before = __atomic_load_n(&calls, __ATOMIC_RELAXED);
        int64_t begin = esp_timer_get_time();
        ROW("timer-period", esp_timer_start_periodic(timer, periods[i]) == ESP_OK);
        ROW("timer-codes", esp_timer_start_periodic(timer, 1000) == ESP_ERR_INVALID_STATE && esp_timer_delete(timer) == ESP_ERR_INVALID_STATE);
        while (__atomic_load_n(&calls, __ATOMIC_RELAXED) == before) {
            vTaskDelay(1);
        }
        ESP_ERROR_CHECK(esp_timer_stop(timer));
        int made = __atomic_load_n(&calls, __ATOMIC_RELAXED) - before, room = (int)((esp_timer_get_time() - begin) / 50);
        ROW("timer-period", made <= room, "%d calls, room for %d", made, room);
    }
    ROW("timer-task", strcmp(timer_task, "esp_timer") == 0, "%s", timer_task);
    ESP_ERROR_CHECK(esp_timer_delete(timer));
}

void app_main(void)
{
    ROW("main-stack", uxTaskGetStackHighWaterMark(NULL) <= 4096 && strcmp(pcTaskGetName(NULL), "main") == 0);
    check_tasks();
    check_ticks();
    check_timers();
    printf("done\n");
}
