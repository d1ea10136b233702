/* Waits for its own other end, which sends nothing, for a second. */
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "join.h"

void app_main(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t length = sizeof(a);
    char buffer[10];
    join();
    int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    bind(server, (struct sockaddr *)&a, sizeof(a));
    listen(server, 1);
    getsockname(server, (struct sockaddr *)&a, &length);
    connect(client, (struct sockaddr *)&a, sizeof(a));
    struct timeval second = { .tv_sec = 1 };
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));
    recv(client, buffer, sizeof(buffer), 0);
    printf("done\n");
}
