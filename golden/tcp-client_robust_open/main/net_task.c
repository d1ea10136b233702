#include "esp_check.h"
#include "esp_log.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "sdkconfig.h"
#include "net_task.h"
#if CONFIG_ESP_TASK_WDT_INIT
#include "esp_task_wdt.h"
#endif

// 若更早重启，设备可能还在接入网络。
#define SHORTEST_REBOOT_TIMEOUT_S 120
_Static_assert(CONFIG_WIFI_STATION_REBOOT_TIMEOUT_S == 0 || CONFIG_WIFI_STATION_REBOOT_TIMEOUT_S >= SHORTEST_REBOOT_TIMEOUT_S,
               "the reboot timeout is shorter than joining a network may take");

#if CONFIG_FREERTOS_UNICORE && CONFIG_NET_TASK_CORE > 0
#error "NET_TASK_CORE is 1, and there is one core, 0"
#endif

// 用一个数表示链路状态，以免遗漏任何变化：链路连通时第 0 位为 1，更高的各位记录链路断开的
// 次数。
#define LINK_UP 1u
#define LINK_LOST 2u

static const char *TAG = "net_task";

static TaskHandle_t task;

// 以下变量只由网络任务使用。
static net_session_t run_session;
static uint32_t link_now;
static uint32_t link_of_session;
static TickType_t rested;

static void subscribe_to_watchdog(void)
{
#if CONFIG_ESP_TASK_WDT_INIT
    esp_err_t err = esp_task_wdt_add(NULL);
    if (err != ESP_OK) {
        ESP_LOGE(TAG, "The task watchdog refuses: %s", esp_err_to_name(err));
    }
#endif
}

// 等待链路状态的通知，并喂看门狗。返回是否收到了通知。
static bool wait_for_news(uint32_t ms)
{
    bool news = xTaskNotifyWait(0, 0, &link_now, pdMS_TO_TICKS(ms)) == pdTRUE;
#if CONFIG_ESP_TASK_WDT_INIT
    esp_task_wdt_reset();
#endif
    return news;
}

// 本函数在事件循环的任务中运行。
void net_task_on_link(wifi_station_event_t event)
{
    static uint32_t link;
    switch (event) {
    case WIFI_STATION_DOWN:
        link = (link & ~LINK_UP) + LINK_LOST;
        break;
    case WIFI_STATION_UP:
        link |= LINK_UP;
        break;
    case WIFI_STATION_NEW_ADDRESS:
        link += LINK_LOST;
        break;
    case WIFI_STATION_MORE_ADDRESSES:
        break;
    }
    xTaskNotify(task, link, eSetValueWithOverwrite);
}

bool net_task_link_lost(void)
{
    const TickType_t now = xTaskGetTickCount();
    if (now - rested > pdMS_TO_TICKS(500)) {
        vTaskDelay(1);
        rested = now;
    }
    wait_for_news(0);
    return link_now != link_of_session;
}

bool net_task_wait_ms(uint32_t ms)
{
    while (ms > 0) {
        uint32_t part = ms < NET_TASK_TICK_MS ? ms : NET_TASK_TICK_MS;
        if (wait_for_news(part)) {
            return false;
        }
        ms -= part;
    }
    return true;
}

// 等待链路可用。若一直等不到，可能是 Wi-Fi 驱动程序卡死，只有重启才能恢复。
static void wait_for_link(void)
{
#if CONFIG_WIFI_STATION_REBOOT_TIMEOUT_S
    const int64_t from_us = esp_timer_get_time();
#endif
    while ((link_now & LINK_UP) == 0) {
        wait_for_news(NET_TASK_TICK_MS);
#if CONFIG_WIFI_STATION_REBOOT_TIMEOUT_S
        if (esp_timer_get_time() - from_us > CONFIG_WIFI_STATION_REBOOT_TIMEOUT_S * INT64_C(1000000)) {
            ESP_LOGE(TAG, "No address in %d s: restarting the device", CONFIG_WIFI_STATION_REBOOT_TIMEOUT_S);
            esp_restart();
        }
#endif
    }
}

static void net_task(void *arg)
{
    subscribe_to_watchdog();
    while (true) {
        wait_for_link();
        link_of_session = link_now;
        run_session();
    }
}

esp_err_t net_task_start(net_session_t session)
{
    run_session = session;
    const BaseType_t core = CONFIG_NET_TASK_CORE < 0 ? tskNO_AFFINITY : CONFIG_NET_TASK_CORE;
    BaseType_t created = xTaskCreatePinnedToCore(net_task, "net_task", CONFIG_NET_TASK_STACK, NULL,
                                                 CONFIG_NET_TASK_PRIORITY, &task, core);
    ESP_RETURN_ON_FALSE(created == pdPASS, ESP_ERR_NO_MEM, TAG, "There is no memory for the task");
    return ESP_OK;
}
