package generator_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/templates"
)

// TestBytesArrive renders programs with hostile text, compiles the literals as
// they stand in the C, and reads the bytes back: macros, and what ESP-IDF's
// fields hold once wifi_sta_init has filled them in.
func TestBytesArrive(t *testing.T) {
	cc, err := exec.LookPath("cc")
	if err != nil {
		if os.Getenv("ESPGEN_NEED_TOOLS") != "" {
			t.Fatal("cc is missing")
		}
		t.Skip("cc is not installed")
	}
	var specs []*spec.Spec
	for _, name := range specNames(t) {
		if s := loadSpec(t, name); *s.Style == "guide" { // the others are run: see TestRobustNetwork of hostsdk
			specs = append(specs, s)
		}
	}
	for _, ssid := range []string{"\xff\xfe\x80", strings.Repeat("\\", 32), strings.Repeat("?", 31) + "/", "a\nb", "\x01" + "7", "\"", "%s%n"} {
		specs = append(specs, &spec.Spec{
			Role:   "tcp-client",
			WiFi:   spec.WiFi{SSID: ssid, Password: new("0123456789")},
			Server: spec.Server{Addr: new("1.2.3.4")},
			Client: spec.Client{Greeting: new(ssid + "\r\n*/")},
		})
	}
	for i, s := range specs {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			files, err := generator.Render(templates.FS, s)
			must(t, err)
			for _, f := range files {
				if f.Path == "main/main.c" {
					checkBytes(t, cc, s, string(f.Data))
				}
			}
		})
	}
}

func checkBytes(t *testing.T, cc string, s *spec.Spec, source string) {
	t.Helper()
	password, greeting := "", ""
	if s.WiFi.Password != nil {
		password = *s.WiFi.Password
	}
	if s.Client.Greeting != nil {
		greeting = *s.Client.Greeting
	}

	var program strings.Builder
	program.WriteString("#include <stdbool.h>\n#include <stdint.h>\n#include <stdio.h>\n#include <string.h>\n")
	program.WriteString("typedef struct { struct { uint8_t ssid[32]; uint8_t password[64]; bool bssid_set; } sta; } wifi_config_t;\n")
	program.WriteString(strings.Join(regexp.MustCompile(`(?m)^#define ESP_WIFI.*\n`).FindAllString(source, -1), ""))
	program.WriteString("static void put(const void *p, size_t n) { for (size_t i = 0; i < n; i++) { printf(\"%02x\", ((const uint8_t *)p)[i]); } puts(\"\"); }\n")
	program.WriteString("int main(void)\n{\n")
	program.WriteString("    put(ESP_WIFI_STA_SSID, sizeof(ESP_WIFI_STA_SSID) - 1);\n    put(ESP_WIFI_STA_PASSWD, sizeof(ESP_WIFI_STA_PASSWD) - 1);\n")
	config := source[strings.Index(source, "    wifi_config_t sta_config"):strings.Index(source, "    ESP_ERROR_CHECK(esp_wifi_set_config")]
	program.WriteString(config + "    put(sta_config.sta.ssid, 32);\n    put(sta_config.sta.password, 64);\n")
	if data := regexp.MustCompile(`(?m)^    const char \*data = .*\n`).FindString(source); data != "" {
		program.WriteString(data + "    put(data, strlen(data));\n")
	}
	program.WriteString("    return 0;\n}\n")

	dir := t.TempDir()
	file, exe := filepath.Join(dir, "main.c"), filepath.Join(dir, "main")
	must(t, os.WriteFile(file, []byte(program.String()), 0o644))
	if out, err := exec.Command(cc, "-std=gnu17", "-Wall", "-Wextra", "-Werror", "-trigraphs", "-o", exe, file).CombinedOutput(); err != nil {
		t.Fatalf("cc: %v\n%s", err, out)
	}
	out, err := exec.Command(exe).Output()
	must(t, err)
	want := fmt.Sprintf("%x\n%x\n%-64x\n%-128x\n", s.WiFi.SSID, password, s.WiFi.SSID, password)
	want = strings.ReplaceAll(want, " ", "0")
	if s.Role == "tcp-client" {
		want += fmt.Sprintf("%x\n", greeting)
	}
	if string(out) != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
}
