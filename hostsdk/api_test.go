//go:build linux

package hostsdk_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

// What the SDK has and no golden project calls, called by a program that aborts
// where an answer is not ESP-IDF's.
func TestAPI(t *testing.T) {
	const program = `
#include <assert.h>
#include <string.h>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "esp_event.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_system.h"
#include "esp_wifi.h"
#include "nvs_flash.h"

static void on_wifi(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    wifi_ap_record_t ap;
    if (id == WIFI_EVENT_STA_START) {
        assert(esp_wifi_sta_get_ap_info(&ap) == ESP_ERR_WIFI_NOT_CONNECT);
        ESP_ERROR_CHECK(esp_wifi_connect());
    }
    if (id == WIFI_EVENT_STA_CONNECTED) {
        ESP_ERROR_CHECK(esp_wifi_sta_get_ap_info(&ap));
        ESP_LOGI("api", "joined %s", (char *)ap.ssid);
        esp_restart();
    }
}

void app_main(void)
{
    wifi_mode_t mode;
    wifi_config_t config = { .sta = { .ssid = "lab" } }, got;
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();

    if (esp_reset_reason() == ESP_RST_SW) {
        ESP_LOGI("api", "restarted");
        return;
    }
    assert(esp_reset_reason() == ESP_RST_POWERON);
    assert(esp_wifi_get_mode(&mode) == ESP_ERR_WIFI_NOT_INIT);
    assert(esp_wifi_set_storage(WIFI_STORAGE_RAM) == ESP_ERR_WIFI_NOT_INIT);
    assert(esp_wifi_get_config(WIFI_IF_STA, &got) == ESP_ERR_WIFI_NOT_INIT);
    ESP_ERROR_CHECK(nvs_flash_init());
    ESP_ERROR_CHECK(esp_netif_init());
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    esp_netif_create_default_wifi_sta();
    ESP_ERROR_CHECK(esp_wifi_init(&init));
    ESP_ERROR_CHECK(esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, on_wifi, NULL));
    ESP_ERROR_CHECK(esp_wifi_set_storage(WIFI_STORAGE_RAM));
    ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));
    ESP_ERROR_CHECK(esp_wifi_get_mode(&mode));
    assert(mode == WIFI_MODE_STA);
    ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &config));
    ESP_ERROR_CHECK(esp_wifi_get_config(WIFI_IF_STA, &got));
    assert(strcmp((char *)got.sta.ssid, "lab") == 0);
    assert(strcmp(esp_err_to_name(ESP_ERR_NOT_ALLOWED), "ESP_ERR_NOT_ALLOWED") == 0);
    assert(BIT0 == 1 && BIT(3) == 8);
    ESP_ERROR_CHECK(esp_wifi_start());
}
`
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "main"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "main", "main.c"), []byte(program), 0o644))
	d := start(t, dir, hostsdk.Scenario{})
	for _, line := range []string{`api: joined lab`, `api: restarted`} {
		if _, err := d.wait(line, 1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.stop(); err != nil {
		t.Error(err)
	}
}
