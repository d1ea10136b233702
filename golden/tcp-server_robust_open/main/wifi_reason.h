/// @file
/// 站点与接入点断开的原因。

#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// 返回 WIFI_EVENT_STA_DISCONNECTED 中原因码的名称，例如 "NO_AP_FOUND"。
const char *wifi_reason_name(uint8_t reason);

/// 返回出现该原因时应检查什么，例如 "is the SSID right, ...?"。
const char *wifi_reason_hint(uint8_t reason);

#ifdef __cplusplus
}
#endif
