/* Writes a file of 32 MiB; with "stubborn" goes on after SIGXFSZ. */
#include "attack.h"

int main(int argc, char **argv)
{
    static char block[1 << 20];
    if (argc > 1 && strcmp(argv[1], "stubborn") == 0) {
        signal(SIGXFSZ, SIG_IGN);
    }
    int fd = open("big", O_CREAT | O_WRONLY | O_TRUNC, 0600), blocks = 0;
    while (blocks < 32 && write(fd, block, sizeof(block)) == sizeof(block)) {
        blocks++;
    }
    return verdict(blocks == 32);
}
