/* The start of the program, its end, and what it leaves. */
#include <malloc.h>
#include <search.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "esp_log.h"
#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "host.h"

int getpid(void);
int pause(void);
int execv(const char *path, char *const argv[]); /* the PC's <unistd.h> is shadowed */

void app_main(void);

/* The heap: what the project and the SDK allocate. The linker sends them here (-Wl,--wrap). What the C library allocates
 * for them (asprintf) is freed here as well, and so each block that counts is known, in a tree. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
void __real_free(void *p);

static pthread_mutex_t heap_mutex = PTHREAD_MUTEX_INITIALIZER;
static void *blocks; /* of tsearch() */
static size_t held;

/* The tree must not hide a leak: the leak detector does not know the address so. */
static void *hidden(void *p)
{
    return (void *)~(uintptr_t)p;
}

static int compare(const void *a, const void *b)
{
    return ((uintptr_t)a > (uintptr_t)b) - ((uintptr_t)a < (uintptr_t)b);
}

static void *count(void *p)
{
    pthread_mutex_lock(&heap_mutex);
    if (p != NULL && tsearch(hidden(p), &blocks, compare) != NULL) {
        held += malloc_usable_size(p);
    }
    pthread_mutex_unlock(&heap_mutex);
    return p;
}

static void uncount(void *p)
{
    pthread_mutex_lock(&heap_mutex);
    if (p != NULL && tdelete(hidden(p), &blocks, compare) != NULL) {
        held -= malloc_usable_size(p);
    }
    pthread_mutex_unlock(&heap_mutex);
}

void *__wrap_malloc(size_t size)
{
    return count(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return count(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t size)
{
    uncount(p);
    void *moved = __real_realloc(p, size);
    count(moved == NULL && size > 0 ? p : moved); /* without room, p stays */
    return moved;
}

char *__wrap_strdup(const char *s)
{
    return count(__real_strdup(s));
}

char *__wrap_strndup(const char *s, size_t n)
{
    return count(__real_strndup(s, n));
}

void __wrap_free(void *p)
{
    uncount(p);
    __real_free(p);
}

static size_t heap_held(void)
{
    pthread_mutex_lock(&heap_mutex);
    size_t n = held;
    pthread_mutex_unlock(&heap_mutex);
    return n;
}

#define MAIN_STACK 4096 /* the default, and what ESP-IDF adds to it */

/* What was free on an ESP32-C3 at the start of app_main, whose task had its stack. */
#define HEAP (249848 + MAIN_STACK)

static int taken; /* by ESP-IDF, and by stacks */

void host_take_heap(int bytes)
{
    pthread_mutex_lock(&heap_mutex);
    taken += bytes;
    pthread_mutex_unlock(&heap_mutex);
}

uint32_t esp_get_free_heap_size(void)
{
    pthread_mutex_lock(&heap_mutex);
    int64_t left = HEAP - (int64_t)held - taken;
    pthread_mutex_unlock(&heap_mutex);
    return left > 0 ? (uint32_t)left : 0;
}

void host_report(void)
{
    host_report_mappings();
    struct host_message m;
    host_message_begin(&m, "end");
    host_report_sent(&m);
    int sockets = host_report_sockets(true, &m);
    int tasks = host_report_tasks(true, &m);
    host_report_stacks(&m);
    size_t heap = heap_held();
    printf("host: at the end: %d sockets open, %d tasks running, %zu bytes of heap held\n", sockets, tasks, heap);
    fflush(stdout);
    host_message_number(&m, "heap", (int64_t)heap);
    host_message_send(&m);
}

void host_tell_state(void)
{
    struct host_message m;
    host_message_begin(&m, "state");
    host_report_sockets(false, &m);
    host_report_tasks(false, &m);
    host_message_number(&m, "heap", (int64_t)heap_held());
    host_message_send(&m);
}

#define RESTARTED "ESPGEN_RESTARTED"

esp_reset_reason_t esp_reset_reason(void)
{
    return getenv(RESTARTED) == NULL ? ESP_RST_POWERON : ESP_RST_SW;
}

#define RESTART SIGUSR2

/* The main thread does it: if another did, the signal that ends the program could be lost on the way. */
void esp_restart(void)
{
    host_note("esp_restart: starting again");
    struct host_message m;
    host_message_begin(&m, "restart");
    host_message_send(&m);
    kill(getpid(), RESTART);
    for (;;) {
        pause();
    }
}

static void restart(char **argv)
{
    setenv(RESTARTED, "1", 1);
    host_keep_channel();
    execv("/proc/self/exe", argv);
    abort();
}

static void run_main(void *arg)
{
    (void)arg;
    app_main();
    ESP_LOGI("main_task", "Returned from app_main()");
    vTaskDelete(NULL); /* as ESP-IDF's main task does */
}

int main(int argc, char **argv)
{
    (void)argc;
    host_now_us();
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, RESTART);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* in every thread to come, too */
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("host: process %d\n", (int)getpid());
    struct host_message m;
    host_message_begin(&m, "start");
    host_message_number(&m, "pid", getpid());
    host_message_send(&m);
    host_answer_requests();

    host_watch_idle();
    xTaskCreatePinnedToCore(run_main, "main", MAIN_STACK, NULL, 1, NULL, 0);
    for (;;) {
        int signal = 0;
        sigwait(&signals, &signal);
        if (signal == RESTART) {
            restart(argv);
        }
        host_report();
        host_keep_tasks();
        exit(0); /* and not _exit: the leak detector runs at the exit */
    }
}
