package rules

import (
	"github.com/espgen/espgen/generator/expression"
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/tree"
)

// checkRules holds the fields against the role's own rules.
func (c *checker) checkRules(style role.Style) {
	if len(style.Rules) == 0 {
		return
	}
	values := tree.Tree{}
	for _, f := range c.table {
		if _, used := style.Uses(f); !used || f.Kind == field.Options {
			continue
		}
		value := c.spec.Value(f.Path)
		if pair, ok := value.([2]int); ok {
			value = tree.Tree{"first": pair[0], "longest": pair[1]}
		}
		values.Put(f.Path, value)
	}
	sample := style.Sample(c.table)
	for _, r := range style.Rules {
		if c.faulty(role.PathsIn(r.Check, c.table)...) {
			continue // what is wrong is told
		}
		p, err := expression.Compile(r.Check, sample)
		if err == nil {
			var kept any
			if kept, err = p.Run(values); kept == true {
				continue
			}
		}
		if err != nil {
			c.errorf(r.Field, "tell the author of the role "+c.role.Name, "the role's rule %q cannot be checked: %v", r.Check, err)
			continue
		}
		c.errorf(r.Field, c.filled(r.Hint), "%s", c.filled(r.Message))
	}
}

// filled puts the values of fields into a text, but for those that must not be
// shown.
func (c *checker) filled(text string) string {
	return role.Fill(text, func(path string) string {
		f, _ := c.table.At(path)
		hidden := c.file.Hidden(path)
		if f.Secret && hidden == "" {
			hidden = "the value of " + path
		}
		return field.Show(c.spec.Value(path), hidden)
	})
}
