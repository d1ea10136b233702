/// @file
/// 一个 TCP 连接：使用非阻塞的套接字，收发方向各有一个大小固定的缓冲区。
///
/// 所有函数都只能由网络任务调用：在 app_handler.h 的函数中可以调用，在其他任务中不能。

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

/// 存放地址和端口号的文本所需的空间，例如 "[2001:DB8::1]:8080"。
#define TCP_CONNECTION_PEER_SIZE 56

/// 一个连接。成员可以随意读取，修改则要通过下面的函数。
typedef struct {
    /// 套接字；没有连接时为 -1。
    int fd;
    /// 连接的编号，从 0 开始：为每个连接另存数据时，可用作索引。
    int number;
    /// 对端的地址和端口号，用于日志。
    char peer[TCP_CONNECTION_PEER_SIZE];
    /// 对端不再发送数据。
    bool peer_ended;
    /// 应用程序已结束该连接：数据全部发出，且对端也关闭它那一侧（或迟迟不关闭）后，关闭连
    /// 接。
    bool finishing;
    /// 已告知对端不再有数据。
    bool told_end;
    /// 暂时不能继续发送，要等 select() 报告可写。
    bool blocked;
    /// 还有应用尚未得知的数据或发送空间。
    bool news;
    /// 建立连接的时间。这里的时间都以 esp_timer_get_time() 计。
    int64_t opened_us;
    /// 上一次收到或发出数据的时间。
    int64_t active_us;
    /// lwIP 上一次接收字节的时间，或等待发送的第一个字节放入的时间。
    int64_t progress_us;
    /// 应用上一次取走数据，或没有使连接停滞的时间。
    int64_t taken_us;
    /// 无论如何都要关闭连接的时间；INT64_MAX 表示永不。
    int64_t deadline_us;
    /// 上一次调用 app_poll() 的时间。
    int64_t polled_us;
    /// rx 中尚未处理的字节数。
    size_t rx_length;
    /// tx 中等待发送的字节数。
    size_t tx_length;
    /// 已接收但尚未处理的数据。
    uint8_t rx[CONFIG_TCP_CONNECTION_RX];
    /// 等待发送的数据。
    uint8_t tx[CONFIG_TCP_CONNECTION_TX];
} tcp_connection_t;

// 供应用程序使用 ------------------------------------------------------------------------

/// 发送数据：缓冲区能放下多少字节就复制多少，并返回复制的字节数。其余的由调用者保留，等有
/// 空间时再发送。
size_t tcp_connection_send(tcp_connection_t *connection, const void *data, size_t length);

/// 返回 tcp_connection_send() 此时能接受的字节数。
size_t tcp_connection_room(const tcp_connection_t *connection);

/// 若在 ms 毫秒内没有再次调用本函数，则关闭连接；0 表示不限时。消息开始时设置期限，消息完
/// 整后取消期限：这样，偶尔发送一个字节的对端就不能一直占用连接。
void tcp_connection_set_deadline(tcp_connection_t *connection, uint32_t ms);

/// 数据全部发出后结束连接，其间收到的数据会被丢弃。
void tcp_connection_finish(tcp_connection_t *connection);

// 供服务器和客户端使用 ------------------------------------------------------------------

/// 接管已连接的套接字，并设置其选项。有选项设置失败时，记录原因并关闭套接字：例如，没有启
/// 用保活的连接即使已失效，也可能永远不会被发现。
///
/// @return 连接现在是否可用
bool tcp_connection_open(tcp_connection_t *connection, int fd, const struct sockaddr_storage *peer);

/// 把连接加入 select() 的集合：缓冲区有空间时等待可读，有数据等待发送时等待可写。
///
/// @param highest 集合中最大的套接字，本函数会按需增大它
void tcp_connection_watch(const tcp_connection_t *connection, fd_set *reads, fd_set *writes, int *highest);

/// 完成所有无需阻塞的工作：接收数据、交给应用程序、发送数据。连接已结束，或对端长时间不接
/// 收数据时，关闭连接。至少每隔 NET_TASK_TICK_MS 调用一次。
///
/// @param readable select() 是否报告有数据可以接收
/// @param writable select() 是否报告有空间可以发送
void tcp_connection_serve(tcp_connection_t *connection, bool readable, bool writable);

/// 立即关闭连接，并通知应用程序。
///
/// @param why 关闭的原因，用于日志
void tcp_connection_close(tcp_connection_t *connection, const char *why);

#ifdef __cplusplus
}
#endif
