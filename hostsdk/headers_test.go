//go:build linux

package hostsdk_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// What compiles with the SDK's headers must compile with ESP-IDF's: they give
// no name that ESP-IDF's header of that name does not give.
func TestHeadersAreStrict(t *testing.T) {
	config := t.TempDir()
	must(t, os.WriteFile(filepath.Join(config, "sdkconfig.h"), []byte(`
#define CONFIG_FREERTOS_HZ 100
#define CONFIG_LOG_DEFAULT_LEVEL 3
#define CONFIG_LOG_MAXIMUM_LEVEL 3
#define CONFIG_LWIP_MAX_SOCKETS 10
`), 0o644))
	const (
		esp  = "#include \"esp_wifi.h\"\n"
		rtos = "#include \"freertos/FreeRTOS.h\"\n"
		sock = "#include <sys/socket.h>\n"
	)
	for _, test := range []struct{ name, good, bad string }{
		{
			"FreeRTOS.h comes first",
			rtos + "#include \"freertos/task.h\"",
			"#include \"freertos/task.h\"",
		}, {
			"FreeRTOS.h has no tasks",
			rtos + "#include \"freertos/task.h\"\nBaseType_t core = tskNO_AFFINITY;",
			rtos + "BaseType_t core = tskNO_AFFINITY;",
		}, {
			"esp_netif.h has no tasks",
			esp + "void f(void) { vTaskDelay(1); }",
			"#include \"esp_netif.h\"\nvoid f(void) { vTaskDelay(1); }",
		}, {
			"esp_netif.h has no event loop",
			"#include \"esp_event.h\"\nvoid f(void) { esp_event_loop_create_default(); }",
			"#include \"esp_netif.h\"\nvoid f(void) { esp_event_loop_create_default(); }",
		}, {
			"the station's interface is Wi-Fi's",
			esp + "void f(void) { esp_netif_create_default_wifi_sta(); }",
			"#include \"esp_netif.h\"\nvoid f(void) { esp_netif_create_default_wifi_sta(); }",
		}, {
			"errno.h has no strerror",
			"#include <string.h>\nchar *f(void) { return strerror(11); }",
			"#include <errno.h>\nchar *f(void) { return strerror(11); }",
		}, {
			"stdlib.h has no strings",
			"#include <string.h>\nunsigned long f(void) { return strlen(\"\"); }",
			"#include <stdlib.h>\nunsigned long f(void) { return strlen(\"\"); }",
		}, {
			"stdlib.h has no select",
			"#include <stdlib.h>\n#include <sys/select.h>\nfd_set set;",
			"#include <stdlib.h>\nfd_set set;",
		}, {
			"netinet/in.h has no sockets",
			"#include <netinet/in.h>\n" + sock + "struct sockaddr_in a;",
			"#include <netinet/in.h>\nstruct sockaddr_in a;",
		}, {
			"netinet/tcp.h has no options",
			"#include <netinet/tcp.h>\n" + sock + "int a = TCP_NODELAY;",
			"#include <netinet/tcp.h>\nint a = TCP_NODELAY;",
		}, {
			"arpa/inet.h has no inet_ntop",
			sock + "void f(void *a, char *b) { inet_ntop(2, a, b, 16); }",
			"#include <arpa/inet.h>\nvoid f(void *a, char *b) { inet_ntop(2, a, b, 16); }",
		}, {
			"sys/ioctl.h has no requests",
			sock + "void f(int *on) { ioctl(54, FIONBIO, on); }",
			"#include <sys/ioctl.h>\nvoid f(int *on) { ioctl(54, FIONBIO, on); }",
		}, {
			"ERR_OK is no macro",
			"#include \"lwip/err.h\"\nerr_t e = ERR_OK;",
			"#include \"lwip/err.h\"\n#ifndef ERR_OK\n#error \"no macro\"\n#endif",
		}, {
			"nvs.h has no partitions",
			"#include \"nvs_flash.h\"\nvoid f(void) { nvs_flash_init(); }",
			"#include \"nvs.h\"\nvoid f(void) { nvs_flash_init(); }",
		}, {
			"esp_console.h has no tasks",
			"#include \"esp_console.h\"\n" + rtos + "TickType_t ticks;",
			"#include \"esp_console.h\"\nTickType_t ticks;",
		}, {
			"a console is the one that the options choose",
			"#define CONFIG_ESP_CONSOLE_UART_DEFAULT 1\n#include \"esp_console.h\"\nesp_console_dev_uart_config_t device;",
			"#include \"esp_console.h\"\nesp_console_dev_uart_config_t device;",
		}, {
			"a level is logged without its letter",
			"#include \"esp_log.h\"\nvoid f(void) { ESP_LOG_LEVEL_LOCAL(ESP_LOG_WARN, \"t\", \"%d\", 1); }",
			"#include \"esp_log.h\"\nvoid f(void) { ESP_LOG_LEVEL_LOCAL(ESP_LOG_WARN, \"W\", \"t\", \"x\"); }",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			needCompiler(t, "cc")
			compile := func(source string) ([]byte, error) {
				path := filepath.Join(t.TempDir(), "main.c")
				must(t, os.WriteFile(path, []byte(source+"\n"), 0o644))
				return exec.Command("cc", "-std=gnu17", "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
					"-Iinclude", "-I"+config, path).CombinedOutput()
			}
			if out, err := compile(test.good); err != nil {
				t.Errorf("%s\ndoes not compile:\n%s", test.good, out)
			}
			if _, err := compile(test.bad); err == nil {
				t.Errorf("%s\ncompiles, and would not with ESP-IDF", test.bad)
			}
		})
	}
}
