/* Time, settings and chance. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "esp_log.h"
#include "esp_random.h"
#include "host.h"

static int64_t monotonic_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t host_now_us(void)
{
    static int64_t start;
    if (start == 0) {
        start = monotonic_us();
    }
    return monotonic_us() - start;
}

void host_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

static void unlock(void *mutex)
{
    pthread_mutex_unlock(mutex);
}

bool host_wait_quietly(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t until_us)
{
    volatile int result = 0; /* pthread_cleanup_push may be a setjmp */
    pthread_cleanup_push(unlock, mutex);
    if (until_us == INT64_MAX) {
        pthread_cond_wait(cond, mutex);
    } else {
        int64_t until = until_us - host_now_us() + monotonic_us();
        struct timespec t = { .tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000 };
        result = pthread_cond_timedwait(cond, mutex, &t);
    }
    pthread_cleanup_pop(0);
    return result == 0;
}

bool host_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t until_us)
{
    host_waits(true);
    if (until_us > host_now_us()) {
        host_has_waited();
    }
    bool in_time = host_wait_quietly(cond, mutex, until_us);
    host_waits(false);
    return in_time;
}

static void send_text(const char *kind, const char *text)
{
    struct host_message m;
    host_message_begin(&m, kind);
    host_message_text(&m, "text", text);
    host_message_send(&m);
}

void host_tell_fault(const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    send_text("fault", text);
}

void host_say(const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    printf("host: %s\n", text);
    fflush(stdout);
    send_text("note", text);
}

void host_note(const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    ESP_LOGW("host", "%s", text);
    send_text("note", text);
}

bool host_setting(const char *list, const char *name, char *value, int size)
{
    /* The sockets ask at every call, and getenv() takes its time. The environment does not change. */
    static __thread const char *last, *last_text;
    if (list != last) {
        last = list;
        last_text = getenv(list);
    }
    const char *text = last_text;
    size_t length = strlen(name);
    for (const char *p = text; p != NULL; p = strchr(p, ','), p = p == NULL ? NULL : p + 1) {
        if (strncmp(p, name, length) != 0 || (p[length] != '=' && p[length] != ',' && p[length] != '\0')) {
            continue;
        }
        const char *start = p[length] == '=' ? p + length + 1 : "";
        snprintf(value, size, "%.*s", (int)strcspn(start, ","), start);
        return true;
    }
    return false;
}

int64_t host_setting_us(const char *list, const char *name, int64_t otherwise)
{
    char value[32];
    return host_setting(list, name, value, sizeof(value)) && value[0] != '\0' ? atoll(value) : otherwise;
}

int64_t host_takes_us(int64_t fast_us, int64_t real_us)
{
    char value[4];
    return host_setting("ESPGEN_WIFI", "real-times", value, sizeof(value)) ? real_us : fast_us;
}

uint32_t host_random(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static uint64_t state;
    pthread_mutex_lock(&mutex);
    if (state == 0) {
        const char *seed = getenv("ESPGEN_SEED");
        state = (seed == NULL ? 1 : strtoull(seed, NULL, 10)) * 2 + 1;
    }
    state = state * 6364136223846793005u + 1442695040888963407u;
    uint32_t value = (uint32_t)(state >> 33);
    pthread_mutex_unlock(&mutex);
    return value;
}

uint32_t esp_random(void)
{
    return host_random() << 16 ^ host_random();
}

void esp_fill_random(void *buf, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        ((uint8_t *)buf)[i] = (uint8_t)host_random();
    }
}
