package idf

import (
	"maps"
	"slices"
	"strings"
)

// A Hook is a component of ESP-IDF that does its work without a call from the
// project, where an option says so. From ESP-IDF 5.5 on a project builds only the
// components that main requires (MINIMAL_BUILD), and those that they require. It
// ignores the options of all others, without an error.
type Hook struct {
	Component string
	Since     string   // the first version of ESP-IDF that has it, "" for all
	options   []string // without CONFIG_; one that ends in _ stands for all that begin so
}

// The components that the generated code does not bring, from the sources of
// ESP-IDF 5.1 to 6.0.
var hooks = []Hook{
	{Component: "app_trace", options: []string{"APPTRACE_", "ESP_DEBUG_STUBS_ENABLE", "HEAP_TRACING_TOHOST"}},
	{Component: "esp_gdbstub", options: []string{"ESP_GDBSTUB_", "ESP_SYSTEM_GDBSTUB_RUNTIME", "ESP_SYSTEM_PANIC_GDBSTUB"}},
	{Component: "esp_psram", options: []string{"SPIRAM", "SPIRAM_"}}, // from 5.5.3 on it is there anyway
	{Component: "esp_trace", Since: "6.0", options: []string{"ESP_TRACE_"}},
	{Component: "espcoredump", options: []string{"ESP_COREDUMP_"}},
	{Component: "nvs_sec_provider", Since: "5.2", options: []string{"NVS_ENCRYPTION", "NVS_SEC_"}},
}

// minimalIDF is the first ESP-IDF that leaves out what main does not require.
const minimalIDF = "5.5"

// HookOf returns the component that an option needs where a version of the
// range builds no others. One that is switched off needs none.
func HookOf(option string, value any, versions Range) (Hook, bool) {
	name := strings.TrimPrefix(option, "CONFIG_")
	i := slices.IndexFunc(hooks, func(h Hook) bool {
		return slices.ContainsFunc(h.options, func(o string) bool {
			return name == o || strings.HasSuffix(o, "_") && strings.HasPrefix(name, o)
		})
	})
	if i < 0 || IsOff(value) || !versions.AllowsFrom(minimalIDF) {
		return Hook{}, false
	}
	return hooks[i], true
}

// IsOff reports whether a value of sdkconfig switches its option off.
func IsOff(value any) bool { return value == false || value == "n" }

// ComponentsOf returns the components of ESP-IDF that options need, sorted.
// Each is named as in sdkconfig: CONFIG_SPIRAM.
func ComponentsOf(options map[string]any, versions Range) []string {
	needed := map[string]bool{}
	for option, value := range options {
		if h, ok := HookOf(option, value, versions); ok {
			needed[h.Component] = true
		}
	}
	return slices.Sorted(maps.Keys(needed))
}
