/* What the SDK's own sources share. It includes nothing that the SDK shadows, so that each source may choose. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Time since the start, in microseconds. */
int64_t host_now_us(void);

/* Waits for a condition until a time, INT64_MAX for ever. The mutex is held, and released if the task is deleted
 * meanwhile. Returns false when the time has come. */
bool host_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t until_us);

/* The same for a thread that waits since another, of a higher priority, is to run first. */
bool host_wait_quietly(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t until_us);
void host_cond_init(pthread_cond_t *cond);

/* A line about what the project should know, logged as of the tag "host". */
void host_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line about the PC or the scenario, which is no part of the log. */
void host_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Tells why the program is about to abort. */
void host_tell_fault(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A message for the channel of events (channel.c): begun, filled and sent by one thread, which cannot be cancelled meanwhile.
 * Without a reader all of this does nothing, as with one that is zero. In a list, what is added has no name (NULL). */
struct host_message {
    FILE *out;
    char *text;
    size_t size;
    int cancel_state;
    bool follows; /* what is added follows something */
};
void host_message_begin(struct host_message *m, const char *kind);
bool host_message_wanted(const struct host_message *m);
void host_message_text(struct host_message *m, const char *name, const char *text);
void host_message_number(struct host_message *m, const char *name, int64_t number);
void host_message_open(struct host_message *m, const char *name, char bracket);
void host_message_close(struct host_message *m, char bracket);
void host_message_send(struct host_message *m);

/* Answers who asks over the channel, from now on. */
void host_answer_requests(void);

/* Before the program starts itself again: its successor has the channel, and this one sends no more. */
void host_keep_channel(void);

/* The names of an event and of a reason of WIFI_EVENT_STA_DISCONNECTED; NULL for those that are not known. */
const char *host_event_name(const char *base, int32_t id);
const char *host_reason_name(int reason);

/* The names of an errno and of an error of getaddrinfo(). */
const char *host_errno_name(int number);
const char *host_eai_name(int number);

/* A call of the project's at a socket (trace.c): begun, with its first argument or -1, and ended with its result. Where
 * host_call_end says so its arguments are told then. A note says what has been done to it, or found by it. */
void host_call_begin(const char *name, int first);
#define HOST_CALL_BEGIN(name, first) (HOST_LOOK_AT_STACK(), host_call_begin(name, first))
void host_call_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void host_call_waits(void);
bool host_call_end(int64_t result);
void host_call_tell(const char *format, ...);

/* Says why the call fails, where its errno alone does not say it; only the first to do so is heard. */
void host_call_explain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Takes the failure of another call for the last one: of one whose error is told late. */
void host_call_failed(const char *name, int number);

/* The last call of this task that has failed, unless another has succeeded since, or it was explained. */
struct host_failure {
    const char *name; /* NULL for none */
    int number;       /* errno, or getaddrinfo()'s result */
    char why[256];    /* "" where its errno says it */
};
struct host_failure *host_last_failure(void);

/* Explains the last failure, where a line of the project's log tells of it. */
void host_explain_line(const char *line);

/* A line of the trace about an event. */
void host_trace_event(const char *what, const char *more);

/* The environment that espgen run sets: a list NAME=VALUE,NAME=VALUE in the variable list. */
bool host_setting(const char *list, const char *name, char *value, int size);
int64_t host_setting_us(const char *list, const char *name, int64_t otherwise);

/* A number from the seed of espgen run: equal seeds give equal runs. */
uint32_t host_random(void);

/* The station's link: whether it has an address for IPv4 or IPv6, which one, how often that was
 * lost, and when last. */
bool host_link_up(bool over_ipv6);
uint32_t host_link_address(void);
void host_link_ipv6(uint8_t address[16]);
unsigned host_link_changes(bool over_ipv6);
bool host_dns_known(void);
int64_t host_link_lost_at(bool over_ipv6);
bool host_dns_reachable(void);
bool host_netif_ready(void); /* esp_netif_init was called */
bool host_nvs_ready(void);   /* nvs_flash_init was called */

/* Which of several stations of one network this is, from 0 on; -1 for the only one. */
int host_station(void);

/* Whether the scenario lets this call fail. It sets errno to number. */
bool host_faulty(const char *call, int number);

/* From the interface, with its lock held, to the driver, which calls nothing of the interface with its own. */
void host_wifi_got_address(void);

/* Starts a thread of the SDK itself, which no report counts. */
void host_thread(void *(*run)(void *), void *arg);

/* The same for one that stands for a task of ESP-IDF's: the project's code runs in it. */
void host_system_task(const char *name, unsigned priority, unsigned stack, void *(*run)(void *), void *arg);

/* Priorities. Threads all run at once here; on the chip a task does not go on before those of higher priority wait. Where
 * a project can tell, the lower one waits here, too: until the other one waits or has done its work, but not for ever,
 * for what the other does may be a call of the PC's that the SDK does not see. */
#define HOST_TURN_US 1000000

/* The calling task's; that of the SDK's threads is above all. */
unsigned host_priority(void);

/* The calling thread begins, or ends, to wait: others may go on. */
void host_waits(bool begins);
void host_handler_waits(bool begins);

/* Posts an event. Where the queue is full it is lost, or, always, queued all the same: the driver waits there, but it must
 * not keep its lock meanwhile. */
bool host_post(const char *base, int32_t id, const void *data, size_t size, bool always);

/* Lets the handlers of what was posted run, if the caller's priority is below theirs. It holds no lock. */
void host_let_handlers_run(void);

/* How long something takes: by default little, or as long as on a chip. */
int64_t host_takes_us(int64_t fast_us, int64_t real_us);

/* The stack of tasks (stack.c): the project's function is called from the first frame, and calls the SDK, which looks at its own
 * frame then. host_stack_size is that of the calling task, 0 for none. */
void host_stack_begin(const void *frame);
void host_stack_at(const void *frame);
void host_stack_pause(bool pauses); /* while the SDK calls itself */
uint32_t host_stack_size(void);
void host_report_stacks(struct host_message *m);
#define HOST_LOOK_AT_STACK() host_stack_at(__builtin_frame_address(0))

/* The calling task has waited: lower ones, and the idle task, had their turn. */
void host_has_waited(void);

/* A task that has used the processor for some time and has not waited once; its core is -1 for any. Told once for each such
 * time. */
struct host_spinning {
    char name[16];
    int core;
};
bool host_find_spinning(int64_t limit_us, struct host_spinning *found);

/* Starts the watch on the idle tasks. */
void host_watch_idle(void);

/* What ESP-IDF itself takes of the heap, or gives back. */
void host_take_heap(int bytes);

/* What there is: at the end it is printed and told, before that only told, with the options of sockets. */
void host_report_mappings(void);
void host_report_sent(struct host_message *m);
int host_report_sockets(bool at_end, struct host_message *m);
int host_report_tasks(bool at_end, struct host_message *m);
void host_report(void);

/* From now on no task is forgotten: the program is about to exit, and the leak detector looks at what there is. */
void host_keep_tasks(void);

/* Tells what there is now. */
void host_tell_state(void);
