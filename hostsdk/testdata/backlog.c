/* A listener that accepts nobody for a while, and then everybody. The test says how many may wait. */
#include <stdio.h>
#include <unistd.h>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "lwip/sockets.h"
#include "join.h"

#define BACKLOG 100

void app_main(void)
{
    join();
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(8080) };
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listener, BACKLOG) != 0) {
        printf("FAILED to listen\n");
        return;
    }
    vTaskDelay(pdMS_TO_TICKS(6000));
    fcntl(listener, F_SETFL, O_NONBLOCK);
    int accepted = 0, s;
    while ((s = accept(listener, NULL, NULL)) >= 0) {
        accepted++;
        close(s);
    }
    printf("accepted %d\n", accepted);
    close(listener);
}
