/* A peer that is gone without a word, 500 ms after the connection was made. */
#include "peer.h"

void app_main(void)
{
    join();
    int s = dial("");
    TickType_t start = xTaskGetTickCount();
    set_option(s, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(s, IPPROTO_TCP, TCP_KEEPIDLE, 2);
    set_option(s, IPPROTO_TCP, TCP_KEEPINTVL, 1);
    set_option(s, IPPROTO_TCP, TCP_KEEPCNT, 3);
    ROW("keep-alive", receive(s, 10, 0) == -ECONNABORTED);
    ROW("keep-alive", xTaskGetTickCount() - start >= pdMS_TO_TICKS(5000));
    ROW("keep-alive", receive(s, 10, 0) == -ECONNABORTED);
    ROW("keep-alive", give(s, 10, 0) == -ENOTCONN);
    close(s);
    printf("done\n");
}
