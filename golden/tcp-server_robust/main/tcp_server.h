/// @file
/// The TCP server: it listens on a port and serves several clients in one task.

#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// Serves clients until the link is lost or the listener fails, then closes all that is open: a
/// session for net_task_start().
///
/// There are at most CONFIG_TCP_SERVER_MAX_CLIENTS clients. The next one is not accepted before
/// one of them is gone. No client can hold up another: nothing here blocks but select().
void tcp_server_session(void);

#ifdef __cplusplus
}
#endif
