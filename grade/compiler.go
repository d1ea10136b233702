package grade

import (
	_ "embed"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/lazyregexp"
	"github.com/espgen/espgen/report"
)

// maxDiagnostics is how many of a compiler's messages a report has: one mistake
// can make hundreds.
const maxDiagnostics = 20

// said is the first line of a message, as GCC and Clang write it.
var said = lazyregexp.New(`^(.+?):(\d+):(?:(\d+):)? (?:fatal )?(error|warning): (.*?)(?: \[(-W[^\]]+)\])?$`)

// quotedLine is the line that a message is about: GCC has its number before it.
var quotedLine = lazyregexp.New(`^ *(?:(\d+) \| )?(.*)$`)

// diagnostics are the messages of a compiler that are about the project in dir.
// Errors come before warnings.
func diagnostics(dir, output string) []report.Diagnostic {
	var errs, warnings []report.Diagnostic
	lines := strings.Split(output, "\n")
	seen := map[string]bool{}
	for i, line := range lines {
		m := said().FindStringSubmatch(strings.TrimRight(line, "\r"))
		if m == nil {
			continue
		}
		d := report.Diagnostic{File: withoutFolder(dir, m[1]), Severity: m[4], Message: m[5]}
		d.Line, _ = strconv.Atoi(m[2])
		d.Column, _ = strconv.Atoi(m[3])
		if key := line; seen[key] || !filepath.IsLocal(d.File) {
			continue
		} else { //nolint:revive // key's scope
			seen[key] = true
		}
		if i+1 < len(lines) {
			if q := quotedLine().FindStringSubmatch(lines[i+1]); q != nil && said().FindString(lines[i+1]) == "" && (q[1] == "" || q[1] == m[2]) {
				d.Source = strings.TrimSpace(q[2])
			}
		}
		d.Help = explain(d)
		if d.Severity == "error" {
			errs = append(errs, d)
		} else {
			warnings = append(warnings, d)
		}
	}
	all := append(errs, warnings...)
	if more := len(all) - maxDiagnostics; more > 0 {
		all = append(all[:maxDiagnostics], report.Diagnostic{Severity: all[maxDiagnostics].Severity, Message: fmt.Sprintf("and %d more messages", more)})
	}
	return all
}

//go:embed mistakes.yaml
var mistakesFile []byte

// A mistake is a common one, in words for a beginner.
type mistake struct {
	Name    string
	Match   string     // of the compiler's message
	Source  string     // of the line that it is about; "" for any
	Help    check.Text // $1 and so on stand for what Match has found
	Example string     // what a compiler says: it must match

	match, source *regexp.Regexp
}

var mistakes = sync.OnceValue(func() (list []*mistake) {
	if err := yaml.Unmarshal(mistakesFile, &list); err != nil {
		panic(err)
	}
	for _, m := range list {
		m.match = regexp.MustCompile(m.Match)
		m.source = regexp.MustCompile(m.Source)
	}
	return list
})

// explain says in better words what a compiler means, nil where nobody knows.
func explain(d report.Diagnostic) check.Text {
	plain := strings.Map(func(r rune) rune { // what compilers quote with depends on the language
		switch r {
		case '‘', '’', '“', '”', '`':
			return '\''
		}
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, d.Message)
	for _, m := range mistakes() {
		at := m.match.FindStringSubmatchIndex(plain)
		if at == nil || !m.source.MatchString(d.Source) {
			continue
		}
		help := check.Text{}
		for lang, text := range m.Help {
			help[lang] = string(m.match.ExpandString(nil, text, plain, at))
		}
		return help
	}
	return nil
}
