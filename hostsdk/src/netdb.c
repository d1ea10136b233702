/* Host names. Every one stands for this PC: as 192.0.2.1, and in IPv6 as 2001:db8::1. */
#include <stdlib.h>
#include <string.h>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "host.h"
#include "lwip/netdb.h"

enum { LONGEST_NAME = 255 };

#define UNANSWERED_US 7000000 /* how long lwIP asks a server that does not answer */

struct answer {
    struct addrinfo info;
    struct sockaddr_storage address;
    char name[];
};

/* An address as the sockets take it. */
static struct sockaddr_storage socket_address(int family, const void *ip, uint16_t port)
{
    struct sockaddr_storage a = { 0 };
    if (family == AF_INET6) {
        struct sockaddr_in6 six = { .sin6_len = sizeof(six), .sin6_family = AF_INET6, .sin6_port = htons(port) };
        memcpy(&six.sin6_addr, ip, sizeof(six.sin6_addr));
        memcpy(&a, &six, sizeof(six));
    } else {
        struct sockaddr_in four = { .sin_len = sizeof(four), .sin_family = AF_INET, .sin_port = htons(port) };
        memcpy(&four.sin_addr, ip, sizeof(four.sin_addr));
        memcpy(&a, &four, sizeof(four));
    }
    return a;
}

/* The family of a literal address, which is stored in ip; AF_UNSPEC where the text is none. */
static int parse(const char *text, uint8_t ip[16])
{
    return inet_pton(AF_INET, text, ip) == 1 ? AF_INET : inet_pton(AF_INET6, text, ip) == 1 ? AF_INET6 : AF_UNSPEC;
}

/* Asks DNS, which knows every name. False where no answer comes: at once where there is no server to ask. */
static bool ask_dns(void)
{
    char value[4];
    if (!host_dns_known()) {
        host_call_explain("no DNS server is known; wait for IP_EVENT_STA_GOT_IP, or with a static address call esp_netif_set_dns_info()");
        return false;
    }
    bool answers = !host_setting("ESPGEN_NET", "no-dns", value, sizeof(value));
    if (host_dns_reachable() && answers) {
        return true;
    }
    host_call_explain(answers ? "the DNS server cannot be reached: the station has no address" : "--net no-dns: DNS does not answer");
    vTaskDelay(pdMS_TO_TICKS(host_takes_us(0, UNANSWERED_US) / 1000));
    return false;
}

/* The address of a host in a family, in both where it is AF_UNSPEC: then IPv4 comes first. The family, or AF_UNSPEC
 * where there is no answer. */
static int look_up(const char *host, int family, uint8_t ip[16])
{
    int literal = parse(host, ip);
    if (literal != AF_UNSPEC && (family == AF_UNSPEC || family == literal)) {
        return literal;
    }
    int wanted = family == AF_UNSPEC ? AF_INET : family;
    if (strcmp(host, "localhost") == 0) {
        parse(wanted == AF_INET6 ? "::1" : "127.0.0.1", ip);
        return wanted;
    }
    /* lwIP asks DNS for a literal of the other family, which has none. */
    if (literal != AF_UNSPEC || host[0] == '\0' || strlen(host) > LONGEST_NAME || !ask_dns()) {
        return AF_UNSPEC;
    }
    parse(wanted == AF_INET6 ? "2001:db8::1" : "192.0.2.1", ip);
    return wanted;
}

int host_socket_getaddrinfo(const char *nodename, const char *servname, const struct addrinfo *hints, struct addrinfo **res)
{
    static const struct addrinfo none;
    uint8_t ip[16] = { 0 };
    int port = 0;
    if (res == NULL) {
        return EAI_FAIL;
    }
    *res = NULL;
    if (hints == NULL) {
        hints = &none;
    }
    if (nodename == NULL && servname == NULL) {
        return EAI_NONAME;
    }
    if (host_faulty("getaddrinfo", EAI_FAIL)) {
        return EAI_FAIL;
    }
    int family = hints->ai_family;
    if (family != AF_UNSPEC && family != AF_INET && family != AF_INET6) {
        return EAI_FAMILY;
    }
    if (servname != NULL) {
        port = atoi(servname);
        if ((port == 0 && servname[0] != '0') || port < 0 || port > 0xffff) {
            return EAI_SERVICE; /* names such as "http" are not known */
        }
    }
    if (nodename == NULL) {
        family = family == AF_UNSPEC ? AF_INET : family;
        parse(hints->ai_flags & AI_PASSIVE ? (family == AF_INET6 ? "::" : "0.0.0.0") : (family == AF_INET6 ? "::1" : "127.0.0.1"), ip);
    } else if (hints->ai_flags & AI_NUMERICHOST) {
        int literal = parse(nodename, ip);
        if (literal == AF_UNSPEC || (family != AF_UNSPEC && family != literal)) {
            return EAI_NONAME;
        }
        family = literal;
    } else if (!host_netif_ready()) {
        __assert_func("tcpip.c", 454, "tcpip_send_msg_wait_sem", "Invalid mbox");
    } else if ((family = look_up(nodename, family, ip)) == AF_UNSPEC) {
        return EAI_FAIL;
    }
    struct answer *a = calloc(1, sizeof(*a) + (nodename == NULL ? 0 : strlen(nodename) + 1));
    if (a == NULL) {
        return EAI_MEMORY;
    }
    a->address = socket_address(family, ip, (uint16_t)port);
    a->info = (struct addrinfo){ .ai_family = family, .ai_socktype = hints->ai_socktype, .ai_protocol = hints->ai_protocol,
                                 .ai_addrlen = sizeof(a->address), .ai_addr = (struct sockaddr *)&a->address };
    if (nodename != NULL) {
        a->info.ai_canonname = strcpy(a->name, nodename);
    }
    *res = &a->info;
    return 0;
}

void lwip_freeaddrinfo(struct addrinfo *ai)
{
    while (ai != NULL) {
        struct addrinfo *next = ai->ai_next;
        free(ai);
        ai = next;
    }
}
