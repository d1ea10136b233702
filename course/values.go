package course

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/spec"
)

// An autoField is a field whose values are derived.
type autoField struct {
	path string
	auto auto
	node *yaml.Node
}

// readAutos reads which fields have values that are derived.
func (o *opening) readAutos(n *yaml.Node) {
	if n == nil {
		return
	}
	if n.Kind != yaml.MappingNode {
		o.errorf(n, "auto", "write server.port: port", "a map of fields is needed here, not a %s", spec.KindOf(n))
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, how := n.Content[i], n.Content[i+1]
		derived := autoField{path: key.Value, node: key}
		switch {
		case slices.ContainsFunc(o.autos, func(f autoField) bool { return f.path == key.Value }):
			o.errorf(key, "auto", "remove one of them", "the field %q is there twice", key.Value)
			continue
		case how.Kind == yaml.SequenceNode:
			for _, choice := range how.Content {
				if choice.Kind != yaml.ScalarNode || len(choice.Value) > maxCell {
					o.errorf(choice, "auto."+key.Value, "write a value", "a value is needed here, not a %s", spec.KindOf(choice))
					continue
				}
				derived.auto.choices = append(derived.auto.choices, choice.Value)
			}
			if len(derived.auto.choices) == 0 {
				o.errorf(how, "auto."+key.Value, "write the values to choose from: [5, 6, 7]", "there is nothing to choose from")
				continue
			}
		case how.Kind != yaml.ScalarNode || !slices.Contains(kinds, how.Value):
			o.errorf(how, "auto."+key.Value, field.Suggest(how.Value, kinds)+"; or write a list of values to choose from", "unknown kind %q", how.Value)
			continue
		default:
			derived.auto.kind = kind(how.Value)
		}
		o.autos = append(o.autos, derived)
	}
}

// values gives each student the values of the roster, and those that are
// derived.
func (o *opening) values() {
	paths, ok := o.knownPaths()
	for i, column := range o.roster.columns {
		if !o.isField(column.path, paths) {
			hint := field.Near(column.path, paths)
			if hint == "" {
				hint = "a column is id, name, or the path of a field that an exercise uses, such as server.port; remove the others"
			}
			o.issues = append(o.issues, spec.Issue{Pos: column.pos, Msg: fmt.Sprintf("unknown column %q", column.path), Hint: hint})
			continue
		}
		derived := o.autoOf(column.path)
		for _, row := range o.roster.rows {
			switch c := row.cells[i]; {
			case c.text == "" || c.text == autoCell && derived != nil:
			case c.text == autoCell:
				o.issues = append(o.issues, spec.Issue{
					Pos: c.pos, Path: column.path, Msg: "espgen does not know how to derive its values", Hint: "tell it in " + File + ": auto: {" + column.path + ": [VALUE, ...]}",
				})
			default:
				row.student.values = append(row.student.values, value{path: column.path, text: c.text, pos: c.pos})
			}
		}
	}
	for _, derived := range o.autos {
		if !o.isField(derived.path, paths) {
			hint := field.Near(derived.path, paths)
			if hint == "" {
				hint = "name a field that an exercise uses, such as server.port"
			}
			o.errorf(derived.node, "auto", hint, "no exercise uses the field %q", derived.path)
		} else if ok {
			o.derive(derived, o.roster.rows)
		}
	}
	if !ok {
		return
	}
	for i, column := range o.roster.columns { // cells that say auto, of fields of which course.yaml says nothing
		kind, known := defaultKinds[column.path]
		if !known || o.listed(column.path) {
			continue
		}
		var rows []row
		for _, row := range o.roster.rows {
			if row.cells[i].text == autoCell {
				rows = append(rows, row)
			}
		}
		o.derive(autoField{path: column.path, auto: auto{kind: kind}}, rows)
	}
}

// listed reports whether course.yaml says how a field's values are derived.
func (o *opening) listed(path string) bool {
	return slices.ContainsFunc(o.autos, func(f autoField) bool { return f.path == path })
}

// autoOf returns how the values of a field can be derived, nil where that is
// not known.
func (o *opening) autoOf(path string) *auto {
	if i := slices.IndexFunc(o.autos, func(f autoField) bool { return f.path == path }); i >= 0 {
		return &o.autos[i].auto
	}
	if kind, ok := defaultKinds[path]; ok {
		return &auto{kind: kind}
	}
	return nil
}

// derive gives those of the students a value who have none of the field.
func (o *opening) derive(derived autoField, rows []row) {
	given := func(s *Student) (string, bool) {
		for _, v := range s.values {
			if v.path == derived.path {
				return v.text, true
			}
		}
		return "", false
	}
	taken := map[string]bool{}
	for _, s := range o.students {
		if text, ok := given(s); ok {
			taken[text] = true
		}
	}
	var students []*Student
	var ids []string
	var places []spec.Pos
	for _, row := range rows {
		if _, ok := given(row.student); !ok {
			students, ids = append(students, row.student), append(ids, row.student.ID)
			places = append(places, row.pos)
		}
	}
	if len(ids) == 0 {
		return
	}
	if need := len(ids) + len(taken); derived.auto.unique() && need > derived.auto.size() {
		o.errorf(derived.node, "auto."+derived.path, "split the course", "%d students need a %s each, and there are %d", need, derived.auto.kind, derived.auto.size())
		return
	}
	if o.key == nil {
		var err error
		if o.key, err = readKey(filepath.Join(o.Dir, KeyFile)); err != nil {
			if !o.keyTold {
				o.keyTold = true
				issue := spec.Issue{Pos: spec.Pos{File: filepath.Join(o.Dir, KeyFile)}, Msg: err.Error()}
				if wrong, ok := err.(*keyError); ok { //nolint:errorlint // it is never wrapped
					issue.Hint = wrong.hint
				}
				o.issues = append(o.issues, issue)
			}
			return
		}
	}
	for i, text := range derived.auto.derive(o.key, derived.path, ids, taken) {
		pos := places[i]
		if derived.node != nil {
			pos = spec.Pos{File: o.file, Line: derived.node.Line, Col: derived.node.Column}
		}
		students[i].values = append(students[i].values, value{path: derived.path, text: text, pos: pos, derived: true})
	}
}

// knownPaths lists the fields that an exercise uses. Where an exercise could not
// be read it is not ok, and these are all that it may be.
func (o *opening) knownPaths() (list []string, ok bool) {
	ok = true
	for _, e := range o.exercises {
		if e.source == nil {
			list, ok = append(list, field.Shared().Paths()...), false
			continue
		}
		list = append(list, e.source.fields()...)
	}
	slices.Sort(list)
	return slices.Compact(list), ok
}

// isField reports whether path is that of a field, or of an option of
// sdkconfig.
func (o *opening) isField(path string, paths []string) bool {
	return slices.Contains(paths, path) || strings.HasPrefix(path, "sdkconfig.CONFIG_")
}
