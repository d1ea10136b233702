/* Makes 150 processes that live for 3 s. */
#include "attack.h"

int main(void)
{
    int made = 0;
    for (int i = 0; i < 150; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            sleep(3);
            _exit(0);
        }
        made += pid > 0;
    }
    while (wait(NULL) > 0) {
    }
    return verdict(made == 150);
}
