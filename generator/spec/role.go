package spec

import (
	"io/fs"
	"slices"
	"strings"
)

// A Role is what a project does: tcp-server, tcp-client. It is data, read from
// the role.yaml of the role's folder of templates.
type Role struct {
	Name    string           `yaml:"-"`       // the folder's name
	Title   string           `yaml:"title"`   // what it is, in a few words: "TCP server"
	Summary string           `yaml:"summary"` // one line for `espgen roles`
	Styles  map[string]Style `yaml:"styles"`  // by name: "guide"
}

// A Style is one way in which a role's code is written.
type Style struct {
	Guide  string         `yaml:"guide"`  // the guide's section that the code follows
	Fields map[string]Use `yaml:"fields"` // the spec's fields that it uses, beside the common ones
	Stack  map[string]any `yaml:"stack"`  // arrays on the task's stack: name to bytes, or to the field that holds them
	Static map[string]any `yaml:"static"` // arrays in static RAM for each connection, likewise

	// SpareSockets is the reserve in lwIP's socket table: a server that tells
	// the next client that it is full needs one more socket for that.
	SpareSockets int `yaml:"spare_sockets"`

	// Files is what is special about files, by path.
	Files map[string]FileRule `yaml:"files"`
}

// A FileRule says what is special about one file of a style's projects.
type FileRule struct {
	Mode  fs.FileMode `yaml:"mode"`  // its permissions, in place of 0644; one that only its owner may read holds a secret
	Owner string      `yaml:"owner"` // "user" where it is the user's as soon as the user has edited it
	Key   string      `yaml:"key"`   // the macro that holds the Wi-Fi password, where one does

	// Needs is what a file of the user's must do now and did not need to in an
	// older espgen: by a name that stands in a file which does it.
	Needs map[string]string `yaml:"needs"`
}

// A Use says how a style uses one of the spec's fields.
type Use struct {
	Default  any  `yaml:"default"`  // in place of the table's default
	Required bool `yaml:"required"` // there is no default: the spec must give it
}

// StyleNames returns the names of the role's styles, sorted.
func (r Role) StyleNames() []string {
	var names []string
	for name := range r.Styles {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Uses reports whether the style uses a field, and how.
func (s Style) Uses(f Field) (Use, bool) {
	use, ok := s.Fields[f.Path]
	if f.Common || ok {
		if use.Default == nil {
			use.Default = f.Default
		}
		use.Default = f.typed(use.Default)
		use.Required = use.Required || f.Required
	}
	return use, f.Common || ok
}

// typed returns a role's default in the Go type that Spec has for it.
func (f Field) typed(value any) any {
	if list, ok := value.([]any); ok && f.Kind == Pair && len(list) == 2 {
		first, ok1 := list[0].(int)
		longest, ok2 := list[1].(int)
		if ok1 && ok2 {
			return [2]int{first, longest}
		}
	}
	return value
}

// Problems lists what is wrong with a role's own data, which its author must
// mend: a field that the table does not have, a default of another type, or a
// name that no project may have.
func (r Role) Problems() []string {
	var problems []string
	if r.Title == "" {
		problems = append(problems, "title is missing")
	}
	if r.Summary == "" {
		problems = append(problems, "summary is missing")
	}
	if len(r.Styles) == 0 {
		problems = append(problems, "styles is missing")
	}
	if msg, _ := mustField("project").problem(r.projectName(), ""); msg != "" {
		problems = append(problems, "the project's default name: "+msg)
	}
	for _, name := range r.StyleNames() {
		style := r.Styles[name]
		for path, use := range style.Fields {
			f, ok := FieldAt(path)
			if !ok {
				problems = append(problems, "styles."+name+".fields: the spec has no field "+path)
				continue
			}
			if use.Default == nil {
				if f.Default == nil && !use.Required && !f.Optional {
					problems = append(problems, "styles."+name+".fields."+path+": it has no default, and is not required")
				}
				continue
			}
			if msg, _ := f.in(name).problem(f.typed(use.Default), ""); msg != "" {
				problems = append(problems, "styles."+name+".fields."+path+".default: "+msg)
			}
		}
		for where, arrays := range map[string]map[string]any{".stack.": style.Stack, ".static.": style.Static} {
			for array, size := range arrays {
				path, _ := size.(string)
				if bytes, _ := size.(int); bytes < 1 && !style.hasInteger(path) {
					problems = append(problems, "styles."+name+where+array+": neither a number of bytes nor a field that the style uses")
				}
			}
		}
		for path, rule := range style.Files {
			if rule.Owner != "" && rule.Owner != "user" {
				problems = append(problems, "styles."+name+".files."+path+".owner: it can only be user")
			}
		}
		if style.SpareSockets < 0 {
			problems = append(problems, "styles."+name+".spare_sockets: it is below 0")
		}
	}
	slices.Sort(problems)
	return problems
}

// hasInteger reports whether the style uses a field that holds a number.
func (s Style) hasInteger(path string) bool {
	f, ok := FieldAt(path)
	if !ok || f.Kind != Integer {
		return false
	}
	_, ok = s.Uses(f)
	return ok
}

// projectName is the project's default name.
func (r Role) projectName() string { return strings.ReplaceAll(r.Name, "-", "_") }
