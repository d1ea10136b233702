/* Tasks whose stacks are, and are not, large enough on the chip. */
#include <stdio.h>
#include <string.h>
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

static void use(char *buffer, size_t size)
{
    memset(buffer, 'x', size);
    ESP_LOGI("test", "%zu bytes, the last of them %c", size, buffer[size - 1]);
}

static void big(void *arg)
{
    char buffer[3000];
    use(buffer, sizeof(buffer));
    use(buffer, sizeof(buffer));
    xTaskNotifyGive(arg);
    vTaskDelete(NULL);
}

static void small(void *arg)
{
    char buffer[64];
    use(buffer, sizeof(buffer));
    xTaskNotifyGive(arg);
    vTaskDelete(NULL);
}

void app_main(void)
{
    TaskHandle_t self = xTaskGetCurrentTaskHandle();
    xTaskCreate(big, "big", 2048, self, 5, NULL);
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    xTaskCreate(small, "small", 2048, self, 5, NULL);
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    xTaskCreate(big, "large", 8192, self, 5, NULL);
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    printf("done\n");
}
