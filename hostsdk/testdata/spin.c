/* A task that never waits, and one that works as much, and waits now and then. */
#include <sys/select.h>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

static volatile unsigned counter;

static void spin(void *arg)
{
    (void)arg;
    for (;;) {
        struct timeval none = { 0 };
        select(0, NULL, NULL, NULL, &none); /* waits for nothing */
        counter++;
    }
}

static void work(void *arg)
{
    (void)arg;
    for (;;) {
        for (int i = 0; i < 10000000; i++) {
            counter++;
        }
        vTaskDelay(1);
    }
}

static void idle(void *arg)
{
    (void)arg;
    for (;;) {
        counter++;
    }
}

void app_main(void)
{
    xTaskCreate(work, "works", 4096, NULL, 5, NULL);
    xTaskCreate(spin, "spins", 4096, NULL, 5, NULL);
    xTaskCreate(idle, "idles", 4096, NULL, tskIDLE_PRIORITY, NULL);
}
