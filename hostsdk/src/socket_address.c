/* Addresses: the project's, and the PC's. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include "sockets.h"

uint16_t lwip_htons(uint16_t x) { return htons(x); }
uint32_t lwip_htonl(uint32_t x) { return htonl(x); }

uint32_t ipaddr_addr(const char *cp)
{
    return inet_addr(cp);
}

const char *lwip_inet_ntop(int af, const void *src, char *dst, uint32_t size)
{
    if (af != ESP_AF_INET && af != ESP_AF_INET6) {
        fail(ESP_EAFNOSUPPORT);
        return NULL;
    }
    if (inet_ntop(af == ESP_AF_INET6 ? AF_INET6 : AF_INET, src, dst, size) == NULL) {
        fail(ESP_ENOSPC);
        return NULL;
    }
    for (char *c = dst; *c != '\0'; c++) {
        *c = (char)toupper((unsigned char)*c); /* as lwIP writes IPv6 */
    }
    return dst;
}

int lwip_inet_pton(int af, const char *src, void *dst)
{
    switch (af) {
    case ESP_AF_INET: /* lwIP takes what inet_aton() does */
        return inet_aton(src, dst);
    case ESP_AF_INET6:
        return inet_pton(AF_INET6, src, dst);
    }
    return fail(ESP_EAFNOSUPPORT);
}

char *host_inet_ntoa_r(const void *addr, char *buf, int buflen)
{
    return (char *)lwip_inet_ntop(ESP_AF_INET, addr, buf, (uint32_t)buflen);
}

char *host_inet6_ntoa_r(const void *addr, char *buf, int buflen)
{
    return (char *)lwip_inet_ntop(ESP_AF_INET6, addr, buf, (uint32_t)buflen);
}

bool host_parse_address(const char *text, uint16_t port, struct sockaddr_in6 *a)
{
    struct in_addr v4;
    if (inet_pton(AF_INET, text, &v4) == 1) {
        *a = ipv4(v4.s_addr, port);
        return true;
    }
    *a = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = port };
    return inet_pton(AF_INET6, text, &a->sin6_addr) == 1;
}

const char *host_address_text(const struct sockaddr_in6 *a, char text[ADDRESS_TEXT])
{
    char ip[INET6_ADDRSTRLEN];
    uint32_t v4 = ipv4_of(a);
    inet_ntop(is_ipv4(a) ? AF_INET : AF_INET6, is_ipv4(a) ? (const void *)&v4 : &a->sin6_addr, ip, sizeof(ip));
    snprintf(text, ADDRESS_TEXT, is_ipv4(a) ? "%s:%d" : "[%s]:%d", ip, ntohs(a->sin6_port));
    return text;
}

#define FIRST_BYTE UINT32_C(0xff000000)
#define LOOPBACK   UINT32_C(0x7f000000)

bool host_pc_source(struct sockaddr_in6 *a)
{
    uint32_t own = ntohl(host_link_address());
    *a = ipv4(htonl(LOOPBACK | (own & ~FIRST_BYTE)), 0);
    return host_station() >= 0 && own != 0;
}

struct sockaddr_in6 host_station_address(struct sockaddr_in6 a)
{
    uint32_t own = ntohl(host_link_address()), from = ntohl(ipv4_of(&a));
    if (host_station() < 0 || own == 0 || !is_ipv4(&a) || (from & FIRST_BYTE) != LOOPBACK || from == INADDR_LOOPBACK) {
        return a;
    }
    return ipv4(htonl((own & FIRST_BYTE) | (from & ~FIRST_BYTE)), a.sin6_port);
}

socklen_t host_pc_address(int family, const struct sockaddr_in6 *a, struct sockaddr_storage *to)
{
    if (family == AF_INET6) {
        memcpy(to, a, sizeof(*a));
        return sizeof(*a);
    }
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = a->sin6_port, .sin_addr = { ipv4_of(a) } };
    memcpy(to, &v4, sizeof(v4));
    return sizeof(v4);
}

struct sockaddr_in6 host_from_pc(const struct sockaddr_storage *from)
{
    if (from->ss_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, from, sizeof(v4));
        return ipv4(v4.sin_addr.s_addr, v4.sin_port);
    }
    struct sockaddr_in6 a;
    memcpy(&a, from, sizeof(a));
    return a;
}

void host_give_address(const struct sockaddr_in6 *from, bool mapped, void *to, uint32_t *length)
{
    if (to == NULL || length == NULL) {
        return;
    }
    struct esp_sockaddr a = { .port = from->sin6_port };
    if (is_ipv4(from) && !mapped) {
        a.len = ESP_SOCKADDR_IN;
        a.family = ESP_AF_INET;
        a.address = ipv4_of(from);
    } else {
        a.len = ESP_SOCKADDR_IN6;
        a.family = ESP_AF_INET6;
        memcpy(a.rest, &from->sin6_addr, sizeof(from->sin6_addr));
    }
    if (*length > a.len) {
        *length = a.len;
    }
    memcpy(to, &a, *length);
}
