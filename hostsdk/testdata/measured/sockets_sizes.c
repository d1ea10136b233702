/* How much goes in and out at once. */
#include <stdlib.h>
#include "peer.h"

static void check_receive(void)
{
    int s = dial("send 100");
    await(s, READS);
    ROW("flags-ignored", receive(s, 10, MSG_WAITALL | MSG_OOB | 0x4000) == 10);
    ROW("rest-kept", receive(s, 30, MSG_PEEK) == 30);
    ROW("rest-kept", receive(s, 100, 0) == 90);
    ROW("rest-kept", receive(s, 100, MSG_DONTWAIT) == -EAGAIN);
    ROW("rest-kept", receive(s, 0, MSG_DONTWAIT) == -EAGAIN);
    close(s);

    s = dial("send 20000, fin");
    int most = 0, all = 0;
    for (int n; (n = receive(s, 20000, 0)) > 0; all += n) {
        most = n > most ? n : most;
        vTaskDelay(1);
    }
    ROW("largest-recv", most <= 5760 && all == 20000, "%d, %d", most, all);
    close(s);
}

/* Fills what the PC and the peer have room for, until no more is taken for a while. */
static int fill(int s, int size)
{
    int taken = 0, n;
    do {
        while ((n = give(s, size, MSG_DONTWAIT)) > 0) {
            taken += n;
        }
    } while (ready(s, WRITES, 300) == WRITES);
    return taken;
}

/* What is not sent is as much as lwIP's buffer holds: the peer has the rest. */
static void check_send(void)
{
    int s = dial("small, send 1, hold sent, watch all"), taken;
    receive(s, 1, 0);
    taken = fill(s, 1000);
    ROW("send-full", give(s, 1, MSG_DONTWAIT) == -EAGAIN);
    fcntl(s, F_SETFL, O_NONBLOCK);
    ROW("send-full", give(s, 20000, 0) == -EAGAIN);
    fcntl(s, F_SETFL, 0);
    set_time(s, SO_SNDTIMEO, 100);
    TickType_t start = xTaskGetTickCount();
    ROW("sndtimeo", give(s, 1000, 0) == -EAGAIN);
    ROW("sndtimeo", give(s, 1000, 0) == -EAGAIN);
    ROW("sndtimeo", xTaskGetTickCount() - start >= 100, "%u", (unsigned)(xTaskGetTickCount() - start));
    ROW("writable", ready(s, WRITES, 0) == 0);
    int had = atoi(ask("free sent"));
    int rest = taken - had; /* with what may be under way */
    ROW("send-buffer", rest >= 5760 && rest < 5760 + 4 * 1440, "%d, of which %d came", taken, had);
    await(s, WRITES);
    set_time(s, SO_SNDTIMEO, 0);
    ROW("send-blocking", give(s, 20000, 0) == 20000);
    close(s);
    char answer[32];
    snprintf(answer, sizeof(answer), "end after %d", taken + 20000);
    ROW("send-blocking", strcmp(ask("seen all"), answer) == 0);
}

static int send_some(int s)
{
    return give(s, 1000, 0);
}

static void check_reset_while_waiting(void)
{
    int s = dial("small, send 1, hold waiting, reset");
    receive(s, 1, 0);
    fill(s, 1000);
    begin(send_some, s);
    ask("free waiting");
    ROW("reset-waiting-send", ended(LONG) && other.result == -ECONNRESET);
    ROW("reset-waiting-send", give(s, 10, 0) == -ECONNRESET);
    ROW("reset-waiting-send", give(s, 10, 0) == -ENOTCONN);
    close(s);
}

void app_main(void)
{
    join();
    check_receive();
    check_send();
    check_reset_while_waiting();
    printf("done\n");
}
