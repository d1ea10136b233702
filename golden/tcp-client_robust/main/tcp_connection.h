/// @file
/// One TCP connection: a socket that never blocks, with a bounded buffer for each direction.
///
/// Call these functions in the networking task only, from the functions of app_handler.h, and not from
/// other tasks.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/select.h>
#include <sys/socket.h>
#include "sdkconfig.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Room for an address with its port as text: "[2001:DB8::1]:8080".
#define TCP_CONNECTION_PEER_SIZE 56

/// A connection. Read what you like, and change it with the functions below.
typedef struct {
    /// The socket; -1 where there is no connection.
    int fd;
    /// Which of the connections it is, from 0: the index of what you keep for each of them.
    int number;
    /// The peer's address and port, for the log.
    char peer[TCP_CONNECTION_PEER_SIZE];
    /// The peer sends no more.
    bool peer_ended;
    /// The application has finished with it. It is closed when all is sent and the peer has ended its
    /// side, too, or has taken too long to.
    bool finishing;
    /// The peer has been told that nothing more comes.
    bool told_end;
    /// The peer takes no more bytes before select() says so.
    bool blocked;
    /// The application has not been told of all bytes, or of the room to send.
    bool news;
    /// When the connection was made, by esp_timer_get_time(), as all the times here.
    int64_t opened_us;
    /// When a byte last came or went.
    int64_t active_us;
    /// When lwIP last took a byte, or the first of those that wait was put there.
    int64_t progress_us;
    /// When the application last took a byte, or did not hold up the connection.
    int64_t taken_us;
    /// When the connection is closed, whatever happens; INT64_MAX for never.
    int64_t deadline_us;
    /// When app_poll() was last called.
    int64_t polled_us;
    /// How many bytes of rx have not been dealt with.
    size_t rx_length;
    /// How many bytes of tx wait to be sent.
    size_t tx_length;
    /// What has been received, and not been dealt with.
    uint8_t rx[CONFIG_TCP_CONNECTION_RX];
    /// What waits to be sent.
    uint8_t tx[CONFIG_TCP_CONNECTION_TX];
} tcp_connection_t;

// For the application ----------------------------------------------------------------------

/// Sends bytes: it copies as many as there is room for, and returns how many these are. The rest
/// is for the caller to keep, and to send when there is room again.
size_t tcp_connection_send(tcp_connection_t *connection, const void *data, size_t length);

/// Returns how many bytes tcp_connection_send() takes now.
size_t tcp_connection_room(const tcp_connection_t *connection);

/// Sets a deadline: the connection is closed in so many ms, unless this is called again before. 0
/// removes the deadline. Set one when a message begins, and remove it when the message is complete.
/// Then a peer that sends a byte now and then cannot keep the connection for ever.
void tcp_connection_set_deadline(tcp_connection_t *connection, uint32_t ms);

/// Ends the connection when all is sent. What comes in meanwhile is thrown away.
void tcp_connection_finish(tcp_connection_t *connection);

// For the server and the client ------------------------------------------------------------

/// Takes over a socket that is connected, and sets its options. If one cannot be set, it logs why and
/// closes the socket: a connection without keep-alive, say, may never be found dead.
///
/// @return whether there is a connection now
bool tcp_connection_open(tcp_connection_t *connection, int fd, const struct sockaddr_storage *peer);

/// Adds the connection to the sets for select(): to be read from while there is room, to be
/// written to while something waits.
///
/// @param highest the highest socket in the sets, which it raises
void tcp_connection_watch(const tcp_connection_t *connection, fd_set *reads, fd_set *writes, int *highest);

/// Does what can be done without blocking: receives, hands over to the application, sends. Closes the
/// connection where it has ended, or where the peer has taken no data for too long. Call it at least
/// every NET_TASK_TICK_MS.
///
/// @param readable whether select() says that there is something to receive
/// @param writable whether select() says that there is room to send
void tcp_connection_serve(tcp_connection_t *connection, bool readable, bool writable);

/// Closes the connection at once and tells the application.
///
/// @param why for the log
void tcp_connection_close(tcp_connection_t *connection, const char *why);

#ifdef __cplusplus
}
#endif
