package generator

import (
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
	want.Server.Family, want.Server.IdleTimeoutS = "dual", 60
	want.Client = ClientView{10000, BackoffView{100, 200}}
	want.TX, want.NoDelay, want.SendTimeoutMS, want.Core = 64, true, 5000, 0
	if diff := cmp.Diff(&want, view); diff != "" {
		t.Error(diff)
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
