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

static struct sockaddr_in a = { .sin_family = AF_INET };

static void connect_task(void *arg)
{
    int s = *(int *)arg;
    CHECK(connect(s, (struct sockaddr *)&a, sizeof(a)) == -1 && errno == ENOTCONN);
    xTaskNotifyGive(main_task);
    vTaskDelete(NULL);
}

/* Closes a socket while another task waits for its connection. */
static void close_connecting(void)
{
    int s = socket(AF_INET, SOCK_STREAM, 0);
    xTaskCreate(connect_task, "connect", 4096, &s, 5, NULL);
    socklen_t length = sizeof(a);
    struct sockaddr_in own = { 0 };
    while (own.sin_addr.s_addr == 0) { /* it has the board's address once it connects */
        vTaskDelay(1);
        CHECK(getsockname(s, (struct sockaddr *)&own, &length) == 0);
    }
    CHECK(close(s) == 0);
    CHECK(ulTaskNotifyTake(pdTRUE, pdMS_TO_TICKS(30000)) != 0);
}

void app_main(void)
{
    struct timeval brief = { .tv_usec = 100000 };
    a.sin_port = htons(8080);
    inet_pton(AF_INET, "192.168.1.2", &a.sin_addr);
    join();
    close_connecting();
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
