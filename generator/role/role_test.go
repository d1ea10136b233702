package role_test

import (
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
)

// TestRoleNames wants a role's name to give a name that a project may have.
func TestRoleNames(t *testing.T) {
	for name, want := range map[string]string{
		"udp-beacon":            "",
		"tcp-server-2":          "",
		"main":                  `the project's default name: "main" is a name that CMake or ESP-IDF uses itself`,
		"esp-tee":               `the project's default name: "esp_tee" is a name that CMake`,
		"Beacon":                `the project's default name: "Beacon" is not of the form`,
		"2nd":                   `the project's default name: "2nd" is not of the form`,
		strings.Repeat("x", 33): "is not of the form it must have",
	} {
		role := role.Role{Name: name, Title: "X", Summary: "x", Styles: map[string]role.Style{"guide": {}}}
		problems := role.Problems()
		if want == "" && len(problems) > 0 || want != "" && !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, want) }) {
			t.Errorf("%s: got %q, want %q", name, problems, want)
		}
	}
}

// TestStaticOfRole gives a style more static RAM than any spec may have.
func TestStaticOfRole(t *testing.T) {
	role := role.Role{Name: "x", Styles: map[string]role.Style{"guide": {Part: role.Part{Static: map[string]any{"a": 98305}}}}}
	_, err := rules.Check(&spec.Spec{WiFi: spec.WiFi{SSID: "x"}}, role)
	if err == nil || !strings.HasPrefix(err.Error(), "style: too much static RAM: 98305 (a) = 98305 bytes, above the limit of 98304") {
		t.Errorf("got %v, want too much static RAM", err)
	}
}

// TestRoleDefaults gives a role defaults of its own, as its role.yaml has them.
func TestRoleDefaults(t *testing.T) {
	role := role.Role{Name: "x"}
	text := "title: X\nsummary: x\nstyles: {s: {fields: {wifi.backoff_ms: {default: [700, 8_000]}, server.addr: {default: example.com}, buffers.tx: {}}}}\n"
	if err := yaml.Unmarshal([]byte(text), &role); err != nil {
		t.Fatal(err)
	}
	if problems := role.Problems(); len(problems) > 0 {
		t.Fatal(problems)
	}
	s, err := rules.Check(&spec.Spec{Style: new("s"), WiFi: spec.WiFi{SSID: "x"}}, role)
	if err != nil {
		t.Fatal(err)
	}
	if *s.WiFi.BackoffMS != [2]int{700, 8000} || *s.Server.Addr != "example.com" || s.Buffers.TX != nil {
		t.Errorf("got %v, %v, %v", *s.WiFi.BackoffMS, *s.Server.Addr, s.Buffers.TX)
	}
}
