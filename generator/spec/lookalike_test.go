package spec_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/espgen/espgen/generator/internal/spectest"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
)

// TestLookalikes puts one character that looks like one of YAML into the
// starter specs, at each place where it could be, and wants it to be found
// there.
func TestLookalikes(t *testing.T) {
	tests := []struct{ pattern, twin, name string }{
		{`(?m)^ *[a-z_]+(: )`, "：", "full-width colon (U+FF1A)"},
		{`(?m)^ *[a-z_]+(:)[ \n]`, "：", "full-width colon (U+FF1A)"},
		{`(?m)^ *[a-z_]+:( )`, "\u3000", "full-width space (U+3000)"},
		{`(?m)^ *[a-z_]+: ()`, "\u00a0", "no-break space (U+00A0)"},
		{`(?m)^( +)[a-z_]+:`, "\u3000\u3000", "full-width space (U+3000)"},
		{`(?m)^( )[ a-z_]+:`, "\u00a0", "no-break space (U+00A0)"},
		{`(?m)^ *[a-z_]+: "[^"\n]+(")`, "”", "typographic quote (U+201D)"},
		{`(?m)^ *[a-z_]+: \[[0-9]+(, )`, "，", "full-width comma (U+FF0C)"},
		{`(?m)^ *[a-z_]+: (\[)`, "［", "full-width bracket (U+FF3B)"},
	}
	count := make([]int, len(tests))
	for _, r := range spectest.Roles(t) {
		for _, style := range r.StyleNames() {
			text := string(role.Starter(r, style))
			text = strings.ReplaceAll(text, "ssid: my-network  ", "ssid: \"my network\"")
			for n, test := range tests {
				for _, at := range regexp.MustCompile(test.pattern).FindAllStringSubmatchIndex(text, -1) {
					count[n]++
					before := text[:at[2]]
					line, col := 1+strings.Count(before, "\n"), 1+utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
					changed := before + test.twin + text[at[3]:]
					_, err := rules.CheckFile(spec.Parse("s.yaml", []byte(changed), spec.Sources{}), r)
					issues, _ := errors.AsType[spec.Issues](err)
					if !slices.ContainsFunc(issues, func(i spec.Issue) bool {
						return strings.HasSuffix(i.Msg, "unexpected "+test.name) && i.Pos.Line == line && i.Pos.Col == col
					}) {
						t.Errorf("%s, %s, %q in %d:%d, %q: got %v", r.Name, style, test.twin, line, col, strings.Split(changed, "\n")[line-1], err)
					}
				}
			}
		}
	}
	if slices.Contains(count, 0) {
		t.Errorf("some were never tried: %v", count)
	}
}
