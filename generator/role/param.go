package role

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/field"
)

// Params are the rows of a role's own fields, as `params` of role.yaml has them:
// a map of paths to rows, in the order in which a spec is written.
type Params []field.Field

// A param is a row of role.yaml.
type param struct {
	Type        string   `yaml:"type"`         // string, integer, boolean or pair
	Unit        string   `yaml:"unit"`         // integer, pair: "ms", "s", "bytes"
	Min         *int     `yaml:"min"`          // integer, pair: the least number; string: the least number of bytes
	Max         *int     `yaml:"max"`          // likewise
	Multiple    int      `yaml:"multiple"`     // integer: what it must be a multiple of
	Zero        string   `yaml:"zero"`         // integer: what 0 means, where it is allowed beside the range
	Values      []string `yaml:"values"`       // string: what it may be
	Pattern     string   `yaml:"pattern"`      // string: a regular expression of the whole value
	Allowed     string   `yaml:"allowed"`      // what it may be, in words
	Default     any      `yaml:"default"`      // its value where the spec does not give it
	DefaultFrom string   `yaml:"default_from"` // the field that has this value
	Required    bool     `yaml:"required"`     // the spec must give it
	Secret      bool     `yaml:"secret"`       // it is kept out of every message
	Group       bool     `yaml:"group"`        // it is given with all the other fields of its section, or not at all
	Summary     string   `yaml:"summary"`      // what it is: "the broker's address"
	Drives      string   `yaml:"drives"`       // the C that it drives
	Guide       string   `yaml:"guide"`        // the guide's section
	Note        string   `yaml:"note"`         // what else there is to know
	Example     any      `yaml:"example"`      // its value in a starter spec, in place of its default
}

// paramKeys are the keys of a row.
var paramKeys = []string{
	"type", "unit", "min", "max", "multiple", "zero", "values", "pattern", "allowed", "default", "default_from", "required", "secret", "group",
	"summary", "drives", "guide", "note", "example",
}

// paramTypes are the kinds that a row may have.
var paramTypes = map[string]field.Kind{"string": field.Text, "integer": field.Integer, "boolean": field.Boolean, "pair": field.Pair}

// maxParamText is the longest string of a row that does not say its own limit,
// in bytes.
const maxParamText = 1024

// UnmarshalYAML reads the rows, and says what is wrong with their form.
func (p *Params) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: params is a map of paths to rows", n.Line)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		f, err := readParam(n.Content[i].Value, n.Content[i+1])
		if err != nil {
			return err
		}
		*p = append(*p, f)
	}
	return nil
}

func readParam(path string, n *yaml.Node) (field.Field, error) {
	if n.Kind != yaml.MappingNode {
		return field.Field{}, fmt.Errorf("line %d: params.%s: a row is a map", n.Line, path)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i]; !slices.Contains(paramKeys, key.Value) {
			return field.Field{}, fmt.Errorf("line %d: params.%s: unknown key %s; %s", key.Line, path, key.Value, field.Suggest(key.Value, paramKeys))
		}
	}
	var p param
	if err := n.Decode(&p); err != nil {
		return field.Field{}, err
	}
	kind, ok := paramTypes[p.Type]
	if !ok {
		return field.Field{}, fmt.Errorf("line %d: params.%s: the type %q is unknown; allowed: string, integer, boolean, pair", n.Line, path, p.Type)
	}
	f := field.Field{
		Path: path, Kind: kind, Unit: p.Unit, Multiple: p.Multiple, Zero: p.Zero, Values: p.Values, Pattern: p.Pattern, Allowed: p.Allowed,
		From: p.DefaultFrom, Required: p.Required, Optional: p.Group || p.DefaultFrom != "", Group: p.Group, Common: true, Secret: p.Secret,
		Summary: p.Summary, C: p.Drives, Guide: p.Guide, Note: p.Note, Line: n.Line,
	}
	switch {
	case kind == field.Text && (len(p.Values) > 0 || p.Pattern != ""):
		f.Kind = field.Name
	case kind == field.Text:
		f.Max = maxParamText
	case kind == field.Integer, kind == field.Pair:
		f.Min, f.Max = math.MinInt32, math.MaxInt32
	}
	if p.Min != nil {
		f.Min = *p.Min
	}
	if p.Max != nil {
		f.Max = *p.Max
	}
	f.Default, f.Example = f.Typed(p.Default), f.Typed(p.Example)
	if f.From != "" {
		f.Derived = f.From
	} else if f.Group {
		f.Derived = "none"
	}
	return f, nil
}

// paramPath is what the path of a role's own field looks like.
var paramPath = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)

// problems lists what is wrong with the rows.
func (p Params) problems() []string {
	var list []string
	for i, f := range p {
		for _, what := range paramProblems(f, append(field.Shared(), p[:i]...)) {
			list = append(list, fmt.Sprintf("params.%s: %s", f.Path, what))
		}
	}
	return list
}

// paramProblems lists what is wrong with a row. before are those that come
// before it.
func paramProblems(f field.Field, before field.Table) []string {
	var list []string
	say := func(wrong bool, format string, args ...any) {
		if wrong {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	say(!paramPath.MatchString(f.Path), "a path is small letters, digits and _, with dots between its parts")
	say(strings.HasPrefix(f.Path, "sdkconfig."), "sdkconfig holds options of ESP-IDF")
	for _, other := range before.Paths() {
		say(other == f.Path, "there is a field of this path already")
		say(strings.HasPrefix(other, f.Path+".") || strings.HasPrefix(f.Path, other+"."), "%s is a field already, and a field cannot be a section", other)
	}
	say(f.Summary == "", "summary is missing")
	numeric := f.Kind == field.Integer || f.Kind == field.Pair
	say((numeric || f.Kind == field.Text) && f.Min > f.Max, "min, %d, is above max, %d", f.Min, f.Max)
	say(f.Kind == field.Text && f.Min < 0, "min, %d, is below 0 bytes", f.Min)
	say(!numeric && (f.Unit != "" || f.Multiple != 0 || f.Zero != ""), "unit, multiple and zero are for numbers")
	say(f.Multiple < 0, "multiple, %d, is below 0", f.Multiple)
	say(f.Kind != field.Name && (len(f.Values) > 0 || f.Pattern != ""), "values and pattern are for strings")
	say(f.Secret && f.Kind != field.Name && f.Kind != field.Text, "only a string can be a secret")
	say(f.Pattern != "" && f.Allowed == "", "allowed is missing: it says in words what pattern demands")
	if f.Pattern != "" {
		_, err := regexp.Compile(f.Pattern)
		say(err != nil, "pattern is not a regular expression")
		say(err == nil && (!strings.HasPrefix(f.Pattern, "^") || !strings.HasSuffix(f.Pattern, "$")), "pattern begins with ^ and ends with $, for it is of the whole value")
		if err != nil {
			return list
		}
	}
	say(f.Required && (f.Default != nil || f.From != ""), "a required field has no default")
	say(f.Group && (f.Required || f.Default != nil || f.From != ""), "a field with group has no default, and is not required alone")
	say(f.Default != nil && f.From != "", "default and default_from cannot both be given")
	say(!f.Required && !f.Optional && f.Default == nil, "default is missing, or required: true")
	say(f.Required && f.Example == nil, "example is missing: the starter spec needs a value")
	for _, value := range []any{f.Default, f.Example} {
		if value != nil {
			msg, _ := f.Problem(value, "")
			say(msg != "", "%s", msg)
		}
	}
	if from, ok := before.At(f.From); f.From != "" {
		say(!ok || from.Kind != f.Kind, "default_from: no field of the same type before it has the path %s", f.From)
	}
	return list
}
