/* Waits for 20 s, with a child of another session that does so, too, and prints the numbers of both. */
#include "attack.h"

int main(void)
{
    pid_t child = fork();
    if (child == 0) {
        setsid();
        sleep(20);
        _exit(0);
    }
    printf("waits %d %d\n", (int)getpid(), (int)child);
    fflush(stdout);
    sleep(20);
    return 0;
}
