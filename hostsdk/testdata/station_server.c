/* Listens on port 7000, and tells each client its own address, as the server sees it. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "join.h"

void app_main(void)
{
    join();
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(7000) };
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(listener, (struct sockaddr *)&a, sizeof(a));
    listen(listener, 2);
    for (;;) {
        socklen_t length = sizeof(a);
        int s = accept(listener, (struct sockaddr *)&a, &length);
        char text[32];
        inet_ntop(AF_INET, &a.sin_addr, text, sizeof(text));
        send(s, text, strlen(text), 0);
        getpeername(s, (struct sockaddr *)&a, &length);
        printf("the peer is %s, %s\n", text, inet_ntop(AF_INET, &a.sin_addr, text, sizeof(text)));
        close(s);
    }
}
