/* Listens at a port. */
#include "attack.h"
#include <arpa/inet.h>

int main(int argc, char **argv)
{
    if (argc < 2) {
        return 2;
    }
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1])) };
    int s = socket(AF_INET, SOCK_STREAM, 0);
    return verdict(bind(s, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(s, 1) == 0);
}
