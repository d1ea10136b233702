/* Tasks, queues, semaphores and event groups over pthreads. Stacks are the PC's, and priorities count at a task's start only. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/event_groups.h"
#include "freertos/queue.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "host.h"

#ifdef CONFIG_FREERTOS_UNICORE
#define CORES 1
#else
#define CORES 2
#endif

/* Tasks ------------------------------------------------------------------ */

struct tskTaskControlBlock {
    struct tskTaskControlBlock *next;
    pthread_t thread;
    TaskFunction_t code;
    void *parameters;
    uint32_t stack;
    UBaseType_t priority;
    BaseType_t core; /* tskNO_AFFINITY for any */
    unsigned waits;  /* how often it has waited */
    struct turn *turn; /* its creator waits for it; else NULL */
    char name[16];
    pthread_cond_t notified; /* with tasks_mutex, which guards the two below */
    uint32_t notification;
    bool pending;
    unsigned waits_seen; /* by host_find_spinning, and the time of the processor that it had used then */
    int64_t used_then_us;
};

static pthread_mutex_t tasks_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct tskTaskControlBlock *tasks, *system_tasks;
static __thread struct tskTaskControlBlock *current;

void host_thread(void *(*run)(void *), void *arg)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, arg) != 0) {
        abort();
    }
    pthread_detach(thread);
}

/* What begins a system task's thread. */
struct beginning {
    struct tskTaskControlBlock task;
    void *(*run)(void *);
    void *arg;
};

static void *run_system_task(void *arg)
{
    struct beginning *b = arg;
    current = &b->task;
    pthread_mutex_lock(&tasks_mutex);
    current->thread = pthread_self();
    current->next = system_tasks;
    system_tasks = current;
    pthread_mutex_unlock(&tasks_mutex);
    return b->run(b->arg);
}

void host_system_task(const char *name, unsigned priority, unsigned stack, void *(*run)(void *), void *arg)
{
    struct beginning *b = calloc(1, sizeof(*b));
    if (b == NULL) {
        abort();
    }
    *b = (struct beginning){ .task = { .priority = priority, .stack = stack, .core = 0 }, .run = run, .arg = arg };
    snprintf(b->task.name, sizeof(b->task.name), "%s", name);
    host_cond_init(&b->task.notified);
    host_thread(run_system_task, b);
}

unsigned host_priority(void)
{
    return current == NULL ? configMAX_PRIORITIES : current->priority;
}

/* The first moments of a task. If its priority is not below its creator's, the creator goes on only when the task waits
 * for the first time, or ends. */
struct turn {
    struct tskTaskControlBlock *task;
    pthread_cond_t ended;
    bool over;
};

static pthread_mutex_t turns_mutex = PTHREAD_MUTEX_INITIALIZER;

static void end_turn(struct tskTaskControlBlock *task)
{
    pthread_mutex_lock(&turns_mutex);
    if (task->turn != NULL) {
        task->turn->over = true;
        pthread_cond_signal(&task->turn->ended);
        task->turn = NULL;
    }
    pthread_mutex_unlock(&turns_mutex);
}

/* Ends the creator's waiting: in time or not, or since it was deleted. */
static void leave_turn(void *arg)
{
    struct turn *turn = arg;
    pthread_mutex_lock(&turns_mutex);
    if (!turn->over) {
        turn->task->turn = NULL;
    }
    pthread_mutex_unlock(&turns_mutex);
    pthread_cond_destroy(&turn->ended);
}

static void await_turn(struct turn *turn)
{
    int64_t until = host_now_us() + HOST_TURN_US;
    pthread_cleanup_push(leave_turn, turn);
    pthread_mutex_lock(&turns_mutex);
    while (!turn->over && host_wait_quietly(&turn->ended, &turns_mutex, until)) {
    }
    pthread_mutex_unlock(&turns_mutex);
    pthread_cleanup_pop(1);
}

void host_waits(bool begins)
{
    static __thread bool has_waited;
    if (!has_waited && current != NULL) {
        has_waited = true;
        end_turn(current);
    }
    host_handler_waits(begins);
}

void host_has_waited(void)
{
    if (current != NULL) {
        __atomic_add_fetch(&current->waits, 1, __ATOMIC_RELAXED);
    }
}

/* The time of the processor that a task has used. */
static int64_t used_us(const struct tskTaskControlBlock *task)
{
    clockid_t clock;
    struct timespec t = { 0 };
    if (pthread_getcpuclockid(task->thread, &clock) == 0) {
        clock_gettime(clock, &t);
    }
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Whether a task spins, as host_find_spinning has it. Those of the idle task's priority share the processor with it. */
static bool is_spinning(struct tskTaskControlBlock *task, int64_t limit_us)
{
    unsigned waits = __atomic_load_n(&task->waits, __ATOMIC_RELAXED);
    int64_t used = used_us(task);
    if (waits != task->waits_seen) {
        task->waits_seen = waits;
        task->used_then_us = used;
    }
    if (task->priority == tskIDLE_PRIORITY || used - task->used_then_us < limit_us) {
        return false;
    }
    task->used_then_us = used;
    return true;
}

bool host_find_spinning(int64_t limit_us, struct host_spinning *found)
{
    bool is_found = false;
    pthread_mutex_lock(&tasks_mutex);
    struct tskTaskControlBlock *lists[] = { tasks, system_tasks };
    for (int i = 0; i < 2; i++) {
        for (struct tskTaskControlBlock *task = lists[i]; task != NULL && !is_found; task = task->next) {
            is_found = is_spinning(task, limit_us);
            if (is_found) {
                snprintf(found->name, sizeof(found->name), "%s", task->name);
                found->core = task->core == tskNO_AFFINITY ? -1 : (int)task->core;
            }
        }
    }
    pthread_mutex_unlock(&tasks_mutex);
    return is_found;
}

uint32_t host_stack_size(void)
{
    return current == NULL ? 0 : current->stack;
}

int pthread_getattr_np(pthread_t thread, pthread_attr_t *attr); /* the PC's <pthread.h> hides it */
void __asan_unpoison_memory_region(const volatile void *from, size_t size) __attribute__((weak));

/* AddressSanitizer does not see that the frames of a task that is cancelled are gone, and takes its own for a mistake. */
static void forget_frames(void)
{
    void *lowest;
    size_t size;
    pthread_attr_t attr;
    if (__asan_unpoison_memory_region != NULL && pthread_getattr_np(pthread_self(), &attr) == 0) {
        pthread_attr_getstack(&attr, &lowest, &size);
        __asan_unpoison_memory_region(lowest, (size_t)((char *)__builtin_frame_address(0) - (char *)lowest));
        pthread_attr_destroy(&attr);
    }
}

/* Ends a task's thread: by itself, or cancelled. */
static void forget_task(void *arg)
{
    struct tskTaskControlBlock *task = arg;
    end_turn(task);
    host_take_heap(-(int)task->stack);
    forget_frames();
    pthread_mutex_lock(&tasks_mutex);
    for (struct tskTaskControlBlock **p = &tasks; *p != NULL; p = &(*p)->next) {
        if (*p == task) {
            *p = task->next;
            break;
        }
    }
    pthread_cond_destroy(&task->notified);
    free(task); /* with the lock: the leak detector must not find it in neither place */
    pthread_mutex_unlock(&tasks_mutex);
}

void host_keep_tasks(void)
{
    pthread_mutex_lock(&tasks_mutex);
}

/* The task's first frame, which its stack is reckoned from. */
static __attribute__((noinline)) void call_code(const struct tskTaskControlBlock *task)
{
    host_stack_begin(__builtin_frame_address(0));
    task->code(task->parameters);
}

static void *run_task(void *arg)
{
    struct tskTaskControlBlock *task = arg;
    pthread_cleanup_push(forget_task, task);
    current = task;
    call_code(task);
    printf("FreeRTOS: FreeRTOS Task \"%s\" should not return, Aborting now!\n", task->name);
    fflush(stdout);
    host_tell_fault("the task %s has returned from its function; a task ends with vTaskDelete(NULL)", task->name);
    abort();
    pthread_cleanup_pop(1);
    return NULL;
}

/* A task that has its stack, and no thread yet; NULL where there is no room for it. */
static struct tskTaskControlBlock *new_task(const char *name, uint32_t stack, UBaseType_t priority)
{
    struct tskTaskControlBlock *task = NULL;
    if (stack > 0 && stack <= esp_get_free_heap_size()) {
        task = calloc(1, sizeof(*task));
    }
    if (task != NULL) {
        host_take_heap((int)stack);
        task->stack = stack;
        task->priority = priority;
        host_cond_init(&task->notified);
        snprintf(task->name, sizeof(task->name), "%s", name);
    }
    return task;
}

static bool start_task(struct tskTaskControlBlock *task, TaskHandle_t *handle)
{
    pthread_mutex_lock(&tasks_mutex);
    task->next = tasks;
    tasks = task;
    if (handle != NULL) {
        *handle = task;
    }
    /* A detached thread may be gone before pthread_create stores its name, so the lock is held meanwhile. */
    bool ok = pthread_create(&task->thread, NULL, run_task, task) == 0;
    if (ok) {
        pthread_detach(task->thread);
    }
    pthread_mutex_unlock(&tasks_mutex);
    return ok;
}

BaseType_t xTaskCreatePinnedToCore(TaskFunction_t pxTaskCode, const char *const pcName,
                                   const configSTACK_DEPTH_TYPE usStackDepth, void *const pvParameters,
                                   UBaseType_t uxPriority, TaskHandle_t *const pxCreatedTask, const BaseType_t xCoreID)
{
    HOST_LOOK_AT_STACK();
    if (xCoreID != tskNO_AFFINITY && xCoreID >= CORES) {
        host_say("xTaskCreatePinnedToCore: there is no core %d: the chip has %d, as CONFIG_FREERTOS_UNICORE and the target say; use core 0 or "
                 "tskNO_AFFINITY", (int)xCoreID, CORES);
    }
    configASSERT(xCoreID == tskNO_AFFINITY || (xCoreID >= 0 && xCoreID < CORES));
    configASSERT(pxTaskCode != NULL && pcName != NULL && uxPriority < configMAX_PRIORITIES);
    struct tskTaskControlBlock *task = new_task(pcName, usStackDepth, uxPriority);
    if (task == NULL) {
        return errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY;
    }
    task->core = xCoreID;
    task->code = pxTaskCode;
    task->parameters = pvParameters;
    struct turn turn = { .task = task };
    bool goes_first = current != NULL && current->priority <= uxPriority;
    if (goes_first) {
        host_cond_init(&turn.ended);
        task->turn = &turn;
    }
    bool ok = start_task(task, pxCreatedTask);
    if (!ok) {
        forget_task(task);
    }
    if (goes_first) {
        await_turn(&turn);
    }
    return ok ? pdPASS : errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY;
}

BaseType_t xTaskCreate(TaskFunction_t pxTaskCode, const char *const pcName, const configSTACK_DEPTH_TYPE usStackDepth,
                       void *const pvParameters, UBaseType_t uxPriority, TaskHandle_t *const pxCreatedTask)
{
    return xTaskCreatePinnedToCore(pxTaskCode, pcName, usStackDepth, pvParameters, uxPriority, pxCreatedTask, tskNO_AFFINITY);
}

void vTaskDelete(TaskHandle_t xTaskToDelete)
{
    if (xTaskToDelete == NULL || xTaskToDelete == current) {
        pthread_exit(NULL);
    }
    pthread_mutex_lock(&tasks_mutex); /* it must not be gone before this returns */
    pthread_cancel(xTaskToDelete->thread);
    pthread_mutex_unlock(&tasks_mutex);
}

/* The time at which a wait of some ticks ends: at a tick, so that it takes up to a tick less. */
static int64_t deadline(TickType_t ticks)
{
    return ticks == portMAX_DELAY ? INT64_MAX : ((int64_t)xTaskGetTickCount() + ticks) * portTICK_PERIOD_MS * 1000;
}

void vTaskDelay(const TickType_t xTicksToDelay)
{
    HOST_LOOK_AT_STACK();
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t never;
    host_cond_init(&never);
    int64_t until = deadline(xTicksToDelay);
    pthread_mutex_lock(&mutex);
    while (host_wait(&never, &mutex, until)) {
    }
    pthread_mutex_unlock(&mutex);
    pthread_cond_destroy(&never);
}

/* As ESP-IDF's: less than a tick keeps the processor busy. */
int usleep(useconds_t us)
{
    const useconds_t tick_us = portTICK_PERIOD_MS * 1000;
    if (us >= tick_us) {
        vTaskDelay((us + tick_us - 1) / tick_us);
        return 0;
    }
    for (int64_t until = host_now_us() + us; host_now_us() < until;) {
    }
    return 0;
}

unsigned int sleep(unsigned int seconds)
{
    vTaskDelay((TickType_t)seconds * configTICK_RATE_HZ);
    return 0;
}

TickType_t xTaskGetTickCount(void)
{
    return (TickType_t)(host_now_us() / 1000 / portTICK_PERIOD_MS);
}

TaskHandle_t xTaskGetCurrentTaskHandle(void)
{
    return current;
}

char *pcTaskGetName(TaskHandle_t xTaskToQuery)
{
    static char sdk[] = "sdk";
    TaskHandle_t task = xTaskToQuery == NULL ? current : xTaskToQuery;
    return task == NULL ? sdk : task->name;
}

UBaseType_t uxTaskGetStackHighWaterMark(TaskHandle_t xTask)
{
    TaskHandle_t task = xTask == NULL ? current : xTask;
    return task == NULL ? 0 : task->stack; /* not measured on a PC: all of it */
}

int host_report_tasks(bool at_end, struct host_message *m)
{
    int n = 0;
    host_message_open(m, "tasks", '[');
    pthread_mutex_lock(&tasks_mutex);
    for (struct tskTaskControlBlock *task = tasks; task != NULL; task = task->next) {
        if (at_end) {
            printf("host: task still running: %s\n", task->name);
        }
        host_message_open(m, NULL, '{');
        host_message_text(m, "name", task->name);
        host_message_close(m, '}');
        n++;
    }
    pthread_mutex_unlock(&tasks_mutex);
    host_message_close(m, ']');
    return n;
}

BaseType_t xTaskDelayUntil(TickType_t *const pxPreviousWakeTime, const TickType_t xTimeIncrement)
{
    configASSERT(pxPreviousWakeTime != NULL && xTimeIncrement > 0);
    *pxPreviousWakeTime += xTimeIncrement;
    int32_t left = (int32_t)(*pxPreviousWakeTime - xTaskGetTickCount());
    if (left <= 0) {
        return pdFALSE; /* late already */
    }
    vTaskDelay((TickType_t)left);
    return pdTRUE;
}

/* Notifications ---------------------------------------------------------- */

BaseType_t xTaskGenericNotify(TaskHandle_t xTaskToNotify, UBaseType_t uxIndexToNotify, uint32_t ulValue,
                              eNotifyAction eAction, uint32_t *pulPreviousNotificationValue)
{
    HOST_LOOK_AT_STACK();
    configASSERT(xTaskToNotify != NULL && uxIndexToNotify == tskDEFAULT_INDEX_TO_NOTIFY);
    BaseType_t result = pdPASS;
    pthread_mutex_lock(&tasks_mutex);
    if (pulPreviousNotificationValue != NULL) {
        *pulPreviousNotificationValue = xTaskToNotify->notification;
    }
    switch (eAction) {
    case eNoAction:
        break;
    case eSetBits:
        xTaskToNotify->notification |= ulValue;
        break;
    case eIncrement:
        xTaskToNotify->notification++;
        break;
    case eSetValueWithoutOverwrite:
        if (xTaskToNotify->pending) {
            result = pdFAIL;
            break;
        }
        /* fall through */
    case eSetValueWithOverwrite:
        xTaskToNotify->notification = ulValue;
        break;
    }
    xTaskToNotify->pending = true;
    pthread_cond_broadcast(&xTaskToNotify->notified);
    pthread_mutex_unlock(&tasks_mutex);
    return result;
}

BaseType_t xTaskGenericNotifyWait(UBaseType_t uxIndexToWaitOn, uint32_t ulBitsToClearOnEntry, uint32_t ulBitsToClearOnExit,
                                  uint32_t *pulNotificationValue, TickType_t xTicksToWait)
{
    HOST_LOOK_AT_STACK();
    configASSERT(current != NULL && uxIndexToWaitOn == tskDEFAULT_INDEX_TO_NOTIFY);
    int64_t until = deadline(xTicksToWait);
    pthread_mutex_lock(&tasks_mutex);
    if (!current->pending) {
        current->notification &= ~ulBitsToClearOnEntry;
    }
    while (!current->pending && xTicksToWait != 0 && host_wait(&current->notified, &tasks_mutex, until)) {
    }
    if (pulNotificationValue != NULL) {
        *pulNotificationValue = current->notification;
    }
    BaseType_t result = pdFALSE;
    if (current->pending) {
        current->notification &= ~ulBitsToClearOnExit;
        result = pdTRUE;
    }
    current->pending = false;
    pthread_mutex_unlock(&tasks_mutex);
    return result;
}

uint32_t ulTaskGenericNotifyTake(UBaseType_t uxIndexToWaitOn, BaseType_t xClearCountOnExit, TickType_t xTicksToWait)
{
    HOST_LOOK_AT_STACK();
    configASSERT(current != NULL && uxIndexToWaitOn == tskDEFAULT_INDEX_TO_NOTIFY);
    int64_t until = deadline(xTicksToWait);
    pthread_mutex_lock(&tasks_mutex);
    while (current->notification == 0 && xTicksToWait != 0 && host_wait(&current->notified, &tasks_mutex, until)) {
    }
    uint32_t value = current->notification;
    if (value != 0) {
        current->notification = xClearCountOnExit != pdFALSE ? 0 : value - 1;
    }
    current->pending = false;
    pthread_mutex_unlock(&tasks_mutex);
    return value;
}

/* Queues ----------------------------------------------------------------- */

struct QueueDefinition {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    UBaseType_t length, size, count, head;
    bool is_mutex;
    pthread_t holder;
    uint8_t items[];
};

QueueHandle_t xQueueGenericCreate(const UBaseType_t uxQueueLength, const UBaseType_t uxItemSize, const uint8_t ucQueueType)
{
    HOST_LOOK_AT_STACK();
    (void)ucQueueType;
    configASSERT(uxQueueLength > 0);
    QueueHandle_t q = calloc(1, sizeof(*q) + (size_t)uxQueueLength * uxItemSize);
    if (q == NULL) {
        return NULL;
    }
    pthread_mutex_init(&q->mutex, NULL);
    host_cond_init(&q->changed);
    q->length = uxQueueLength;
    q->size = uxItemSize;
    return q;
}

BaseType_t xQueueGenericSend(QueueHandle_t xQueue, const void *const pvItemToQueue, TickType_t xTicksToWait,
                             const BaseType_t xCopyPosition)
{
    HOST_LOOK_AT_STACK();
    (void)xCopyPosition;
    int64_t until = deadline(xTicksToWait);
    pthread_mutex_lock(&xQueue->mutex);
    /* A mutex that is free counts as full: giving it fails, whoever does. */
    configASSERT(!xQueue->is_mutex || xQueue->count == xQueue->length || pthread_equal(xQueue->holder, pthread_self()));
    while (xQueue->count == xQueue->length) {
        if (xTicksToWait == 0 || !host_wait(&xQueue->changed, &xQueue->mutex, until)) {
            pthread_mutex_unlock(&xQueue->mutex);
            return errQUEUE_FULL;
        }
    }
    if (xQueue->size > 0) {
        UBaseType_t tail = (xQueue->head + xQueue->count) % xQueue->length;
        memcpy(xQueue->items + (size_t)tail * xQueue->size, pvItemToQueue, xQueue->size);
    }
    xQueue->count++;
    pthread_cond_broadcast(&xQueue->changed);
    pthread_mutex_unlock(&xQueue->mutex);
    return pdTRUE;
}

BaseType_t xQueueReceive(QueueHandle_t xQueue, void *const pvBuffer, TickType_t xTicksToWait)
{
    HOST_LOOK_AT_STACK();
    int64_t until = deadline(xTicksToWait);
    pthread_mutex_lock(&xQueue->mutex);
    while (xQueue->count == 0) {
        if (xTicksToWait == 0 || !host_wait(&xQueue->changed, &xQueue->mutex, until)) {
            pthread_mutex_unlock(&xQueue->mutex);
            return errQUEUE_EMPTY;
        }
    }
    if (xQueue->size > 0) {
        memcpy(pvBuffer, xQueue->items + (size_t)xQueue->head * xQueue->size, xQueue->size);
    }
    xQueue->head = (xQueue->head + 1) % xQueue->length;
    xQueue->count--;
    xQueue->holder = pthread_self();
    pthread_cond_broadcast(&xQueue->changed);
    pthread_mutex_unlock(&xQueue->mutex);
    return pdTRUE;
}

UBaseType_t uxQueueMessagesWaiting(const QueueHandle_t xQueue)
{
    pthread_mutex_lock(&xQueue->mutex);
    UBaseType_t n = xQueue->count;
    pthread_mutex_unlock(&xQueue->mutex);
    return n;
}

void vQueueDelete(QueueHandle_t xQueue)
{
    pthread_mutex_destroy(&xQueue->mutex);
    pthread_cond_destroy(&xQueue->changed);
    free(xQueue);
}

QueueHandle_t xQueueCreateCountingSemaphore(const UBaseType_t uxMaxCount, const UBaseType_t uxInitialCount)
{
    configASSERT(uxInitialCount <= uxMaxCount);
    QueueHandle_t q = xQueueGenericCreate(uxMaxCount, 0, 0);
    if (q != NULL) {
        q->count = uxInitialCount;
    }
    return q;
}

QueueHandle_t xQueueCreateMutex(const uint8_t ucQueueType)
{
    (void)ucQueueType;
    QueueHandle_t q = xQueueCreateCountingSemaphore(1, 1);
    if (q != NULL) {
        q->is_mutex = true;
    }
    return q;
}

BaseType_t xQueueSemaphoreTake(QueueHandle_t xQueue, TickType_t xTicksToWait)
{
    HOST_LOOK_AT_STACK();
    return xQueueReceive(xQueue, NULL, xTicksToWait);
}

/* Event groups ----------------------------------------------------------- */

/* A task that waits. Who sets its bits takes it off the list and gives it its result, so that nobody can clear them
 * before it looks. */
struct waiter {
    struct waiter *next;
    EventGroupHandle_t group; /* NULL once it has its result */
    pthread_cond_t released;
    EventBits_t wanted, result;
    bool all, clear;
};

struct EventGroupDef_t {
    EventBits_t bits;
    struct waiter *waiters;
};

/* One for all groups: a waiter needs it when its group has been deleted. */
static pthread_mutex_t groups_mutex = PTHREAD_MUTEX_INITIALIZER;

EventGroupHandle_t xEventGroupCreate(void)
{
    return calloc(1, sizeof(struct EventGroupDef_t));
}

static bool is_met(const struct waiter *w, EventBits_t bits)
{
    EventBits_t set = bits & w->wanted;
    return w->all ? set == w->wanted : set != 0;
}

/* Ends a wait: by its result, by time, or cancelled. */
static void end_wait(void *arg)
{
    struct waiter *w = arg;
    pthread_mutex_lock(&groups_mutex);
    if (w->group != NULL) {
        struct waiter **p = &w->group->waiters;
        while (*p != w) {
            p = &(*p)->next;
        }
        *p = w->next;
        w->result = w->group->bits;
    }
    pthread_mutex_unlock(&groups_mutex);
    pthread_cond_destroy(&w->released);
}

EventBits_t xEventGroupWaitBits(EventGroupHandle_t xEventGroup, const EventBits_t uxBitsToWaitFor,
                                const BaseType_t xClearOnExit, const BaseType_t xWaitForAllBits, TickType_t xTicksToWait)
{
    HOST_LOOK_AT_STACK();
    /* The top byte is FreeRTOS's own. */
    configASSERT(uxBitsToWaitFor != 0 && (uxBitsToWaitFor & 0xff000000UL) == 0);
    int64_t until = deadline(xTicksToWait);
    struct waiter w = { .group = xEventGroup, .wanted = uxBitsToWaitFor, .all = xWaitForAllBits, .clear = xClearOnExit };
    pthread_mutex_lock(&groups_mutex);
    EventBits_t bits = xEventGroup->bits;
    bool met = is_met(&w, bits);
    if (met && xClearOnExit) {
        xEventGroup->bits &= ~uxBitsToWaitFor;
    }
    if (met || xTicksToWait == 0) {
        pthread_mutex_unlock(&groups_mutex);
        return bits;
    }
    host_cond_init(&w.released);
    w.next = xEventGroup->waiters;
    xEventGroup->waiters = &w;
    pthread_cleanup_push(end_wait, &w);
    while (w.group != NULL && host_wait(&w.released, &groups_mutex, until)) {
    }
    pthread_mutex_unlock(&groups_mutex);
    pthread_cleanup_pop(1);
    return w.result;
}

/* Takes a waiter off the list. The mutex is held. */
static void release(struct waiter **p, EventBits_t result)
{
    struct waiter *w = *p;
    *p = w->next;
    w->result = result;
    w->group = NULL;
    pthread_cond_signal(&w->released);
}

EventBits_t xEventGroupSetBits(EventGroupHandle_t xEventGroup, const EventBits_t uxBitsToSet)
{
    configASSERT((uxBitsToSet & 0xff000000UL) == 0);
    EventBits_t cleared = 0;
    pthread_mutex_lock(&groups_mutex);
    xEventGroup->bits |= uxBitsToSet;
    for (struct waiter **p = &xEventGroup->waiters; *p != NULL;) {
        if (!is_met(*p, xEventGroup->bits)) {
            p = &(*p)->next;
            continue;
        }
        cleared |= (*p)->clear ? (*p)->wanted : 0;
        release(p, xEventGroup->bits);
    }
    EventBits_t bits = xEventGroup->bits &= ~cleared;
    pthread_mutex_unlock(&groups_mutex);
    return bits;
}

EventBits_t xEventGroupClearBits(EventGroupHandle_t xEventGroup, const EventBits_t uxBitsToClear)
{
    pthread_mutex_lock(&groups_mutex);
    EventBits_t bits = xEventGroup->bits;
    xEventGroup->bits &= ~uxBitsToClear;
    pthread_mutex_unlock(&groups_mutex);
    return bits;
}

void vEventGroupDelete(EventGroupHandle_t xEventGroup)
{
    pthread_mutex_lock(&groups_mutex);
    while (xEventGroup->waiters != NULL) {
        release(&xEventGroup->waiters, 0);
    }
    pthread_mutex_unlock(&groups_mutex);
    free(xEventGroup);
}
