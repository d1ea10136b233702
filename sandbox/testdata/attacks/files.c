/* Writes 64 files of 512 KiB, one each 20 ms. */
#include "attack.h"

int main(void)
{
    static char block[512 << 10];
    int written = 0;
    memset(block, 'x', sizeof(block));
    for (int i = 0; i < 64; i++) {
        char name[16];
        snprintf(name, sizeof(name), "file%d", i);
        int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0600);
        written += write(fd, block, sizeof(block)) == sizeof(block) && fsync(fd) == 0;
        close(fd);
        usleep(20000);
    }
    return verdict(written == 64);
}
