package spec

import (
	"fmt"
	"maps"
	"net/netip"
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

// checkComponents refuses an option whose component a version that the spec lets
// in does not have: such a version does not build what requires it.
func (c *checker) checkComponents() {
	if c.faulty("idf", "target") || c.spec.IDF == nil {
		return
	}
	versions := c.versions()
	for _, option := range slices.Sorted(maps.Keys(c.spec.Sdkconfig)) {
		h, ok := hookOf(option, c.spec.Sdkconfig[option], versions)
		path := join("sdkconfig", option)
		if ok && h.since != "" && versions.allowsBelow(h.since) && !c.faulty(path) {
			c.keyErrorf(path, fmt.Sprintf("set idf to \">=%s\", or remove it", h.since),
				"it needs the component %s, which ESP-IDF has since %s", h.component, h.since)
		}
	}
}

// checkFamilyOptions refuses options that take away the addresses which the
// project needs.
func (c *checker) checkFamilyOptions() {
	if c.faulty("server.family", "server.addr") {
		return
	}
	family := Family(&c.spec)
	for option, other := range map[string]string{"CONFIG_LWIP_IPV4": "ipv6", "CONFIG_LWIP_IPV6": "ipv4"} {
		if family != other && isOff(c.spec.Sdkconfig[option]) {
			c.errorf(join("sdkconfig", option), "remove it", "the project needs the addresses that this option takes away: its family is %s", family)
		}
	}
}

// Family is the kind of addresses that a project needs: ipv4, ipv6 or dual. A
// host name may stand for either.
func Family(s *Spec) string {
	if s.Server.Family != nil {
		return *s.Server.Family
	}
	if s.Server.Addr == nil {
		return "ipv4"
	}
	addr, err := netip.ParseAddr(*s.Server.Addr)
	switch {
	case err != nil:
		return "dual"
	case addr.Is6():
		return "ipv6"
	}
	return "ipv4"
}
