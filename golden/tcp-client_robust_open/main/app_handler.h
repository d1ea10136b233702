/// @file
/// 设备对各个连接的处理：app_handler.c 由使用者编写，须遵守本文件的约定。
///
/// 这些函数由网络任务调用，不得阻塞：不能调用 vTaskDelay()，也不能等待其他任务。其中一个
/// 函数运行期间，所有连接都得不到处理。

#pragma once

#include <stddef.h>
#include <stdint.h>
#include "tcp_connection.h"

#ifdef __cplusplus
extern "C" {
#endif

/// 有新的连接。设备要先说的话在这里发送。
void app_connected(tcp_connection_t *connection);

/// 有数据需要处理时调用。
///
/// TCP 传输的是字节流而不是消息：data 可能只含半条消息，也可能含两条半。能处理多少就取走
/// 多少，其余留下：收到更多数据时、发送缓冲区有更多空间时，它们会连同后续数据再次传入；即
/// 使没有这些变化，每秒也会传入四次。若缓冲区已满，或对端已结束发送
/// （connection->peer_ended）后仍有剩余字节，而在
/// CONFIG_TCP_CONNECTION_HANDLER_TIMEOUT_MS 内没有取走任何字节，连接将被关闭。
///
/// @param data 已接收但尚未取走的数据；不是字符串，可能含有任意字节
/// @param length data 的字节数，至少为 1
/// @return 取走的字节数，范围为 0 到 length
size_t app_received(tcp_connection_t *connection, const uint8_t *data, size_t length);

/// 过了一段时间：对每个连接每秒约调用四次。在这里发送设备主动要说的内容：测量值、心跳，或
/// 其他任务放入队列的数据。
void app_poll(tcp_connection_t *connection);

/// 连接结束后调用。已接收但尚未取走的数据会丢失，也不能再发送数据。
void app_disconnected(tcp_connection_t *connection);

#ifdef __cplusplus
}
#endif
