/* Sends more events than a pipe holds, and exits. */
#include <stdio.h>
#include <stdlib.h>
#include "esp_event.h"

ESP_EVENT_DEFINE_BASE(FLOOD);

void app_main(void)
{
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    for (int i = 0; i < 3000; i++) {
        ESP_ERROR_CHECK(esp_event_post(FLOOD, i, NULL, 0, portMAX_DELAY));
    }
    printf("flooded\n");
    exit(7);
}
