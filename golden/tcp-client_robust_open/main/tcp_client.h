/// @file
/// TCP 客户端：连接服务器，断开后不断重连。

#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// 连接服务器，为该连接服务直到其结束，然后等到可以再次尝试时返回：用作传给
/// net_task_start() 的会话。
///
/// 每次都重新解析服务器的名称。服务器在 CONFIG_TCP_CLIENT_CONNECT_TIMEOUT_MS 内没有应答，
/// 即视为失败。
void tcp_client_session(void);

#ifdef __cplusplus
}
#endif
