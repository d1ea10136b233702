/// @file
/// Why the access point and the station parted.

#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Returns the name of a reason of WIFI_EVENT_STA_DISCONNECTED: "NO_AP_FOUND".
const char *wifi_reason_name(uint8_t reason);

/// Returns what to look at when it happens: "is the SSID right, ...?".
const char *wifi_reason_hint(uint8_t reason);

#ifdef __cplusplus
}
#endif
