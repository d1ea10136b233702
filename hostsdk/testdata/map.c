/* A word to an address that the scenario maps. */
#include <sys/socket.h>
#include <unistd.h>
#include "join.h"

void app_main(void)
{
    struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(8080) };
    inet_pton(AF_INET6, "2001:db8::5", &a.sin6_addr);
    join();
    int s = socket(AF_INET6, SOCK_STREAM, 0);
    CHECK(connect(s, (struct sockaddr *)&a, sizeof(a)) == 0);
    CHECK(send(s, "hello", 5, 0) == 5);
    CHECK(close(s) == 0);
    printf("done\n");
}
