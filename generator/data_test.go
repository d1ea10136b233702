package generator

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/generator/tree"
)

// uses is a role whose style, robust, uses these fields beside the common ones.
func uses(paths ...string) role.Role {
	fields := map[string]role.Use{}
	for _, path := range paths {
		fields[path] = role.Use{}
	}
	return role.Role{Name: "r", Styles: map[string]role.Style{"robust": {Part: role.Part{Fields: fields}}}}
}

func mustData(t *testing.T, s *spec.Spec, role role.Role) tree.Tree {
	t.Helper()
	d, err := newData(s, role)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func checked(s spec.Spec) *spec.Spec {
	s.Project, s.Target, s.IDF, s.Style = new("p"), new("esp32"), new(">=5.1"), new("robust")
	s.WiFi.PowerSave = new("none")
	return &s
}

// TestData wants the fields that the role uses ready to print, what is derived
// of them beside them, and nothing else.
func TestData(t *testing.T) {
	d := mustData(t, checked(spec.Spec{
		WiFi: spec.WiFi{
			Auth: new("wpa3_psk"), Hostname: new("h"), BackoffMS: &[2]int{500, 30000},
			StaticIP: spec.StaticIP{Address: new("10.0.0.2"), Netmask: new("255.0.0.0"), Gateway: new("10.0.0.1"), DNS: new("8.8.8.8")},
		},
		Server:  spec.Server{Family: new("dual"), IdleTimeoutS: new(60), Port: new(80)},
		Buffers: spec.Buffers{TX: new(64)},
		Task:    spec.Task{Core: new(0)},
	}), uses("wifi.auth", "wifi.backoff_ms", "wifi.static_ip.address", "wifi.static_ip.netmask", "server.family", "server.idle_timeout_s", "buffers.tx", "task.core"))
	want := map[string]any{
		"wifi.auth": "wpa3_psk", "wifi.auth_mode": "WIFI_AUTH_WPA3_PSK", "wifi.backoff_ms": tree.Tree{"first": 500, "longest": 30000},
		"wifi.static_ip": tree.Tree{"address": "10.0.0.2", "netmask": "255.0.0.0"}, "net.family": "DUAL", "net.ipv6": true, "net.only_ipv6": false,
		"server.idle_timeout_s": 60, "buffers": tree.Tree{"tx": 64}, "task.core": 0, "task.affinity": 0, "chip": "ESP32",
	}
	for path, value := range want {
		if diff := cmp.Diff(value, d.At(path)); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
	for _, path := range []string{"server.port", "wifi.hostname", "client", "keepalive", "wifi.retry_limit", "server.tasks", "readme.server"} {
		if d.Has(path) {
			t.Errorf("%s is not used, and is %v", path, d.At(path))
		}
	}
	none := mustData(t, checked(spec.Spec{}), uses("wifi.static_ip.address", "task.core"))
	if none.At("wifi.static_ip") != nil || !none.Has("wifi.static_ip") || none.At("task.affinity") != -1 {
		t.Errorf("got %v", none)
	}
}

// TestFamily wants the kind of addresses that a server's family, or the address
// that a client is given, asks for.
func TestFamily(t *testing.T) {
	tests := map[string]spec.Server{
		"IPV4 of a guide's server": {},
		"IPV6 of a server":         {Family: new("ipv6")},
		"IPV4 of a client":         {Addr: new("192.168.1.2")},
		"IPV6 of a client":         {Addr: new("fe80::2")},
		"DUAL of a client":         {Addr: new("server.example")},
	}
	for name, server := range tests {
		if got := strings.ToUpper(rules.Family(&spec.Spec{Server: server})); got != name[:4] {
			t.Errorf("%s: %s", name, got)
		}
		looksUp := server.Addr != nil && *server.Addr == "server.example"
		role := uses()
		if server.Addr != nil {
			role = uses("server.addr")
		}
		if got := mustData(t, checked(spec.Spec{Server: server}), role).At("net.looks_up"); got != looksUp {
			t.Errorf("%s: looks up: %v", name, got)
		}
	}
}

// TestReadmeData wants what the READMEs show of the log to be the spec's, and
// what the spec does not know marked.
func TestReadmeData(t *testing.T) {
	static := spec.StaticIP{Address: new("10.1.2.3")}
	role := uses("wifi.static_ip.address", "server.addr", "server.family")
	for _, test := range []struct {
		spec                spec.Spec
		board, server, ssid string
	}{
		{spec.Spec{WiFi: spec.WiFi{SSID: "校园网 5"}, Server: spec.Server{Family: new("ipv4")}}, "BOARD", "SERVER", "校园网 5"},
		{spec.Spec{WiFi: spec.WiFi{SSID: "a\nb", StaticIP: static}, Server: spec.Server{Addr: new("10.0.0.9")}}, "10.1.2.3", "10.0.0.9", "..."},
		{spec.Spec{WiFi: spec.WiFi{SSID: "\xff", StaticIP: static}, Server: spec.Server{Addr: new("pc.lan")}}, "10.1.2.3", "SERVER", "..."},
		{spec.Spec{WiFi: spec.WiFi{SSID: "x", StaticIP: static}, Server: spec.Server{Addr: new("fe80::1234")}}, "BOARD", "[FE80::1234]", "x"},
	} {
		d := mustData(t, checked(test.spec), role)
		if d.At("readme.board") != test.board || d.At("readme.server") != test.server || d.At("readme.ssid") != test.ssid {
			t.Errorf("%+v: got %v\nwant %q, %q, %q", test.spec, d.At("readme"), test.board, test.server, test.ssid)
		}
		if d.At("readme.board_unknown") != (test.board == "BOARD") || d.At("readme.server_unknown") != (test.server == "SERVER") {
			t.Errorf("%+v: got %v", test.spec, d.At("readme"))
		}
	}
}

// TestRequires wants what main requires to be what options need, what the spec
// names, and what the code calls, each once.
func TestRequires(t *testing.T) {
	r := uses()
	style := r.Styles["robust"]
	style.Components = []role.Component{{Name: "esp_wifi"}, {Name: "lwip"}}
	r.Styles["robust"] = style
	d := mustData(t, checked(spec.Spec{Requires: []string{"lwip", "esp_driver_gpio"}, Sdkconfig: map[string]any{"CONFIG_SPIRAM": true}}), r)
	if diff := cmp.Diff([]string{"esp_driver_gpio", "esp_psram", "lwip", "esp_wifi"}, d.At("components")); diff != "" {
		t.Error(diff)
	}
}

// TestInKconfig wants Kconfig to get nothing that its readers change.
func TestInKconfig(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "my network-5G (2)": true, "caf\u00e9": false, "a\nb": false, "$HOME": false, `a"b`: false, `a\b`: false, "it's": false,
	} {
		if got := inKconfig(text); got != want {
			t.Errorf("inKconfig(%q) = %v", text, got)
		}
	}
}

func TestKconfigValue(t *testing.T) {
	tests := []struct {
		value any
		want  string
	}{
		{true, "y"},
		{false, "n"},
		{"y", "y"},
		{"n", "n"},
		{"yes", `"yes"`},
		{"", `""`},
		{`a"b`, `"a\"b"`},
		{-7, "-7"},
		{field.Hex("0x1F00"), "0x1F00"},
		{"0x1F00", `"0x1F00"`},
	}
	for _, test := range tests {
		if got := kconfigValue(test.value); got != test.want {
			t.Errorf("kconfigValue(%#v) = %s, want %s", test.value, got, test.want)
		}
	}
}
