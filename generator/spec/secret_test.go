package spec_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/espgen/espgen/generator/spec"
)

// TestSecrets looks up secrets of every kind.
func TestSecrets(t *testing.T) {
	s, err := spec.ParseSecrets("secrets.yaml", []byte(`wifi: correct horse
pin: "0042"
number: 12345678
hex: 0x10
yes: true
date: 2026-01-02
binary: !!binary aHVudGVyMg==
base: &base {shared: from the base}
<<: *base
same: &same text
alias: *same
null:
tilde: ~
quoted: ""
word: null
env: !env HOME
secret: !secret other
include: !include hunter2.yaml
list: [hunter2]
wide: “hunter2”
space: 　hunter2
own: "“text”"
base64: !!binary "*"
`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"wifi": "correct horse", "pin": "0042", "number": "12345678", "hex": "0x10", "yes": "true", "date": "2026-01-02", "binary": "hunter2",
		"shared": "from the base", "alias": "text", "own": "“text”",
	} {
		if got, ok, err := s.Find(name); got != want || !ok || err != nil {
			t.Errorf("%s: got %q, %v, %v", name, got, ok, err)
		}
	}
	for name, want := range map[string]string{
		"null":    "secrets.yaml:12:6: it has no value",
		"tilde":   "secrets.yaml:13:8: it has no value",
		"quoted":  "secrets.yaml:14:9: it is empty",
		"word":    "secrets.yaml:15:7: it has no value",
		"env":     "secrets.yaml:16:6: a secret is the text itself: a tag such as !env has no meaning here",
		"secret":  "secrets.yaml:17:9: a secret is the text itself",
		"include": "secrets.yaml:18:10: a secret is the text itself",
		"list":    "secrets.yaml:19:7: a text is needed here, not a list",
		"wide":    "secrets.yaml:20:7: the value is in typographic quotes",
		"space":   "secrets.yaml:21:8: unexpected full-width space (U+3000)",
		"base64":  "secrets.yaml:23:9: !!binary is not followed by base64",
	} {
		if _, ok, err := s.Find(name); ok || err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v, %v, want %s", name, ok, err, want)
		}
	}
	if _, ok, err := s.Find("other"); ok || err != nil {
		t.Errorf("other: got %v, %v", ok, err)
	}
}

// TestSecretsErrors reads files that are no secrets.yaml. No error shows a
// value.
func TestSecretsErrors(t *testing.T) {
	for text, want := range map[string]string{
		"- hunter2":                       "s:1:1: a map of names to texts is needed here, not a list",
		"hunter2":                         "s:1:1: a map of names to texts is needed here, not a string",
		"hunter2: {":                      "s:1:1: not YAML",
		"a: *hunter2":                     "s:1:4: not YAML",
		"a: 1\nb: 2\na: hunter2":          "s:3:1: a: given twice; the first is in line 1",
		"\ufeffwifi：hunter2":              "s:1:5: unexpected full-width colon (U+FF1A)",
		"# 注：\nwifi：hunter2":              "s:2:5: unexpected full-width colon (U+FF1A)",
		"wifi：hunter2\nname: x":           "s:1:5: not YAML: unexpected full-width colon (U+FF1A)",
		"a: \x01":                         "s:1:4: not YAML: control characters",
		"# " + strings.Repeat("x", 1<<20): "s is larger than the limit of 1048576 bytes",
		"a: &a [*a]":                      "s:1:1: written out, the file's aliases give too many values",
	} {
		if _, err := spec.ParseSecrets("s", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%.20q: got %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{"", "# nothing\n", "~\n", "%YAML 1.2\n---\na: b\n...\n"} {
		if _, err := spec.ParseSecrets("s", []byte(text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestManySecrets has as many secrets as a file may hold. The yaml package
// compares each name with all others, and takes minutes.
func TestManySecrets(t *testing.T) {
	var b strings.Builder
	for i := 0; b.Len() < spec.MaxBytes-10; i++ {
		fmt.Fprintf(&b, "%x: x\n", i)
	}
	s, err := spec.ParseSecrets("s", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if value, ok, err := s.Find("ffff"); value != "x" || !ok || err != nil {
		t.Errorf("got %q, %v, %v", value, ok, err)
	}
}

// FuzzSecrets wants no panic.
func FuzzSecrets(f *testing.F) {
	f.Add("wifi: correct horse\n", "wifi")
	f.Add("a: &a {b: !!binary x}\n<<: [*a, *a]\n", "b")
	f.Fuzz(func(t *testing.T, text, name string) {
		s, err := spec.ParseSecrets("s", []byte(text))
		if err != nil {
			return
		}
		if value, ok, err := s.Find(name); ok && (value == "" || err != nil) {
			t.Errorf("got %q, %v", value, err)
		}
	})
}
