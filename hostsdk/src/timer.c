/* esp_timer: callbacks run one after the other in one thread. */
#include <string.h>
#include "esp_timer.h"
#include "host.h"

struct esp_timer {
    struct esp_timer *next;
    esp_timer_cb_t callback;
    void *arg;
    int64_t due;    /* INT64_MAX while it is not active */
    int64_t period; /* 0: once */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static struct esp_timer *timers;

/* The first frame of a callback, which its stack is reckoned from. */
static __attribute__((noinline)) void call(esp_timer_cb_t callback, void *arg)
{
    host_stack_begin(__builtin_frame_address(0));
    callback(arg);
    host_stack_begin(NULL);
}

static void *run_timers(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&mutex);
    for (;;) {
        struct esp_timer *first = NULL;
        for (struct esp_timer *t = timers; t != NULL; t = t->next) {
            if (first == NULL || t->due < first->due) {
                first = t;
            }
        }
        if (first == NULL || first->due > host_now_us()) {
            host_wait(&changed, &mutex, first == NULL ? INT64_MAX : first->due);
            continue;
        }
        first->due = first->period > 0 ? first->due + first->period : INT64_MAX;
        esp_timer_cb_t callback = first->callback;
        void *callback_arg = first->arg;
        pthread_mutex_unlock(&mutex);
        call(callback, callback_arg);
        pthread_mutex_lock(&mutex);
    }
    return NULL;
}

static void start_thread(void)
{
    host_cond_init(&changed);
    host_system_task("esp_timer", 22, 4096, run_timers, NULL);
}

esp_err_t esp_timer_create(const esp_timer_create_args_t *create_args, esp_timer_handle_t *out_handle)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (create_args == NULL || create_args->callback == NULL || out_handle == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    pthread_once(&once, start_thread);
    struct esp_timer *t = calloc(1, sizeof(*t));
    if (t == NULL) {
        return ESP_ERR_NO_MEM;
    }
    t->callback = create_args->callback;
    t->arg = create_args->arg;
    t->due = INT64_MAX;
    pthread_mutex_lock(&mutex);
    t->next = timers;
    timers = t;
    pthread_mutex_unlock(&mutex);
    *out_handle = t;
    return ESP_OK;
}

static esp_err_t start(esp_timer_handle_t timer, int64_t us, int64_t period)
{
    if (timer == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    esp_err_t err = ESP_ERR_INVALID_STATE;
    pthread_mutex_lock(&mutex);
    if (timer->due == INT64_MAX) {
        timer->due = host_now_us() + us;
        timer->period = period;
        pthread_cond_broadcast(&changed);
        err = ESP_OK;
    }
    pthread_mutex_unlock(&mutex);
    return err;
}

esp_err_t esp_timer_start_once(esp_timer_handle_t timer, uint64_t timeout_us)
{
    return start(timer, (int64_t)timeout_us, 0);
}

esp_err_t esp_timer_start_periodic(esp_timer_handle_t timer, uint64_t period)
{
    const uint64_t shortest = 50; /* of esp_timer_impl_get_min_period_us() */
    int64_t us = (int64_t)(period < shortest ? shortest : period);
    return start(timer, us, us);
}

esp_err_t esp_timer_stop(esp_timer_handle_t timer)
{
    if (timer == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    pthread_mutex_lock(&mutex);
    esp_err_t err = timer->due == INT64_MAX ? ESP_ERR_INVALID_STATE : ESP_OK;
    timer->due = INT64_MAX;
    pthread_mutex_unlock(&mutex);
    return err;
}

esp_err_t esp_timer_delete(esp_timer_handle_t timer)
{
    if (timer == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    esp_err_t err = ESP_ERR_INVALID_STATE;
    pthread_mutex_lock(&mutex);
    if (timer->due == INT64_MAX) {
        for (struct esp_timer **p = &timers; *p != NULL; p = &(*p)->next) {
            if (*p == timer) {
                *p = timer->next;
                break;
            }
        }
        free(timer);
        err = ESP_OK;
    }
    pthread_mutex_unlock(&mutex);
    return err;
}

bool esp_timer_is_active(esp_timer_handle_t timer)
{
    pthread_mutex_lock(&mutex);
    bool active = timer != NULL && timer->due != INT64_MAX;
    pthread_mutex_unlock(&mutex);
    return active;
}

int64_t esp_timer_get_time(void)
{
    return host_now_us();
}
