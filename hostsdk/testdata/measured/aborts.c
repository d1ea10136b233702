/* What asserts or crashes on a chip: each in a process of its own. */
#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "station.h"

/* The PC's <unistd.h> and <sys/wait.h> are not to be had here. */
int fork(void);
int waitpid(int pid, int *status, int options);
void _exit(int status);

static bool dies(void (*act)(void))
{
    int status = 0;
    fflush(stdout);
    int pid = fork();
    if (pid == 0) {
        act();
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return pid > 0 && status != 0;
}

static void *volatile null; /* no compiler is to know it */

static void look_up(void)
{
    struct addrinfo *res;
    getaddrinfo("192.168.1.2", "80", NULL, &res);
}

static void make_queue(void)
{
    xQueueCreate(0, 4);
}

static void run(void *arg)
{
    (void)arg;
    vTaskDelete(NULL);
}

static void make_task(void)
{
    xTaskCreate(run, "high", 2048, NULL, 25, NULL);
}

static void add_null_handler(void)
{
    esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, null, NULL);
}

static void name_null(void)
{
    esp_netif_set_hostname(station, null);
}

static void address_null(void)
{
    esp_netif_create_ip6_linklocal(null);
}

static void status_null(void)
{
    esp_netif_dhcpc_get_status(station, null);
}

static void key_null(void)
{
    esp_netif_get_handle_from_ifkey(null);
}

static void make_again(void)
{
    esp_netif_create_default_wifi_sta();
}

void app_main(void)
{
    ROW("getaddrinfo-early", dies(look_up));
    ROW("queue-of-none", dies(make_queue));
    ROW("task-priority", dies(make_task));
    prepare();
    ROW("handler-null", dies(add_null_handler));
    ROW("hostname-null", dies(name_null));
    ROW("linklocal-null", dies(address_null));
    ROW("status-null", dies(status_null));
    ROW("ifkey-null", dies(key_null));
    ROW("station-twice", dies(make_again));
    printf("done\n");
}
