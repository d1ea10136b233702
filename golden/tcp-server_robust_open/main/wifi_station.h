/// @file
/// Wi-Fi 站点：接入网络，断开后不断重连。

#pragma once

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

/// 链路状态的变化。
typedef enum {
    /// 链路已断开，建立在该链路上的连接都已失效。
    WIFI_STATION_DOWN,
    /// 站点已接入网络并获得地址：可以使用套接字。
    WIFI_STATION_UP,
    /// 站点的地址已改变，建立在旧地址上的连接都已失效。
    WIFI_STATION_NEW_ADDRESS,
    /// 站点又获得了一个地址，已有的连接可以保留。
    WIFI_STATION_MORE_ADDRESSES,
} wifi_station_event_t;

/// 链路状态变化时的回调函数。它在事件循环的任务中运行，不得阻塞，否则所有事件都会被推迟。
typedef void (*wifi_station_listener_t)(wifi_station_event_t event);

/// 启动站点。调用前须初始化 NVS。本函数立即返回：链路连通时会通知 listener。
///
/// 此后，只要不在网络中，station 就会自动接入，因此其他代码无需调用 esp_wifi_connect()，
/// 也不可调用 esp_wifi_disconnect() 或 esp_wifi_stop()。
///
/// @param listener 链路状态每次变化时调用
/// @return ESP_OK，或出错步骤的错误码，错误已记录在日志中
esp_err_t wifi_station_join(wifi_station_listener_t listener);

#ifdef __cplusplus
}
#endif
