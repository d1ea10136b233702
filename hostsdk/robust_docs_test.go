//go:build linux

package hostsdk_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestRobustDocs holds the table of docs/robust.md to the tests that there are:
// fifteen rows, each with one. In parentheses are parts of a test, or of
// TestReadyChecks the checks of the robust style.
func TestRobustDocs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/robust.md")
	must(t, err)
	var sources []string
	for _, pattern := range []string{"*_test.go", "../check/*_test.go", "../templates/roles/*/robust-checks.yaml"} {
		found, err := filepath.Glob(pattern)
		must(t, err)
		sources = append(sources, found...)
	}
	var tests strings.Builder
	for _, source := range sources {
		code, err := os.ReadFile(source)
		must(t, err)
		tests.Write(code)
	}
	_, table, _ := strings.Cut(string(text), "| pain |")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := 0
	for row := range strings.Lines(table) {
		named := regexp.MustCompile("`(Test\\w+)`(?: \\(([^)]*)\\))?").FindAllStringSubmatch(row, -1)
		if len(named) > 0 {
			rows++
		}
		for _, m := range named {
			if !strings.Contains(tests.String(), "func "+m[1]+"(") {
				t.Errorf("there is no %s", m[1])
			}
			for part := range strings.SplitSeq(m[2], ", ") {
				if part != "" && !strings.Contains(tests.String(), `"`+part+`"`) && !strings.Contains(tests.String(), "- name: "+part+"\n") {
					t.Errorf("%s has no part %q", m[1], part)
				}
			}
		}
	}
	if rows != 15 {
		t.Errorf("%d rows have a test, not 15", rows)
	}
}
