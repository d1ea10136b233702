package spec

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"

	"github.com/espgen/espgen/generator/field"
)

// TestDocComments holds the doc comments of Spec's fields to the table, and the
// table to the fields: one row for each.
func TestDocComments(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "spec.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	structs := map[string]*ast.StructType{}
	ast.Inspect(file, func(n ast.Node) bool {
		if ts, ok := n.(*ast.TypeSpec); ok {
			structs[ts.Name.Name], _ = ts.Type.(*ast.StructType)
		}
		return true
	})
	seen := map[string]bool{}
	var visit func(name, path string)
	visit = func(name, path string) {
		for _, member := range structs[name].Fields.List {
			if member.Tag == nil || member.Tag.Value == "`yaml:\"-\"`" {
				continue // no value of the table's
			}
			tag := reflect.StructTag(strings.Trim(member.Tag.Value, "`")).Get("yaml")
			at := field.Join(path, tag)
			if section, ok := member.Type.(*ast.Ident); ok && structs[section.Name] != nil {
				visit(section.Name, at)
				continue
			}
			f, ok := field.Shared().At(at)
			if !ok {
				t.Errorf("%s.%s: the table has no row %s", name, member.Names[0], at)
				continue
			}
			seen[at] = true
			want := member.Names[0].Name + " is " + f.Description()
			if got := strings.Join(strings.Fields(member.Doc.Text()), " "); got != want {
				t.Errorf("%s.%s: the doc comment is\n\t%s\nthe table says\n\t%s", name, member.Names[0], got, want)
			}
		}
	}
	visit("Spec", "")
	for _, f := range field.Shared() {
		if !seen[f.Path] {
			t.Errorf("%s: the row has no field in Spec", f.Path)
		}
	}
}
