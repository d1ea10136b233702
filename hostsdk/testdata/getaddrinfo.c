/* getaddrinfo() as lwIP has it. */
#include <string.h>
#include <sys/socket.h>
#include "join.h"
#include "netdb.h"

static const char *got; /* the address of the last answer */

/* Looks a name up and checks what every answer has. 0 or the error. */
static int look_up(const char *host, const char *port, int family, int flags)
{
    static char text[INET6_ADDRSTRLEN];
    struct addrinfo hints = { .ai_family = family, .ai_flags = flags, .ai_socktype = SOCK_STREAM }, *res = &hints;
    int err = getaddrinfo(host, port, &hints, &res);
    got = "";
    if (err != 0) {
        CHECK(res == NULL);
        return err;
    }
    CHECK(res->ai_next == NULL && res->ai_socktype == SOCK_STREAM && res->ai_addrlen == sizeof(struct sockaddr_storage));
    if (res->ai_family == AF_INET6) {
        struct sockaddr_in6 a;
        memcpy(&a, res->ai_addr, sizeof(a));
        CHECK(a.sin6_family == AF_INET6 && a.sin6_len == sizeof(a) && ntohs(a.sin6_port) == (port == NULL ? 0 : 8080));
        got = inet_ntop(AF_INET6, &a.sin6_addr, text, sizeof(text));
    } else {
        struct sockaddr_in a;
        memcpy(&a, res->ai_addr, sizeof(a));
        CHECK(a.sin_family == AF_INET && a.sin_len == sizeof(a) && ntohs(a.sin_port) == (port == NULL ? 0 : 8080));
        got = inet_ntop(AF_INET, &a.sin_addr, text, sizeof(text));
    }
    freeaddrinfo(res);
    return 0;
}

void app_main(void)
{
    ESP_ERROR_CHECK(esp_netif_init());
    CHECK(look_up("192.168.1.2", "8080", AF_UNSPEC, 0) == 0 && strcmp(got, "192.168.1.2") == 0); /* before the network */
    CHECK(look_up("example.com", "8080", AF_UNSPEC, 0) == EAI_FAIL);
    join();
    CHECK(look_up("example.com", "8080", AF_UNSPEC, 0) == 0 && strcmp(got, "192.0.2.1") == 0);
    CHECK(look_up("example.com", "8080", AF_INET, 0) == 0 && strcmp(got, "192.0.2.1") == 0);
    CHECK(look_up("example.com", "8080", AF_INET6, 0) == 0 && strcmp(got, "2001:DB8::1") == 0);
    CHECK(look_up("example.com", NULL, AF_UNSPEC, 0) == 0);
    CHECK(look_up("fe80::2", "8080", AF_UNSPEC, 0) == 0 && strcmp(got, "FE80::2") == 0);
    CHECK(look_up("fe80::2", "8080", AF_INET6, AI_NUMERICHOST) == 0 && strcmp(got, "FE80::2") == 0);
    CHECK(look_up("fe80::2", "8080", AF_INET, 0) == EAI_FAIL);
    CHECK(look_up("10.0.0.1", "8080", AF_INET6, 0) == EAI_FAIL);
    CHECK(look_up("10.0.0.1", "8080", AF_INET6, AI_NUMERICHOST) == EAI_NONAME);
    CHECK(look_up("example.com", "8080", AF_UNSPEC, AI_NUMERICHOST) == EAI_NONAME);
    CHECK(look_up("localhost", "8080", AF_INET6, 0) == 0 && strcmp(got, "::1") == 0);
    CHECK(look_up(NULL, "8080", AF_INET6, AI_PASSIVE) == 0 && strcmp(got, "::") == 0);
    CHECK(look_up(NULL, "8080", AF_UNSPEC, AI_PASSIVE) == 0 && strcmp(got, "0.0.0.0") == 0);
    CHECK(look_up(NULL, "8080", AF_UNSPEC, 0) == 0 && strcmp(got, "127.0.0.1") == 0);
    CHECK(look_up("", "8080", AF_UNSPEC, 0) == EAI_FAIL);
    CHECK(look_up(NULL, NULL, AF_UNSPEC, 0) == EAI_NONAME);
    CHECK(look_up("example.com", "http", AF_UNSPEC, 0) == EAI_SERVICE);
    CHECK(look_up("example.com", "65536", AF_UNSPEC, 0) == EAI_SERVICE);
    CHECK(look_up("example.com", "8080", 7, 0) == EAI_FAMILY);
    CHECK(getaddrinfo("example.com", "1", NULL, NULL) == EAI_FAIL);
    printf("done\n");
}
