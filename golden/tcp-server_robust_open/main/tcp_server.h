/// @file
/// TCP 服务器：监听一个端口，在一个任务中为多个客户端服务。

#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// 为客户端服务，直到链路断开或监听套接字出错，然后关闭所有打开的套接字：用作传给
/// net_task_start() 的会话。
///
/// 最多为 CONFIG_TCP_SERVER_MAX_CLIENTS 个客户端服务，其中一个断开后才接受下一个。任何客
/// 户端都不会拖住其他客户端：这里除了 select() 都不会阻塞。
void tcp_server_session(void);

#ifdef __cplusplus
}
#endif
