//go:build linux

package hostsdk_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	declaredFunction = regexp.MustCompile(`(?m)^[A-Za-z_][\w *]*[ *](\w+)\(`)
	declaredMacro    = regexp.MustCompile(`(?m)^#define (\w+)\(`)
	ownName          = regexp.MustCompile(`^(host_|HOST_|_)`)
	tableRow         = regexp.MustCompile("(?m)^\\| `([\\w./]+\\.h)` \\| ([^|]*) \\|")
	tableName        = regexp.MustCompile("`(\\w+)`")
)

// The README's table names every function of every header, and no other.
func TestREADMENamesEveryFunction(t *testing.T) {
	declared := map[string]bool{}
	must(t, filepath.WalkDir("include", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		source, err := os.ReadFile(path)
		header := strings.TrimPrefix(filepath.ToSlash(path), "include/")
		for _, form := range []*regexp.Regexp{declaredFunction, declaredMacro} {
			for _, m := range form.FindAllStringSubmatch(string(source), -1) {
				if !ownName.MatchString(m[1]) {
					declared[header+" "+m[1]] = true
				}
			}
		}
		return err
	}))
	readme, err := os.ReadFile("README.md")
	must(t, err)
	named := map[string]bool{}
	for _, row := range tableRow.FindAllStringSubmatch(string(readme), -1) {
		for _, m := range tableName.FindAllStringSubmatch(row[2], -1) {
			named[row[1]+" "+m[1]] = true
		}
	}
	if len(declared) == 0 || len(named) == 0 {
		t.Fatalf("%d functions in the headers, %d in the table", len(declared), len(named))
	}
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		if !named[name] {
			t.Errorf("the table lacks %s", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if !declared[name] {
			t.Errorf("the table has %s, which the header does not declare", name)
		}
	}
}
