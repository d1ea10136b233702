package role

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/idf"
)

// Starter returns a commented spec for a role: every field that its style
// uses, with its default, and an example where there is none. It is valid as
// it stands.
func Starter(role Role, styleName string) []byte {
	s := starter{role, role.Table(), styleName, role.Styles[styleName]}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n#\n", role.Summary)
	fmt.Fprintf(&b, "# Change wifi to your network's, then run: espgen new %s -f FILE\n", role.Name)
	b.WriteString("# A line that you delete gets the default back; `espgen explain FIELD` tells more.\n\n")
	for _, key := range s.table.Children("") {
		if key == "templates" {
			continue // for the few
		}
		if f, ok := s.table.At(key); ok && f.Kind == field.Options {
			fmt.Fprintf(&b, "\n# %s\n# %s: {CONFIG_LOG_DEFAULT_LEVEL_DEBUG: true}\n", s.comment(f), key)
		} else if ok {
			b.WriteString(s.line("", f))
		} else if text := s.section(key, "  "); text != "" {
			fmt.Fprintf(&b, "\n%s:\n%s", key, text)
		}
	}
	return []byte(b.String())
}

// A starter writes the lines of a starter spec.
type starter struct {
	role      Role
	table     field.Table
	styleName string
	style     Style
}

// section writes the fields of a section that the style uses, each behind
// prefix. A section within a section is an example: it is commented out.
func (s starter) section(path, prefix string) string {
	var b strings.Builder
	for _, key := range s.table.Children(path) {
		at := field.Join(path, key)
		if f, ok := s.table.At(at); !ok {
			if text := s.section(at, prefix+"#   "); text != "" {
				b.WriteString(prefix + "# " + key + ":\n" + text)
			}
		} else if _, used := s.style.Uses(f); used {
			b.WriteString(s.line(prefix, f))
		}
	}
	return b.String()
}

// line lays out a field with its comment behind it. A field that follows
// another one while it is left out is commented out.
func (s starter) line(prefix string, f field.Field) string {
	if (f.Optional || f.Path == "idf") && !strings.Contains(prefix, "#") {
		prefix += "# "
	}
	var node yaml.Node
	err := node.Encode(s.value(f))
	node.Style |= yaml.FlowStyle // a pair stays on its line
	text, err2 := yaml.Marshal(&node)
	if err := cmp.Or(err, err2); err != nil {
		panic(err) // a default of the table
	}
	section := field.Parent(f.Path)
	key, _ := field.Step(section, f.Path)
	line := prefix + key + ": " + strings.TrimSpace(string(text))
	pad := max(1, 34-utf8.RuneCountInString(line))
	return line + strings.Repeat(" ", pad) + "# " + s.comment(f) + "\n"
}

func (s starter) comment(f field.Field) string {
	return f.Summary + ": " + f.As(s.style.Fields[f.Path].Form, s.styleName).Range()
}

// value is the field's example, or else its default.
func (s starter) value(f field.Field) any {
	use, _ := s.style.Uses(f)
	if f.Example != nil {
		return f.Example
	}
	switch f.Path {
	case "role":
		return s.role.Name
	case "style":
		return s.styleName
	case "project":
		return s.role.ProjectName()
	case "idf":
		return ">=" + idf.Oldest
	case "wifi.hostname":
		return field.Hostname(s.role.ProjectName())
	case "server.backlog":
		if use.Default == nil {
			return s.valueAt("server.max_clients")
		}
	case "buffers.tx":
		return s.valueAt("buffers.rx")
	}
	return use.Default
}

func (s starter) valueAt(path string) any {
	f, _ := s.table.At(path)
	return s.value(f)
}
