package generator

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/espgen/espgen/templates"
)

// TestFunctions wants every function to be there, since sprig may drop one,
// and to be used, so that no template needs more than is looked after.
func TestFunctions(t *testing.T) {
	used := usedFunctions(t)
	for name, f := range functions(sprigFunctions) {
		if f == nil {
			t.Errorf("sprig has no function %s", name)
		}
		if !slices.Contains(used, name) {
			t.Errorf("no template uses the function %s", name)
		}
	}
}

// TestSprigFunctions lets a function of sprig in.
func TestSprigFunctions(t *testing.T) {
	upper, ok := functions([]string{"upper"})["upper"].(func(string) string)
	if !ok || upper("a") != "A" {
		t.Error("there is no function upper")
	}
}

// usedFunctions lists the words of the templates' actions, functions among them.
func usedFunctions(t *testing.T) []string {
	t.Helper()
	var used []string
	err := fs.WalkDir(templates.FS, ".", func(p string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(p, suffix) {
			return err
		}
		source, err := fs.ReadFile(templates.FS, p)
		for _, a := range action().FindAllString(string(source), -1) {
			used = append(used, strings.FieldsFunc(a, func(r rune) bool { return strings.ContainsRune("{}()|- ", r) })...)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return used
}
