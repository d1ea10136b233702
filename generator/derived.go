package generator

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/espgen/espgen/generator/expression"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/generator/tree"
)

// A derivation is a value that templates print beside the fields: what these
// mean in C, in Kconfig, and in a README.
type derivation struct {
	path  string
	from  []string // the fields and earlier derivations that it is made of; without one of these it is not there
	maybe []string // those that it is made of where they are there
	value func(s *spec.Spec, d tree.Tree) any
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
	{"chip", []string{"target"}, nil, func(_ *spec.Spec, d tree.Tree) any { return chip(d.Text("target")) }},

	{"wifi.open", []string{"wifi.password"}, nil, func(_ *spec.Spec, d tree.Tree) any { return d.Text("wifi.password") == "" }},
	// They fill their fields, with no room for a NUL.
	{"wifi.ssid_full", []string{"wifi.ssid"}, nil, func(_ *spec.Spec, d tree.Tree) any { return len(d.Text("wifi.ssid")) == ssidField }},
	{"wifi.password_full", []string{"wifi.password"}, nil, func(_ *spec.Spec, d tree.Tree) any { return len(d.Text("wifi.password")) == passwordField }},
	// Kconfig can hold them.
	{"wifi.ssid_in_kconfig", []string{"wifi.ssid"}, nil, func(_ *spec.Spec, d tree.Tree) any { return inKconfig(d.Text("wifi.ssid")) }},
	{"wifi.password_in_kconfig", []string{"wifi.password"}, nil, func(_ *spec.Spec, d tree.Tree) any { return inKconfig(d.Text("wifi.password")) }},
	// An SSID that only a file which git does not see may hold, and no Kconfig.
	{"wifi.ssid_in_header", []string{"wifi.ssid"}, nil, func(s *spec.Spec, d tree.Tree) any {
		_, hidden := s.Hidden["wifi.ssid"]
		return hidden && !inKconfig(d.Text("wifi.ssid"))
	}},
	// The failure with this number is not followed by a retry.
	{"wifi.retry_limit", []string{"wifi.retries"}, nil, func(_ *spec.Spec, d tree.Tree) any { return d.Number("wifi.retries") + 1 }},
	// The constants: "WIFI_PS_NONE", "WIFI_AUTH_WPA2_PSK".
	{"wifi.power_save_type", []string{"wifi.power_save"}, nil, func(_ *spec.Spec, d tree.Tree) any { return "WIFI_PS_" + strings.ToUpper(d.Text("wifi.power_save")) }},
	{"wifi.auth_mode", []string{"wifi.auth"}, nil, func(_ *spec.Spec, d tree.Tree) any { return "WIFI_AUTH_" + strings.ToUpper(d.Text("wifi.auth")) }},

	// The kind of addresses: "IPV4", "IPV6" or "DUAL".
	{"net.family", nil, []string{"server.family", "server.addr"}, func(s *spec.Spec, _ tree.Tree) any { return strings.ToUpper(rules.Family(s)) }},
	{"net.ipv6", []string{"net.family"}, nil, func(_ *spec.Spec, d tree.Tree) any { return d.Text("net.family") != "IPV4" }},
	{"net.only_ipv6", []string{"net.family"}, nil, func(_ *spec.Spec, d tree.Tree) any { return d.Text("net.family") == "IPV6" }},
	// The project connects to a server.
	{"net.connects", nil, []string{"server.addr"}, func(_ *spec.Spec, d tree.Tree) any { return d.Has("server.addr") }},
	// The server's address is a name.
	{"net.looks_up", nil, []string{"server.addr"}, func(_ *spec.Spec, d tree.Tree) any { return d.Has("server.addr") && !isAddress(d.Text("server.addr")) }},

	// Each client has a task of its own.
	{"server.tasks", []string{"server.max_clients"}, nil, func(_ *spec.Spec, d tree.Tree) any { return d.Number("server.max_clients") > 1 }},
	// From the last sign of life to the end of the connection, in seconds.
	{"keepalive.total", []string{"keepalive.idle", "keepalive.interval", "keepalive.count"}, nil, func(_ *spec.Spec, d tree.Tree) any {
		return d.Number("keepalive.idle") + d.Number("keepalive.interval")*d.Number("keepalive.count")
	}},
	// The core, or -1 for any.
	{"task.affinity", []string{"task.core"}, nil, func(_ *spec.Spec, d tree.Tree) any {
		if core, ok := d.At("task.core").(int); ok {
			return core
		}
		return -1
	}},

	// The network gives the board the address by which it is reached.
	{"readme.board_unknown", nil, []string{"wifi.static_ip.address", "net.family"}, func(_ *spec.Spec, d tree.Tree) any {
		return d.At("wifi.static_ip.address") == nil || d.Text("net.family") == "IPV6"
	}},
	{"readme.board", nil, []string{"readme.board_unknown", "wifi.static_ip.address"}, func(_ *spec.Spec, d tree.Tree) any {
		if d.At("readme.board_unknown") == true {
			return boardWord
		}
		return d.At("wifi.static_ip.address")
	}},
	// The server's address as the log of a client shows it.
	{"readme.server", []string{"server.addr"}, nil, func(_ *spec.Spec, d tree.Tree) any { return serverShown(d.Text("server.addr")) }},
	{"readme.server_unknown", []string{"server.addr"}, nil, func(_ *spec.Spec, d tree.Tree) any { return serverShown(d.Text("server.addr")) == serverWord }},
	// The SSID as the log shows it.
	{"readme.ssid", []string{"wifi.ssid"}, nil, func(_ *spec.Spec, d tree.Tree) any { return ssidShown(d.Text("wifi.ssid")) }},
	// What the buffers of all of a server's clients take, in bytes.
	{"readme.buffer_ram", []string{"server.max_clients", "buffers.rx", "buffers.tx"}, nil, func(_ *spec.Spec, d tree.Tree) any {
		return d.Number("server.max_clients") * (d.Number("buffers.rx") + d.Number("buffers.tx"))
	}},
}

// derive adds the derivations of the fields that are there.
func derive(d tree.Tree, s *spec.Spec) {
	for _, v := range derivations {
		if !slices.ContainsFunc(v.from, func(path string) bool { return !d.Has(path) }) {
			d.Put(v.path, v.value(s, d))
		}
	}
}

// sample returns a value of everything that templates of a style may print
// before what the role derives itself, by the types of which expressions are
// understood.
func sample(role role.Role, style role.Style) tree.Tree {
	d := style.Sample(role.Table())
	derive(d, &spec.Spec{})
	for path, value := range map[string]any{"guide": "", "lwip.sockets": 0, "lwip.accept_mailbox": 0} {
		d.Put(path, value)
	}
	return d
}

// deriveOwn adds what the role derives itself.
func deriveOwn(d tree.Tree, role role.Role, style role.Style) error {
	if len(style.Derived) == 0 {
		return nil
	}
	types := sample(role, style)
	for _, own := range style.Derived {
		p, err := expression.Compile(own.Expr, types)
		var value any
		if err == nil {
			value, err = p.Run(d)
		}
		if err != nil {
			return ownFault(role, own, err)
		}
		d.Put(own.Path, value)
		types.Put(own.Path, p.Zero())
	}
	return nil
}

// checkDerived finds what is wrong with a role's own derivations before there is
// a spec.
func checkDerived(role role.Role, style role.Style) error {
	if len(style.Derived) == 0 {
		return nil
	}
	types := sample(role, style)
	for _, own := range style.Derived {
		if types.Has(own.Path) {
			return ownFault(role, own, errors.New("there is a value of this path already"))
		}
		p, err := expression.Compile(own.Expr, types)
		if err != nil {
			return ownFault(role, own, err)
		}
		types.Put(own.Path, p.Zero())
	}
	return nil
}

func ownFault(role role.Role, own role.Derivation, err error) error {
	return &TemplateError{File: roleFile(role.Name), Role: role.Name, Err: fmt.Errorf("derived.%s: %w", own.Path, err)}
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
