package role

import (
	"fmt"
	"regexp"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/expression"
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/tree"
)

// A Rule is what a role demands of several fields together.
type Rule struct {
	Check   string `yaml:"check"`   // an expression over the fields that the style uses; the rule is kept where it is true
	Field   string `yaml:"field"`   // the field at whose place a breach is told
	Message string `yaml:"message"` // what is wrong, with {wifi.retries} for that field's value
	Hint    string `yaml:"hint"`    // what to do, likewise
}

// A Derivation is a value that a role's templates print beside the fields.
type Derivation struct {
	Path string // where templates find it
	Expr string // over the fields that the style uses, and what is derived before it
	Line int    // of the file that says so
}

// Derivations are those of a role.yaml or part.yaml: a map of paths to
// expressions, in the order in which they are made.
type Derivations []Derivation

// UnmarshalYAML reads the map in its order.
func (d *Derivations) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: derived is a map of paths to expressions", n.Line)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if value.Kind != yaml.ScalarNode {
			return fmt.Errorf("line %d: derived.%s: an expression is a text", value.Line, key.Value)
		}
		*d = append(*d, Derivation{key.Value, value.Value, value.Line})
	}
	return nil
}

// Sample returns a value of each field that the style uses, by the types of
// which an expression is understood. One that may be left out has none.
func (s Style) Sample(t field.Table) tree.Tree {
	sample := tree.Tree{}
	for _, f := range t {
		use, used := s.Uses(f)
		if !used {
			continue
		}
		var value any
		switch {
		case use.Default == nil && f.Optional && f.From == "":
		case f.Kind == field.Name || f.Kind == field.Text:
			value = ""
		case f.Kind == field.Integer:
			value = 0
		case f.Kind == field.Boolean:
			value = false
		case f.Kind == field.Pair:
			value = tree.Tree{"first": 0, "longest": 0}
		default:
			continue
		}
		sample.Put(f.Path, value)
	}
	return sample
}

// problem says what is wrong with a rule, "" for nothing.
func (r Rule) problem(s Style, t field.Table) string {
	sample := s.Sample(t)
	p, err := expression.Compile(r.Check, sample)
	switch {
	case err != nil:
		return "check: " + err.Error()
	case !p.IsBool():
		return "check: it is neither true nor false"
	case r.Message == "":
		return "message is missing"
	case !sample.Has(r.Field):
		return "field: the style does not use " + r.Field
	}
	for _, m := range placeholder.FindAllStringSubmatch(r.Message+r.Hint, -1) {
		if !sample.Has(m[1]) {
			return "message: the style does not use " + m[1]
		}
	}
	return ""
}

// placeholder stands for a field's value in a rule's message.
var placeholder = regexp.MustCompile(`\{([a-z0-9_.]+)\}`)

// Fill puts what value returns into a rule's message or hint, in the place of each
// {path}.
func Fill(text string, value func(path string) string) string {
	return placeholder.ReplaceAllStringFunc(text, func(m string) string { return value(m[1 : len(m)-1]) })
}

// PathsIn returns the fields of the table that an expression names.
func PathsIn(text string, t field.Table) []string {
	var list []string
	for _, path := range pathForm.FindAllString(text, -1) {
		if _, ok := t.At(path); ok {
			list = append(list, path)
		}
	}
	return list
}

var pathForm = regexp.MustCompile(`[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*`)
