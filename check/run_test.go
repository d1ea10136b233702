//go:build linux

package check_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/templates"
)

var cache string

func TestMain(m *testing.M) {
	var err error
	if cache, err = os.MkdirTemp("", "espgen-test-*"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(cache)
	os.Exit(code)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestScratch(t *testing.T) {
	role, err := generator.LoadRole(templates.FS, "tcp-server")
	must(t, err)
	s, err := rules.Check(&spec.Spec{Role: "tcp-server", WiFi: spec.WiFi{SSID: "lab", RetryDelayMS: new(10)}}, role)
	must(t, err)
	files, err := generator.RenderChecked(templates.FS, role, s)
	must(t, err)
	dir := filepath.Join(t.TempDir(), "project")
	must(t, generator.Write(t.Context(), dir, files))
	program, warned, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Sanitize: true, Cache: cache})
	must(t, err)
	t.Log(warned)
	data, err := os.ReadFile("../templates/roles/tcp-server/guide-checks.yaml")
	must(t, err)
	checks, issues := check.Parse("guide-checks.yaml", data)
	for _, i := range issues {
		t.Error(i, i.Hint)
	}
	values, err := generator.Values(s, role)
	must(t, err)
	checks, err = checks.Bind(values)
	must(t, err)
	for _, r := range check.Run(t.Context(), check.Built(program), checks, check.Options{}) {
		t.Log(r.Check, r.Status, r.Took, r.Waited)
		if r.Status != check.Passed {
			t.Error(r.Did["en"], "|", r.Expected["en"], "|", r.Came["zh"], r.Because)
			for _, l := range r.Timeline {
				t.Log(l.MS, l.Who, l.Text)
			}
		}
	}
}
