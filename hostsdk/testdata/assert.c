/* An assertion that fails. */
#include "freertos/FreeRTOS.h"

void app_main(void)
{
    int answer = 6 * 7;
    configASSERT(answer == 42);
    configASSERT(answer == 41);
}
