package spec

import "slices"

// A target is a chip that ESP-IDF knows.
type target struct {
	name   string
	minIDF string // the first ESP-IDF in which it is no preview; "" for the oldest that espgen supports
	why    string // why it is refused; "" where it is not
	dual   bool   // whether it has two cores
}

// Which chips have Wi-Fi is SOC_WIFI_SUPPORTED in ESP-IDF's soc_caps.h, and how
// many cores they have is SOC_CPU_CORES_NUM.
var targets = []target{
	{name: "esp32", dual: true},
	{name: "esp32s2"},
	{name: "esp32s3", dual: true},
	{name: "esp32c2"},
	{name: "esp32c3"},
	{name: "esp32c5", minIDF: "5.5"},
	{name: "esp32c6"},
	{name: "esp32c61", minIDF: "5.5"},
	{name: "esp32h2", why: "it has IEEE 802.15.4 and Bluetooth, but no Wi-Fi"},
	{name: "esp32h21", why: "it has IEEE 802.15.4 and Bluetooth, but no Wi-Fi"},
	{name: "esp32h4", why: "it has IEEE 802.15.4 and Bluetooth, but no Wi-Fi"},
	{name: "esp32p4", why: "it has no radio of its own: Wi-Fi takes a second chip"},
	{name: "esp8266", why: "it is not a chip of ESP-IDF 5"},
	{name: "linux", why: "ESP-IDF's linux target has no Wi-Fi"},
}

// targetNames returns the chips that a spec may name.
func targetNames() []string {
	var names []string
	for _, t := range targets {
		if t.why == "" {
			names = append(names, t.name)
		}
	}
	return names
}

// dualCore returns the chips that have two cores.
func dualCore() []string {
	return slices.DeleteFunc(targetNames(), func(name string) bool { return !targetAt(name).dual })
}

func targetAt(name string) target {
	i := slices.IndexFunc(targets, func(t target) bool { return t.name == name })
	if i < 0 {
		return target{}
	}
	return targets[i]
}
