/* What the SDK's own sources share. It includes nothing that the SDK shadows, so that each source may choose. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Time since the start, in microseconds. */
int64_t host_now_us(void);

/* Waits for a condition until a time, INT64_MAX for ever. The mutex is held, and released if the task is deleted
 * meanwhile. Returns false when the time has come. */
bool host_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t until_us);
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
int64_t host_link_lost_at(bool over_ipv6);
bool host_dns_reachable(void);

/* Whether the scenario lets this call fail. It sets errno to number. */
bool host_faulty(const char *call, int number);

/* From the interface, with its lock held, to the driver, which calls nothing of the interface with its own. */
void host_wifi_got_address(void);

/* Starts a thread of the SDK itself, which no report counts. */
void host_thread(void *(*run)(void *), void *arg);

/* What is left at the end. */
void host_report_sent(void);
int host_report_sockets(bool with_options);
int host_report_tasks(void);
void host_report(void);
