/* Two stations that both send back what they receive never end. Who does so is told over the channel of events, once. */
#include "sockets.h"

#define WINDOW_US INT64_C(1000000)

/* So many in a second are no conversation of persons or of sensors. */
enum { MANY = 100 };

void host_note_received(struct slot *slot, const void *data, ssize_t length)
{
    struct echo *echo = &slot->echo;
    if (host_station() >= 0 && length > 0) {
        echo->length = length < (ssize_t)sizeof(echo->received) ? (int)length : (int)sizeof(echo->received);
        memcpy(echo->received, data, (size_t)echo->length);
    }
}

void host_note_sent(struct slot *slot, const void *data, ssize_t length)
{
    struct echo *echo = &slot->echo;
    if (echo->length == 0 || echo->told || length <= 0) {
        return;
    }
    int64_t now = host_now_us();
    if (now - echo->since > WINDOW_US) {
        echo->since = now;
        echo->count = 0;
    }
    size_t compared = length < echo->length ? (size_t)length : (size_t)echo->length;
    if (memcmp(data, echo->received, compared) == 0 && ++echo->count == MANY) {
        struct host_message m;
        echo->told = true;
        host_message_begin(&m, "echoing");
        host_message_send(&m);
    }
}
