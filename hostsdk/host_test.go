//go:build linux

package hostsdk_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

// TestHostExample runs the example of the README.
func TestHostExample(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	must(t, err)
	_, section, _ := strings.Cut(string(readme), "\n## The host folder\n")
	section, _, _ = strings.Cut(section, "\n## ")
	files := regexp.MustCompile("`((?:main|host)/[\\w/.]+)` [^`]*:\n\n```c\n((?s:.*?))```\n").FindAllStringSubmatch(section, -1)
	if len(files) != 3 {
		t.Fatalf("the README has %d files", len(files))
	}
	dir := t.TempDir()
	for _, m := range files {
		name := filepath.Join(dir, filepath.FromSlash(m[1]))
		must(t, os.MkdirAll(filepath.Dir(name), 0o755))
		must(t, os.WriteFile(name, []byte(m[2]), 0o644))
	}
	d := start(t, dir, hostsdk.Scenario{})
	_, err = d.wait(`door: The door is open`, 1)
	must(t, err)
	_, err = d.stop()
	must(t, err)
}

// TestHostReplaces has functions of host/ in place of the SDK's: one that the
// project calls, one that the SDK itself calls, and one with another name in the
// PC's library. A header of host/ adds to the SDK's.
func TestHostReplaces(t *testing.T) {
	const files = `
-- main/main.c --
#include <string.h>
#include "esp_log.h"
#include "esp_random.h"
#include "esp_system.h"

void app_main(void)
{
    ESP_LOGI("app", "random %u, %s, %s, extra %d", (unsigned)esp_random(), esp_err_to_name(ESP_FAIL), strerror(1), esp_system_extra());
    ESP_ERROR_CHECK_WITHOUT_ABORT(ESP_FAIL);
}
-- host/esp_system.h --
#include_next <esp_system.h>
int esp_system_extra(void);
-- host/deep/er/replace.c --
#include <string.h>
#include "esp_random.h"
#include "esp_system.h"
#include "host.h"

uint32_t esp_random(void) { return 4; }
const char *esp_err_to_name(esp_err_t code) { (void)code; return "OTHER"; }
char *strerror(int number) { (void)number; return "no error of mine"; }
int esp_system_extra(void) { host_note("extra"); return 7; }
`
	for _, cc := range []string{"gcc", "clang"} {
		t.Run(cc, func(t *testing.T) {
			t.Parallel()
			d := startWith(t, cc, tree(t, files), hostsdk.Scenario{})
			for _, line := range []string{`host: extra`, `app: random 4, OTHER, no error of mine, extra 7`, `ESP_ERROR_CHECK_WITHOUT_ABORT failed: esp_err_t 0xffffffff \(OTHER\)`} {
				_, err := d.wait(line, 1)
				must(t, err)
			}
			_, err := d.stop()
			must(t, err)
		})
	}
}

// TestHostIsSeparate has a main that includes what only host/ may.
func TestHostIsSeparate(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	dir := mainOnly(t, "#include \"host.h\"\nvoid app_main(void) {}\n")
	if _, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Cache: cache}); err == nil {
		t.Error("the project includes host.h, which the chip does not have")
	}
}

// TestMissing has headers and functions that are nowhere, or not where they are
// looked for.
func TestMissing(t *testing.T) {
	const registered = "\n-- main/CMakeLists.txt --\nidf_component_register(SRCS main.c PRIV_REQUIRES esp_wifi driver)\n"
	for name, test := range map[string]struct{ files, err, hint string }{
		"a header of ESP-IDF": {
			"-- main/main.c --\n\n#include \"driver/gpio.h\"\n#error not told\n-- main/CMakeLists.txt --\nidf_component_register(SRCS main.c PRIV_REQUIRES esp_wifi)\n",
			"main/main.c:2: the host SDK lacks ESP-IDF's header driver/gpio.h\n\ton the chip it compiles if main/CMakeLists.txt requires driver (ESP-IDF 5.1) or esp_driver_gpio (ESP-IDF 5.5, 6.0)",
			"for this PC, write host/driver/gpio.h, and what it declares in a C file in host/: \"The host folder\" in espgen's hostsdk/README.md has an example",
		},
		"one that is required": {
			"-- main/main.c --\n#include \"driver/i2c.h\"" + registered,
			"main/main.c:1: the host SDK lacks ESP-IDF's header driver/i2c.h\n\ton the chip it compiles: main/CMakeLists.txt requires driver",
			"for this PC, write host/driver/i2c.h, and what it declares in a C file in host/: \"The host folder\" in espgen's hostsdk/README.md has an example",
		},
		"one that every component sees": {
			"-- main/main.c --\n#include \"esp_chip_info.h\"" + registered,
			"main/main.c:1: the host SDK lacks ESP-IDF's header esp_chip_info.h\n\ton the chip it compiles",
			"for this PC, write host/esp_chip_info.h, and what it declares in a C file in host/: \"The host folder\" in espgen's hostsdk/README.md has an example",
		},
		"one in a component for all versions": {
			"-- main/main.c --\n#include \"esp_http_client.h\"" + registered,
			"main/main.c:1: the host SDK lacks ESP-IDF's header esp_http_client.h\n\ton the chip it compiles if main/CMakeLists.txt requires esp_http_client",
			"for this PC, write host/esp_http_client.h, and what it declares in a C file in host/: \"The host folder\" in espgen's hostsdk/README.md has an example",
		},
		"a name that is near": {
			"-- main/main.c --\n#include <esp_wfi.h>" + registered,
			"main/main.c:1: unknown header esp_wfi.h: did you mean esp_wifi.h?",
			"correct the name, or add the header's folder to INCLUDE_DIRS in main/CMakeLists.txt",
		},
		"one that nobody knows": {
			"-- main/main.c --\n#include \"below.h\"\n-- main/below.h --\n#include \"such/nonsense.h\"" + registered,
			"main/below.h:1: unknown header such/nonsense.h: neither the project nor ESP-IDF has it",
			"correct the name, or add the header's folder to INCLUDE_DIRS in main/CMakeLists.txt",
		},
		"one of a component": {
			"-- main/main.c --\n#include \"a.h\"\n-- components/a/CMakeLists.txt --\nidf_component_register(INCLUDE_DIRS .)\n-- components/a/a.h --" + registered,
			"main/main.c:1: a.h is in the component a, which main/CMakeLists.txt does not require",
			"add a to REQUIRES in main/CMakeLists.txt",
		},
		"a function of ESP-IDF": {
			"-- main/main.c --\nint esp_wifi_scan_stop(void);\nvoid app_main(void) { esp_wifi_scan_stop(); }" + registered,
			"undefined functions: esp_wifi_scan_stop (main/main.c:2)",
			"esp_wifi_scan_stop is ESP-IDF's (esp_wifi.h), and the host SDK lacks it: for this PC, define it in a C file in host/",
		},
		"a function left out": {
			"-- main/main.c --\nint a(void);\nvoid app_main(void) { a(); }\n-- main/a.c --\nint a(void);\nint a(void) { return 1; }" + registered,
			"undefined functions: a (main/main.c:2)",
			"a is in main/a.c: add \"a.c\" to SRCS in main/CMakeLists.txt",
		},
		"a function without its header": {
			"-- main/main.c --\nvoid app_main(void) { esp_restart(); }" + registered, "does not compile",
			"esp_restart is declared in esp_system.h: include it",
		},
		"a function that the SDK's header lacks": {
			"-- main/main.c --\n#include \"esp_wifi.h\"\nvoid app_main(void) { esp_wifi_scan_stop(); }" + registered, "does not compile",
			"esp_wifi_scan_stop is ESP-IDF's (esp_wifi.h), and the host SDK lacks it: for this PC, declare it in host/esp_wifi.h (beside #include_next <esp_wifi.h>) and define it in a C file in host/",
		},
	} {
		for _, cc := range []string{"gcc", "clang"} {
			t.Run(name+" "+cc, func(t *testing.T) {
				t.Parallel()
				needCompiler(t, cc)
				_, _, err := hostsdk.Build(t.Context(), tree(t, test.files), hostsdk.BuildOptions{CC: cc, Cache: cache})
				if err == nil || err.Error() != test.err && (test.err != "does not compile" || !strings.Contains(err.Error(), test.err)) {
					t.Fatalf("got  %v\nwant %s", err, test.err)
				}
				if hinted, ok := err.(interface{ Hint() string }); !ok || hinted.Hint() != test.hint {
					t.Errorf("got  %s\nwant %s", hinted.Hint(), test.hint)
				}
			})
		}
	}
}
