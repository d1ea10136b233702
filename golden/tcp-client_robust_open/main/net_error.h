/// @file
/// errno 在芯片上的含义。

#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// 返回套接字函数的错误名称，以及它在这里的含义，例如 "ECONNRESET, the peer reset or
/// refused the connection"。
///
/// ESP-IDF 的取值与 Linux 不同：同样是 113，这里是 ECONNABORTED，而在 Linux 上是
/// EHOSTUNREACH。
///
/// @param error errno 的值
const char *net_error_text(int error);

/// 把套接字函数的失败记录到日志，并说明 errno 的含义。
///
/// 本函数首先读取 errno，因为输出日志可能改变它。
///
/// @param tag 输出日志的模块的标签
/// @param call 失败的函数
/// @return errno 的值
int net_error_log(const char *tag, const char *call);

#ifdef __cplusplus
}
#endif
