/// @file
/// 客户端首先发送的内容：即 spec 的 client.greeting。

#pragma once

#define GREETING "Hello World!"
