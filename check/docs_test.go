//go:build linux

package check_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/library"
)

// TestDocs holds docs/checks.md to the language, and runs its examples against
// the guide's programs.
func TestDocs(t *testing.T) {
	needCompiler(t)
	text, err := os.ReadFile("../docs/checks.md")
	must(t, err)
	for name, reference := range check.References() {
		_, rest, found := strings.Cut(string(text), reference)
		if !found {
			t.Errorf("docs/checks.md does not have this:\n%s", reference)
			continue
		}
		if example := "```yaml\n"; !strings.HasPrefix(rest, example) || !regexp.MustCompile(`\b`+name+`\b`).MatchString(rest[:strings.Index(rest, "```\n")]) {
			t.Errorf("docs/checks.md has no example of %s", name)
		}
	}
	sides := map[string]*strings.Builder{"server": {}, "client": {}}
	for _, m := range regexp.MustCompile("(?s)```yaml\nchecks:\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		side := "server"
		if regexp.MustCompile(`- (listen|refuse):`).MatchString(m[1]) {
			side = "client"
		}
		sides[side].WriteString(m[1])
	}
	for side, examples := range sides {
		t.Run(side, func(t *testing.T) {
			t.Parallel()
			role, err := library.BuiltIn().Role("tcp-" + side)
			must(t, err)
			s := sampleSpec(t, "../specs/tcp-"+side+".yaml", role)
			files, err := library.BuiltIn().Render(t.Context(), role, s)
			must(t, err)
			values, err := generator.Values(s, role)
			must(t, err)
			checks, issues := check.Parse("docs/checks.md", []byte("checks:\n"+examples.String()))
			if len(issues) > 0 {
				t.Fatal(issues)
			}
			bound, err := checks.Bind(values)
			must(t, err)
			for _, r := range check.Run(t.Context(), built(t, files), bound, check.Options{Parallel: 4}) {
				if r.Status != check.Passed {
					t.Error(told(r))
				}
			}
		})
	}
}
