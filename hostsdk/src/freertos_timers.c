/* FreeRTOS's software timers, on esp_timer: its thread stands for the timer task, so callbacks run one after the other. */
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/timers.h"
#include "host.h"

struct tmrTimerControl {
    esp_timer_handle_t clock;
    TimerCallbackFunction_t callback;
    void *id;
    const char *name;
    TickType_t period;
    bool reload, deleted;
};

/* One command at a time, as FreeRTOS's queue of commands has it. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void expire(void *arg)
{
    TimerHandle_t timer = arg;
    pthread_mutex_lock(&mutex);
    bool deleted = timer->deleted;
    pthread_mutex_unlock(&mutex);
    if (!deleted) {
        timer->callback(timer);
        return;
    }
    esp_timer_stop(timer->clock); /* deleted while it expired: it would expire once more */
    esp_timer_delete(timer->clock);
    free(timer);
}

TimerHandle_t xTimerCreate(const char *const pcTimerName, const TickType_t xTimerPeriodInTicks,
                           const BaseType_t xAutoReload, void *const pvTimerID, TimerCallbackFunction_t pxCallbackFunction)
{
    configASSERT(xTimerPeriodInTicks > 0 && pxCallbackFunction != NULL);
    TimerHandle_t timer = calloc(1, sizeof(*timer));
    if (timer == NULL) {
        return NULL;
    }
    *timer = (struct tmrTimerControl){ .callback = pxCallbackFunction, .id = pvTimerID, .name = pcTimerName,
                                       .period = xTimerPeriodInTicks, .reload = xAutoReload != pdFALSE };
    const esp_timer_create_args_t args = { .callback = expire, .arg = timer, .name = pcTimerName };
    if (esp_timer_create(&args, &timer->clock) != ESP_OK) {
        free(timer);
        return NULL;
    }
    return timer;
}

static BaseType_t start(TimerHandle_t timer)
{
    uint64_t us = (uint64_t)timer->period * portTICK_PERIOD_MS * 1000;
    esp_err_t err = timer->reload ? esp_timer_start_periodic(timer->clock, us) : esp_timer_start_once(timer->clock, us);
    return err == ESP_OK ? pdPASS : pdFAIL;
}

static BaseType_t command(TimerHandle_t timer, BaseType_t id, TickType_t value)
{
    esp_timer_stop(timer->clock);
    switch (id) {
    case tmrCOMMAND_STOP:
        return pdPASS;
    case tmrCOMMAND_CHANGE_PERIOD:
        configASSERT(value > 0);
        timer->period = value;
        return start(timer);
    case tmrCOMMAND_START:
    case tmrCOMMAND_RESET:
        return start(timer);
    case tmrCOMMAND_DELETE:
        /* The timer's thread frees it: its callback may be running. */
        timer->deleted = true;
        return esp_timer_start_once(timer->clock, 0) == ESP_OK ? pdPASS : pdFAIL;
    }
    return pdFAIL;
}

BaseType_t xTimerGenericCommand(TimerHandle_t xTimer, const BaseType_t xCommandID, const TickType_t xOptionalValue,
                                BaseType_t *const pxHigherPriorityTaskWoken, const TickType_t xTicksToWait)
{
    (void)pxHigherPriorityTaskWoken;
    (void)xTicksToWait; /* there is no queue that could be full */
    configASSERT(xTimer != NULL);
    pthread_mutex_lock(&mutex);
    BaseType_t result = command(xTimer, xCommandID, xOptionalValue);
    pthread_mutex_unlock(&mutex);
    return result;
}

BaseType_t xTimerIsTimerActive(TimerHandle_t xTimer)
{
    return esp_timer_is_active(xTimer->clock) ? pdTRUE : pdFALSE;
}

void *pvTimerGetTimerID(const TimerHandle_t xTimer)
{
    return xTimer->id;
}

const char *pcTimerGetName(TimerHandle_t xTimer)
{
    return xTimer->name;
}
