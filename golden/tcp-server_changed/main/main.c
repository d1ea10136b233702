// TCP 服务器，Wi-Fi 站点（station）模式，由 espgen 生成。
//
// 教程 3.2 节。服务器按 2.2 节的步骤进行：NVS 和 Wi-Fi、套接字、地址、绑定、监听、接受、
// 收发、关闭。

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
#include "freertos/semphr.h"
#include <sys/time.h>

// 要接入的 Wi-Fi 网络。
#define ESP_WIFI_STA_SSID "Campus Lab 3"
#define ESP_WIFI_STA_PASSWD "correct horse battery staple"

// 要监听的端口。SREVER 沿用教程的拼写。
#define TCP_SREVER_PORT 5000

// 最多同时为多少个客户端服务。超出的客户端会被告知服务器已满。
#define TCP_MAX_CLIENTS 6

static const char *TAG = "tcp_server";

// 计数信号量，记录客户端的空闲名额数。
static SemaphoreHandle_t client_places;

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
        if (connect_count < 13) {
            vTaskDelay(2500 / portTICK_PERIOD_MS);
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

// 把客户端发来的数据原样发回，直到客户端关闭连接或发生错误（教程 2.2.6）。
// 日志用 name 称呼客户端，以便与其他客户端区分。
static void do_retransmit(const int sock, const char *name)
{
    char rx_buffer[1460];

    while (true) {
        // 等待数据。缓冲区留出一个字节，用于存放字符串末尾的 NUL。
        int len = recv(sock, rx_buffer, sizeof(rx_buffer) - 1, 0);
        if (len < 0) {
            ESP_LOGE(TAG, "%s: recv failed: errno %d", name, errno);
            return;
        }
        // 返回 0 并不表示暂时没有数据，而是客户端已关闭连接。
        if (len == 0) {
            ESP_LOGW(TAG, "%s: Connection closed", name);
            return;
        }
        rx_buffer[len] = '\0';
        ESP_LOGI(TAG, "%s: Received %d bytes: %s", name, len, rx_buffer);

        // 把数据发回。send() 一次可能只发出一部分字节：从中断处继续发送，直到全部发完。
        int to_write = len;
        while (to_write > 0) {
            int written = send(sock, rx_buffer + (len - to_write), to_write, 0);
            if (written < 0) {
                ESP_LOGE(TAG, "%s: send failed: errno %d", name, errno);
                return;
            }
            to_write -= written;
        }
    }
}

// 在独立的任务中为一个客户端服务（教程 3.2 末尾的说明）。参数是该客户端的套接字。
static void serve_client_task(void *pvParameters)
{
    const int sock = (int)(intptr_t)pvParameters;

    // 客户端的名称由地址和端口组成：同一台 PC 上的多个客户端，端口各不相同。
    struct sockaddr_in peer = {0};
    socklen_t peer_len = sizeof(peer);
    getpeername(sock, (struct sockaddr *)&peer, &peer_len);
    char addr_str[sizeof("255.255.255.255")];
    inet_ntoa_r(peer.sin_addr, addr_str, sizeof(addr_str));
    char name[sizeof("255.255.255.255:65535")];
    snprintf(name, sizeof(name), "%s:%d", addr_str, ntohs(peer.sin_port));

    do_retransmit(sock, name);

    // 关闭连接。shutdown(sock, 0) 只结束读；1 结束写，2 读写都结束。随后 close() 发送
    // FIN，告知客户端不再有数据，并释放套接字：lwIP 的套接字数量有限。此后名额才空出，留
    // 给下一个客户端。
    shutdown(sock, 0);
    close(sock);
    xSemaphoreGive(client_places);

    // FreeRTOS 的任务函数不能返回，因此任务要删除自身。
    vTaskDelete(NULL);
}

// 告知客户端没有空闲名额，并关闭它的连接。最多耗时一秒：其间不能接受其他连接。
static void refuse_client(const int sock)
{
    static const char full[] = "Server full, try again later\n";
    static char unread[128];

    ESP_LOGW(TAG, "Already serving %d clients: refused", TCP_MAX_CLIENTS);
    send(sock, full, sizeof(full) - 1, 0);

    // 结束写：客户端在收到文本之后会收到 FIN。
    shutdown(sock, 1);

    // 如果还有数据未读就关闭套接字，连接会被复位，而复位可能使客户端收不到文本。因此先读
    // 取客户端发来的数据，直到它关闭自己那一侧、200 ms 内没有数据，或已过 800 ms。
    const struct timeval silence = { .tv_usec = 200 * 1000 };
    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof(silence));
    const TickType_t start = xTaskGetTickCount();
    while (xTaskGetTickCount() - start < 800 / portTICK_PERIOD_MS) {
        if (recv(sock, unread, sizeof(unread), 0) <= 0) {
            break;
        }
    }
    close(sock);
}

// 监听端口并为客户端服务，每个客户端有独立的任务。
static void tcp_server_task(void *pvParameters)
{
    // 创建套接字，用于 IPv4 上的 TCP。返回 -1 表示失败，原因见 errno（教程 2.2.2）。
    int listen_sock = socket(AF_INET, SOCK_STREAM, 0);
    if (listen_sock < 0) {
        ESP_LOGE(TAG, "socket failed: errno %d", errno);
        // FreeRTOS 的任务函数不能返回，因此任务要删除自身。vTaskDelete(NULL) 调用后不会返
        // 回，后面的 return 永远不会执行，只是向读者表明任务到此结束。
        vTaskDelete(NULL);
        return;
    }

    // 允许在该端口的旧连接尚未完全消失时重新绑定端口。
    int opt = 1;
    setsockopt(listen_sock, SOL_SOCKET, SO_REUSEADDR, &opt, sizeof(opt));
    ESP_LOGI(TAG, "Socket created");

    // 地址：本机的任意地址，端口号转换为网络字节序（教程 2.2.3）。sockaddr_storage 能容纳
    // IPv4 或 IPv6 地址；这里存放的是用于 IPv4 的 sockaddr_in。
    struct sockaddr_storage dest_addr = {0};
    struct sockaddr_in *dest_addr_ip4 = (struct sockaddr_in *)&dest_addr;
    dest_addr_ip4->sin_family = AF_INET;
    dest_addr_ip4->sin_addr.s_addr = htonl(INADDR_ANY);
    dest_addr_ip4->sin_port = htons(TCP_SREVER_PORT);

    // 把套接字绑定到该地址。
    int err = bind(listen_sock, (struct sockaddr *)&dest_addr, sizeof(dest_addr));
    if (err != 0) {
        ESP_LOGE(TAG, "bind failed: errno %d", errno);
        ESP_LOGE(TAG, "Address family: %d", AF_INET);
        close(listen_sock);
        vTaskDelete(NULL);
        return;
    }
    ESP_LOGI(TAG, "Socket bound to port %d", TCP_SREVER_PORT);

    // 开始监听。参数中的数字是等待接受的连接数上限，而不是连接总数的上限（教程 2.2.4）。
    err = listen(listen_sock, 4);
    if (err != 0) {
        ESP_LOGE(TAG, "listen failed: errno %d", errno);
        close(listen_sock);
        vTaskDelete(NULL);
        return;
    }

    char addr_str[128] = "";
    while (true) {
        ESP_LOGI(TAG, "Waiting for a client");

        // 等待客户端。accept() 为该连接返回一个新的套接字，并填入客户端的地址。
        struct sockaddr_storage source_addr = {0};
        socklen_t addr_len = sizeof(source_addr);
        int sock = accept(listen_sock, (struct sockaddr *)&source_addr, &addr_len);
        if (sock < 0) {
            ESP_LOGE(TAG, "accept failed: errno %d", errno);
            break;
        }

        // 保活（keep-alive）机制用于发现那些未关闭连接就失去联系的客户端（教程 2.2.4）：
        // 空闲 30 s 后，每隔 10 s 探测一次；4 次都没有应答时，recv() 返回失败。
        int keepAlive = 1;
        int keepIdle = 30;
        int keepInterval = 10;
        int keepCount = 4;
        setsockopt(sock, SOL_SOCKET, SO_KEEPALIVE, &keepAlive, sizeof(int));
        setsockopt(sock, IPPROTO_TCP, TCP_KEEPIDLE, &keepIdle, sizeof(int));
        setsockopt(sock, IPPROTO_TCP, TCP_KEEPINTVL, &keepInterval, sizeof(int));
        setsockopt(sock, IPPROTO_TCP, TCP_KEEPCNT, &keepCount, sizeof(int));

        // 把客户端的地址转换为文本，用于日志。
        if (source_addr.ss_family == PF_INET) {
            inet_ntoa_r(((struct sockaddr_in *)&source_addr)->sin_addr, addr_str, sizeof(addr_str) - 1);
        }
        ESP_LOGI(TAG, "Accepted a connection from %s", addr_str);

        // 为客户端取得一个名额。参数 0 表示没有空闲名额时不等待。
        if (xSemaphoreTake(client_places, 0) != pdTRUE) {
            refuse_client(sock);
            continue;
        }

        // 在独立的任务中为该客户端服务，本任务继续接受连接。
        if (xTaskCreate(serve_client_task, "serve_client", 6144, (void *)(intptr_t)sock, 9, NULL) != pdPASS) {
            ESP_LOGE(TAG, "No memory for the client's task");
            shutdown(sock, 0);
            close(sock);
            xSemaphoreGive(client_places);
        }
    }

    // accept() 失败：关闭套接字。任务函数不能返回，因此任务随后删除自身。
    close(listen_sock);
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
    ESP_ERROR_CHECK(esp_wifi_set_ps(WIFI_PS_MIN_MODEM));
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

    // 初始时所有名额都空闲。
    client_places = xSemaphoreCreateCounting(TCP_MAX_CLIENTS, TCP_MAX_CLIENTS);
    if (client_places == NULL) {
        ESP_LOGE(TAG, "No memory for the semaphore");
        return;
    }

    // 启动服务器任务，任务栈 6144 字节，优先级 9。开发板还没有 IP 地址时，服务器也可以监
    // 听。
    xTaskCreate(tcp_server_task, "tcp_server_task", 6144, NULL, 9, NULL);
}
