/// @file
/// What the device does with its connections: the contract of app_handler.c, which is yours.
///
/// The networking task calls these functions. They must not block: no vTaskDelay(), no waiting for
/// another task. While one runs, no connection is served.

#pragma once

#include <stddef.h>
#include <stdint.h>
#include "tcp_connection.h"

#ifdef __cplusplus
extern "C" {
#endif

/// There is a new connection. What the device says first is sent here.
void app_connected(tcp_connection_t *connection);

/// There are bytes to deal with.
///
/// TCP is a stream of bytes, not of messages: data may hold a part of a message, or two and a half.
/// Take what you can deal with, and leave the rest: it comes again, with more behind it, when more has
/// been received, when there is more room to send, and four times a second in any case. The
/// connection is closed if nothing is taken of a full buffer for
/// CONFIG_TCP_CONNECTION_HANDLER_TIMEOUT_MS, or of the last bytes after the peer has ended its side
/// (connection->peer_ended).
///
/// @param data what has been received and not been taken; not a string, it may hold any byte
/// @param length how many bytes these are, at least 1
/// @return how many bytes have been taken, from 0 to length
size_t app_received(tcp_connection_t *connection, const uint8_t *data, size_t length);

/// Some time has passed: this is called about four times a second for each connection. Send what the
/// device has to say by itself: a measurement, a sign of life, what another task has put into a queue.
void app_poll(tcp_connection_t *connection);

/// The connection has ended. What it has not taken of the received bytes is lost, and nothing can be
/// sent any more.
void app_disconnected(tcp_connection_t *connection);

#ifdef __cplusplus
}
#endif
