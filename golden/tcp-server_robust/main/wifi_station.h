/// @file
/// The Wi-Fi station: it joins the network, and joins it again for ever.

#pragma once

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

/// What has happened to the link.
typedef enum {
    /// There is no link. The connections over it are lost.
    WIFI_STATION_DOWN,
    /// The station is in the network and has an address: sockets can be used.
    WIFI_STATION_UP,
    /// The station's address has changed. The connections over the old one are lost.
    WIFI_STATION_NEW_ADDRESS,
    /// The station has one more address. The connections stay.
    WIFI_STATION_MORE_ADDRESSES,
} wifi_station_event_t;

/// Is called with each change of the link. It runs in the task of the event loop, for which all other
/// handlers wait, so it must not block.
typedef void (*wifi_station_listener_t)(wifi_station_event_t event);

/// Starts the station. NVS must be ready. It returns at once; the listener is called when the link is
/// up.
///
/// From then on the station joins the network whenever it is not in it, so nobody else needs to call
/// esp_wifi_connect(), nor may call esp_wifi_disconnect() or esp_wifi_stop().
///
/// @param listener hears of every change of the link
/// @return ESP_OK, or the error of the step that failed, which has been logged
esp_err_t wifi_station_join(wifi_station_listener_t listener);

#ifdef __cplusplus
}
#endif
