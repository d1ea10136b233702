package generator

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/espgen/espgen/generator/tree"
)

// TestMissingKey wants an error where a map lacks what a template asks for, in
// place of "<no value>" in a project.
func TestMissingKey(t *testing.T) {
	fsys := fstest.MapFS{"roles/role/guide/a.tmpl": {Data: []byte("{{.nope}}\n")}}
	set := newTemplateSet(fsys, "role", "en", []string{"roles/role/guide"})
	if err := set.parseAll(); err != nil {
		t.Fatal(err)
	}
	files, err := set.render(tree.Tree{"some": 1})
	if err == nil || !strings.Contains(err.Error(), `templates/roles/role/guide/a.tmpl:1:3: at <.nope>: map has no entry for key "nope"`) {
		t.Errorf("got %v, %v", files, err)
	}
}
