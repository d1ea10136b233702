/*
 * What is known of a call at a socket while it is made: for the trace, for the channel of events, and for who explains its error.
 *
 * ESPGEN_TRACE is a list of
 *   print   each call is printed
 *   send    each call is sent over the channel of events
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "host.h"

#define TRACE "ESPGEN_TRACE"

/* A call that waits for so long is told of before it ends. */
#define LONG_US 500000

/* Less than this is no waiting: a call of the PC's takes it, too. */
#define SHORT_US 10000

static __thread struct {
    const char *name;
    int first; /* its first argument, a socket as a rule; -1 where that says nothing */
    int64_t began;
    bool waiting_told;
    int64_t result, took;
    char note[200];
    char why[256];
} call;

static __thread struct host_failure failure;

static bool prints, sends;

static bool is_set(const char *name)
{
    char value[4];
    return host_setting(TRACE, name, value, sizeof(value));
}

__attribute__((constructor(102))) static void read_settings(void)
{
    prints = is_set("print");
    sends = is_set("send");
}

/* Begins a line of the trace. */
static void print_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void print_line(const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    printf("trace: (%lld) %s: %s\n", (long long)(host_now_us() / 1000), pcTaskGetName(NULL), text);
    fflush(stdout);
}

void host_trace_event(const char *what, const char *more)
{
    if (prints) {
        print_line("%s%s", what, more);
    }
}

void host_call_begin(const char *name, int first)
{
    call.name = name;
    call.first = first;
    call.began = host_now_us();
    call.waiting_told = false;
    call.note[0] = call.why[0] = '\0';
    host_stack_pause(true);
}

void host_call_note(const char *format, ...)
{
    char text[sizeof(call.note)];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (strstr(call.note, text) == NULL) { /* a call that waits is looked at again and again */
        size_t length = strlen(call.note);
        snprintf(call.note + length, sizeof(call.note) - length, "%s%s", length > 0 ? "; " : "", text);
    }
}

void host_call_waits(void)
{
    if (prints && call.name != NULL && !call.waiting_told && host_now_us() - call.began > LONG_US) {
        call.waiting_told = true;
        char first[24] = "";
        if (call.first >= 0) {
            snprintf(first, sizeof(first), "%d, ", call.first);
        }
        print_line("%s(%s...) waits%s%s", call.name, first, call.note[0] != '\0' ? "; " : "", call.note);
    }
}

void host_call_explain(const char *format, ...)
{
    if (call.why[0] == '\0') {
        va_list args;
        va_start(args, format);
        vsnprintf(call.why, sizeof(call.why), format, args);
        va_end(args);
    }
}

struct host_failure *host_last_failure(void)
{
    return failure.name == NULL ? NULL : &failure;
}

void host_call_failed(const char *name, int number)
{
    failure.name = name;
    failure.number = number;
    memcpy(failure.why, call.why, sizeof(failure.why));
}

/* Calls that a project makes before it tells of the failure of another. */
static bool is_tidying(const char *name)
{
    return strcmp(name, "close") == 0 || strcmp(name, "shutdown") == 0;
}

static void remember_failure(int64_t result)
{
    if (strcmp(call.name, "getaddrinfo") == 0 && result != 0) {
        host_call_failed(call.name, (int)result);
    } else if (result < 0) {
        host_call_failed(call.name, errno);
    } else if (!is_tidying(call.name)) {
        failure.name = NULL;
    }
}

bool host_call_end(int64_t result)
{
    host_stack_pause(false);
    remember_failure(result);
    call.result = result;
    call.took = host_now_us() - call.began;
    return prints || sends;
}

/* Adds to the notes why the call has failed, without what to do about it. */
static void note_why(void)
{
    if (call.why[0] != '\0') {
        host_call_note("%.*s", (int)strcspn(call.why, ";"), call.why);
    }
}

/* The name of an error: of getaddrinfo()'s, which is its result, or of errno. NULL where there was none. */
static const char *error_name(void)
{
    if (strcmp(call.name, "getaddrinfo") == 0) {
        return call.result == 0 ? NULL : host_eai_name((int)call.result);
    }
    return call.result >= 0 ? NULL : host_errno_name(errno);
}

static void print_call(const char *args, const char *error)
{
    char number[16] = "", waited[32] = "";
    if (call.result < 0) {
        snprintf(number, sizeof(number), " (%d)", errno);
    }
    if (call.took >= SHORT_US) {
        snprintf(waited, sizeof(waited), ", after %lld ms", (long long)(call.took / 1000));
    }
    print_line("%s(%s) = %lld%s%s%s%s%s%s", call.name, args, (long long)call.result, error != NULL ? " " : "",
               error != NULL ? error : "", number, waited, call.note[0] != '\0' ? "; " : "", call.note);
}

static void send_call(const char *args, const char *error)
{
    struct host_message m;
    host_message_begin(&m, "call");
    host_message_text(&m, "call", call.name);
    host_message_text(&m, "args", args);
    host_message_number(&m, "result", call.result);
    if (call.result < 0) {
        host_message_number(&m, "errno", errno);
    }
    if (error != NULL) {
        host_message_text(&m, "error", error);
    }
    if (call.took >= SHORT_US) {
        host_message_number(&m, "waited", call.took / 1000);
    }
    if (call.note[0] != '\0') {
        host_message_text(&m, "note", call.note);
    }
    host_message_send(&m);
}

void host_call_tell(const char *format, ...)
{
    char args[512];
    va_list list;
    va_start(list, format);
    vsnprintf(args, sizeof(args), format, list);
    va_end(list);
    const char *error = error_name();
    if (error != NULL) {
        note_why();
    }
    if (prints) {
        print_call(args, error);
    }
    if (sends) {
        send_call(args, error);
    }
}
