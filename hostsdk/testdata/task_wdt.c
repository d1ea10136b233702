/* The task watchdog, with a time-out of one second. */
#include "esp_task_wdt.h"
#include "esp_timer.h"
#include "join.h"
#include "freertos/semphr.h"

static SemaphoreHandle_t fed;

static void forgetful(void *arg)
{
    (void)arg;
    CHECK(esp_task_wdt_add(NULL) == ESP_OK);
    CHECK(esp_task_wdt_reset() == ESP_OK);
    xSemaphoreGive(fed);
    vTaskDelete(NULL); /* and is watched on */
}

void app_main(void)
{
    const esp_task_wdt_config_t config = { .timeout_ms = 1000 };
    CHECK(esp_task_wdt_init(&config) == ESP_ERR_INVALID_STATE); /* it runs from the start */
    CHECK(esp_task_wdt_init(NULL) == ESP_ERR_INVALID_ARG);
    CHECK(esp_task_wdt_status(NULL) == ESP_ERR_NOT_FOUND);
    CHECK(esp_task_wdt_reset() == ESP_ERR_NOT_FOUND);
    CHECK(esp_task_wdt_delete(NULL) == ESP_ERR_NOT_FOUND);
    CHECK(esp_task_wdt_add(NULL) == ESP_OK);
    CHECK(esp_task_wdt_add(NULL) == ESP_ERR_INVALID_ARG);
    CHECK(esp_task_wdt_status(NULL) == ESP_OK);
    CHECK(esp_task_wdt_deinit() == ESP_ERR_INVALID_STATE);

    int64_t longest = 0, last = esp_timer_get_time();
    for (int i = 0; i < 50; i++) {
        vTaskDelay(pdMS_TO_TICKS(30));
        esp_task_wdt_reset();
        int64_t now = esp_timer_get_time();
        longest = now - last > longest ? now - last : longest;
        last = now;
    }
    if (longest < 900000) {
        printf("fed in time\n");
    }
    vTaskDelay(pdMS_TO_TICKS(1500)); /* without a reset */
    printf("starved\n");

    fed = xSemaphoreCreateBinary();
    xTaskCreate(forgetful, "forgetful", 2048, NULL, 1, NULL);
    xSemaphoreTake(fed, portMAX_DELAY);
    for (int i = 0; i < 50; i++) {
        esp_task_wdt_reset();
        vTaskDelay(pdMS_TO_TICKS(30));
    }
    vSemaphoreDelete(fed);
    CHECK(esp_task_wdt_delete(NULL) == ESP_OK);
    CHECK(esp_task_wdt_status(NULL) == ESP_ERR_NOT_FOUND);
    printf("done\n");
}
