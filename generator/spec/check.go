package spec

import (
	"fmt"
	"slices"
)

const (
	// stackMargin is what the task's own frames, lwIP's socket calls and
	// above all printf need, in bytes, beside the arrays on its stack.
	stackMargin = 1536

	// lwIP's socket table: what ESP-IDF gives by default, and the most that
	// a version before bigTableIDF takes.
	defaultSockets = 10
	maxSockets     = 16

	// lwIP's mailbox of connections to be accepted: its size before mailboxIDF,
	// and by default.
	fixedMailbox = 6
	mailboxIDF   = "5.3"

	// maxStatic is the most static RAM that the buffers of all connections
	// may take, in bytes. Wi-Fi, lwIP and the heap need the rest: ESP-IDF
	// gives an ESP32 160 KiB for everything that is static.
	maxStatic = 96 << 10

	// segment is ESP-IDF's CONFIG_LWIP_TCP_MSS, in bytes. Buffers of this size
	// neither cut what arrives nor what leaves into smaller pieces.
	segment = 1440
)

// Check validates a spec against its role and returns a copy in which every
// field that the role uses holds a value. The error is [Issues], all of them,
// with paths and no lines.
func Check(s *Spec, role Role) (*Spec, error) {
	c := checker{spec: s.clone(), role: role, table: role.table()}
	c.check()
	if err := c.err(); err != nil {
		return nil, err
	}
	return &c.spec, nil
}

// A checker collects the issues of one spec.
type checker struct {
	spec   Spec
	role   Role
	table  Table
	idf    *idfRange // what the spec's says, once it was read
	file   *File     // nil for a spec that was built in Go
	issues Issues
}

// err returns what was found here and in reading the file.
func (c *checker) err() error {
	if c.file == nil {
		return c.issues.err()
	}
	return slices.Concat(c.file.issues, c.issues).err()
}

// errorf adds an issue with the place of the field's value.
func (c *checker) errorf(path, hint, format string, args ...any) {
	i := Issue{Path: path, Hint: hint, Msg: fmt.Sprintf(format, args...)}
	if c.file != nil {
		i.Pos = c.file.valuePos(path)
	}
	c.issues = append(c.issues, i)
}

// keyErrorf adds an issue with the place of the field's key.
func (c *checker) keyErrorf(path, hint, format string, args ...any) {
	c.errorf(path, hint, format, args...)
	if c.file != nil {
		c.issues[len(c.issues)-1].Pos = c.file.keyPos(path)
	}
}

// faulty reports whether the field has an issue already, so that one mistake
// is told once, or a value that is not known.
func (c *checker) faulty(paths ...string) bool {
	has := func(issues Issues) bool {
		return slices.ContainsFunc(issues, func(i Issue) bool { return slices.Contains(paths, i.Path) })
	}
	absent := func(path string) bool { return slices.Contains(c.file.absent, path) }
	return has(c.issues) || c.file != nil && (has(c.file.issues) || slices.ContainsFunc(paths, absent))
}

func (c *checker) check() {
	style, ok := c.checkRoleAndStyle()
	c.checkFields(style, ok)
	if ok {
		c.derive(style)
		c.checkIDF()
		c.checkAuth()
		c.checkStaticIP()
		c.checkCore()
		c.checkStack(style)
		c.checkStatic(style)
		c.checkGreeting(style)
		c.checkSockets(style)
		c.checkBacklog()
		c.checkComponents()
		c.checkFamilyOptions()
		c.checkHidden(style)
		c.checkRules(style)
	}
}

// checkFields checks each field on its own, and fills in the defaults. Where
// the style is not known, the fields that every style uses are required, and
// any one may be given.
func (c *checker) checkFields(style Style, known bool) {
	name := c.role.DefaultStyle()
	if c.spec.Style != nil {
		name = *c.spec.Style
	}
	for _, f := range c.table {
		if f.Path == "role" || f.Path == "style" {
			continue
		}
		f = f.in(name)
		value := get(&c.spec, f.Path)
		given := c.given(f.Path)
		use, used := style.Uses(f)
		switch {
		case known && !used && given:
			c.unused(f)
			continue
		case f.Kind == Options:
			c.checkOptions(f)
		case given && c.faulty(f.Path):
			continue
		case given:
			if value == nil {
				value = "" // an empty string in a field that is no pointer
			}
			if msg, hint := f.problem(value, c.file.hidden(f.Path)); msg != "" {
				c.errorf(f.Path, hint, "%s", msg)
			}
		case used && use.Required:
			c.missing(f)
		case used && f.Group && slices.ContainsFunc(c.table.siblings(f.Path), c.given):
			c.errorf(f.Path, fmt.Sprintf("add it: %s; or remove %s", f.Range(), parent(f.Path)), "required with the rest of %s, but missing", parent(f.Path))
		case used && use.Default != nil:
			set(&c.spec, f.Path, use.Default)
		}
	}
}

// given reports whether the spec has a value for the field, right or wrong.
// That is so only until the defaults are filled in.
func (c *checker) given(path string) bool {
	return get(&c.spec, path) != nil || c.file != nil && c.file.given(path)
}

// checkRoleAndStyle returns the style that the spec asks for.
func (c *checker) checkRoleAndStyle() (Style, bool) {
	if c.spec.Role == "" && (c.file == nil || !c.file.given("role")) {
		c.spec.Role = c.role.Name
	}
	if c.spec.Role != c.role.Name && !c.faulty("role") {
		c.errorf("role", "make the command's role and the spec's the same", "%s is not the role that the command names, %s", c.file.show("role", c.spec.Role), c.role.Name)
	}
	if c.faulty("style") {
		return Style{}, false
	}
	if c.spec.Style == nil {
		c.spec.Style = new(c.role.DefaultStyle())
	}
	name := *c.spec.Style
	style, ok := c.role.Styles[name]
	if !ok {
		names := c.role.StyleNames()
		c.errorf("style", Suggest(name, names), "%s has no style %s in this version of espgen", c.role.Name, c.file.show("style", name))
	}
	return style, ok
}

func (c *checker) unused(f Field) {
	c.keyErrorf(f.Path, fmt.Sprintf("remove it; `espgen explain %s` tells who uses it", f.Path),
		"%s in the %s style does not use this field", c.role.Name, *c.spec.Style)
}

func (c *checker) missing(f Field) {
	if !c.faulty(parent(f.Path)) && (c.file == nil || !c.file.unsure) {
		c.errorf(f.Path, "add it: "+f.Range(), "required, but missing")
	}
}

func mustField(path string) Field {
	f, ok := Table(shared).At(path)
	if !ok {
		panic("spec: no field " + path)
	}
	return f
}
