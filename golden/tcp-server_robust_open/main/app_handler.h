/// @file
/// 设备对各个连接的处理：app_handler.c 由使用者编写，须遵守本文件的约定。
///
/// 这些函数由网络任务调用，不得阻塞：不能调用 vTaskDelay()，也不能等待其他任务。其中一个
/// 函数运行期间，所有连接都得不到处理。

#pragma once

#include <stddef.h>
#include <stdint.h>
#include "tcp_connection.h"

/// 新连接建立时调用。
void app_connected(tcp_connection_t *connection);

/// 有数据需要处理时调用。
///
/// TCP 是字节流，不分消息：data 可能只是一条消息的一部分，也可能是两条半消息。能处理多少
/// 就取走多少，其余的留下：收到更多数据，或发送缓冲区有了空间时，留下的数据会连同后续数据
/// 再次传入。如果接收缓冲区已满，又没有数据等待发送，而仍然一个字节也不取走，连接就会关
/// 闭，因为这样不可能再有进展。
///
/// @param data 已接收但尚未取走的数据；不是字符串，可能含有任意字节
/// @param length data 的字节数，至少为 1
/// @return 取走的字节数，范围为 0 到 length
size_t app_received(tcp_connection_t *connection, const uint8_t *data, size_t length);

/// 定时调用，每个连接每秒约四次。可在此发送设备主动上报的内容：测量值、心跳，或其他任务放
/// 入队列的数据。
void app_poll(tcp_connection_t *connection);

/// 连接结束后调用。已接收但尚未取走的数据会丢失，也不能再发送数据。
void app_disconnected(tcp_connection_t *connection);
