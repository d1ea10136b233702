#pragma once
#include "lwip/netdb.h"
