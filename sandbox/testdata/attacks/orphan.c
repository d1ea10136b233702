/* A process that outlives its parent: it prints its number, and lives for 15 s with the output open. */
#include "attack.h"

int main(void)
{
    int numbers[2];
    if (pipe(numbers) != 0) {
        return 1;
    }
    if (fork() == 0) {
        setsid();
        signal(SIGTERM, SIG_IGN);
        signal(SIGHUP, SIG_IGN);
        if (fork() > 0) {
            _exit(0);
        }
        pid_t own = getpid();
        if (write(numbers[1], &own, sizeof(own)) != sizeof(own)) {
            _exit(1);
        }
        sleep(15);
        _exit(0);
    }
    pid_t orphan = 0;
    if (read(numbers[0], &orphan, sizeof(orphan)) != sizeof(orphan)) {
        return 1;
    }
    wait(NULL);
    printf("orphan %d\n", (int)orphan);
    return 0;
}
