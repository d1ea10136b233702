/* Makes a socket of FAMILY TYPE PROTOCOL, or a pair of them. */
#include "attack.h"

int main(int argc, char **argv)
{
    if (argc < 4) {
        return 2;
    }
    int pair[2], family = atoi(argv[1]), type = atoi(argv[2]), protocol = atoi(argv[3]);
    return verdict(argc > 4 ? socketpair(family, type, protocol, pair) == 0 : socket(family, type, protocol) >= 0);
}
