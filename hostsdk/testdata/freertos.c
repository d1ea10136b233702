/* FreeRTOS as the SDK has it. Each line that is printed begins with ok or FAILED. */
#include <stdio.h>
#include <unistd.h>
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/event_groups.h"
#include "freertos/queue.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "freertos/timers.h"

#define CHECK(condition) printf("%s %d: %s\n", (condition) ? "ok" : "FAILED", __LINE__, #condition)

static TaskHandle_t main_task;

/* Delays and notifications ------------------------------------------------ */

static void notifier(void *arg)
{
    (void)arg;
    xTaskNotifyGive(main_task);
    xTaskNotifyGive(main_task);
    vTaskDelete(NULL);
}

static void check_notifications(void)
{
    uint32_t value = 1;
    CHECK(ulTaskNotifyTake(pdTRUE, 0) == 0);
    xTaskCreate(notifier, "notifier", 2048, NULL, 5, NULL);
    uint32_t taken = 0;
    while (taken < 2) {
        taken += ulTaskNotifyTake(pdFALSE, portMAX_DELAY) > 0;
    }
    CHECK(ulTaskNotifyTake(pdFALSE, 1) == 0);

    CHECK(xTaskNotify(main_task, 5, eSetValueWithoutOverwrite) == pdPASS);
    CHECK(xTaskNotify(main_task, 6, eSetValueWithoutOverwrite) == pdFAIL);
    CHECK(xTaskNotifyWait(0, UINT32_MAX, &value, 0) == pdTRUE && value == 5);
    CHECK(xTaskNotifyWait(0, 0, &value, 1) == pdFALSE && value == 0);
    xTaskNotify(main_task, 1, eSetBits);
    xTaskNotify(main_task, 8, eSetBits);
    CHECK(xTaskNotifyWait(0, 1, &value, portMAX_DELAY) == pdTRUE && value == 9);
    CHECK(xTaskNotifyWait(8, 0, &value, 0) == pdFALSE && value == 0);

    TickType_t wake = xTaskGetTickCount();
    CHECK(xTaskDelayUntil(&wake, 2) == pdTRUE);
    vTaskDelay(5);
    CHECK(xTaskDelayUntil(&wake, 2) == pdFALSE);
}

/* Timers ------------------------------------------------------------------ */

static int expired[2];
static QueueHandle_t ticks;

static void on_timer(TimerHandle_t timer)
{
    expired[(intptr_t)pvTimerGetTimerID(timer)]++;
    const int one = 1;
    xQueueSend(ticks, &one, 0);
}

static void check_timers(void)
{
    int got;
    ticks = xQueueCreate(100, sizeof(int));
    TimerHandle_t once = xTimerCreate("once", 1, pdFALSE, (void *)0, on_timer);
    TimerHandle_t often = xTimerCreate("often", 1, pdTRUE, (void *)1, on_timer);
    CHECK(xTimerIsTimerActive(once) == pdFALSE);
    CHECK(xTimerStart(once, 0) == pdPASS);
    CHECK(xQueueReceive(ticks, &got, portMAX_DELAY) == pdTRUE);
    CHECK(expired[0] == 1 && xTimerIsTimerActive(once) == pdFALSE);
    CHECK(xTimerChangePeriod(often, 2, 0) == pdPASS && xTimerIsTimerActive(often) == pdTRUE);
    for (int i = 0; i < 3; i++) {
        xQueueReceive(ticks, &got, portMAX_DELAY);
    }
    CHECK(xTimerStop(often, 0) == pdPASS && xTimerIsTimerActive(often) == pdFALSE);
    CHECK(expired[0] == 1 && expired[1] >= 3);
    CHECK(xTimerReset(once, 0) == pdPASS && xTimerIsTimerActive(once) == pdTRUE);
    CHECK(xTimerDelete(once, 0) == pdPASS);
    CHECK(xTimerDelete(often, 0) == pdPASS);
}

static TimerHandle_t shared;
static _Atomic int failed_resets;

static void resetter(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20000; i++) {
        failed_resets += xTimerReset(shared, 0) != pdPASS;
    }
    xTaskNotifyGive(main_task);
    vTaskDelete(NULL);
}

/* Commands of two tasks to one timer do not mix. */
static void check_timer_commands(void)
{
    shared = xTimerCreate("shared", 1000, pdTRUE, NULL, on_timer);
    xTaskCreate(resetter, "resetter 1", 2048, NULL, 5, NULL);
    xTaskCreate(resetter, "resetter 2", 2048, NULL, 5, NULL);
    for (int ended = 0; ended < 2;) {
        ended += ulTaskNotifyTake(pdFALSE, portMAX_DELAY) > 0;
    }
    CHECK(failed_resets == 0);
    CHECK(xTimerDelete(shared, 0) == pdPASS);
}

static void on_esp_timer(void *arg)
{
    xTaskNotifyGive(arg);
}

static void check_esp_timer(void)
{
    const esp_timer_create_args_t args = { .callback = on_esp_timer, .arg = main_task };
    esp_timer_handle_t timer;
    CHECK(esp_timer_is_active(NULL) == false && esp_timer_delete(NULL) == ESP_ERR_INVALID_ARG);
    CHECK(esp_timer_create(&args, &timer) == ESP_OK && !esp_timer_is_active(timer));
    CHECK(esp_timer_stop(timer) == ESP_ERR_INVALID_STATE);
    CHECK(esp_timer_start_periodic(timer, 1000) == ESP_OK && esp_timer_is_active(timer));
    CHECK(esp_timer_start_once(timer, 1000) == ESP_ERR_INVALID_STATE);
    CHECK(esp_timer_delete(timer) == ESP_ERR_INVALID_STATE); /* it runs, and goes on */
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    CHECK(esp_timer_stop(timer) == ESP_OK && esp_timer_delete(timer) == ESP_OK);
}

/* Queues, semaphores, event groups ------------------------------------------ */

static SemaphoreHandle_t given;
static EventGroupHandle_t bits;

static void giver(void *arg)
{
    vTaskDelay(2);
    xSemaphoreGive(given);
    xEventGroupSetBits(bits, 1);
    vTaskDelay(2);
    xEventGroupSetBits(bits, 2);
    vTaskDelete(NULL);
}

static void check_queues(void)
{
    QueueHandle_t q = xQueueCreate(2, sizeof(int));
    int one = 1, two = 2, got = 0;
    CHECK(xQueueReceive(q, &got, 1) == pdFALSE);
    CHECK(xQueueSend(q, &one, 0) == pdTRUE && xQueueSend(q, &two, 0) == pdTRUE);
    CHECK(xQueueSend(q, &one, 1) == errQUEUE_FULL && uxQueueMessagesWaiting(q) == 2);
    CHECK(xQueueReceive(q, &got, 0) == pdTRUE && got == 1);
    CHECK(xQueueReceive(q, &got, 0) == pdTRUE && got == 2);
    vQueueDelete(q);

    given = xSemaphoreCreateBinary();
    bits = xEventGroupCreate();
    CHECK(xSemaphoreTake(given, 0) == pdFALSE);
    xTaskCreate(giver, "giver", 2048, NULL, 5, NULL);
    CHECK(xSemaphoreTake(given, portMAX_DELAY) == pdTRUE);
    CHECK(xEventGroupWaitBits(bits, 3, pdTRUE, pdTRUE, portMAX_DELAY) == 3);
    CHECK(xEventGroupWaitBits(bits, 3, pdFALSE, pdFALSE, 1) == 0);
    CHECK(xEventGroupSetBits(bits, 4) == 4 && xEventGroupClearBits(bits, 4) == 4);
    vSemaphoreDelete(given);
    vEventGroupDelete(bits);

    SemaphoreHandle_t mutex = xSemaphoreCreateMutex();
    CHECK(xSemaphoreTake(mutex, 0) == pdTRUE && xSemaphoreTake(mutex, 1) == pdFALSE);
    CHECK(xSemaphoreGive(mutex) == pdTRUE && xSemaphoreGive(mutex) == pdFALSE);
    vSemaphoreDelete(mutex);
    vQueueDelete(ticks);
}

/* Tasks that wait for an event group ---------------------------------------- */

static _Atomic EventBits_t got_bits;

static void waiter(void *arg)
{
    (void)arg;
    got_bits = xEventGroupWaitBits(bits, 1, pdTRUE, pdTRUE, portMAX_DELAY);
    xSemaphoreGive(given);
    vTaskDelete(NULL);
}

/* Bits that are set and cleared at once release two tasks, which clear them, too. When these have begun to wait is not
 * known, so there is more than one try. */
static bool both_are_released(void)
{
    for (TickType_t delay = 1; delay <= 64; delay *= 2) {
        xTaskCreate(waiter, "waiter", 2048, NULL, 5, NULL);
        xTaskCreate(waiter, "waiter", 2048, NULL, 5, NULL);
        vTaskDelay(delay);
        bool cleared = xEventGroupSetBits(bits, 1) == 0;
        xEventGroupClearBits(bits, 1);
        int released = 0;
        while (released < 2 && xSemaphoreTake(given, delay) == pdTRUE) {
            released++;
        }
        if (released == 2 && cleared) {
            return true;
        }
        while (released < 2) {
            xEventGroupSetBits(bits, 1);
            released += xSemaphoreTake(given, 1) == pdTRUE;
        }
        xEventGroupClearBits(bits, 1);
    }
    return false;
}

static void check_waiters(void)
{
    TaskHandle_t task;
    given = xSemaphoreCreateCounting(2, 0);
    bits = xEventGroupCreate();
    CHECK(both_are_released());
    CHECK(got_bits == 1);

    xTaskCreate(waiter, "deleted", 2048, NULL, 5, &task);
    vTaskDelay(10);
    vTaskDelete(task);
    while (xEventGroupSetBits(bits, 1) == 0) { /* until nobody waits */
        vTaskDelay(1);
    }
    CHECK(xEventGroupClearBits(bits, 1) == 1);

    xTaskCreate(waiter, "waiter", 2048, NULL, 5, NULL);
    vTaskDelay(100);
    vEventGroupDelete(bits);
    CHECK(xSemaphoreTake(given, portMAX_DELAY) == pdTRUE && got_bits == 0);
    vSemaphoreDelete(given);
}

/* Tasks that wait at once ------------------------------------------------- */

static void take_and_give(void *arg)
{
    xSemaphoreTake(arg, portMAX_DELAY);
    xSemaphoreGive(arg);
    xTaskNotifyGive(main_task);
    vTaskDelete(NULL);
}

static void sleep_long(void *arg)
{
    (void)arg;
    sleep(2);
    xTaskNotifyGive(main_task);
    vTaskDelete(NULL);
}

/* Who creates tasks of a higher priority goes on when they wait, for it or for something else. It would go on in any
 * case, but each time after a second. */
static void check_creation(void)
{
    SemaphoreHandle_t lock = xSemaphoreCreateMutex();
    TickType_t begin = xTaskGetTickCount();
    xSemaphoreTake(lock, portMAX_DELAY);
    for (int i = 0; i < 5; i++) {
        xTaskCreate(i == 0 ? sleep_long : take_and_give, "waits", 2048, lock, 5, NULL);
    }
    CHECK(xTaskGetTickCount() - begin < pdMS_TO_TICKS(4000));
    xSemaphoreGive(lock);
    for (int taken = 0; taken < 5;) {
        taken += ulTaskNotifyTake(pdFALSE, portMAX_DELAY) > 0;
    }
    vSemaphoreDelete(lock);
}

void app_main(void)
{
    main_task = xTaskGetCurrentTaskHandle();
    check_notifications();
    check_timers();
    check_timer_commands();
    check_esp_timer();
    check_queues();
    check_waiters();
    check_creation();
    printf("done\n");
}
