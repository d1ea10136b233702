/* Connections to an address where nobody answers. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "esp_timer.h"
#include "join.h"

static bool writable(int s, int ms)
{
    fd_set set;
    struct timeval t = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
    FD_ZERO(&set);
    FD_SET(s, &set);
    return select(s + 1, NULL, &set, NULL, &t) == 1;
}

static int error_of(int s)
{
    int error = -1;
    socklen_t length = sizeof(error);
    CHECK(getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &length) == 0);
    return error;
}

void app_main(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(8080) };
    struct timeval brief = { .tv_usec = 100000 };
    inet_pton(AF_INET, "192.168.1.2", &a.sin_addr);
    join();
    int s = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &brief, sizeof(brief)) == 0); /* without effect on connect() */
    int64_t start = esp_timer_get_time();
    CHECK(connect(s, (struct sockaddr *)&a, sizeof(a)) == -1 && errno == ECONNABORTED);
    CHECK(esp_timer_get_time() - start >= 4500000);
    CHECK(close(s) == 0);

    s = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(fcntl(s, F_SETFL, O_NONBLOCK) == 0);
    CHECK(connect(s, (struct sockaddr *)&a, sizeof(a)) == -1 && errno == EINPROGRESS);
    CHECK(connect(s, (struct sockaddr *)&a, sizeof(a)) == -1 && errno == EALREADY);
    CHECK(!writable(s, 100));
    CHECK(error_of(s) == 0);
    CHECK(writable(s, 60000));
    CHECK(error_of(s) == ECONNABORTED);
    CHECK(connect(s, (struct sockaddr *)&a, sizeof(a)) == -1 && errno == ENOTCONN);
    CHECK(close(s) == 0);
    printf("done\n");
}
