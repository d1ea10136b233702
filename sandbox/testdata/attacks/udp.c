/* Sends a datagram to ADDRESS PORT. */
#include "attack.h"
#include <arpa/inet.h>

int main(int argc, char **argv)
{
    if (argc < 3) {
        return 2;
    }
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2])) };
    inet_pton(AF_INET, argv[1], &to.sin_addr);
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    return verdict(s >= 0 && sendto(s, "hello", 5, 0, (struct sockaddr *)&to, sizeof(to)) == 5);
}
