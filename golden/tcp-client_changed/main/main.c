// TCP 客户端，Wi-Fi 站点（station）模式，由 espgen 生成。
//
// 教程 3.1 节。客户端按 2.1 节的步骤进行：初始化、连接、数据交换、断开连接。

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "freertos/FreeRTOS.h"
#include "freertos/event_groups.h"
#include "freertos/task.h"
#include "esp_wifi.h"
#include "esp_log.h"
#include "esp_event.h"
#include "nvs_flash.h"
#include "esp_mac.h"
#include "esp_netif.h"
#include <sys/socket.h>

// 要接入的 Wi-Fi 网络。
#define ESP_WIFI_STA_SSID "Campus Lab 2"
#define ESP_WIFI_STA_PASSWD "correct horse battery staple"

// 要连接的服务器。SREVER 沿用教程的拼写。
#define TCP_SREVER_ADDR "10.0.0.7"
#define TCP_SREVER_PORT 5001

static const char *TAG = "tcp_client";

// Wi-Fi 站点的状态改变时，事件循环调用本函数。本函数运行期间不会处理其他事件：重试前的延
// 时会推迟所有其他事件的处理。
void WIFI_CallBack(void *event_handler_arg, esp_event_base_t event_base, int32_t event_id, void *event_data)
{
    // 连续连接失败的次数。
    static int connect_count = 0;

    // Wi-Fi 驱动已启动：连接网络。如果调用失败，ESP_ERROR_CHECK() 会重启开发板。
    if (event_base == WIFI_EVENT && event_id == WIFI_EVENT_STA_START) {
        ESP_LOGI("WIFI_EVENT", "Wi-Fi started, connecting");
        ESP_ERROR_CHECK(esp_wifi_connect());
    }

    // 连接失败，或连接已断开。驱动不会自动重试。
    if (event_base == WIFI_EVENT && event_id == WIFI_EVENT_STA_DISCONNECTED) {
        ESP_LOGI("WIFI_EVENT", "Wi-Fi disconnected");

        // 事件以编号给出断开的原因。这里列出的是密码错误或找不到网络时的原因；全部原因见
        // ESP-IDF 的 esp_wifi 头文件中的 wifi_err_reason_t。
        wifi_event_sta_disconnected_t *lost = (wifi_event_sta_disconnected_t *)event_data;
        const char *reason;
        switch (lost->reason) {
        case WIFI_REASON_4WAY_HANDSHAKE_TIMEOUT:
            reason = "4WAY_HANDSHAKE_TIMEOUT: is the password right?";
            break;
        case WIFI_REASON_HANDSHAKE_TIMEOUT:
            reason = "HANDSHAKE_TIMEOUT: is the password right?";
            break;
        case WIFI_REASON_AUTH_FAIL:
            reason = "AUTH_FAIL: is the password right?";
            break;
        case WIFI_REASON_AUTH_EXPIRE:
            reason = "AUTH_EXPIRE: is the password right, and the signal strong enough?";
            break;
        case WIFI_REASON_NO_AP_FOUND:
            reason = "NO_AP_FOUND: is the SSID right, and the access point on and near?";
            break;
        // ESP-IDF 5.1 还没有这个原因的名称。
        case 210:
            reason = "NO_AP_FOUND_W_COMPATIBLE_SECURITY: does the network want a password, or none?";
            break;
        case WIFI_REASON_BEACON_TIMEOUT:
            reason = "BEACON_TIMEOUT: is the access point still on and near?";
            break;
        default:
            reason = "look the number up in wifi_err_reason_t";
            break;
        }
        ESP_LOGW("WIFI_EVENT", "Reason %d: %s", lost->reason, reason);

        connect_count++;
        if (connect_count < 1) {
            vTaskDelay(100 / portTICK_PERIOD_MS);
            ESP_ERROR_CHECK(esp_wifi_connect());
        } else {
            ESP_LOGI("WIFI_EVENT", "Gave up reconnecting: check the SSID and the password, then reset");
        }
    }

    // 站点已通过 DHCP 获得 IP 地址，此后套接字才能访问网络。
    if (event_base == IP_EVENT && event_id == IP_EVENT_STA_GOT_IP) {
        ip_event_got_ip_t *info = (ip_event_got_ip_t *)event_data;
        // 计数清零：下次连接断开时，仍有全部的重试次数可用。
        connect_count = 0;
        ESP_LOGI("WIFI_EVENT", "Wi-Fi connected");
        ESP_LOGI("WIFI_EVENT", "Got IP address " IPSTR, IP2STR(&info->ip_info.ip));
    }
}

// 连接服务器，发送问候，并把服务器发来的数据原样发回。
static void tcp_client_task(void *pvParameters)
{
    // 给 Wi-Fi 留出连接的时间。时长只是估计，暂时这样处理：网络较慢时需要等待更久。
    vTaskDelay(12000 / portTICK_PERIOD_MS);
    ESP_LOGI("tcp_client_task", "Connecting to the server");

    // 创建套接字，用于 IPv4 上的 TCP。返回 -1 表示失败，原因见 errno（教程 2.1.2）。
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock < 0) {
        ESP_LOGE(TAG, "socket failed: errno %d", errno);
        // FreeRTOS 的任务函数不能返回，因此任务要删除自身。vTaskDelete(NULL) 调用后不会返
        // 回，后面的 return 永远不会执行，只是向读者表明任务到此结束。
        vTaskDelete(NULL);
        return;
    }

    // 服务器地址：文本形式的地址转换为四个字节，端口号转换为网络字节序（教程 2.1.3）。
    struct sockaddr_in server_config = {0};
    server_config.sin_family = AF_INET;
    server_config.sin_addr.s_addr = inet_addr(TCP_SREVER_ADDR);
    server_config.sin_port = htons(TCP_SREVER_PORT);

    // 连接服务器。connect() 会一直等待，直到服务器应答或 lwIP 放弃。
    int err = connect(sock, (struct sockaddr *)&server_config, sizeof(server_config));
    if (err != 0) {
        ESP_LOGE(TAG, "connect failed: errno %d", errno);
        close(sock);
        vTaskDelete(NULL);
        return;
    }

    // 发送问候（教程 2.1.4）。send() 一次可能只发出一部分字节：循环发送，直到全部发完。
    const char *data = "hello from lab 2\n";
    while (*data != '\0') {
        int len = send(sock, data, strlen(data), 0);
        if (len < 0) {
            ESP_LOGE(TAG, "send failed: errno %d", errno);
            close(sock);
            vTaskDelete(NULL);
            return;
        }
        data += len;
    }

    bool connected = true;
    while (connected) {
        // 等待数据（教程 2.1.5）。
        char rx_buffer[512];
        int len = recv(sock, rx_buffer, sizeof(rx_buffer), 0);
        if (len < 0) {
            ESP_LOGE(TAG, "recv failed: errno %d", errno);
            break;
        }
        // 返回 0 并不表示暂时没有数据，而是服务器已关闭连接。
        if (len == 0) {
            ESP_LOGW(TAG, "Connection closed");
            break;
        }
        // 数据末尾没有字符串那样的 NUL：%.*s 最多输出 len 个字节。
        ESP_LOGI(TAG, "Received %d bytes from %s", len, TCP_SREVER_ADDR);
        ESP_LOGI(TAG, "%.*s", len, rx_buffer);

        // 把数据发回。教程用一次 send() 发送整个缓冲区，但 send() 可能只发出一部分。为了
        // 保留教程的写法，未发出的部分移到缓冲区开头，接着再发。教程的服务器则从偏移处继
        // 续发送，数据不必移动。
        while (len > 0) {
            int len_end = send(sock, rx_buffer, len, 0);
            if (len_end < 0) {
                ESP_LOGE(TAG, "send failed: errno %d", errno);
                connected = false;
                break;
            }
            len -= len_end;
            for (int i = 0; i < len; i++) {
                rx_buffer[i] = rx_buffer[i + len_end];
            }
        }
    }

    // 关闭连接，同时释放套接字：lwIP 的套接字数量有限。任务函数不能返回，因此任务随后删除
    // 自身。
    close(sock);
    vTaskDelete(NULL);
}

// 启动 Wi-Fi 站点。函数返回时尚未连接：连接由 WIFI_CallBack 发起，结果也通知给它。
static void wifi_sta_init(void)
{
    // 启动 TCP/IP 协议栈 lwIP。
    ESP_ERROR_CHECK(esp_netif_init());

    // 注册 WIFI_CallBack 要处理的事件。处理函数按注册的先后顺序运行。ESP-IDF 自己的处理函
    // 数要到下面创建网络接口时才注册，因此 WIFI_CallBack 先运行：Wi-Fi 断开时，要等
    // WIFI_CallBack 连同其中的延时结束，已打开的套接字才会得知。
    ESP_ERROR_CHECK(esp_event_handler_instance_register(WIFI_EVENT, WIFI_EVENT_STA_START, WIFI_CallBack, NULL, NULL));
    ESP_ERROR_CHECK(esp_event_handler_instance_register(WIFI_EVENT, WIFI_EVENT_STA_DISCONNECTED, WIFI_CallBack, NULL, NULL));
    ESP_ERROR_CHECK(esp_event_handler_instance_register(IP_EVENT, IP_EVENT_STA_GOT_IP, WIFI_CallBack, NULL, NULL));

    // 创建网络接口，把 Wi-Fi 驱动和 lwIP 连接起来。
    esp_netif_create_default_wifi_sta();

    // 以默认设置初始化 Wi-Fi 驱动，并设为站点（station）模式。
    wifi_init_config_t cfg = WIFI_INIT_CONFIG_DEFAULT();
    ESP_ERROR_CHECK(esp_wifi_init(&cfg));
    ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));

    // 要接入的网络。bssid_set = false 表示 SSID 相符的任一接入点均可。
    wifi_config_t sta_config = {
        .sta = {
            .ssid = ESP_WIFI_STA_SSID,
            .password = ESP_WIFI_STA_PASSWD,
            .bssid_set = false,
        },
    };

    // 把这些设置交给驱动。驱动还会把它们保存到 NVS（flash 的一部分）中。
    ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &sta_config));

    // 启动站点。随后会产生 WIFI_EVENT_STA_START 事件。
    ESP_ERROR_CHECK(esp_wifi_start());

    // 开启省电模式，让射频在接入点的两次信标（beacon）之间休眠：可以省电，但接收会延迟。
    ESP_ERROR_CHECK(esp_wifi_set_ps(WIFI_PS_MAX_MODEM));
}

// 程序从这里开始运行。
void app_main(void)
{
    // Wi-Fi 驱动把网络的 SSID、密码和射频校准数据保存在非易失性存储 NVS（flash 的一部分）
    // 中。如果 NVS 已满，或由更新版本的 ESP-IDF 写入，则将其擦除后重试。
    esp_err_t ret = nvs_flash_init();
    if (ret == ESP_ERR_NVS_NO_FREE_PAGES || ret == ESP_ERR_NVS_NEW_VERSION_FOUND) {
        ESP_ERROR_CHECK(nvs_flash_erase());
        ret = nvs_flash_init();
    }
    ESP_ERROR_CHECK(ret);

    // 创建事件循环：WIFI_CallBack 就由事件循环的任务调用。
    ESP_ERROR_CHECK(esp_event_loop_create_default());

    wifi_sta_init();

    // 启动客户端任务，任务栈 5120 字节，优先级 3。
    xTaskCreate(tcp_client_task, "tcp_client_task", 5120, NULL, 3, NULL);
}
