// Package rules checks a spec against its role: each field by its row, then what
// no row can say. Each rule over several fields has a file, which is named after
// what it is about.
package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/idf"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/spec"
)

// Check validates a spec against its role and returns a copy in which every
// field that the role uses holds a value. The error is [spec.Issues], all of them,
// with paths and no lines.
func Check(s *spec.Spec, r role.Role) (*spec.Spec, error) {
	c := checker{spec: s.Clone(), role: r, table: r.Table()}
	return c.result()
}

// CheckFile validates a file against its role, as [Check] does, and gives each
// issue its place in the file.
func CheckFile(f *spec.File, r role.Role) (*spec.Spec, error) {
	if f.Unread() {
		return nil, f.Issues().Err()
	}
	c := checker{spec: f.Spec.Clone(), role: r, table: r.Table(), file: f}
	return c.result()
}

// CheckRole returns nil where the file's role is among names. Else it returns
// the issues of the role, and of every field as far as they can be told
// without it.
func CheckRole(f *spec.File, names []string) error {
	if slices.Contains(names, f.Role()) {
		return nil
	}
	if f.Unread() {
		return f.Issues().Err()
	}
	c := checker{spec: f.Spec.Clone(), table: f.Table(), file: f}
	switch {
	case c.faulty("role"):
	case f.Role() == "" && f.Unsure():
	case f.Role() == "":
		c.errorf("role", "add it: "+strings.Join(names, " or "), "required, but missing")
	default:
		c.errorf("role", field.Suggest(f.Role(), names), "%s is not a role", f.Show("role", f.Role()))
	}
	c.checkFields(role.Style{}, false)
	return c.err()
}

// A checker collects the issues of one spec.
type checker struct {
	spec   spec.Spec
	role   role.Role
	table  field.Table
	idf    *idf.Range // what the spec's says, once it was read
	file   *spec.File // nil for a spec that was built in Go
	issues spec.Issues
}

// err returns what was found here and in reading the file.
func (c *checker) err() error {
	if c.file == nil {
		return c.issues.Err()
	}
	return slices.Concat(c.file.Issues(), c.issues).Err()
}

// errorf adds an issue with the place of the field's value.
func (c *checker) errorf(path, hint, format string, args ...any) {
	i := spec.Issue{Path: path, Hint: hint, Msg: fmt.Sprintf(format, args...)}
	if c.file != nil {
		i.Pos = c.file.ValuePos(path)
	}
	c.issues = append(c.issues, i)
}

// keyErrorf adds an issue with the place of the field's key.
func (c *checker) keyErrorf(path, hint, format string, args ...any) {
	c.errorf(path, hint, format, args...)
	if c.file != nil {
		c.issues[len(c.issues)-1].Pos = c.file.KeyPos(path)
	}
}

// faulty reports whether the field has an issue already, so that one mistake
// is told once, or a value that is not known.
func (c *checker) faulty(paths ...string) bool {
	has := func(issues spec.Issues) bool {
		return slices.ContainsFunc(issues, func(i spec.Issue) bool { return slices.Contains(paths, i.Path) })
	}
	absent := func(path string) bool { return slices.Contains(c.file.Absent(), path) }
	return has(c.issues) || c.file != nil && (has(c.file.Issues()) || slices.ContainsFunc(paths, absent))
}

// result checks the spec, and returns it with its defaults filled in.
func (c *checker) result() (*spec.Spec, error) {
	c.check()
	if err := c.err(); err != nil {
		return nil, err
	}
	return &c.spec, nil
}

func (c *checker) check() {
	style, ok := c.checkRoleAndStyle()
	c.checkFields(style, ok)
	if ok {
		c.hide()
		c.derive(style)
		c.checkIDF()
		c.checkStaticIP()
		c.checkCore()
		c.checkStack(style)
		c.checkStatic(style)
		c.checkGreeting(style)
		c.checkSockets(style)
		c.checkBacklog()
		c.checkComponents()
		c.checkFamilyOptions()
		c.checkRules(style)
	}
}

// checkFields checks each field on its own, and fills in the defaults. Where
// the style is not known, the fields that every style uses are required, and
// any one may be given.
func (c *checker) checkFields(style role.Style, known bool) {
	name := c.role.DefaultStyle()
	if c.spec.Style != nil {
		name = *c.spec.Style
	}
	for _, f := range c.table {
		if f.Path == "role" || f.Path == "style" {
			continue
		}
		value := c.spec.Value(f.Path)
		given := c.given(f.Path)
		use, used := style.Uses(f)
		f = f.As(use.Form, name)
		switch {
		case known && !used && given:
			c.unused(f)
			continue
		case f.Kind == field.Options:
			c.checkOptions(f)
		case given && c.faulty(f.Path):
			continue
		case given:
			if value == nil {
				value = "" // an empty string in a field that is no pointer
			}
			if msg, hint := f.Problem(value, c.file.Hidden(f.Path)); msg != "" {
				c.errorf(f.Path, hint, "%s", msg)
			}
		case used && use.Required:
			c.missing(f)
		case used && f.Group && slices.ContainsFunc(c.table.Siblings(f.Path), c.given):
			c.errorf(f.Path, fmt.Sprintf("add it: %s; or remove %s", f.Range(), field.Parent(f.Path)), "required with the rest of %s, but missing", field.Parent(f.Path))
		case used && use.Default != nil:
			c.spec.Set(f.Path, use.Default)
		}
	}
}

// given reports whether the spec has a value for the field, right or wrong.
// That is so only until the defaults are filled in.
func (c *checker) given(path string) bool {
	return c.spec.Value(path) != nil || c.file != nil && c.file.Given(path)
}

// checkRoleAndStyle returns the style that the spec asks for.
func (c *checker) checkRoleAndStyle() (role.Style, bool) {
	if c.spec.Role == "" && (c.file == nil || !c.file.Given("role")) {
		c.spec.Role = c.role.Name
	}
	if c.spec.Role != c.role.Name && !c.faulty("role") {
		c.errorf("role", "make the command's role and the spec's the same", "%s is not the role that the command names, %s", c.file.Show("role", c.spec.Role), c.role.Name)
	}
	if c.faulty("style") {
		return role.Style{}, false
	}
	if c.spec.Style == nil {
		c.spec.Style = new(c.role.DefaultStyle())
	}
	name := *c.spec.Style
	style, ok := c.role.Styles[name]
	if !ok {
		names := c.role.StyleNames()
		c.errorf("style", field.Suggest(name, names), "%s has no style %s in this version of espgen", c.role.Name, c.file.Show("style", name))
	}
	return style, ok
}

func (c *checker) unused(f field.Field) {
	c.keyErrorf(f.Path, fmt.Sprintf("remove it; `espgen explain %s` tells who uses it", f.Path),
		"%s in the %s style does not use this field", c.role.Name, *c.spec.Style)
}

func (c *checker) missing(f field.Field) {
	if !c.faulty(field.Parent(f.Path)) && (c.file == nil || !c.file.Unsure()) {
		c.errorf(f.Path, "add it: "+f.Range(), "required, but missing")
	}
}
