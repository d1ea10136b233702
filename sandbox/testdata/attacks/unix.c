/* Connects to a Unix socket, whose name is abstract with @. */
#include "attack.h"
#include <stddef.h>
#include <sys/un.h>

int main(int argc, char **argv)
{
    if (argc < 2) {
        return 2;
    }
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    size_t length = strlen(argv[1]);
    memcpy(to.sun_path, argv[1], length < sizeof(to.sun_path) ? length : sizeof(to.sun_path));
    if (to.sun_path[0] == '@') {
        to.sun_path[0] = '\0';
    }
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    return verdict(s >= 0 && connect(s, (struct sockaddr *)&to, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) == 0);
}
