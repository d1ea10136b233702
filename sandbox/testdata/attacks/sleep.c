/* Waits for 3 s, and does not heed SIGTERM. */
#include "attack.h"

int main(void)
{
    signal(SIGTERM, SIG_IGN);
    sleep(3);
    return verdict(1);
}
