/* A network without DNS. */
#include <sys/socket.h>
#include "join.h"
#include "netdb.h"

void app_main(void)
{
    struct addrinfo *res;
    join();
    CHECK(getaddrinfo("example.com", "80", NULL, &res) == EAI_FAIL && res == NULL);
    CHECK(getaddrinfo("192.168.1.2", "80", NULL, &res) == 0);
    freeaddrinfo(res);
    CHECK(getaddrinfo("localhost", "80", NULL, &res) == 0);
    freeaddrinfo(res);
    CHECK(getaddrinfo("no-such.local", "80", NULL, &res) == EAI_FAIL);
    printf("done\n");
}
