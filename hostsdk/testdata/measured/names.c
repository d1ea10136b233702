/* getaddrinfo: what needs no answer, and the answers that are none. */
#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "station.h"

static int look_up(const char *name, const char *service, int family)
{
    struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM }, *res = NULL;
    int err = getaddrinfo(name, service, &hints, &res);
    if (err == 0) {
        freeaddrinfo(res);
    }
    return err;
}

void app_main(void)
{
    static char name[257];
    memset(name, 'a', 256);
    start_station();
    ROW("dns-no-server", look_up("example.com", "80", AF_UNSPEC) == EAI_FAIL);
    connect_station();
    ROW("names", look_up("192.168.1.2", "80", AF_UNSPEC) == 0 && look_up(NULL, "80", AF_INET) == 0);
    ROW("names", look_up("10.2", "80", AF_INET) == 0 && look_up("192.168.1.2", "80x", AF_INET) == 0);
    ROW("names", look_up("192.168.1.2", "http", AF_INET) == EAI_SERVICE && look_up("192.168.1.2", "80", 7) == EAI_FAMILY);
    ROW("names", look_up(NULL, NULL, AF_INET) == EAI_NONAME);
    ROW("name-of-256", look_up(name, "80", AF_UNSPEC) == EAI_FAIL);
    printf("done\n");
}
