/* Addresses as esp_netif has them. */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct esp_ip4_addr {
    uint32_t addr; /* in network byte order */
};
typedef struct esp_ip4_addr esp_ip4_addr_t;

struct esp_ip6_addr {
    uint32_t addr[4]; /* in network byte order */
    uint8_t zone;
};
typedef struct esp_ip6_addr esp_ip6_addr_t;

typedef struct _ip_addr {
    union {
        esp_ip6_addr_t ip6;
        esp_ip4_addr_t ip4;
    } u_addr;
    uint8_t type;
} esp_ip_addr_t;

#define ESP_IPADDR_TYPE_V4  0U
#define ESP_IPADDR_TYPE_V6  6U
#define ESP_IPADDR_TYPE_ANY 46U

typedef enum {
    ESP_IP6_ADDR_IS_UNKNOWN,
    ESP_IP6_ADDR_IS_GLOBAL,
    ESP_IP6_ADDR_IS_LINK_LOCAL,
    ESP_IP6_ADDR_IS_SITE_LOCAL,
    ESP_IP6_ADDR_IS_UNIQUE_LOCAL,
    ESP_IP6_ADDR_IS_IPV4_MAPPED_IPV6,
} esp_ip6_addr_type_t;

esp_ip6_addr_type_t esp_netif_ip6_get_addr_type(esp_ip6_addr_t *ip6_addr); /* as in 5.1: 6.0 has const */

#define esp_netif_htonl(x) \
    (((x) & 0xffU) << 24 | ((x) & 0xff00U) << 8 | ((x) & 0xff0000U) >> 8 | ((x) & 0xff000000U) >> 24)

#define ESP_IP4TOUINT32(a, b, c, d) \
    (((uint32_t)((a) & 0xffU) << 24) | ((uint32_t)((b) & 0xffU) << 16) | ((uint32_t)((c) & 0xffU) << 8) | (uint32_t)((d) & 0xffU))
#define ESP_IP4TOADDR(a, b, c, d) esp_netif_htonl(ESP_IP4TOUINT32(a, b, c, d))

#define esp_ip4_addr_get_byte(ipaddr, idx) (((const uint8_t *)(&(ipaddr)->addr))[idx])
#define esp_ip4_addr1_16(ipaddr)           ((uint16_t)esp_ip4_addr_get_byte(ipaddr, 0))
#define esp_ip4_addr2_16(ipaddr)           ((uint16_t)esp_ip4_addr_get_byte(ipaddr, 1))
#define esp_ip4_addr3_16(ipaddr)           ((uint16_t)esp_ip4_addr_get_byte(ipaddr, 2))
#define esp_ip4_addr4_16(ipaddr)           ((uint16_t)esp_ip4_addr_get_byte(ipaddr, 3))

#define IPSTR         "%d.%d.%d.%d"
#define IP2STR(ipaddr) esp_ip4_addr1_16(ipaddr), esp_ip4_addr2_16(ipaddr), esp_ip4_addr3_16(ipaddr), esp_ip4_addr4_16(ipaddr)

#define ESP_IP6_ADDR_BLOCK1(ip6addr) ((uint16_t)((esp_netif_htonl((ip6addr)->addr[0]) >> 16) & 0xffff))
#define ESP_IP6_ADDR_BLOCK2(ip6addr) ((uint16_t)(esp_netif_htonl((ip6addr)->addr[0]) & 0xffff))
#define ESP_IP6_ADDR_BLOCK3(ip6addr) ((uint16_t)((esp_netif_htonl((ip6addr)->addr[1]) >> 16) & 0xffff))
#define ESP_IP6_ADDR_BLOCK4(ip6addr) ((uint16_t)(esp_netif_htonl((ip6addr)->addr[1]) & 0xffff))
#define ESP_IP6_ADDR_BLOCK5(ip6addr) ((uint16_t)((esp_netif_htonl((ip6addr)->addr[2]) >> 16) & 0xffff))
#define ESP_IP6_ADDR_BLOCK6(ip6addr) ((uint16_t)(esp_netif_htonl((ip6addr)->addr[2]) & 0xffff))
#define ESP_IP6_ADDR_BLOCK7(ip6addr) ((uint16_t)((esp_netif_htonl((ip6addr)->addr[3]) >> 16) & 0xffff))
#define ESP_IP6_ADDR_BLOCK8(ip6addr) ((uint16_t)(esp_netif_htonl((ip6addr)->addr[3]) & 0xffff))

#define IPV6STR "%04x:%04x:%04x:%04x:%04x:%04x:%04x:%04x"
#define IPV62STR(ipaddr)                                                                                                 \
    ESP_IP6_ADDR_BLOCK1(&(ipaddr)), ESP_IP6_ADDR_BLOCK2(&(ipaddr)), ESP_IP6_ADDR_BLOCK3(&(ipaddr)),                     \
        ESP_IP6_ADDR_BLOCK4(&(ipaddr)), ESP_IP6_ADDR_BLOCK5(&(ipaddr)), ESP_IP6_ADDR_BLOCK6(&(ipaddr)),                 \
        ESP_IP6_ADDR_BLOCK7(&(ipaddr)), ESP_IP6_ADDR_BLOCK8(&(ipaddr))

#ifdef __cplusplus
}
#endif
