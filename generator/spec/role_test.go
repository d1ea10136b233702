package spec_test

import (
	"slices"
	"strings"
	"testing"

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
		role := spec.Role{Name: name, Summary: "x", Styles: map[string]spec.Style{"guide": {}}}
		problems := role.Problems()
		if want == "" && len(problems) > 0 || want != "" && !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, want) }) {
			t.Errorf("%s: got %q, want %q", name, problems, want)
		}
	}
}
