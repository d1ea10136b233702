/* What the SDK's own sources share. It includes nothing that the SDK shadows, so that each source may choose. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* What ESP-IDF itself takes of the heap, or gives back. */
void host_take_heap(int bytes);

/* What is left at the end. */
void host_report_sent(void);
int host_report_sockets(bool with_options);
int host_report_tasks(void);
void host_report(void);
