/* Takes 512 MiB, alone or in 4 processes, and holds them for 1 s. */
#include "attack.h"

int main(int argc, char **argv)
{
    int processes = argc > 1 ? 4 : 1;
    for (int i = 1; i < processes; i++) {
        if (fork() == 0) {
            break;
        }
    }
    size_t step = 1 << 20;
    for (size_t n = 0; n < 512 / processes; n++) {
        char *p = malloc(step);
        if (p == NULL) {
            return verdict(0);
        }
        memset(p, 'x', step);
    }
    sleep(1);
    while (wait(NULL) > 0) {
    }
    return verdict(1);
}
