package spec

import (
	"bytes"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/field"
)

// A File is a spec as its YAML file says it: the values, where each of them
// stands, and the problems that reading it found.
type File struct {
	Name string // the file's name, as messages print it
	Spec Spec   // the values that could be read

	table  field.Table
	data   []byte // what the file holds
	starts []int  // where its lines begin, once that was asked for
	issues Issues
	values map[string]Pos        // where a field's value stands, or a section's
	keys   map[string]Pos        // where its key stands
	secret map[string]string     // how to speak of a value that must not be shown
	absent []string              // fields whose value was not found, and is not needed
	origin map[*yaml.Node]string // the flags that nodes come from, where it is not the file
	owner  map[*yaml.Node]*File  // the included files that nodes are in
	set    []override
	unsure bool // a key could not be read: what is missing cannot be told
	unread bool // it, or a file that it includes, could not be read: there is nothing to check

	references map[string]reference // the fields, and options, whose value !env or !secret names
}

// Sources are what a spec's values come from beside its file. Nil functions
// know no name.
type Sources struct {
	// Table returns the fields of a role, which is "" where the spec names none.
	// A nil function stands for those that every role has.
	Table func(role string) field.Table
	// Set holds path=value pairs, which go before what the file says. The
	// value of a string is taken as it is, any other one as YAML.
	Set []string
	// Env looks up what !env names.
	Env func(name string) (value string, ok bool)
	// Secret looks up what !secret names in a file: the spec, or one that it
	// includes. An error says why there are no secrets at all.
	Secret func(file, name string) (value string, ok bool, err error)
	// Include reads the file that another one, the spec or one that it includes,
	// includes by this name. It returns the name by which messages and further
	// look-ups call it, and what is in it.
	Include func(file, name string) (included string, data []byte, err error)
	// Needed are the paths of the fields that are used, all where it is nil.
	// Any other whose !env or !secret names nothing is left without a value.
	Needed []string
}

// Parse reads a spec file. It never fails: what is wrong with the file is
// told by [File.Issues].
func Parse(name string, data []byte, from Sources) *File {
	f := newFile(name)
	layers := f.layers(data, from)
	if f.unread {
		return f
	}
	f.table = field.With(nil)
	if from.Table != nil {
		f.table = from.Table(f.roleName(layers, from.Set))
	}
	f.readSet(from.Set)
	f.section(layers, "", from)
	return f
}

// TemplatesOf returns the folder that a spec takes templates from, "" where it
// names none.
func TemplatesOf(data []byte) string {
	var top struct {
		Templates yaml.Node `yaml:"templates"`
	}
	if len(data) > MaxBytes || yaml.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &top) != nil {
		return "" // Parse tells
	}
	if top.Templates.Tag != "!!str" {
		return "" // Parse tells
	}
	return top.Templates.Value
}

// roleName is the role that a spec names, which decides of its fields.
func (f *File) roleName(layers []*yaml.Node, pairs []string) string {
	name := ""
	for _, top := range layers {
		if role := valueOf(top, "role"); role != nil && name == "" {
			name = follow(role).Value
		}
	}
	for _, pair := range pairs {
		if role, ok := strings.CutPrefix(pair, "role="); ok {
			name = role
		}
	}
	return name
}

func newFile(name string) *File {
	return &File{
		Name:       name,
		values:     map[string]Pos{},
		keys:       map[string]Pos{},
		secret:     map[string]string{},
		origin:     map[*yaml.Node]string{},
		owner:      map[*yaml.Node]*File{},
		references: map[string]reference{},
	}
}

// Role returns the role that the file names, and "" where it names none.
func (f *File) Role() string { return f.Spec.Role }

// Table returns the fields that a spec of the file's role may have.
func (f *File) Table() field.Table { return f.table }

// Issues returns what reading the file found.
func (f *File) Issues() Issues { return f.issues }

// Unread reports whether the file, or one that it includes, could not be read at
// all: there is nothing to check then.
func (f *File) Unread() bool { return f.unread }

// Unsure reports whether a key could not be read, so that nobody can tell what
// is missing.
func (f *File) Unsure() bool { return f.unsure }

// Absent returns the paths of the fields that are without the value that their
// !env or !secret names, and are not needed.
func (f *File) Absent() []string { return f.absent }

// Given reports whether the file has a value for a field, right or wrong.
func (f *File) Given(path string) bool {
	_, ok := f.values[path]
	return ok
}

// ValuePos is the place of a field's value, or of the key of the nearest
// section around it where it is not given.
func (f *File) ValuePos(path string) Pos {
	if pos, ok := f.values[path]; ok {
		return pos
	}
	for path != "" {
		path = field.Parent(path)
		if pos, ok := f.keys[path]; ok {
			return pos
		}
	}
	return Pos{File: f.Name, Line: 1, Col: 1}
}

// KeyPos is the place of a field's key, or of its value where it has none.
func (f *File) KeyPos(path string) Pos {
	if pos, ok := f.keys[path]; ok {
		return pos
	}
	return f.ValuePos(path)
}

// Hidden says how to speak of a value that must not be shown, "" where it may
// be.
func (f *File) Hidden(path string) string {
	if f == nil {
		return ""
	}
	return f.secret[path]
}

// Show prints the field's value for a message.
func (f *File) Show(path string, value any) string { return field.Show(value, f.Hidden(path)) }

func (f *File) errorf(pos Pos, path, hint, format string, args ...any) {
	f.issues = append(f.issues, Issue{pos, path, fmt.Sprintf(format, args...), hint})
}

// pos is the place of a node. A node that --set made has none but its name.
func (f *File) pos(n *yaml.Node) Pos {
	if origin, ok := f.origin[n]; ok {
		return Pos{Flag: origin}
	}
	return Pos{File: f.ownerOf(n).Name, Line: n.Line, Col: n.Column}
}

// ownerOf returns the file that a node is in.
func (f *File) ownerOf(n *yaml.Node) *File {
	if owner, ok := f.owner[n]; ok {
		return owner
	}
	return f
}
