/* The look-up of names. */
#pragma once

#include "lwip/opt.h"

#define DNS_TMR_INTERVAL 1000 /* ms */
