/* Connects to ADDRESS PORT, waits for 500 ms at most, and sends "hello"; with "fastopen" the send connects. */
#include "attack.h"
#include <arpa/inet.h>
#include <poll.h>
#include <netinet/tcp.h>

int main(int argc, char **argv)
{
    if (argc < 3) {
        return 2;
    }
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2])) };
    inet_pton(AF_INET, argv[1], &to.sin_addr);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), error = 0;
    char device[16] = "eth0";
    if (argc > 3 && strcmp(argv[3], "device") == 0 && setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "", 0) != 0) {
        return verdict(0); /* it was bound to one, and stays so */
    }
    socklen_t length = sizeof(device);
    if (argc > 3 && strcmp(argv[3], "fastopen") == 0) {
        if (sendto(s, "hello", 5, MSG_FASTOPEN, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS) {
            return verdict(0);
        }
    } else if (connect(s, (struct sockaddr *)&to, sizeof(to)) != 0 && errno != EINPROGRESS) {
        return verdict(0);
    }
    struct pollfd p = { .fd = s, .events = POLLOUT };
    errno = ETIMEDOUT;
    if (poll(&p, 1, 500) != 1) {
        return verdict(0);
    }
    length = sizeof(error);
    getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &length);
    errno = error;
    return verdict(error == 0 && send(s, "hello", 5, MSG_NOSIGNAL) == 5);
}
