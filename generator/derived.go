package generator

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/espgen/espgen/generator/spec"
)

// A derivation is a value that templates print beside the fields: what these
// mean in C, in Kconfig, and in a README.
type derivation struct {
	path  string
	from  []string // the fields and earlier derivations that it is made of; without one of these it is not there
	value func(s *spec.Spec, d data) any
}

// ESP-IDF's fields for them: uint8_t ssid[32], uint8_t password[64].
const (
	ssidField     = 32
	passwordField = 64
)

// What a project's README shows of its log and its commands comes from the
// spec, where the spec knows it. These words stand for what only the network
// knows.
const (
	boardWord  = "BOARD"
	serverWord = "SERVER"
)

// derivations are those of the fields that every role may use.
var derivations = []derivation{
	// As Espressif writes it: "ESP32-S3".
	{"chip", []string{"target"}, func(_ *spec.Spec, d data) any { return chip(d.text("target")) }},

	{"wifi.open", []string{"wifi.password"}, func(_ *spec.Spec, d data) any { return d.text("wifi.password") == "" }},
	// They fill their fields, with no room for a NUL.
	{"wifi.ssid_full", []string{"wifi.ssid"}, func(_ *spec.Spec, d data) any { return len(d.text("wifi.ssid")) == ssidField }},
	{"wifi.password_full", []string{"wifi.password"}, func(_ *spec.Spec, d data) any { return len(d.text("wifi.password")) == passwordField }},
	// Kconfig can hold them.
	{"wifi.ssid_in_kconfig", []string{"wifi.ssid"}, func(_ *spec.Spec, d data) any { return inKconfig(d.text("wifi.ssid")) }},
	{"wifi.password_in_kconfig", []string{"wifi.password"}, func(_ *spec.Spec, d data) any { return inKconfig(d.text("wifi.password")) }},
	// The failure with this number is not followed by a retry.
	{"wifi.retry_limit", []string{"wifi.retries"}, func(_ *spec.Spec, d data) any { return d.number("wifi.retries") + 1 }},
	// The constants: "WIFI_PS_NONE", "WIFI_AUTH_WPA2_PSK".
	{"wifi.power_save_type", []string{"wifi.power_save"}, func(_ *spec.Spec, d data) any { return "WIFI_PS_" + strings.ToUpper(d.text("wifi.power_save")) }},
	{"wifi.auth_mode", []string{"wifi.auth"}, func(_ *spec.Spec, d data) any { return "WIFI_AUTH_" + strings.ToUpper(d.text("wifi.auth")) }},

	// The kind of addresses: "IPV4", "IPV6" or "DUAL".
	{"net.family", nil, func(s *spec.Spec, _ data) any { return strings.ToUpper(spec.Family(s)) }},
	{"net.ipv6", []string{"net.family"}, func(_ *spec.Spec, d data) any { return d.text("net.family") != "IPV4" }},
	{"net.only_ipv6", []string{"net.family"}, func(_ *spec.Spec, d data) any { return d.text("net.family") == "IPV6" }},
	// The project connects to a server.
	{"net.connects", nil, func(_ *spec.Spec, d data) any { return d.has("server.addr") }},
	// The server's address is a name.
	{"net.looks_up", nil, func(_ *spec.Spec, d data) any { return d.has("server.addr") && !isAddress(d.text("server.addr")) }},

	// Each client has a task of its own.
	{"server.tasks", []string{"server.max_clients"}, func(_ *spec.Spec, d data) any { return d.number("server.max_clients") > 1 }},
	// From the last sign of life to the end of the connection, in seconds.
	{"keepalive.total", []string{"keepalive.idle", "keepalive.interval", "keepalive.count"}, func(_ *spec.Spec, d data) any {
		return d.number("keepalive.idle") + d.number("keepalive.interval")*d.number("keepalive.count")
	}},
	// The core, or -1 for any.
	{"task.affinity", []string{"task.core"}, func(_ *spec.Spec, d data) any {
		if core, ok := d.at("task.core").(int); ok {
			return core
		}
		return -1
	}},

	// The network gives the board the address by which it is reached.
	{"readme.board_unknown", nil, func(_ *spec.Spec, d data) any {
		return d.at("wifi.static_ip.address") == nil || d.text("net.family") == "IPV6"
	}},
	{"readme.board", nil, func(_ *spec.Spec, d data) any {
		if d.at("readme.board_unknown") == true {
			return boardWord
		}
		return d.at("wifi.static_ip.address")
	}},
	// The server's address as the log of a client shows it.
	{"readme.server", []string{"server.addr"}, func(_ *spec.Spec, d data) any { return serverShown(d.text("server.addr")) }},
	{"readme.server_unknown", []string{"server.addr"}, func(_ *spec.Spec, d data) any { return serverShown(d.text("server.addr")) == serverWord }},
	// The SSID as the log shows it.
	{"readme.ssid", []string{"wifi.ssid"}, func(_ *spec.Spec, d data) any { return ssidShown(d.text("wifi.ssid")) }},
	// What the buffers of all of a server's clients take, in bytes.
	{"readme.buffer_ram", []string{"server.max_clients", "buffers.rx", "buffers.tx"}, func(_ *spec.Spec, d data) any {
		return d.number("server.max_clients") * (d.number("buffers.rx") + d.number("buffers.tx"))
	}},
}

func isAddress(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil
}

// inKconfig reports whether the files of a configuration hold s as it is. They
// hold lines of text, in which $ begins a macro; on Windows, not every encoding
// is UTF-8. CMake reads them, too: it expands ${NAME}, or stops and shows the
// line.
func inKconfig(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`"'\$`, r) })
}

// chip writes a target as Espressif does: esp32c61 is ESP32-C61.
func chip(target string) string {
	name := strings.ToUpper(target)
	if variant, ok := strings.CutPrefix(name, "ESP32"); ok && variant != "" {
		return "ESP32-" + variant
	}
	return name
}

// serverShown is a server's address as lwIP writes it, or SERVER where it must
// be looked up.
func serverShown(text string) string {
	addr, err := netip.ParseAddr(text)
	switch {
	case err != nil:
		return serverWord
	case addr.Is6():
		return "[" + strings.ToUpper(addr.String()) + "]"
	}
	return text
}

// ssidShown is an SSID as the log shows it, or "..." where it is not a line of
// text.
func ssidShown(ssid string) string {
	if !utf8.ValidString(ssid) || strings.ContainsFunc(ssid, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "..."
	}
	return ssid
}
