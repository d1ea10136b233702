package spec

import (
	"fmt"
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

// hookOf returns the component that an option needs.
func hookOf(option string) (hook, bool) {
	name := strings.TrimPrefix(option, "CONFIG_")
	for _, h := range hooks {
		for _, o := range h.options {
			if name == o || strings.HasSuffix(o, "_") && strings.HasPrefix(name, o) {
				return h, true
			}
		}
	}
	return hook{}, false
}

// Components returns the components of ESP-IDF that the options of a checked
// spec need, sorted.
func Components(checked *Spec) []string {
	needed := map[string]bool{}
	for option := range checked.Sdkconfig {
		if h, ok := hookOf(option); ok {
			needed[h.component] = true
		}
	}
	return slices.Sorted(maps.Keys(needed))
}

// checkComponents refuses an option whose component a version that the spec lets
// in does not have: such a version does not build what requires it.
func (c *checker) checkComponents() {
	if c.faulty("idf", "target") || c.spec.IDF == nil {
		return
	}
	versions, _ := parseIDF(*c.spec.IDF)
	for _, option := range slices.Sorted(maps.Keys(c.spec.Sdkconfig)) {
		h, ok := hookOf(option)
		path := join("sdkconfig", option)
		if ok && h.since != "" && versions.allowsBelow(h.since) && !c.faulty(path) {
			c.keyErrorf(path, fmt.Sprintf("set idf to \">=%s\", or remove it", h.since),
				"it needs the component %s, which ESP-IDF has since %s", h.component, h.since)
		}
	}
}
