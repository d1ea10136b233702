// Package spectest helps the tests of specs.
package spectest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/templates"
)

// Role loads one of espgen's roles.
func Role(tb testing.TB, name string) role.Role {
	tb.Helper()
	r, err := generator.LoadRole(templates.FS, name)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// CheckIssues wants these issues, each with a hint, and without a secret.
func CheckIssues(t *testing.T, issues spec.Issues, want []string) {
	t.Helper()
	var got []string
	for _, i := range issues {
		if i.Hint == "" {
			t.Errorf("%v: no hint", i)
		}
		if strings.Contains(fmt.Sprint(i, i.Hint), "hunter2") {
			t.Errorf("%v: shows a secret", i)
		}
		CheckPrints(t, i)
		got = append(got, strings.TrimPrefix(i.Error(), "s.yaml:")+" | "+i.Hint)
	}
	if len(got) != len(want) {
		t.Fatalf("got %d issues, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
	for n, w := range want {
		if !matches(got[n], w) {
			t.Errorf("got  %s\nwant %s", got[n], w)
		}
	}
}

// matches reports whether text is of the form want, in which * is any text.
func matches(text, want string) bool {
	parts := strings.Split(want, "*")
	if !strings.HasPrefix(text, parts[0]) || len(parts) == 1 && text != want {
		return false
	}
	text = text[len(parts[0]):]
	for _, part := range parts[1:] {
		_, rest, ok := strings.Cut(text, part)
		if !ok {
			return false
		}
		text = rest
	}
	return true
}

// Bomb is a file in which n levels of ten aliases each stand for 10^n values.
func Bomb(n int) string {
	var b strings.Builder
	b.WriteString("x-0: &x0 [a]\n")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "x-%d: &x%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*x%d,", i-1), 10), ","))
	}
	return b.String() + "wifi: {ssid: x}"
}

// Lines writes a test's spec on few lines: ; begins the next one.
func Lines(text string) string { return strings.ReplaceAll(text, "; ", "\n") + "\n" }

// Sources know a few variables of the environment, and secrets.
var Sources = spec.Sources{
	Env: func(name string) (string, bool) {
		values := map[string]string{"SSID": "from the environment", "SHORT": "hunter2", "TEST": "test", "C5": "esp32c5", "LINES": "hunter2\n", "OPEN": "open", "LAN": "192.168.7.0", "ADDR": "not an address"}
		v, ok := values[name]
		return v, ok
	},
	Secret: func(_, name string) (string, bool, error) {
		values := map[string]string{"wifi": "correct horse", "bad": "hunter2"}
		if name == "broken" {
			return "", false, errors.New("open secrets.yaml: permission denied")
		}
		v, ok := values[name]
		return v, ok, nil
	},
}

// Roles loads all of espgen's roles.
func Roles(tb testing.TB) []role.Role {
	tb.Helper()
	names, err := generator.RoleNames(templates.FS)
	if err != nil {
		tb.Fatal(err)
	}
	var roles []role.Role
	for _, name := range names {
		roles = append(roles, Role(tb, name))
	}
	return roles
}

// CheckPrints wants an issue to print as two short lines of text.
func CheckPrints(t *testing.T, i spec.Issue) {
	t.Helper()
	for _, line := range []string{i.Error(), i.HintLine()} {
		if strings.ContainsFunc(line, unicode.IsControl) || len(line) > 4000 {
			t.Errorf("%.4000q is not one short line of text", line)
		}
	}
}
