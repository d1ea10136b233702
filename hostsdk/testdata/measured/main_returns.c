/* app_main returns; another task goes on, and the watchdog goes on to watch main. */
#include "esp_task_wdt.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "row.h"

static void live_on(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++) {
        vTaskDelay(1);
    }
    ROW("main-returns", true);
    printf("done\n");
    vTaskDelete(NULL);
}

void app_main(void)
{
    ROW("wdt-codes", esp_task_wdt_delete(NULL) == ESP_ERR_NOT_FOUND && esp_task_wdt_reset() == ESP_ERR_NOT_FOUND);
    ROW("wdt-codes", esp_task_wdt_add(NULL) == ESP_OK && esp_task_wdt_add(NULL) == ESP_ERR_INVALID_ARG);
    xTaskCreate(live_on, "other", 2048, NULL, 5, NULL);
}
