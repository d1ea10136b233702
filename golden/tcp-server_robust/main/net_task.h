/// @file
/// The task that does the networking. It follows the link: while the link is up it runs one
/// session after another, and while it is down it waits.
///
/// The task feeds the task watchdog, if that is on. So a session must not block for long: it waits with
/// net_task_wait_ms(), or in select() for NET_TASK_TICK_MS at most, and asks net_task_link_lost() each
/// time.

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "esp_err.h"
#include "wifi_station.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The longest time that a session may wait in select(), in ms.
#define NET_TASK_TICK_MS 250

/// A session: it works until net_task_link_lost(), or until it fails; it closes all that it opened,
/// and returns. It is called again as long as the link is up, so one that has failed waits before
/// it returns.
typedef void (*net_session_t)(void);

/// Starts the task.
///
/// @return ESP_OK, or ESP_ERR_NO_MEM
esp_err_t net_task_start(net_session_t session);

/// Tells the task of the link: the listener to give to wifi_station_join(). It does not block.
void net_task_on_link(wifi_station_event_t event);

/// For the session: whether the link that it started with is lost. Its sockets are of no use then.
///
/// Twice a second it lets the tasks of lower priority run, the idle task among them, however busy
/// the peers keep this one.
bool net_task_link_lost(void);

/// For the session: waits for a time, or until there is news of the link.
///
/// @return whether it waited to the end: false where there is news, and another try may succeed
bool net_task_wait_ms(uint32_t ms);

#ifdef __cplusplus
}
#endif
