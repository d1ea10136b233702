/* The chip's has lwIP's own TCP interface; the options of sockets are in <sys/socket.h>. */
#pragma once
#include "lwip/err.h"
