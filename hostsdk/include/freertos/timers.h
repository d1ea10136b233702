/* FreeRTOS's software timers. Generated projects use esp_timer instead; event_groups.h brings task.h through this. */
#pragma once

#include "freertos/task.h"
