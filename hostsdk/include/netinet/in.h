#pragma once
#include "lwip/inet.h"
