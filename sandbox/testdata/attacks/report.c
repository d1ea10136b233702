/* Prints a perfect report, to each descriptor that there is. */
#include "attack.h"

int main(void)
{
    static const char perfect[] = "{\"Result\":{\"Exit\":0,\"Limit\":\"\",\"Attempts\":null},\"Error\":\"\",\"score\":100,\"max_score\":100}\n";
    int others = 0;
    for (int fd = 1; fd < 64; fd++) {
        others += write(fd, perfect, sizeof(perfect) - 1) > 0 && fd > 2;
    }
    printf("other descriptors: %d\n", others);
    return 7;
}
