package spec

import (
	"maps"
	"slices"
	"strings"
)

// A hook is a component of ESP-IDF that does its work without a call from the
// project, where an option says so. From ESP-IDF 5.5 on a project builds only the
// components that main requires (MINIMAL_BUILD), and those that they require. It
// ignores the options of all others, without an error.
type hook struct {
	component string
	since     string   // the first version of ESP-IDF that has it, "" for all
	options   []string // without CONFIG_; one that ends in _ stands for all that begin so
}

// The components that the generated code does not bring, from the sources of
// ESP-IDF 5.1 to 6.0.
var hooks = []hook{
	{component: "app_trace", options: []string{"APPTRACE_", "ESP_DEBUG_STUBS_ENABLE", "HEAP_TRACING_TOHOST"}},
	{component: "esp_gdbstub", options: []string{"ESP_GDBSTUB_", "ESP_SYSTEM_GDBSTUB_RUNTIME", "ESP_SYSTEM_PANIC_GDBSTUB"}},
	{component: "esp_psram", options: []string{"SPIRAM", "SPIRAM_"}}, // from 5.5.3 on it is there anyway
	{component: "esp_trace", since: "6.0", options: []string{"ESP_TRACE_"}},
	{component: "espcoredump", options: []string{"ESP_COREDUMP_"}},
	{component: "nvs_sec_provider", since: "5.2", options: []string{"NVS_ENCRYPTION", "NVS_SEC_"}},
}

// minimalIDF is the first ESP-IDF that leaves out what main does not require.
const minimalIDF = "5.5"

// hookOf returns the component that an option needs where a version of the
// range builds no others. One that is switched off needs none.
func hookOf(option string, value any, versions idfRange) (hook, bool) {
	name := strings.TrimPrefix(option, "CONFIG_")
	i := slices.IndexFunc(hooks, func(h hook) bool {
		return slices.ContainsFunc(h.options, func(o string) bool {
			return name == o || strings.HasSuffix(o, "_") && strings.HasPrefix(name, o)
		})
	})
	if i < 0 || isOff(value) || !versions.allowsFrom(minimalIDF) {
		return hook{}, false
	}
	return hooks[i], true
}

// isOff reports whether a value of sdkconfig switches its option off.
func isOff(value any) bool { return value == false || value == "n" }

// Components returns the components of ESP-IDF that the options of a checked
// spec need, sorted.
func Components(checked *Spec) []string {
	if len(checked.Sdkconfig) == 0 {
		return nil
	}
	versions, _ := parseIDF(*checked.IDF)
	needed := map[string]bool{}
	for option, value := range checked.Sdkconfig {
		if h, ok := hookOf(option, value, versions); ok {
			needed[h.component] = true
		}
	}
	return slices.Sorted(maps.Keys(needed))
}
