/*
 * An estimate of the stack that each task needs on the chip. The PC's own use of the stack says nothing of that: its printf() needs
 * kilobytes. So what counts is how deep the project's own functions are when they call the SDK, from the task's function on, and to
 * that is added what ESP-IDF's functions need there. A build with sanitizers has no estimate, for they make frames larger.
 */
#include <stdio.h>
#include <string.h>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "host.h"

/* What ESP-IDF's functions need, as espgen's specs reckon with it: logging needs most. */
#define MARGIN 1536

#define MOST_TASKS 64

struct use {
    char name[16];
    uint32_t size, own; /* of the stack, and what the project's functions have of it */
    bool told;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct use uses[MOST_TASKS];
static int count;

static __thread const char *base;
static __thread uint32_t deepest;
static __thread bool paused;

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

void host_stack_begin(const void *frame)
{
#ifdef SANITIZED
    (void)frame;
#else
    base = frame;
#endif
}

void host_stack_pause(bool pauses)
{
    paused = pauses;
}

/* The entry of a task, which is new where it has none: tasks of one name and size share it. NULL where there are too many. The
 * mutex is held. */
static struct use *find(const char *name, uint32_t size)
{
    for (int i = 0; i < count; i++) {
        if (uses[i].size == size && strcmp(uses[i].name, name) == 0) {
            return &uses[i];
        }
    }
    if (count == MOST_TASKS) {
        return NULL;
    }
    struct use *u = &uses[count++];
    snprintf(u->name, sizeof(u->name), "%s", name);
    u->size = size;
    return u;
}

/* Takes note of a depth. Whether it is the first that is too much for the stack. */
static bool record(const char *name, uint32_t size, uint32_t depth)
{
    pthread_mutex_lock(&mutex);
    struct use *u = find(name, size);
    bool exceeds = false;
    if (u != NULL && depth > u->own) {
        u->own = depth;
        exceeds = depth + MARGIN > size && !u->told;
        u->told |= exceeds;
    }
    pthread_mutex_unlock(&mutex);
    return exceeds;
}

static void warn(const char *name, uint32_t size, uint32_t depth)
{
    host_say("the stack of the task %s is too small: it requires %u bytes by estimate (%u for its own functions, %u for ESP-IDF's calls), and "
             "has %u; on the chip it overflows, so create the task with a larger one", name, depth + MARGIN, depth, MARGIN, size);
    struct host_message m;
    host_message_begin(&m, "stack");
    host_message_number(&m, "size", size);
    host_message_number(&m, "estimate", depth + MARGIN);
    host_message_send(&m);
}

void host_stack_at(const void *frame)
{
    if (base == NULL || paused || (const char *)frame > base || (uint32_t)(base - (const char *)frame) <= deepest) {
        return;
    }
    deepest = (uint32_t)(base - (const char *)frame);
    if (record(pcTaskGetName(NULL), host_stack_size(), deepest)) {
        warn(pcTaskGetName(NULL), host_stack_size(), deepest);
    }
}

void host_report_stacks(struct host_message *m)
{
    pthread_mutex_lock(&mutex);
    host_message_open(m, "stacks", '[');
    for (int i = 0; i < count; i++) {
        const struct use *u = &uses[i];
        printf("host: stack of %s: %u of %u bytes by estimate (%u for its own functions, %u for ESP-IDF's calls)%s\n", u->name,
               u->own + MARGIN, u->size, u->own, MARGIN, u->told ? ": too small" : "");
        host_message_open(m, NULL, '{');
        host_message_text(m, "task", u->name);
        host_message_number(m, "size", u->size);
        host_message_number(m, "estimate", u->own + MARGIN);
        host_message_close(m, '}');
    }
    host_message_close(m, ']');
    pthread_mutex_unlock(&mutex);
}
