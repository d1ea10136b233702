/* Internet addresses, and the byte order of the network. */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t in_addr_t;

struct in_addr {
    in_addr_t s_addr;
};

struct in6_addr {
    union {
        uint32_t u32_addr[4];
        uint8_t u8_addr[16];
    } un;
#define s6_addr un.u8_addr
};

#define INADDR_NONE      ((uint32_t)0xffffffffUL)
#define INADDR_LOOPBACK  ((uint32_t)0x7f000001UL)
#define INADDR_ANY       ((uint32_t)0x00000000UL)
#define INADDR_BROADCAST ((uint32_t)0xffffffffUL)

#define INET_ADDRSTRLEN  16
#define INET6_ADDRSTRLEN 46

#define IN6ADDR_ANY_INIT      { { { 0, 0, 0, 0 } } }
#define IN6ADDR_LOOPBACK_INIT { { { 0, 0, 0, 0x01000000 } } }
extern const struct in6_addr in6addr_any;

uint16_t lwip_htons(uint16_t x);
uint32_t lwip_htonl(uint32_t x);

#define htons(x) lwip_htons(x)
#define ntohs(x) lwip_htons(x)
#define htonl(x) lwip_htonl(x)
#define ntohl(x) lwip_htonl(x)

uint32_t ipaddr_addr(const char *cp);
char *host_inet_ntoa_r(const struct in_addr *addr, char *buf, int buflen);
char *host_inet6_ntoa_r(const struct in6_addr *addr, char *buf, int buflen);

#define inet_addr(cp)                   ipaddr_addr(cp)
#define inet_ntoa_r(addr, buf, buflen)  host_inet_ntoa_r(&(addr), buf, buflen)
#define inet6_ntoa_r(addr, buf, buflen) host_inet6_ntoa_r(&(addr), buf, buflen)

#ifdef __cplusplus
}
#endif
