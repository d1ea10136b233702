/* The task watchdog: one timer for all tasks that it watches, which starts anew once each of them has reset it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "esp_log.h"
#include "esp_task_wdt.h"
#include "host.h"
#include "sdkconfig.h"

#ifdef CONFIG_ESP_TASK_WDT_EN /* as on the chip, there is no such function without */

#define TAG "task_wdt"

struct entry {
    struct entry *next;
    TaskHandle_t task;
    char name[16]; /* the task may be gone, and still watched */
    bool has_reset;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static struct entry *entries;
static int64_t due;
#ifdef CONFIG_ESP_TASK_WDT_INIT
static bool running = true;
static int64_t timeout_us = CONFIG_ESP_TASK_WDT_TIMEOUT_S * INT64_C(1000000);
#else
static bool running;
static int64_t timeout_us;
#endif
#ifdef CONFIG_ESP_TASK_WDT_PANIC
static bool panics = true;
#else
static bool panics;
#endif
#ifdef CONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU0
static bool watches_idle = true;
#else
static bool watches_idle;
#endif

static void panic_if_told(void)
{
    if (panics) {
        printf("host: aborting, as esp_task_wdt is told to\n");
        fflush(stdout);
        host_tell_fault("the task watchdog has ended the program");
        abort();
    }
}

/* Names those who did not reset the timer. The mutex is held. */
static void trigger(void)
{
    char names[200] = "";
    size_t used = 0;
    for (struct entry *e = entries; e != NULL && used < sizeof(names); e = e->next) {
        if (!e->has_reset) {
            used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", used > 0 ? ", " : "", e->name);
        }
    }
    host_note("Task watchdog got triggered. The following tasks/users did not reset the watchdog in time: %s", names);
    panic_if_told();
    due = host_now_us() + timeout_us;
}

/* Says what the chip says where the idle task of a core did not run, for the core's other tasks did not wait. */
static void trigger_for_idle(const struct host_spinning *task)
{
    int core = task->core < 0 ? 0 : task->core;
#ifdef CONFIG_FREERTOS_UNICORE
    const char *number = "";
#else
    const char *number = core == 0 ? "0" : "1";
#endif
    ESP_LOGE(TAG, "Task watchdog got triggered. The following tasks/users did not reset the watchdog in time:");
    ESP_LOGE(TAG, " - IDLE%s (CPU %d)", number, core);
    ESP_LOGE(TAG, "Tasks currently running:");
    ESP_LOGE(TAG, "CPU %d: %s", core, task->name);
    host_say("the task %s has kept the processor busy for %g s and has not waited once; on the chip no task of lower priority runs meanwhile, "
             "the idle task included; wait in its loop, for example with vTaskDelay(1)", task->name, (double)timeout_us / 1e6);
    panic_if_told();
}

static void rest(int64_t us)
{
    struct timespec t = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };
    nanosleep(&t, NULL);
}

static void *run_idle_watch(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&mutex);
    for (;;) {
        struct host_spinning task;
        while (running && watches_idle && host_find_spinning(timeout_us, &task)) {
            trigger_for_idle(&task);
        }
        int64_t pause_us = running ? timeout_us / 5 : 1000000;
        pthread_mutex_unlock(&mutex);
        rest(pause_us < 10000 ? 10000 : pause_us);
        pthread_mutex_lock(&mutex);
    }
    return NULL;
}

void host_watch_idle(void)
{
    host_thread(run_idle_watch, NULL);
}

static void *run_watchdog(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&mutex);
    for (;;) {
        if (running && entries != NULL && host_now_us() >= due) {
            trigger();
        }
        host_wait(&changed, &mutex, running && entries != NULL ? due : INT64_MAX);
    }
    return NULL;
}

/* Starts the timer anew. The mutex is held, here and below. */
static void feed(void)
{
    for (struct entry *e = entries; e != NULL; e = e->next) {
        e->has_reset = false;
    }
    due = host_now_us() + timeout_us; /* the thread wakes at the old time, and sees the new one */
}

static void feed_if_all_reset(void)
{
    for (struct entry *e = entries; e != NULL; e = e->next) {
        if (!e->has_reset) {
            return;
        }
    }
    feed();
}

static struct entry **find(TaskHandle_t task)
{
    struct entry **p = &entries;
    while (*p != NULL && (*p)->task != task) {
        p = &(*p)->next;
    }
    return p;
}

static void start_thread(void)
{
    host_cond_init(&changed);
    host_thread(run_watchdog, NULL);
}

static void lock(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_thread);
    pthread_mutex_lock(&mutex);
}

static esp_err_t unlock(const char *function, esp_err_t err, const char *why)
{
    pthread_mutex_unlock(&mutex);
    if (err != ESP_OK) {
        ESP_LOGE(TAG, "%s: %s", function, why);
    }
    return err;
}

static TaskHandle_t task_of(TaskHandle_t task)
{
    return task == NULL ? xTaskGetCurrentTaskHandle() : task;
}

static esp_err_t configure(const char *function, const esp_task_wdt_config_t *config, bool again)
{
    if (config == NULL) {
        ESP_LOGE(TAG, "%s: Invalid arguments", function);
        return ESP_ERR_INVALID_ARG;
    }
    lock();
    if (running != again) {
        return unlock(function, ESP_ERR_INVALID_STATE, again ? "TWDT not initialized yet" : "TWDT already initialized");
    }
    running = true;
    timeout_us = config->timeout_ms * INT64_C(1000);
    panics = config->trigger_panic;
    watches_idle = config->idle_core_mask != 0;
    feed();
    pthread_cond_broadcast(&changed);
    return unlock(function, ESP_OK, NULL);
}

esp_err_t esp_task_wdt_init(const esp_task_wdt_config_t *config)
{
    return configure(__func__, config, false);
}

esp_err_t esp_task_wdt_reconfigure(const esp_task_wdt_config_t *config)
{
    return configure(__func__, config, true);
}

esp_err_t esp_task_wdt_deinit(void)
{
    lock();
    if (!running) {
        return unlock(__func__, ESP_ERR_INVALID_STATE, "TWDT was never initialized");
    }
    if (entries != NULL) {
        return unlock(__func__, ESP_ERR_INVALID_STATE, "Tasks/users still subscribed");
    }
    running = false;
    return unlock(__func__, ESP_OK, NULL);
}

esp_err_t esp_task_wdt_add(TaskHandle_t task_handle)
{
    TaskHandle_t task = task_of(task_handle);
    lock();
    if (!running) {
        return unlock(__func__, ESP_ERR_INVALID_STATE, "TWDT was never initialized");
    }
    if (*find(task) != NULL) {
        return unlock(__func__, ESP_ERR_INVALID_ARG, "task is already subscribed");
    }
    struct entry *e = calloc(1, sizeof(*e));
    if (e == NULL) {
        return unlock(__func__, ESP_ERR_NO_MEM, "no memory");
    }
    e->task = task;
    snprintf(e->name, sizeof(e->name), "%s", pcTaskGetName(task));
    feed_if_all_reset(); /* the others */
    e->next = entries;
    entries = e;
    pthread_cond_broadcast(&changed);
    return unlock(__func__, ESP_OK, NULL);
}

esp_err_t esp_task_wdt_reset(void)
{
    lock();
    if (!running) {
        return unlock(__func__, ESP_ERR_INVALID_STATE, "TWDT was never initialized");
    }
    struct entry *e = *find(xTaskGetCurrentTaskHandle());
    if (e == NULL) {
        return unlock(__func__, ESP_ERR_NOT_FOUND, "task not found");
    }
    e->has_reset = true;
    feed_if_all_reset();
    return unlock(__func__, ESP_OK, NULL);
}

esp_err_t esp_task_wdt_delete(TaskHandle_t task_handle)
{
    lock();
    if (!running) {
        return unlock(__func__, ESP_ERR_INVALID_STATE, "TWDT was never initialized");
    }
    struct entry **p = find(task_of(task_handle)), *e = *p;
    if (e == NULL) {
        return unlock(__func__, ESP_ERR_NOT_FOUND, "task not found");
    }
    *p = e->next;
    free(e);
    feed_if_all_reset();
    return unlock(__func__, ESP_OK, NULL);
}

esp_err_t esp_task_wdt_status(TaskHandle_t task_handle)
{
    lock();
    esp_err_t err = !running ? ESP_ERR_INVALID_STATE : *find(task_of(task_handle)) == NULL ? ESP_ERR_NOT_FOUND : ESP_OK;
    pthread_mutex_unlock(&mutex);
    return err;
}

#else

void host_watch_idle(void)
{
}

#endif
