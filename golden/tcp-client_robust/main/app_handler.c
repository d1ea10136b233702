// What the device does with its connection. This file is yours: espgen never changes it once you have
// edited it. app_handler.h says when each function is called.

#include "app_handler.h"
#include "greeting.h"

void app_connected(tcp_connection_t *connection)
{
    tcp_connection_send(connection, GREETING, sizeof(GREETING) - 1);
}

// An echo, to begin with: it takes as many bytes as it can send back. The others come again.
size_t app_received(tcp_connection_t *connection, const uint8_t *data, size_t length)
{
    return tcp_connection_send(connection, data, length);
}

void app_poll(tcp_connection_t *connection)
{
}

void app_disconnected(tcp_connection_t *connection)
{
}
