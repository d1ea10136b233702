/// @file
/// 退避：两次尝试之间的间隔逐次延长。
///
/// 每次的间隔是前一次的两倍，直到上限。实际等待的时间会随机缩短一部分，以免许多设备在同一
/// 个接入点断开后又同时重连。

#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// 一组逐次延长的间隔。使用时设置前两个成员，第三个保持为 0。
typedef struct {
    /// 第一次的间隔，单位 ms。
    uint32_t first_ms;
    /// 间隔的上限，单位 ms。
    uint32_t longest_ms;
    /// 下一次的间隔，单位 ms；第一次之前为 0。
    uint32_t next_ms;
} backoff_t;

/// 返回下一次尝试前应等待的时间，单位 ms：在间隔的一半与整个间隔之间随机取值。
uint32_t backoff_next_ms(backoff_t *backoff);

/// 重新从第一次的间隔开始，应在成功后调用。
void backoff_reset(backoff_t *backoff);

#ifdef __cplusplus
}
#endif
