/// @file
/// 网络任务，负责网络通信。它跟随链路的状态：链路连通时，一个接一个地运行会话；链路断开
/// 时，等待其恢复。
///
/// 启用任务看门狗时，由本任务喂狗，因此会话不得长时间阻塞：等待时应调用
/// net_task_wait_ms()，或使用最多等待 NET_TASK_TICK_MS 的 select()，并且每次都要检查
/// net_task_link_lost()。

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "esp_err.h"
#include "wifi_station.h"

#ifdef __cplusplus
extern "C" {
#endif

/// 会话在 select() 中最多可以等待的时间，单位 ms。
#define NET_TASK_TICK_MS 250

/// 会话：一直工作到 net_task_link_lost() 返回 true，或自身出错；关闭自己打开的所有资源后
/// 返回。只要链路连通，就会再次调用它，因此出错的会话应等待一段时间再返回。
typedef void (*net_session_t)(void);

/// 启动网络任务。
///
/// @return ESP_OK 或 ESP_ERR_NO_MEM
esp_err_t net_task_start(net_session_t session);

/// 把链路状态通知给网络任务：用作传给 wifi_station_join() 的回调函数。本函数不会阻塞。
void net_task_on_link(wifi_station_event_t event);

/// 供会话使用：返回会话开始时的链路是否已断开。断开后，会话的套接字不能再用。
///
/// 无论对端使本任务多么繁忙，本函数每秒都会两次让出 CPU，使优先级较低的任务（包括空闲任
/// 务）得以运行。
bool net_task_link_lost(void);

/// 供会话使用：等待一段时间，收到链路状态的通知时提前返回。
///
/// @return 是否等满了时间；收到通知时返回 false，此时再次尝试可能成功
bool net_task_wait_ms(uint32_t ms);

#ifdef __cplusplus
}
#endif
