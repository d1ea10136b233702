/* A chain of 150 processes: each makes one, and ends at once. */
#include "attack.h"

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    for (int i = 0; i < 150; i++) {
        pid_t pid = fork();
        if (pid < 0) {
            return verdict(0);
        }
        if (pid > 0) {
            if (i == 0) {
                sleep(2);
            }
            _exit(0);
        }
        setsid();
    }
    sleep(2);
    return verdict(1);
}
