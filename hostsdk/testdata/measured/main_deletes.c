/* app_main deletes its own task. */
#include <stdio.h>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

static void live_on(void *arg)
{
    (void)arg;
    vTaskDelay(2);
    printf("done\n");
    vTaskDelete(NULL);
}

void app_main(void)
{
    xTaskCreate(live_on, "other", 2048, NULL, 5, NULL);
    vTaskDelete(NULL);
}
