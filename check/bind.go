package check

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/expression"
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/tree"
	"github.com/espgen/espgen/lazyregexp"
)

// Bind returns the checks with the values of a spec, or of a student, in the
// place of ${...}. The keys of values are paths ("server.port"), or sections
// with maps of what is below. Checks whose when is false for these values are
// left out, and a dependency on one of them holds. The error joins the [Issue]s.
func (c Checks) Bind(values map[string]any) (Checks, error) {
	t := tree.Tree{}
	plant(t, "", values)
	var bound Checks
	var issues []Issue
	for _, check := range c {
		r := &reader{file: check.file, values: t}
		b, wanted := r.check(check.node)
		if b == nil || !wanted {
			issues = append(issues, r.issues...)
			continue
		}
		b.Name, b.Guide = check.Name, check.Guide
		b.Title, b.Hint = r.fillText(check.Title), r.fillText(check.Hint)
		b.Steps, b.Catches, b.Depends, b.Points, b.Hidden = check.Steps, check.Catches, check.Depends, check.Points, check.Hidden
		issues = append(issues, r.issues...)
		bound = append(bound, b)
	}
	if len(issues) > 0 {
		return nil, joined(issues)
	}
	for _, b := range bound {
		b.Depends = slices.DeleteFunc(slices.Clone(b.Depends), func(d string) bool { return bound.Get(d) == nil })
	}
	return bound, nil
}

// fillText is a text with its values in it.
func (r *reader) fillText(t Text) Text {
	filled := Text{}
	for language, text := range t {
		filled[language], _ = r.filled(&yaml.Node{Kind: yaml.ScalarNode, Value: text, Line: 1, Column: 1}, "a text")
	}
	return filled
}

// plant puts values at their paths.
func plant(t tree.Tree, prefix string, values map[string]any) {
	for key, v := range values {
		switch below := v.(type) {
		case map[string]any:
			plant(t, prefix+key+".", below)
		case tree.Tree:
			plant(t, prefix+key+".", below)
		default:
			t.Put(prefix+key, v)
		}
	}
}

// marked is what is filled in, and what stands for ${ itself.
var marked = lazyregexp.New(`\$?\$\{[^}]*\}?`)

// filled is a scalar with its values in it; false where there are none yet, or
// it is wrong.
func (r *reader) filled(n *yaml.Node, what string) (string, bool) { return r.within(n, what, &scope{}) }

// within is filled, for a step: the values of the loops around it are filled in
// when it runs.
func (r *reader) within(n *yaml.Node, what string, s *scope) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.add(n, "", "%s needs a value, and this is %s", what, shape(n))
		return "", false
	}
	known := true
	text := marked().ReplaceAllStringFunc(n.Value, func(m string) string {
		if strings.HasPrefix(m, "$$") {
			return m[1:]
		}
		inner := strings.TrimSuffix(strings.TrimPrefix(m, "${"), "}")
		if slices.Contains(s.extra, inner) {
			return loopMark(inner)
		}
		if !strings.HasSuffix(m, "}") || strings.TrimSpace(inner) == "" {
			r.add(n, "write ${server.port}, or $${ for the characters themselves", "%s has a ${ without a value and a }", what)
			known = false
			return ""
		}
		if r.values == nil {
			known = false
			return ""
		}
		v, ok := r.evaluate(n, inner)
		known = known && ok
		return v
	})
	return text, known
}

// loopMark stands for the number of a client or a round: no file has it, since
// YAML takes no such character.
func loopMark(name string) string { return "\x00" + name + "\x00" }

// fillLoops puts the numbers of clients and rounds into a text.
func fillLoops(text string, numbers map[string]int) string {
	for name, n := range numbers {
		text = strings.ReplaceAll(text, loopMark(name), strconv.Itoa(n))
	}
	return text
}

// evaluate gives an expression's value as text.
func (r *reader) evaluate(n *yaml.Node, text string) (string, bool) {
	v, ok := r.value(n, text)
	if !ok {
		return "", false
	}
	switch v := v.(type) {
	case nil:
		r.add(n, "", "${%s} has no value here", text)
		return "", false
	case string, int, bool, float64:
		return fmt.Sprint(v), true
	}
	r.add(n, "", "${%s} is neither a text nor a number", text)
	return "", false
}

func (r *reader) value(n *yaml.Node, text string) (any, bool) {
	p, err := expression.Compile(text, r.values)
	if err == nil {
		var v any
		if v, err = p.Run(r.values); err == nil {
			return v, true
		}
	}
	r.add(n, field.Near(text, paths("", r.values)), "%s: %v", text, err)
	return nil, false
}

func paths(prefix string, t tree.Tree) []string {
	var list []string
	for _, key := range slices.Sorted(maps.Keys(t)) {
		if below, ok := t[key].(tree.Tree); ok {
			list = append(list, paths(prefix+key+".", below)...)
			continue
		}
		list = append(list, prefix+key)
	}
	return list
}

// condition reads what stands behind when. Without values it is true.
func (r *reader) condition(n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode || n.Value == "" {
		r.add(n, "write an expression such as keepalive.enable, or server.max_clients > 1", "when needs an expression, and this is %s", shape(n))
		return false
	}
	if r.values == nil {
		return true
	}
	v, ok := r.value(n, n.Value)
	truth, is := v.(bool)
	if ok && !is {
		r.add(n, "compare it, as in server.max_clients > 1", "when: %s is neither true nor false", n.Value)
	}
	return truth
}

// YAML writes checks as a file of checks: those of c, with their points and what
// is hidden as it stands in c. Dependencies on checks that are not in c are left
// out, and so is which mutants they catch.
func (c Checks) YAML() ([]byte, error) {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, check := range c {
		n := &yaml.Node{Kind: yaml.MappingNode}
		var depends []string
		for _, d := range check.Depends {
			if c.Get(d) != nil {
				depends = append(depends, d)
			}
		}
		for i := 0; i+1 < len(check.node.Content); i += 2 {
			switch check.node.Content[i].Value {
			case keyDeps, keyCatch, keyPoints, keyHidden:
			case keyDo: // last, behind what was changed
			default:
				n.Content = append(n.Content, check.node.Content[i], check.node.Content[i+1])
			}
		}
		for _, e := range []struct {
			key   string
			value any
			given bool
		}{
			{keyDeps, depends, len(depends) > 0},
			{keyPoints, check.Points, check.Points != 1},
			{keyHidden, true, check.Hidden},
			{keyDo, keyNode(check.node, keyDo), true},
		} {
			if !e.given {
				continue
			}
			value, ok := e.value.(*yaml.Node)
			if !ok {
				value = &yaml.Node{}
				if err := value.Encode(e.value); err != nil {
					return nil, err
				}
			}
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: e.key}, value)
		}
		list.Content = append(list.Content, n)
	}
	return yaml.Marshal(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "checks"}, list}})
}
