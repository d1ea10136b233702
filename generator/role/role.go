// Package role holds what a role is: the data of role.yaml and part.yaml, and what
// follows from it alone: the table of a role's fields, its JSON Schema, its
// starter spec, and what is wrong with it.
package role

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/espgen/espgen/generator/field"
)

// A Role is what a project does: tcp-server, tcp-client. It is data, read from
// the role.yaml of the role's folder of templates.
type Role struct {
	Name    string `yaml:"-"` // the folder's name
	Head    `yaml:",inline"`
	Title   string           `yaml:"title"`   // what it is, in a few words: "TCP server"
	Summary string           `yaml:"summary"` // one line for `espgen roles`
	Default string           `yaml:"default_style"`
	Own     Params           `yaml:"params"` // the role's own fields
	Styles  map[string]Style `yaml:"styles"` // by name: "guide"
	Tests   []Test           `yaml:"tests"`  // what `espgen role test` runs
}

// A Peer is the other end of a role's projects, as `espgen peer` plays it.
type Peer struct {
	Transport string `yaml:"transport"` // tcp
	Side      string `yaml:"side"`      // of the peer: client or server
	Port      string `yaml:"port"`      // the field that holds the port
	Greeting  string `yaml:"greeting"`  // the field that holds what the project sends first; "" for nothing
}

// problem says what is wrong with a peer, "" for nothing.
func (p Peer) problem(s Style, t field.Table) string {
	kind := func(path string, kinds ...field.Kind) bool {
		f, ok := t.At(path)
		_, used := s.Uses(f)
		return ok && used && slices.Contains(kinds, f.Kind)
	}
	switch {
	case p.Transport != "tcp":
		return fmt.Sprintf("transport: %q is unknown; allowed: tcp", p.Transport)
	case p.Side != "client" && p.Side != "server":
		return fmt.Sprintf("side: %q is unknown; allowed: client, server", p.Side)
	case !kind(p.Port, field.Integer):
		return fmt.Sprintf("port: the style uses no number %q", p.Port)
	case p.Greeting != "" && !kind(p.Greeting, field.Name, field.Text):
		return fmt.Sprintf("greeting: the style uses no string %q", p.Greeting)
	}
	return ""
}

// A Test is a run of a role's projects on a PC.
type Test struct {
	Name   string        `yaml:"name"`   // what is tested: "joins again after a loss"
	Spec   string        `yaml:"spec"`   // of the role's specs, the name without .yaml; "" for each
	WiFi   []string      `yaml:"wifi"`   // events of Wi-Fi, as `espgen run --wifi` has them
	Net    []string      `yaml:"net"`    // and of --net
	Expect []string      `yaml:"expect"` // regular expressions that lines of the log match, in this order
	Within time.Duration `yaml:"within"` // the longest time for that; 0 for 10 s
}

// A Style is one way in which a role's code is written.
type Style struct {
	Guide   string   `yaml:"guide"`   // the guide's section that the code follows
	Include []string `yaml:"include"` // the parts that it is built from; a later one's files go before an earlier one's
	Part    `yaml:",inline"`
}

// A Part is what several roles have in common: a folder with templates, and
// what these need. A style brings the same of its own.
type Part struct {
	Summary    string         `yaml:"summary"`    // what it is, for who looks for one
	Fields     map[string]Use `yaml:"fields"`     // the spec's fields that it uses, beside the common ones
	Stack      map[string]any `yaml:"stack"`      // arrays on the task's stack: name to bytes, or to the field that holds them
	Static     map[string]any `yaml:"static"`     // arrays in static RAM for each connection, likewise
	Components []Component    `yaml:"components"` // that main requires
	Kconfig    []string       `yaml:"kconfig"`    // what the names of the options begin with that its Kconfig files define: TCP_CONNECTION_
	Sdkconfig  []Setting      `yaml:"sdkconfig"`  // options that it sets in sdkconfig.defaults

	// HidesOptions is whether the options that !env and !secret give go into a
	// file of their own, which git does not see.
	HidesOptions bool `yaml:"hides_options"`

	Derived Derivations `yaml:"derived"` // what templates print beside the fields
	Rules   []Rule      `yaml:"rules"`   // what it demands of several fields together

	// SpareSockets is the reserve in lwIP's socket table: a server that tells
	// the next client that it is full needs one more socket for that.
	SpareSockets int `yaml:"spare_sockets"`

	// Peer is the other end; nil where there is none that espgen can play.
	Peer *Peer `yaml:"peer"`

	// Files is what is special about files, by path.
	Files map[string]FileRule `yaml:"files"`
}

// A Setting is an option of sdkconfig.defaults, with its comment. Without an
// option it is the comment alone.
type Setting struct {
	Comment string `yaml:"comment"`
	Option  string `yaml:"option"` // CONFIG_...
	Value   any    `yaml:"value"`  // true, false, a number or a string
	From    string `yaml:"from"`   // the field, or what is derived, that has the value, in place of Value
	When    string `yaml:"when"`   // what must not be false or 0 for the option to be set; "" for always
	Fixed   bool   `yaml:"fixed"`  // the spec's sdkconfig may not set it
}

// problem says what is wrong with a setting, "" for nothing.
func (s Setting) problem() string {
	if s.Option == "" {
		if s.Comment == "" {
			return "neither comment nor option is given"
		}
		return ""
	}
	if msg, hint := field.OptionNameProblem(s.Option); msg != "" {
		return msg + "; " + hint
	}
	_, isText := s.Value.(string)
	_, isNumber := s.Value.(int)
	_, isTruth := s.Value.(bool)
	switch {
	case s.From != "" && s.Value != nil:
		return s.Option + ": value and from cannot both be given"
	case s.From == "" && !isText && !isNumber && !isTruth:
		return s.Option + ": value is neither true, false, a whole number nor a string, and there is no from"
	}
	return ""
}

// Over returns the part on top of another one: what both say, it says.
func (p Part) Over(under Part) Part {
	p.Fields = merged(under.Fields, p.Fields)
	p.Stack = merged(under.Stack, p.Stack)
	p.Static = merged(under.Static, p.Static)
	p.Files = merged(under.Files, p.Files)
	p.Components = slices.Concat(under.Components, p.Components)
	slices.SortFunc(p.Components, compareComponents)
	p.Components = slices.Compact(p.Components)
	p.Kconfig = slices.Concat(under.Kconfig, p.Kconfig)
	p.Sdkconfig = slices.Concat(under.Sdkconfig, p.Sdkconfig)
	p.Derived = slices.Concat(under.Derived, p.Derived)
	p.Rules = slices.Concat(under.Rules, p.Rules)
	p.SpareSockets = cmp.Or(p.SpareSockets, under.SpareSockets)
	p.Peer = cmp.Or(p.Peer, under.Peer)
	p.HidesOptions = p.HidesOptions || under.HidesOptions
	return p
}

// merged returns the entries of both maps, where they differ those of over.
func merged[V any](under, over map[string]V) map[string]V {
	m := maps.Clone(under)
	if m == nil {
		m = map[string]V{}
	}
	maps.Copy(m, over)
	return m
}

// A FileRule says what is special about one file of a style's projects.
type FileRule struct {
	Mode  fs.FileMode `yaml:"mode"`  // its permissions, in place of 0644; one that only its owner may read holds a secret
	Owner string      `yaml:"owner"` // "user" where it is the user's as soon as the user has edited it
	Key   string      `yaml:"key"`   // the macro that holds the Wi-Fi password, where one does
	Hides bool        `yaml:"hides"` // where it holds what !env and !secret give, its mode is 0600, and git ignores it

	// Needs is what a file of the user's must do now and did not need to in an
	// older espgen: by a name that stands in a file which does it.
	Needs map[string]string `yaml:"needs"`
}

// A Use says how a style uses one of the spec's fields.
type Use struct {
	Default  any    `yaml:"default"`  // in place of the table's default
	Required bool   `yaml:"required"` // there is no default: the spec must give it
	Drives   string `yaml:"drives"`   // the C that it drives, in place of what the table says
	Form     string `yaml:"form"`     // the form of the field that it takes, where it takes less than the table says: "ipv4"
}

// Table returns the fields that a spec of the role may have.
// It must not be changed.
func (r Role) Table() field.Table { return field.With(r.Own) }

// DefaultStyle is the style of a spec that names none.
func (r Role) DefaultStyle() string {
	if names := r.StyleNames(); r.Default == "" && len(names) == 1 {
		return names[0]
	}
	return r.Default
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
func (s Style) Uses(f field.Field) (Use, bool) {
	use, ok := s.Fields[f.Path]
	if f.Common || ok {
		if use.Default == nil {
			use.Default = f.Default
		}
		use.Default = f.Typed(use.Default)
		use.Required = use.Required || f.Required
	}
	return use, f.Common || ok
}

// Problems lists what is wrong with a role's own data, which its author must
// mend: a field that the table does not have, a default of another type, or a
// name that no project may have.
func (r Role) Problems() []string {
	var problems []string
	table := r.Table()
	if r.Title == "" {
		problems = append(problems, "title is missing")
	}
	if r.Summary == "" {
		problems = append(problems, "summary is missing")
	}
	if len(r.Styles) == 0 {
		problems = append(problems, "styles is missing")
	}
	project, _ := table.At("project")
	if msg, _ := project.Problem(r.ProjectName(), ""); msg != "" {
		problems = append(problems, "the project's default name: "+msg)
	}
	if _, ok := r.Styles[r.DefaultStyle()]; !ok && len(r.Styles) > 0 {
		problems = append(problems, "default_style: "+field.Suggest(r.Default, r.StyleNames()))
	}
	problems = append(problems, r.Own.problems()...)
	for i, test := range r.Tests {
		if test.Name == "" || len(test.Expect) == 0 {
			problems = append(problems, fmt.Sprintf("tests[%d]: name or expect is missing", i))
		}
		for _, pattern := range test.Expect {
			if _, err := regexp.Compile(pattern); err != nil {
				problems = append(problems, fmt.Sprintf("tests[%d].expect: %q is not a regular expression", i, pattern))
			}
		}
	}
	for _, name := range r.StyleNames() {
		style := r.Styles[name]
		for path, use := range style.Fields {
			f, ok := table.At(path)
			if !ok {
				problems = append(problems, "styles."+name+".fields: the spec has no field "+path)
				continue
			}
			if use.Form != "" && !slices.Contains(f.Forms(), use.Form) {
				problems = append(problems, fmt.Sprintf("styles.%s.fields.%s.form: %q is unknown; allowed: %s", name, path, use.Form, cmp.Or(strings.Join(f.Forms(), ", "), "none")))
			}
			if use.Default == nil {
				if f.Default == nil && !use.Required && !f.Required && !f.Optional {
					problems = append(problems, "styles."+name+".fields."+path+": it has no default, and is not required")
				}
				continue
			}
			if msg, _ := f.As(use.Form, name).Problem(f.Typed(use.Default), ""); msg != "" {
				problems = append(problems, "styles."+name+".fields."+path+".default: "+msg)
			}
		}
		for where, arrays := range map[string]map[string]any{".stack.": style.Stack, ".static.": style.Static} {
			for array, size := range arrays {
				path, _ := size.(string)
				if bytes, _ := size.(int); bytes < 1 && !style.hasInteger(table, path) {
					problems = append(problems, "styles."+name+where+array+": neither a number of bytes nor a field that the style uses")
				}
			}
		}
		if style.Peer != nil {
			if what := style.Peer.problem(style, table); what != "" {
				problems = append(problems, "styles."+name+".peer."+what)
			}
		}
		for i, rule := range style.Rules {
			if what := rule.problem(style, table); what != "" {
				problems = append(problems, fmt.Sprintf("styles.%s.rules[%d].%s", name, i, what))
			}
		}
		for path, rule := range style.Files {
			if rule.Owner != "" && rule.Owner != "user" {
				problems = append(problems, "styles."+name+".files."+path+".owner: it can only be user")
			}
			if rule.Mode&^0o755 != 0 {
				problems = append(problems, "styles."+name+".files."+path+".mode: it can only be some of 0755")
			}
		}
		for i, c := range style.Components {
			if i > 0 && c.Registry != "" && c.Registry == style.Components[i-1].Registry {
				problems = append(problems, fmt.Sprintf("styles.%s.components: %s is in it, or in one of its parts, with other versions, too", name, c.Registry))
			}
		}
		for i, s := range style.Sdkconfig {
			if what := s.problem(); what != "" {
				problems = append(problems, fmt.Sprintf("styles.%s.sdkconfig[%d]: %s", name, i, what))
			}
		}
		for _, beginning := range style.Kconfig {
			if !kconfigBeginning.MatchString(beginning) {
				problems = append(problems, fmt.Sprintf("styles.%s.kconfig: %q is not capitals, digits and _, with a _ at the end", name, beginning))
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
func (s Style) hasInteger(t field.Table, path string) bool {
	f, ok := t.At(path)
	if !ok || f.Kind != field.Integer {
		return false
	}
	_, ok = s.Uses(f)
	return ok
}

// ProjectName is the project's default name.
func (r Role) ProjectName() string { return strings.ReplaceAll(r.Name, "-", "_") }
