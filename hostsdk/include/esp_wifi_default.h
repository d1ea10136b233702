/* The Wi-Fi station's interface. */
#pragma once

#include "esp_netif.h"
#include "esp_wifi_types.h"

esp_netif_t *esp_netif_create_default_wifi_sta(void);
