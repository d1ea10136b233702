package generator_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/espgen/espgen/exercise"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
)

// hidingRole is a role that has a place of each kind for a hidden value.
const hidingRole = `title: Hiding
summary: hides
params:
  own.text: {type: string, default: "", max: 100, summary: a text}
  own.token: {type: string, default: "", max: 100, secret: true, summary: a token}
  own.copy: {type: string, default_from: own.text, max: 100, summary: a copy}
styles:
  s:
    include: [project]
    hides_options: true
    derived: {own.upper: upper(own.text)}
    sdkconfig:
      - {comment: The text., option: CONFIG_OWN_UPPER, from: own.upper}
    files:
      main/text.h: {hides: true}
      main/token.h: {mode: 0600}
      main/guide.c: {key: PASSWD}
      options: {mode: 0600}
`

var hidingTemplates = map[string]string{
	"roles/hiding/role.yaml":                     hidingRole,
	"roles/hiding/s/options.tmpl":                "{{range .hidden_options}}{{.name}}={{.value}}\n{{end}}",
	"roles/hiding/s/main/token.h.tmpl":           "#define TOKEN {{cquote .own.token}}\n",
	"roles/hiding/s/main/text.h.tmpl":            "#define COPY {{cquote .own.copy}}\n",
	"roles/hiding/s/main/guide.c.tmpl":           "#define TEXT {{cquote .own.text}}\nint i;\n",
	"roles/hiding/s/main/Kconfig.projbuild.tmpl": "config OWN_TEXT\n    string \"T\"\n    default {{kconfigquote .own.text}}\n",
	"roles/hiding/s/README.md.tmpl":              "Says {{markdown .own.text}}.\n\nSays {{markdown .own.text}} or {{markdown .own.upper}}.\n\n{{if contains \"xyz\" .own.text}}xyz{{else}}else{{end}}.\n",
}

// renderHiding renders the role with one more template, as a spec in Go has it.
func renderHiding(t *testing.T, more string, s *spec.Spec) (map[string]generator.File, error) {
	t.Helper()
	files := maps.Clone(hidingTemplates)
	files["roles/hiding/s/more.txt.tmpl"] = more
	s.Role, s.WiFi.SSID = "hiding", "x"
	list, err := generator.Render(overlay(t, files), s)
	got := map[string]generator.File{}
	for _, f := range list {
		got[f.Path] = f
	}
	return got, err
}

// TestHidden wants a hidden value in the files that only their owner may read,
// and nothing of it in others.
func TestHidden(t *testing.T) {
	hidden := map[string]string{"own.text": "the value of !env TEXT"}
	for name, test := range map[string]struct {
		text                              string
		hidden                            map[string]string
		readme, header, guide, opts, conf string
		ignored                           string
		mode                              fs.FileMode
	}{
		"hidden": {
			"la b\"xyz", hidden, "Says SECRET.\n\nSECRET\n\nSECRET\n", "la b\\\"xyz", "#define TEXT \"<hidden>\"\nint i;\n",
			"CONFIG_OWN_TEXT=\"la b\\\"xyz\"\nCONFIG_OWN_UPPER=\"LA B\\\"XYZ\"\n", "", "/main/text.h*\n/main/token.h*\n/options*\n", 0o600,
		},
		"short": {"y", hidden, "Says SECRET.\n\nSECRET\n\nelse.\n", "\"y\"", "#define TEXT \"<hidden>\"\nint i;\n", "CONFIG_OWN_TEXT=\"y\"\nCONFIG_OWN_UPPER=\"Y\"\n", "", "/main/text.h*\n/main/token.h*\n/options*\n", 0o600},
		"shown": {"lab1", nil, "Says lab1.\n\nSays lab1 or LAB1.\n\nelse.\n", "lab1", "", "", "CONFIG_OWN_UPPER=\"LAB1\"\n", "/main/token.h*\n", 0o644},
	} {
		got, err := renderHiding(t, "", &spec.Spec{Own: map[string]any{"own.text": test.text, "own.token": "hunter22"}, Hidden: test.hidden})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(test.readme, string(got["README.md"].Data)); diff != "" {
			t.Errorf("%s: README.md:\n%s", name, diff)
		}
		if f := got["main/text.h"]; f.Mode != test.mode || !strings.Contains(string(f.Data), test.header) {
			t.Errorf("%s: main/text.h has mode %o:\n%s", name, f.Mode, f.Data)
		}
		if diff := cmp.Diff(test.guide, string(got["main/guide.c"].Public)); diff != "" {
			t.Errorf("%s: main/guide.c:\n%s", name, diff)
		}
		if diff := cmp.Diff(test.opts, string(got["options"].Data)); diff != "" {
			t.Errorf("%s: options:\n%s", name, diff)
		}
		if text := string(got["sdkconfig.defaults"].Data); strings.Contains(text, "OWN_UPPER") != (test.conf != "") || !strings.Contains(text, test.conf) {
			t.Errorf("%s: sdkconfig.defaults is\n%s", name, text)
		}
		if _, secrets, _ := strings.Cut(string(got[".gitignore"].Data), "secrets.yaml\n"); secrets != test.ignored {
			t.Errorf("%s: .gitignore ends in %q", name, secrets)
		}
	}
}

// TestExposed has a hidden value in a file that git tracks: it is an error with
// the field, and of the role where the field is a secret.
func TestExposed(t *testing.T) {
	for name, test := range map[string]struct{ more, want string }{
		"a text":     {"text: {{.own.text}}\n", "own.text: the value of !env TEXT would be in more.txt, which git tracks\n\thint: write the value itself: what !env and !secret give may only be in main/guide.c, main/text.h, main/token.h, options"},
		"a length":   {"{{if eq .own.text \"lab1\"}}same{{end}}\n", "own.text: the value of !env TEXT would be in more.txt"},
		"a token":    {"{{.own.token}}\n", "templates/roles/hiding/role.yaml: more.txt would hold the value of own.token, which is a secret: write `more.txt: {mode: 0600}` under files (a fault of espgen's role hiding"},
		"a password": {"{{.wifi.password}}\n", "more.txt would hold the value of wifi.password, which is a secret: "},
		"both":       {"{{.own.text}}{{.project}}\n", "own.text: the value of !env TEXT would be in more.txt, which git tracks\n\thint: write the value itself: what !env and !secret give may only be in main/guide.c, main/text.h, main/token.h, options\nproject: the value of !env NAME would be in CMakeLists.txt"},
	} {
		password := "hunter2222"
		s := &spec.Spec{
			WiFi:   spec.WiFi{Password: &password},
			Own:    map[string]any{"own.text": "lab1", "own.token": "tok1"},
			Hidden: map[string]string{"own.text": "the value of !env TEXT"},
		}
		if name == "both" {
			s.Project, s.Hidden["project"] = &password, "the value of !env NAME"
		}
		_, err := renderHiding(t, test.more, s)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) && !strings.Contains(err.Error(), ": "+test.want) {
			t.Errorf("%s: got %v\nwant %s", name, err, test.want)
		}
		issues, isIssues := errors.AsType[spec.Issues](err)
		if isIssues == (name == "a token" || name == "a password") {
			t.Errorf("%s: it is the fault of the wrong one: %v", name, issues)
		}
	}
}

// TestHiddenInSteps has hidden values in steps, of which a stub alone may hold
// one. None is in a public text of the solution, a hand-out or a mutant.
func TestHiddenInSteps(t *testing.T) {
	const guide = "int i;\n//@step say\n//@title en: Say it\nsay(%s);\n//@stub\n// TODO(say): say {{cquote .own.text}}.\n" +
		"//@mutant twice\n//@title en: Says it twice\nsay({{cquote .own.text}}, {{cquote .own.text}});\n//@end\n"
	const readme = "#@step read\n#@title en: Read it\nSays all.\n#@stub\nSay {{markdown .own.text}}.\n#@end\n"
	const value, marked = "{{cquote .own.text}}", "roles/hiding/s/main/guide.c.tmpl"
	render := func(guide string) ([]generator.File, error) {
		files := maps.Clone(hidingTemplates)
		files[marked], files["roles/hiding/s/README.md.tmpl"] = guide, readme
		return generator.Render(overlay(t, files), &spec.Spec{
			Role: "hiding", WiFi: spec.WiFi{SSID: "x"}, Own: map[string]any{"own.text": "lab1"},
			Hidden: map[string]string{"own.text": "the value of !env TEXT"},
		})
	}
	for name, test := range map[string]struct{ solution, public string }{
		"in all":  {value, "int i;\nsay(\"<hidden>\");\n"},
		"in stub": {"2", "int i;\nsay(2);\n"},
	} {
		files, err := render(fmt.Sprintf(guide, test.solution))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		handOut, err := generator.HandOut(files, []string{"say", "read"})
		if err != nil {
			t.Fatal(err)
		}
		mutant, err := generator.With(files, func(s *exercise.Source) (map[string][]byte, error) { return s.Mutant("say", "twice") })
		if err != nil {
			t.Fatal(err)
		}
		got := func(files []generator.File) string { return string(fileOf(t, files, "main/guide.c").Public) }
		want := [3]string{test.public, "int i;\n// TODO(say): say \"<hidden>\".\n", "int i;\nsay(\"<hidden>\", \"<hidden>\");\n"}
		if diff := cmp.Diff(want, [3]string{got(files), got(handOut), got(mutant)}); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
		if data := string(fileOf(t, handOut, "main/guide.c").Data); data != "int i;\n// TODO(say): say \"lab1\".\n" {
			t.Errorf("%s: the hand-out has %q", name, data)
		}
		if data := string(fileOf(t, handOut, "README.md").Data); data != "Say SECRET.\n" {
			t.Errorf("%s: the hand-out's README is %q", name, data)
		}
		for _, f := range handOut {
			if f.Marked != nil || f.PublicMarked != nil {
				t.Errorf("%s of the hand-out has its markers", f.Path)
			}
		}
	}
	_, err := render(strings.Replace(fmt.Sprintf(guide, value), "Say it", "Say {{.own.text}}", 1))
	if err == nil || !strings.HasPrefix(err.Error(), "own.text: the value of !env TEXT would be in main/guide.c, ") {
		t.Errorf("a step's title: %v", err)
	}
}
