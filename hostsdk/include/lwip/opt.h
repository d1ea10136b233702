/* What lwIP is built with, as far as a project may ask. */
#pragma once

#include "sdkconfig.h"

#define LWIP_IPV4 1
#define LWIP_IPV6 1

#define DEFAULT_ACCEPTMBOX_SIZE CONFIG_LWIP_TCP_ACCEPTMBOX_SIZE

#define DNS_MAX_SERVERS 3
#define DNS_MAX_RETRIES 4
