/* The start of the program, its end, and what it leaves. */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "esp_log.h"
#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "host.h"

int getpid(void);
int execv(const char *path, char *const argv[]); /* the PC's <unistd.h> is shadowed */

void app_main(void);

/* The project's own allocations: the linker sends them here (-Wl,--wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);

static size_t held;

static void *count(void *p)
{
    if (p != NULL) {
        __atomic_add_fetch(&held, malloc_usable_size(p), __ATOMIC_RELAXED);
    }
    return p;
}

static void uncount(void *p)
{
    if (p != NULL) {
        __atomic_sub_fetch(&held, malloc_usable_size(p), __ATOMIC_RELAXED);
    }
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
    return count(__real_realloc(p, size));
}

void __wrap_free(void *p)
{
    uncount(p);
    __real_free(p);
}

uint32_t esp_get_free_heap_size(void)
{
    const size_t heap = 288 * 1024;
    size_t used = __atomic_load_n(&held, __ATOMIC_RELAXED);
    return used < heap ? (uint32_t)(heap - used) : 0;
}

void host_report(void)
{
    int sockets = host_report_sockets(false);
    int tasks = host_report_tasks();
    printf("host: at the end: %d sockets open, %d tasks running, %zu bytes of heap held\n", sockets, tasks,
           __atomic_load_n(&held, __ATOMIC_RELAXED));
    fflush(stdout);
}

#define RESTARTED "ESPGEN_RESTARTED"

esp_reset_reason_t esp_reset_reason(void)
{
    return getenv(RESTARTED) == NULL ? ESP_RST_POWERON : ESP_RST_SW;
}

void esp_restart(void)
{
    extern char **host_argv;
    host_note("esp_restart: starting again");
    setenv(RESTARTED, "1", 1);
    execv("/proc/self/exe", host_argv);
    abort();
}

char **host_argv;

static void run_main(void *arg)
{
    (void)arg;
    app_main();
    vTaskDelete(NULL); /* as ESP-IDF's main task does */
}

int main(int argc, char **argv)
{
    (void)argc;
    host_argv = argv;
    host_now_us();
    printf("host: process %d\n", (int)getpid());
    setvbuf(stdout, NULL, _IOLBF, 0);

    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* in every thread to come, too */
    signal(SIGPIPE, SIG_IGN);

    xTaskCreate(run_main, "main", 3584, NULL, 1, NULL);
    for (;;) {
        int signal = 0;
        sigwait(&signals, &signal);
        if (signal == SIGUSR1) {
            int sockets = host_report_sockets(true);
            printf("host: %d sockets, %d tasks\n", sockets, host_report_tasks());
            fflush(stdout);
            continue;
        }
        host_report();
        exit(0); /* and not _exit: the leak detector runs at the exit */
    }
}
