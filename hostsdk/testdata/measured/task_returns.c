/* A task that returns, which ends the program. */
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

static void run(void *arg)
{
    (void)arg;
}

void app_main(void)
{
    xTaskCreate(run, "ret", 2048, NULL, 5, NULL);
    vTaskDelay(portMAX_DELAY);
}
