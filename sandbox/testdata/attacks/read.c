/* Reads a file, by its name and by its folder. */
#include "attack.h"
#include <dirent.h>

int main(int argc, char **argv)
{
    char text[256] = "";
    int fd = open(argv[1], O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (n < 0 && argc > 2 && opendir(argv[2]) != NULL) {
        n = 1;
    }
    printf("%.*s\n", (int)(n > 0 ? n : 0), text);
    return verdict(n >= 0);
}
