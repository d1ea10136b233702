/* Takes 1.5 s of processor time, in as many processes as it is told. */
#include "attack.h"

int main(int argc, char **argv)
{
    int processes = argc > 1 ? atoi(argv[1]) : 1;
    for (int i = 1; i < processes && i < 8; i++) {
        if (fork() == 0) {
            processes = 1;
        }
    }
    struct timespec used;
    do {
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    } while (used.tv_sec * 1000 + used.tv_nsec / 1000000 < 1500);
    while (wait(NULL) > 0) {
    }
    return verdict(1);
}
