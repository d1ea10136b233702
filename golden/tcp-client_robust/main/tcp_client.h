/// @file
/// The TCP client: it connects to a server, and connects again for ever.

#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// Connects to the server and serves the connection until it ends, then waits before the next
/// try: a session for net_task_start().
///
/// The server's name is looked up anew each time. A server that does not answer within
/// CONFIG_TCP_CLIENT_CONNECT_TIMEOUT_MS has failed.
void tcp_client_session(void);

#ifdef __cplusplus
}
#endif
