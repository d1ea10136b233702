/* What becomes of sockets when Wi-Fi is lost. */
#include "peer.h"

static volatile bool lost;

static void on_lost(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    lost = true;
}

/* Comes back when the connections have been aborted. */
static void lose_wifi(void)
{
    lost = false;
    esp_wifi_disconnect();
    while (!lost) {
        vTaskDelay(1);
    }
}

static void find_wifi(void)
{
    ulTaskNotifyTake(pdTRUE, 0);
    esp_wifi_connect();
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
}

static int receive_some(int s)
{
    return receive(s, 10, 0);
}

static int accept_with_address(int listener)
{
    struct sockaddr_in a;
    socklen_t length = sizeof(a);
    return result(accept(listener, (struct sockaddr *)&a, &length));
}

void app_main(void)
{
    join();
    esp_event_handler_register(WIFI_EVENT, WIFI_EVENT_STA_DISCONNECTED, on_lost, NULL);
    int s = dial("send 10"), t = dial("send 10, fin"), waits = dial("");
    int listener = listen_at(0, 2), control = call_me(listener, "send 1");
    await(s, READS);
    await(t, READS);
    await(listener, READS);
    begin(receive_some, waits);
    lose_wifi();
    ROW("lost-recv", ended(LONG) && other.result == -ECONNABORTED);
    ROW("lost-recv", receive(waits, 10, 0) == -ECONNABORTED);
    ROW("lost-recv", receive(waits, 10, 0) == -ENOTCONN);
    ROW("lost-recv", receive(s, 5, 0) == 5);
    ROW("lost-recv", receive(s, 5, 0) == 5);
    ROW("lost-recv", receive(s, 5, 0) == -ECONNABORTED);
    ROW("lost-send", give(t, 5, 0) == -ECONNABORTED);
    ROW("lost-send", give(t, 5, 0) == -ENOTCONN);
    ROW("lost-send", ready(t, READS | WRITES | EXCEPTS, 0) == (READS | WRITES | EXCEPTS));
    ROW("lost-accept", ready(listener, READS, 0) == READS);
    ROW("lost-accept", accept_with_address(listener) == -ENOTCONN);
    close(s);
    close(t);
    close(waits);
    close(control);

    find_wifi();
    control = call_me(listener, "send 1");
    ROW("lost-listener", (s = accept_with_address(listener)) >= 0);
    ROW("lost-listener", receive(s, 10, 0) == 1);
    close(s);
    close(control);
    control = call_me(listener, "send 1");
    await(listener, READS);
    vTaskDelay(30); /* more than what the kernel of a busy PC tells apart */
    lose_wifi();
    find_wifi();
    ROW("lost-accept", accept_with_address(listener) == -ENOTCONN);
    close(control);
    close(listener);
    printf("done\n");
}
