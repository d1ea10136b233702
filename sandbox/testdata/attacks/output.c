/* Prints 32 MiB. */
#include "attack.h"

int main(void)
{
    static char line[1 << 20];
    memset(line, 'x', sizeof(line));
    line[sizeof(line) - 1] = '\n';
    for (int i = 0; i < 32; i++) {
        if (fwrite(line, 1, sizeof(line), i % 2 == 0 ? stdout : stderr) != sizeof(line)) {
            return 1;
        }
    }
    return verdict(1);
}
