// TCP 服务器，Wi-Fi 站点（station）模式，由 espgen 生成。
//
// 站点接入网络，并把链路状态通知给网络任务。链路连通期间，网络任务为 TCP 客户端服务。设备
// 如何处理客户端的数据，见 app_handler.c。

#include "esp_err.h"
#include "nvs_flash.h"
#include "net_task.h"
#include "tcp_server.h"
#include "wifi_station.h"

// 初始化 NVS，Wi-Fi 驱动把校准数据保存在其中。如果 NVS 已满，或由更新的版本写入，则擦除后
// 重新初始化：其中没有本程序自己的数据。
static esp_err_t start_nvs(void)
{
    esp_err_t err = nvs_flash_init();
    if (err == ESP_ERR_NVS_NO_FREE_PAGES || err == ESP_ERR_NVS_NEW_VERSION_FOUND) {
        ESP_ERROR_CHECK(nvs_flash_erase());
        err = nvs_flash_init();
    }
    return err;
}

void app_main(void)
{
    ESP_ERROR_CHECK(start_nvs());
    ESP_ERROR_CHECK(net_task_start(tcp_server_session));
    ESP_ERROR_CHECK(wifi_station_join(net_task_on_link));
}
