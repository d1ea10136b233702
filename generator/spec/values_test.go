package spec_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/spec"
)

// someSources look up names as a test needs them.
func someSources(set ...string) spec.Sources {
	return spec.Sources{
		Set:    set,
		Env:    func(name string) (string, bool) { return "env-" + name, name != "NONE" },
		Secret: func(_, name string) (string, bool, error) { return "secret-" + name, true, nil },
	}
}

const someSpec = `role: tcp-client
style: !env STYLE
wifi: {ssid: !env NET, password: hunter22hunter22, backoff_ms: [500, 1000]}
server: {addr: 10.0.0.1, port: 9000}
client: {greeting: "a: b\n# c\L"}
keepalive: {enable: false}
sdkconfig: {CONFIG_B: 0x1F, CONFIG_A: !secret host, CONFIG_C: "0x1F", CONFIG_D: "y", CONFIG_E: true}
`

// TestValues wants a value on a line for each field, given or not, without any
// secret.
func TestValues(t *testing.T) {
	f := spec.Parse("s", []byte(someSpec), someSources("server.port=9001", "server.port=9002", "wifi.backoff_ms=[1, 2]", "wifi.hostname="))
	var got []string
	values := f.Values()
	for _, v := range values {
		text := v.Path + ": " + v.Text
		if v.Set {
			text += " (set)"
		}
		if v.Hidden {
			text += " (hidden)"
		}
		if text != v.Path+": " {
			got = append(got, text)
		}
	}
	if want := len(field.Shared()) - 1 + 5; len(values) != want { // sdkconfig is its options
		t.Errorf("there are %d values, not %d", len(values), want)
	}
	want := []string{
		"role: tcp-client", "style: !env STYLE", "wifi.ssid: !env NET", "wifi.password:  (hidden)", "wifi.backoff_ms: [1, 2] (set)",
		"wifi.hostname:  (set)", "server.addr: 10.0.0.1", "server.port: 9002 (set)", `client.greeting: "a: b\n# c\L"`, "keepalive.enable: false",
		"sdkconfig.CONFIG_A: !secret host", "sdkconfig.CONFIG_B: 0x1F", `sdkconfig.CONFIG_C: "0x1F"`, `sdkconfig.CONFIG_D: "y"`, "sdkconfig.CONFIG_E: true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestSetSecret wants no value of a secret that --set gave, unless it is empty.
func TestSetSecret(t *testing.T) {
	for value, hidden := range map[string]bool{"hunter22hunter22": true, "": false} {
		for _, v := range spec.Parse("s", []byte("wifi: {ssid: x}"), someSources("wifi.password="+value)).Values() {
			if v.Path == "wifi.password" && (v.Hidden != hidden || v.Text != "" || !v.Set) {
				t.Errorf("%q: %+v", value, v)
			}
		}
	}
}

// TestParseValues reads a spec's values again: they are the same, but for those
// of --set and the hidden ones.
func TestParseValues(t *testing.T) {
	f := spec.Parse("s", []byte(someSpec), someSources("server.port=9001"))
	values := f.Values()
	again := spec.ParseValues("p/espgen.lock", values, someSources("server.port=9001"))
	password := "hunter22hunter22"
	again.Spec.WiFi.Password = &password
	if diff := cmp.Diff(f.Spec, again.Spec); diff != "" {
		t.Error(diff)
	}
	if len(again.Issues()) > 0 {
		t.Error(again.Issues())
	}
	broken := spec.ParseValues("p/espgen.lock", []spec.Value{{Path: "wifi.retrie", Text: "3"}, {Path: "wifi.ssid", Text: "!env NONE"}, {Path: "server.port", Text: "many"}}, spec.Sources{})
	want := `p/espgen.lock: wifi: unknown key "retrie"
p/espgen.lock: wifi.ssid: the environment has no variable "NONE"
p/espgen.lock: server.port: a whole number is needed here, not a string`
	var got []string
	for _, i := range broken.Issues() {
		got = append(got, i.Error())
	}
	if diff := cmp.Diff(want, strings.Join(got, "\n")); diff != "" {
		t.Error(diff)
	}
}
