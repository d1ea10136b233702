/* A DNS server that does not answer, or does not know the name. */
#include <netdb.h>
#include <sys/socket.h>
#include "station.h"

void app_main(void)
{
    struct addrinfo *res;
    start_station();
    connect_station();
    ROW("dns-unknown", getaddrinfo("example.com", "80", NULL, &res) == EAI_FAIL && EAI_FAIL == 202);
    printf("done\n");
}
