/// @file
/// Growing pauses between tries.
///
/// Each pause is twice as long as the one before, up to a maximum, less a random part. So many devices
/// that have lost the same access point do not all come back at the same moment.

#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A series of pauses. Set the first two members, and leave the third at 0.
typedef struct {
    /// The first pause, in ms.
    uint32_t first_ms;
    /// No pause is longer, in ms.
    uint32_t longest_ms;
    /// The next pause, in ms; 0 for the first one.
    uint32_t next_ms;
} backoff_t;

/// Returns how long to wait before the next try: between half of the pause and all of it, in ms.
uint32_t backoff_next_ms(backoff_t *backoff);

/// Starts again with the first pause. Call it after a success.
void backoff_reset(backoff_t *backoff);

#ifdef __cplusplus
}
#endif
