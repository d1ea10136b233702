/* Sends signal 0, which is harmless, to all processes. There are always some. */
#include "attack.h"

int main(void)
{
    return verdict(kill(-1, 0) == 0);
}
