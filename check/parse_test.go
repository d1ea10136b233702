package check_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/library"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestIssues has files with faults: each is told at its place, and all of them
// in one run.
func TestIssues(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"": {"1:1: the file is empty"},
		"checks:\n  - name: a\n    do: [connekt]\n": {`3:10: unknown step "connekt" (did you mean connect?)`},
		"check:\n  - name: a\n":                     {`1:1: a file of checks has no key "check" (did you mean checks?)`},
		"checks: 3\n":                               {`1:9: checks must be a list, and this is "3" (begin each with a hyphen)`},
		"checks:\n  - nmae: a\n    do: [connect]\n": {`2:5: a check has no key "nmae" (did you mean name?)`},
		"checks:\n  - name: A b\n    do: [connect]\n": {
			`2:11: the name must be made of small letters, digits and hyphens, and this is "A b"`,
		},
		"checks:\n  - name: a\n": {"2:5: the check does nothing (write do: and a list of steps)"},
		"checks:\n  - name: a\n    do: [connect]\n  - name: a\n    do: [connect]\n": {"4:11: two checks have the name a"},
		"checks:\n  - name: a\n    depends: [b]\n    do: [connect]\n  - name: b\n    depends: [a, c]\n    do: [connect]\n": {
			"3:15: a depends on b, which depends on it in turn",
			"6:15: b depends on a, which depends on it in turn",
			"6:18: b depends on c, which is no check of this file (allowed: a, b)",
		},
		"checks:\n  - name: a\n    do:\n      - send: {on: x, text: a}\n      - connect: x\n      - send: {on: y, text: a, hex: 00}\n      - expect: {hex: 0}\n": {
			`4:20: no connection with the name "x" is open here`,
			`6:9: send says 2 times which bytes are meant (write one of text, hex and pattern)`,
			`7:23: "0" is not hexadecimal (write two digits for each byte, such as 00 ff)`,
		},
		"checks:\n  - name: a\n    wifi: [drip=2s]\n    seeds: 0\n    points: -1\n    do:\n      - connect: {within: 5, as: b}\n      - never: connect\n": {
			`2:5: wifi: unknown event "drip"`,
			"4:12: seeds is 0; it must be from 1 to 100",
			`5:13: points must be a number from 0 to 1000, and this is "-1"`,
			`7:27: connect.within must be a time up to 10m0s, and this is "5" (write a time such as 300ms or 2s)`,
			`8:16: unknown step "connect"`,
		},
		"checks:\n  - name: a\n    do:\n      - heap: {since: b}\n      - log: {match: '('}\n      - call: {nam: b}\n      - options: {of: conected, SO_KEEPALIV: 1}\n": {
			`4:9: no mark-heap before this step has the name "b"`,
			"5:22: log.match is no regular expression: error parsing regexp: missing closing ): `(`",
			`6:16: call has no key "nam" (did you mean name?)`,
			`6:9: call needs name: of the function, or of several with | between them`,
			`7:23: options.of cannot be "conected" (did you mean connected?)`,
			`7:33: options has no key "SO_KEEPALIV" (did you mean SO_KEEPALIVE?)`,
		},
		"checks:\n  - &a {name: a, do: [connect]}\n  - *a\n": {"3:5: an alias is not allowed here (write the value itself)"},
		"checks:\n  - name: a\n    do: [{connect: b, accept: c}]\n": {
			"3:23: accept stands beside connect in one step (begin each step with a hyphen)",
		},
		"checks:\n  - name: a\n    do: [{log: {count: 2}}, {note: {text: a, match: b}}]\n": {
			"3:11: log needs text or match, one of them", "3:30: note needs text or match, one of them",
		},
		"checks: [\n": {"1:1: the file is not valid YAML: did not find expected node content"},
		"checks:\n  - name: a\n    do: [connect]\n    name: b\n":                                {"4:5: name is given twice"},
		"checks:\n  - name: a\n    each-call-fails: {}\n    net: [fail=3]\n    do: [connect]\n": {"2:5: each-call-fails and a net that has fail cannot both be given"},
	} {
		_, issues := check.Parse("c.yaml", []byte(text))
		var got []string
		for _, i := range issues {
			line := strings.TrimPrefix(i.Error(), "c.yaml:")
			if i.Hint != "" {
				line += " (" + i.Hint + ")"
			}
			got = append(got, line)
		}
		for _, w := range want {
			if !slices.ContainsFunc(got, func(g string) bool { return strings.HasPrefix(g, w) }) {
				t.Errorf("%s\nis not told: %s\nbut: %s", text, w, strings.Join(got, "\n"))
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s\n%d issues, want %d:\n%s", text, len(got), len(want), strings.Join(got, "\n"))
		}
	}
}

// TestHostileFiles wants an answer, and no panic, for what is no file of checks.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"\x00", "\xff\xfe", "[", "a: &a [*a]", "checks:", "checks: [null]", "checks: [[]]", "checks: [{do: [null]}]", "checks: [{name: {}, do: {}}]",
		"checks: [{name: a, do: [{never: 3}]}]", "checks: [{name: a, do: [{repeat: {times: 99999999999999999999, do: []}}]}]",
		"checks: [{name: a, title: [], do: [{connect: [a]}]}]", "checks: [{name: a, do: [{send: \"${\"}]}]", "checks: [{? {a: b} : c}]",
		"checks: [{name: a, do: [" + strings.Repeat("{retry: {do: [", 50) + "connect" + strings.Repeat("]}}", 50) + "]}]",
		"checks: [" + strings.Repeat("{name: a, do: [connect]},", 2000) + "]",
		strings.Repeat("x", 2<<20),
	} {
		if _, issues := check.Parse("c.yaml", []byte(text)); len(issues) == 0 {
			t.Errorf("nothing is wrong with %.60q", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	forEachFile(f, func(_ string, text []byte) { f.Add(text) })
	f.Fuzz(func(t *testing.T, text []byte) {
		checks, issues := check.Parse("c.yaml", text)
		for _, i := range issues {
			if i.Line < 1 || i.Column < 1 {
				t.Errorf("%+v", i)
			}
		}
		if len(issues) > 0 {
			return
		}
		_, _ = checks.Bind(map[string]any{"server.port": 1})
		again, err := checks.YAML()
		if err != nil {
			t.Fatal(err)
		}
		if _, issues := check.Parse("c.yaml", again); len(issues) > 0 {
			t.Errorf("%v\n%s", issues, again)
		}
	})
}

// forEachFile calls a function for each file of ready-made checks.
func forEachFile(tb testing.TB, f func(name string, text []byte)) {
	tb.Helper()
	lib := library.BuiltIn()
	roles, err := lib.Roles()
	if err != nil {
		tb.Fatal(err)
	}
	n := 0
	for _, role := range roles {
		for style := range role.Styles {
			if name, text, err := lib.Checks(role.Name, style); err == nil {
				f(name, text)
				n++
			}
		}
	}
	if n == 0 {
		tb.Fatal("no style has checks")
	}
}

// TestEveryStyleHasChecks wants checks for each style, with a title and a hint in
// both languages and the guide's section, that fit each spec of ../specs.
func TestEveryStyleHasChecks(t *testing.T) {
	t.Parallel()
	lib := library.BuiltIn()
	roles, err := lib.Roles()
	must(t, err)
	paths, err := filepath.Glob("../specs/*.yaml")
	must(t, err)
	for _, role := range roles {
		for style := range role.Styles {
			name, text, err := lib.Checks(role.Name, style)
			must(t, err)
			checks, issues := check.Parse(name, text)
			for _, issue := range issues {
				t.Error(issue, issue.Hint)
			}
			for _, c := range checks {
				for _, language := range []string{"en", "zh"} {
					if c.Title[language] == "" || c.Hint[language] == "" {
						t.Errorf("%s: %s has no title or no hint in %s", name, c.Name, language)
					}
				}
				if c.Guide == "" {
					t.Errorf("%s: %s does not say which section of the guide it is about", name, c.Name)
				}
			}
			for _, p := range paths {
				s := sampleSpec(t, p, role)
				if s == nil || *s.Style != style {
					continue
				}
				values, err := generator.Values(s, role)
				must(t, err)
				bound, err := checks.Bind(values)
				if err != nil || len(bound) < 5 {
					t.Errorf("%s with %s: %d checks, %v", name, p, len(bound), err)
				}
			}
		}
	}
	if _, _, err := lib.Checks("nobody", "guide"); !isNotExist(err) {
		t.Errorf("got %v", err)
	}
}

func isNotExist(err error) bool {
	return err != nil && strings.Contains(err.Error(), fs.ErrNotExist.Error())
}

// TestSchema holds the schema and Parse to each other.
func TestSchema(t *testing.T) {
	t.Parallel()
	text, err := check.Schema()
	must(t, err)
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	must(t, err)
	c := jsonschema.NewCompiler()
	must(t, c.AddResource("checks.json", parsed))
	schema, err := c.Compile("checks.json")
	must(t, err)
	valid := func(text []byte) error {
		var v any
		if err := yaml.Unmarshal(text, &v); err != nil {
			return err
		}
		return schema.Validate(v)
	}
	forEachFile(t, func(name string, text []byte) {
		if err := valid(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	})
	for _, text := range []string{
		"checks: []", "checks: [{name: a}]", "checks: [{name: A, do: [connect]}]", "checks: [{name: a, do: [connekt]}]", "checks: [{name: a, do: [{send: {hex: 00}, accept: b, when: c}]}]",
		"checks: [{name: a, do: [{never: {connect: a}}]}]", "checks: [{name: a, do: [{repeat: {times: 0, do: [connect]}}]}]", "checks: [{name: a, do: [{silent: {}}]}]",
		"checks: [{name: a, points: -1, do: [connect]}]", "checks: [{name: a, do: [{options: {of: x}}]}]",
	} {
		_, issues := check.Parse("c.yaml", []byte(text))
		if valid([]byte(text)) == nil || len(issues) == 0 {
			t.Errorf("%s: the schema says %v, Parse %v", text, valid([]byte(text)), issues)
		}
	}
}

// TestBind fills values in, and tells what is wrong with them at its place.
func TestBind(t *testing.T) {
	t.Parallel()
	const text = `checks:
  - name: a
    title: port ${server.port}
    when: server.port > 1000 and not open
    do:
      - connect
      - send: "$${x} ${server.port + 1}"
  - name: b
    when: open
    do: [connect]
  - name: c
    depends: [a, b]
    do:
      - connect
      - when: open
        echo: x
`
	checks, issues := check.Parse("c.yaml", []byte(text))
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	for _, values := range []map[string]any{
		{"server.port": 8080, "open": false},
		{"server": map[string]any{"port": 8080}, "open": false},
	} {
		bound, err := checks.Bind(values)
		must(t, err)
		if got := fmt.Sprint(len(bound), bound[0].Title["en"], bound[1].Depends); got != "2port 8080[a]" && got != "2 port 8080 [a]" {
			t.Errorf("got %s", got)
		}
	}
	_, err := checks.Bind(map[string]any{"server.prt": 8080, "open": 3})
	for _, want := range []string{"c.yaml:4:11: ", "c.yaml:9:11: when: open is neither true nor false"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not have %q", err, want)
		}
	}
	if checks[0].Title["en"] != "port ${server.port}" {
		t.Error("Bind has changed what it was given")
	}
}

// TestYAML writes some of the checks of a file, with other points.
func TestYAML(t *testing.T) {
	t.Parallel()
	checks, issues := check.Parse("c.yaml", []byte("checks:\n  - {name: a, do: [connect]}\n  - {name: b, hidden: true, catches: [x/y], do: [connect]}\n  - {name: c, depends: [a, b], do: [connect]}\n"))
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	changed := *checks[2]
	changed.Points = 2.5
	text, err := check.Checks{checks[0], &changed}.YAML()
	must(t, err)
	again, issues := check.Parse("again.yaml", text)
	if len(issues) > 0 || len(again) != 2 || again[1].Points != 2.5 || fmt.Sprint(again[1].Depends) != "[a]" || strings.Contains(string(text), "x/y") {
		t.Errorf("%v\n%s", issues, text)
	}
}

// sampleSpec is a spec of a role, with times that a test need not wait for; nil
// for another role's.
func sampleSpec(t *testing.T, p string, role role.Role) *spec.Spec {
	t.Helper()
	text, err := os.ReadFile(p)
	must(t, err)
	file := spec.Parse(p, text, spec.Sources{})
	if file.Role() != role.Name {
		return nil
	}
	s, err := rules.CheckFile(file, role)
	must(t, err)
	for _, ms := range []*int{s.WiFi.WaitMS, s.WiFi.RetryDelayMS} {
		if ms != nil {
			*ms = min(*ms, 200)
		}
	}
	if s.Client.ConnectTimeoutMS != nil {
		*s.Client.ConnectTimeoutMS = 3000
	}
	if s.WiFi.Retries != nil {
		*s.WiFi.Retries = min(*s.WiFi.Retries, 5)
	}
	for _, pair := range []*[2]int{s.WiFi.BackoffMS, s.Client.BackoffMS} {
		if pair != nil {
			*pair = [2]int{100, 400}
		}
	}
	return s
}
