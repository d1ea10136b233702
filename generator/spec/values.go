package spec

import (
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/field"
)

// A Value is what a spec says of one field, or of one option of sdkconfig, for
// a record that anybody may read.
type Value struct {
	Path   string // "server.port", "sdkconfig.CONFIG_LWIP_TCP_MSL"
	Text   string // YAML on one line, "" where the field is not given; of --set what stands behind the =
	Set    bool   // --set gave it
	Hidden bool   // it is a secret, so Text is empty

	// Beneath is what the file says of a field that --set gave: as Text, or
	// [HiddenText] for a secret.
	Beneath string
}

// HiddenText stands for a secret beneath a value of --set.
const HiddenText = "!hidden"

// PutBeneath puts what the file says beneath the values that --set gave.
func PutBeneath(values, file []Value) {
	for i, v := range values {
		k := slices.IndexFunc(file, func(f Value) bool { return f.Path == v.Path })
		if !v.Set || k < 0 {
			continue
		}
		if values[i].Beneath = file[k].Text; file[k].Hidden {
			values[i].Beneath = HiddenText
		}
	}
}

// A reference is the tag of a !env or !secret, and the name behind it.
type reference struct{ tag, name string }

// Values lists what the file and --set say of each field of the table, given or
// not, in its order, and of the options that are given. What !env and !secret
// name is not looked up in them.
func (f *File) Values() []Value {
	var list []Value
	for _, row := range f.table {
		if row.Kind != field.Options {
			list = append(list, f.value(row))
		}
	}
	for _, path := range f.optionPaths() {
		list = append(list, f.value(field.Field{Path: path}))
	}
	return list
}

// optionPaths lists the paths of the options that are given, sorted.
func (f *File) optionPaths() []string {
	var list []string
	for path := range f.values {
		if strings.HasPrefix(path, "sdkconfig.") {
			list = append(list, path)
		}
	}
	slices.Sort(list)
	return list
}

// Reference names the source of a value that !env or !secret gives, as a message
// may print it: "!secret wifi". It is "" for any other value.
func (f *File) Reference(path string) string {
	if f == nil {
		return ""
	}
	ref, ok := f.references[path]
	if !ok {
		return ""
	}
	return ref.tag + " " + quoted(ref.name)
}

// value is what the file or --set says of a field. Of an option the field has
// but a path.
func (f *File) value(row field.Field) Value {
	v := Value{Path: row.Path}
	for _, o := range f.set {
		if field.Join(o.section, o.key) == row.Path {
			v.Set, v.Text = true, o.text
		}
	}
	if v.Set {
		v.Hidden = row.Secret && v.Text != ""
	} else if ref, ok := f.references[row.Path]; ok {
		v.Text = oneLine(&yaml.Node{Kind: yaml.ScalarNode, Tag: ref.tag, Value: ref.name})
	} else if value := f.plainValue(row.Path); value != nil {
		v.Hidden = row.Secret && value != ""
		v.Text = oneLine(node(value))
	}
	if v.Hidden {
		v.Text = ""
	}
	return v
}

// plainValue is the value of a field, or of an option.
func (f *File) plainValue(path string) any {
	if option, ok := strings.CutPrefix(path, "sdkconfig."); ok {
		return f.Spec.Sdkconfig[option]
	}
	return f.Spec.Value(path)
}

// node returns a value as YAML has it.
func node(value any) *yaml.Node {
	if hex, ok := value.(field.Hex); ok {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: string(hex)}
	}
	var n yaml.Node
	if err := n.Encode(value); err != nil {
		panic(err) // strings, numbers, booleans and pairs cannot fail
	}
	return &n
}

// oneLine prints a scalar, or a list of scalars.
func oneLine(n *yaml.Node) string {
	if n.Kind == yaml.SequenceNode {
		n.Style = yaml.FlowStyle
	} else if n.Style &= yaml.TaggedStyle | yaml.DoubleQuotedStyle; strings.ContainsFunc(n.Value, isUnprintable) {
		n.Style |= yaml.DoubleQuotedStyle
	}
	text, err := yaml.Marshal(n)
	if err != nil {
		panic(err) // the node is one of ours
	}
	return strings.TrimSpace(string(text))
}

// isUnprintable reports whether r may end a line, or is not seen in one.
func isUnprintable(r rune) bool { return !unicode.IsPrint(r) }

// ParseValues reads values as [Parse] does a file. Those that are hidden it leaves
// out; of those of --set it takes what is beneath. name stands for their place in messages.
func ParseValues(name string, values []Value, from Sources) *File {
	f := newFile(name)
	top := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	f.values[""] = Pos{File: name}
	for _, v := range values {
		var doc yaml.Node
		if v.Set {
			v = Value{Path: v.Path, Text: v.Beneath, Hidden: v.Beneath == HiddenText}
		}
		if v.Hidden || v.Text == "" || yaml.Unmarshal([]byte(v.Text), &doc) != nil || len(doc.Content) != 1 {
			continue
		}
		f.insert(top, v.Path, doc.Content[0])
	}
	layers := []*yaml.Node{top}
	f.table = field.Shared()
	if from.Table != nil {
		f.table = from.Table(f.roleName(layers, from.Set))
	}
	f.readSet(from.Set)
	f.section(layers, "", from)
	return f
}

// insert puts a value at a path below n, with the sections that this takes.
func (f *File) insert(n *yaml.Node, path string, value *yaml.Node) {
	key, rest, isSection := strings.Cut(path, ".")
	i := 0
	for i < len(n.Content) && n.Content[i].Value != key {
		i += 2
	}
	if i == len(n.Content) {
		below := value
		if isSection {
			below = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		}
		name := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}
		f.origin[name], f.origin[below] = f.Name, f.Name
		n.Content = append(n.Content, name, below)
	}
	if isSection {
		f.insert(n.Content[i+1], rest, value)
	}
}
