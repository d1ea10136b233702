// 设备对连接的处理。本文件由使用者编写：一经修改，espgen 就不再改动它。各函数的调用时机见
// app_handler.h。

#include "app_handler.h"
#include "greeting.h"

void app_connected(tcp_connection_t *connection)
{
    tcp_connection_send(connection, GREETING, sizeof(GREETING) - 1);
}

// 初始实现为回显：能发回多少字节就取走多少，其余的字节稍后会再次传入。
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
