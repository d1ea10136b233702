#include "backoff.h"
#include "esp_random.h"

uint32_t backoff_next_ms(backoff_t *backoff)
{
    uint32_t pause = backoff->next_ms;
    if (pause == 0) {
        pause = backoff->first_ms;
    }
    if (pause >= backoff->longest_ms / 2) {
        backoff->next_ms = backoff->longest_ms;
    } else {
        backoff->next_ms = pause * 2;
    }
    return pause - esp_random() % (pause / 2 + 1);
}

void backoff_reset(backoff_t *backoff)
{
    backoff->next_ms = 0;
}
