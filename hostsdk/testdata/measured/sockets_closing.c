/* What the peer sees of the end of a connection. */
#include "peer.h"

/* Whether the peer saw the end of a connection so, of which the beginning is given. */
static bool seen(const char *name, const char *what)
{
    char line[32];
    snprintf(line, sizeof(line), "seen %s", name);
    const char *answer = ask(line);
    bool same = strncmp(answer, what, strlen(what)) == 0;
    if (!same) {
        printf("the peer saw: %s\n", answer);
    }
    return same;
}

static void check_close(void)
{
    int s = dial("send 30, watch unread");
    await(s, READS);
    close(s);
    ROW("close-unread", seen("unread", "reset after 0"));

    s = dial("send 30, watch part");
    receive(s, 20, 0);
    close(s);
    ROW("close-unread", seen("part", "reset after 0"));

    s = dial("send 30, watch read");
    receive(s, 30, 0);
    give(s, 7, 0);
    close(s);
    ROW("close-read", seen("read", "end after 7"));
}

static void check_shutdown(void)
{
    int s = dial("send 30, watch both");
    await(s, READS);
    ROW("shut-both-unread", result(shutdown(s, SHUT_RDWR)) == 0);
    ROW("shut-both-unread", seen("both", "reset after 0"));
    ROW("shut-both-unread", port_of(s, getpeername) == -ENOTCONN);
    close(s);

    s = dial("send 30, watch shut-read");
    await(s, READS);
    ROW("shut-read-unread", result(shutdown(s, SHUT_RD)) == 0);
    ROW("shut-read-unread", receive(s, 10, 0) == -ENOTCONN);
    ROW("shut-read-unread", give(s, 5, 0) == 5);
    close(s);
    ROW("shut-read-unread", seen("shut-read", "reset after"));

    s = dial("watch shut-write, send 10, fin");
    give(s, 8, 0);
    ROW("shut-write", result(shutdown(s, SHUT_WR)) == 0);
    ROW("shut-write", give(s, 5, 0) == -ENOTCONN);
    ROW("shut-write", result(shutdown(s, SHUT_WR)) == -ENOTCONN);
    ROW("shut-write", receive(s, 10, 0) == 10);
    ROW("shut-write", receive(s, 10, 0) == 0);
    ROW("shut-write", port_of(s, getpeername) == 7000);
    ROW("shut-write", seen("shut-write", "end after 8"));
    close(s);

    s = dial("fin, watch shut-last");
    ROW("shut-write-last", receive(s, 10, 0) == 0);
    ROW("shut-write-last", result(shutdown(s, SHUT_WR)) == 0);
    ROW("shut-write-last", port_of(s, getpeername) == -ENOTCONN);
    ROW("shut-write-last", result(shutdown(s, SHUT_WR)) == -ENOTCONN);
    ROW("shut-write-last", seen("shut-last", "end after 0"));
    close(s);
}

static void check_slow_reader(void)
{
    int s = dial("send 1000, fin"), n, all = 0;
    while ((n = receive(s, 50, 0)) > 0) {
        all += n;
        vTaskDelay(1);
    }
    ROW("slow-reader", n == 0 && all == 1000);
    ROW("slow-reader", give(s, 10, 0) == 10);
    close(s);
}

void app_main(void)
{
    join();
    check_close();
    check_shutdown();
    check_slow_reader();
    printf("done\n");
}
