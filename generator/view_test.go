package generator

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/espgen/espgen/generator/spec"
)

// TestRobustView wants the fields of the robust style ready to print, and zero
// where they are not used.
func TestRobustView(t *testing.T) {
	checked := func(s spec.Spec) *spec.Spec {
		s.Project, s.Target, s.IDF, s.Style = new("p"), new("esp32"), new(">=5.1"), new("robust")
		s.WiFi.PowerSave = new("none")
		return &s
	}
	none := newView(checked(spec.Spec{}), spec.Role{})
	if none.WiFi.Auth != "" || none.WiFi.StaticIP != nil || none.WiFi.Backoff != (BackoffView{}) || none.Core != -1 {
		t.Errorf("got %+v", none)
	}
	view := newView(checked(spec.Spec{
		WiFi: spec.WiFi{
			Auth: new("wpa3_psk"), Hostname: new("h"), BackoffMS: &[2]int{500, 30000},
			StaticIP: spec.StaticIP{Address: new("10.0.0.2"), Netmask: new("255.0.0.0"), Gateway: new("10.0.0.1"), DNS: new("8.8.8.8")},
		},
		Server:  spec.Server{Family: new("dual"), IdleTimeoutS: new(60)},
		Client:  spec.Client{ConnectTimeoutMS: new(10000), BackoffMS: &[2]int{100, 200}},
		Buffers: spec.Buffers{TX: new(64)},
		Socket:  spec.Socket{NoDelay: new(true), SendTimeoutMS: new(5000)},
		Task:    spec.Task{Core: new(0)},
	}), spec.Role{})
	want := *none
	want.WiFi.Auth, want.WiFi.Hostname, want.WiFi.Backoff = "WIFI_AUTH_WPA3_PSK", "h", BackoffView{500, 30000}
	want.WiFi.StaticIP = &StaticIPView{"10.0.0.2", "255.0.0.0", "10.0.0.1", "8.8.8.8"}
	want.Family, want.IPv6, want.Server.IdleTimeoutS = "DUAL", true, 60
	want.Client = ClientView{ConnectTimeoutMS: 10000, Backoff: BackoffView{100, 200}}
	want.TX, want.NoDelay, want.SendTimeoutMS, want.Core = 64, true, 5000, 0
	if diff := cmp.Diff(&want, view); diff != "" {
		t.Error(diff)
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
		if got := strings.ToUpper(spec.Family(&spec.Spec{Server: server})); got != name[:4] {
			t.Errorf("%s: %s", name, got)
		}
		looksUp := server.Addr != nil && *server.Addr == "server.example"
		s := &spec.Spec{Project: new("p"), Target: new("esp32"), IDF: new(">=5.1"), Style: new("robust"), WiFi: spec.WiFi{PowerSave: new("none")}, Server: server}
		if got := newView(s, spec.Role{}).Client.LooksUp; got != looksUp {
			t.Errorf("%s: looks up: %v", name, got)
		}
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
		{spec.Hex("0x1F00"), "0x1F00"},
		{"0x1F00", `"0x1F00"`},
	}
	for _, test := range tests {
		if got := kconfigValue(test.value); got != test.want {
			t.Errorf("kconfigValue(%#v) = %s, want %s", test.value, got, test.want)
		}
	}
}
