/* Connections that wait to be accepted. TestBacklog checks how many. */
#include "peer.h"

static int accept_with_address(int listener)
{
    struct sockaddr_in a;
    socklen_t length = sizeof(a);
    return result(accept(listener, (struct sockaddr *)&a, &length));
}

static void check_reset(int backlog)
{
    int listener = listen_at(0, backlog), control, s = 0;
    for (TickType_t pause = 1; pause < 10 && s >= 0; pause++) { /* a slow PC may have the reset late */
        control = call_me(listener, "reset");
        vTaskDelay(pause);
        s = accept_with_address(listener);
        close(s);
        close(control);
    }
    ROW("reset-address", s == -ENOTCONN);
    control = call_me(listener, "send 10, reset");
    s = accept(listener, NULL, NULL);
    ROW("reset-no-address", s >= 0);
    await(s, EXCEPTS);
    ROW("reset-no-address", port_of(s, getpeername) == -ENOTCONN);
    ROW("reset-no-address", receive(s, 10, 0) == 10);
    ROW("reset-no-address", receive(s, 10, 0) == -ECONNRESET);
    close(s);
    close(control);
    close(listener);
}

static void check_order(int backlog)
{
    int controls[3], listener = listen_at(0, backlog);
    for (int i = 0; i < 3; i++) {
        char script[32];
        snprintf(script, sizeof(script), "send %d", i + 1);
        controls[i] = call_me(listener, script);
    }
    for (int i = 0; i < 3; i++) {
        int s = accept(listener, NULL, NULL);
        ROW("order", receive(s, 10, 0) == i + 1);
        close(s);
        close(controls[i]);
    }
    close(listener);
}

static void check_close(int backlog, const char *name)
{
    char script[32];
    int listener = listen_at(0, backlog);
    snprintf(script, sizeof(script), "done, watch %s", name);
    int control = call_me(listener, script);
    await(listener, READS);
    close(listener);
    snprintf(script, sizeof(script), "seen %s", name);
    ROW("close-waiting", strcmp(ask(script), "reset after 0") == 0);
    close(control);
}

static int accept_one(int listener)
{
    return result(accept(listener, NULL, NULL));
}

static void check_full(void)
{
    int listener = listen_at(0, 1), all[CONFIG_LWIP_MAX_SOCKETS], count = 0;
    int control = call_me(listener, "done, watch full");
    while ((all[count] = socket(AF_INET, SOCK_STREAM, 0)) >= 0) {
        count++;
    }
    ROW("accept-full", accept_one(listener) == -ENFILE);
    for (int i = 0; i < count; i++) {
        close(all[i]);
    }
    ROW("accept-full", strcmp(ask("seen full"), "end after 0") == 0);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    ROW("accept-full", accept_one(listener) == -EAGAIN);
    close(control);
    close(listener);
}

void app_main(void)
{
    join();
    check_reset(1);
    check_reset(8);
    check_order(4);
    check_order(8);
    check_close(1, "few");
    check_close(8, "many");
    check_full();
    printf("done\n");
}
