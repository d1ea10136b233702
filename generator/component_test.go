package generator_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/templates"
)

// TestComponents wants the components that options need among those that main
// requires, a line each: ESP-IDF ignores the options of components that it does
// not build.
func TestComponents(t *testing.T) {
	for _, style := range loadRole(t, "tcp-server").StyleNames() {
		base := required(t, style, nil)
		for option, want := range map[string]string{
			"CONFIG_ESP_COREDUMP_ENABLE_TO_FLASH": "espcoredump",
			"CONFIG_SPIRAM":                       "esp_psram",
			"CONFIG_SPIRAM_MODE_OCT":              "esp_psram",
			"CONFIG_ESP_SYSTEM_PANIC_GDBSTUB":     "esp_gdbstub",
			"CONFIG_APPTRACE_DEST_JTAG":           "app_trace",
			"CONFIG_NVS_ENCRYPTION":               "nvs_sec_provider",
			"CONFIG_ESP_TRACE_ENABLE":             "esp_trace",
			"CONFIG_LWIP_TCP_MSL":                 "",
			"CONFIG_SPIRAMS":                      "",
		} {
			got := required(t, style, map[string]any{option: true})
			wanted := base
			if want != "" {
				wanted = append([]string{want}, base...)
			}
			if !slices.Equal(got, wanted) {
				t.Errorf("%s, %s: main requires %q, not %q", style, option, got, wanted)
			}
		}
		both := required(t, style, map[string]any{"CONFIG_SPIRAM": true, "CONFIG_ESP_COREDUMP_ENABLE": true, "CONFIG_ESP_COREDUMP_LOGS": false})
		if want := append([]string{"esp_psram", "espcoredump"}, base...); !slices.Equal(both, want) {
			t.Errorf("%s: main requires %q, not %q", style, both, want)
		}
	}
}

// required lists what main requires in a style with some options.
func required(t *testing.T, style string, options map[string]any) []string {
	t.Helper()
	files, err := generator.Render(templates.FS, &spec.Spec{
		Role: "tcp-server", Style: &style, IDF: new(">=6.0"), WiFi: spec.WiFi{SSID: "x"}, Sdkconfig: options,
	})
	must(t, err)
	i := slices.IndexFunc(files, func(f generator.File) bool { return f.Path == "main/CMakeLists.txt" })
	m := regexp.MustCompile(`(?s)\n    PRIV_REQUIRES\n((?:        \w+\n)+)\)\n$`).FindSubmatch(files[i].Data)
	if m == nil {
		t.Fatalf("main's build file is\n%s", files[i].Data)
	}
	return strings.Fields(string(m[1]))
}
