package idf

import "slices"

// A Target is a chip that ESP-IDF knows.
type Target struct {
	Name   string
	MinIDF string // the first ESP-IDF in which it is no preview; "" for the oldest that espgen supports
	Why    string // why it is refused; "" where it is not
	Dual   bool   // whether it has two cores
}

// Which chips have Wi-Fi is SOC_WIFI_SUPPORTED in ESP-IDF's soc_caps.h, and how
// many cores they have is SOC_CPU_CORES_NUM.
var targets = []Target{
	{Name: "esp32", Dual: true},
	{Name: "esp32s2"},
	{Name: "esp32s3", Dual: true},
	{Name: "esp32c2"},
	{Name: "esp32c3"},
	{Name: "esp32c5", MinIDF: "5.5"},
	{Name: "esp32c6"},
	{Name: "esp32c61", MinIDF: "5.5"},
	{Name: "esp32h2", Why: "it has IEEE 802.15.4 and Bluetooth, but no Wi-Fi"},
	{Name: "esp32h21", Why: "it has IEEE 802.15.4 and Bluetooth, but no Wi-Fi"},
	{Name: "esp32h4", Why: "it has IEEE 802.15.4 and Bluetooth, but no Wi-Fi"},
	{Name: "esp32p4", Why: "it has no radio of its own: Wi-Fi takes a second chip"},
	{Name: "esp8266", Why: "it is not a chip of ESP-IDF 5"},
	{Name: "linux", Why: "ESP-IDF's linux target has no Wi-Fi"},
}

// TargetNames returns the chips that a spec may name.
func TargetNames() []string {
	var names []string
	for _, t := range targets {
		if t.Why == "" {
			names = append(names, t.Name)
		}
	}
	return names
}

// DualCore returns the chips that have two cores.
func DualCore() []string {
	return slices.DeleteFunc(TargetNames(), func(name string) bool { return !TargetAt(name).Dual })
}

// TargetAt returns what is known of a chip; a zero Target where it is unknown.
func TargetAt(name string) Target {
	i := slices.IndexFunc(targets, func(t Target) bool { return t.Name == name })
	if i < 0 {
		return Target{}
	}
	return targets[i]
}
