package spec

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/field"
)

// section reads the map at path, the file's top or a section such as wifi, of
// the file and of those that it includes.
func (f *File) section(layers []*yaml.Node, path string, from Sources) {
	allowed := f.table.Children(path)
	for _, e := range f.overridden(f.merged(layers, path), path) {
		key := e.name()
		at := field.Join(path, key)
		switch {
		case path == "" && (key == IncludeKey || strings.HasPrefix(key, "x-")): // x- is a home for anchors
			continue
		case follow(e.key).Kind != yaml.ScalarNode || !slices.Contains(allowed, key):
			f.unknownKey(e.key, path, allowed)
			continue
		}
		f.keys[at] = f.pos(e.key)
		f.values[at] = f.pos(e.value)
		if row, ok := f.table.At(at); ok {
			f.leaf(row, e, from)
			continue
		}
		var maps []*yaml.Node
		for _, node := range e.values() {
			switch value := follow(node); {
			case value.Tag == "!!null": // every entry of the section is commented out
			case value.Kind == yaml.MappingNode:
				maps = append(maps, value)
			case f.lookalike(value, at):
			default:
				hint := mapHint(value, "its fields are "+strings.Join(f.table.Children(at), ", "))
				f.errorf(f.pos(node), at, hint, "a map of fields is needed here, not a %s", KindOf(value))
			}
		}
		if len(maps) > 0 {
			f.section(maps, at, from)
		}
	}
}

// mapHint is the hint where a map is needed and n is none: of a tag that other
// programs include files with, how it is done here.
func mapHint(n *yaml.Node, otherwise string) string {
	if n.Tag == "!include" {
		return "write include: FILE at the top of the spec"
	}
	return otherwise
}

func (f *File) unknownKey(key *yaml.Node, path string, allowed []string) {
	k := follow(key)
	if path == "" {
		allowed = append(slices.Clone(allowed), IncludeKey)
	}
	if k.Kind != yaml.ScalarNode {
		f.errorf(f.pos(key), path, "write a field's name", "a key is a name, not a %s", KindOf(k))
		return
	}
	if f.lookalike(k, path) {
		f.unsure = true
		return
	}
	if !isPlain(k.Value) {
		// It is not shown: with a space missing, a value is part of the key.
		f.errorf(f.pos(key), path, "write a field's name, a colon and a space; allowed: "+strings.Join(allowed, ", "), "unknown key")
		return
	}
	hint := field.Suggest(k.Value, allowed)
	isShort := func(key string) bool { return strings.HasPrefix(k.Value, key) } // addr, of address
	if others := elsewhere(k.Value, append(f.table.Paths(), IncludeKey)); len(others) > 0 && !slices.ContainsFunc(allowed, isShort) {
		hint = "did you mean " + strings.Join(others, " or ") + "?"
	}
	f.errorf(f.pos(key), path, hint, "unknown key %s", field.Show(k.Value, ""))
}

// elsewhere returns the paths of the fields that have this name.
func elsewhere(name string, paths []string) []string {
	return slices.DeleteFunc(paths, func(path string) bool {
		return path != name && !strings.HasSuffix(path, "."+name)
	})
}

// isPlain reports whether text is what a name or a path can be, and may be
// shown. What is not may be, or hold, somebody's password.
func isPlain(text string) bool {
	return text != "" && len(text) <= 100 && !strings.ContainsFunc(text, func(r rune) bool {
		return r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

// quoted returns a name as YAML and a message need it: as it is where it is
// plain, else in quotes.
func quoted(name string) string {
	if isPlain(name) {
		return name
	}
	return field.Show(name, "")
}

// leaf reads the value of a field.
func (f *File) leaf(row field.Field, e entry, from Sources) {
	node := e.value
	n := follow(node)
	wrong := func(format string, args ...any) {
		f.errorf(f.pos(node), row.Path, row.RangeHint(), format, args...)
	}
	if row.Path == "templates" && (n.Tag == "!env" || n.Tag == "!secret") {
		wrong("%s has no meaning here: it is read before the rest of the spec", n.Tag)
		return
	}
	if n.Tag == "!env" || n.Tag == "!secret" {
		if row.Kind != field.Name && row.Kind != field.Text {
			f.errorf(f.pos(node), row.Path, row.RangeHint(), "%s stands for a string, and this field is a %s", n.Tag, row.Kind)
			return
		}
		if value, ok := f.lookUp(row.Path, node, from); ok {
			f.secret[row.Path] = "the value of " + n.Tag + " " + quoted(n.Value)
			f.Spec.Set(row.Path, value)
		}
		return
	}
	switch {
	case n.Tag == "!!null" && row.Kind != field.Options:
		wrong("it has no value")
	case row.Kind == field.Name || row.Kind == field.Text:
		f.text(row, node)
	case f.lookalike(n, row.Path):
	case row.Kind == field.Options:
		f.options(row, e, from)
	case row.Kind == field.List:
		f.list(row, node)
	case row.Kind == field.Pair:
		f.pair(row, node)
	case n.Kind != yaml.ScalarNode:
		wrong("a %s is needed here, not a %s", row.Kind, KindOf(n))
	case row.Kind == field.Boolean:
		if b, err := strconv.ParseBool(n.Value); err == nil && n.Tag == "!!bool" {
			f.Spec.Set(row.Path, b)
		} else {
			wrong("%s is not true or false", field.Show(n.Value, ""))
		}
	default:
		if i, ok := f.integer(row, n, f.pos(node)); ok {
			f.Spec.Set(row.Path, i)
		}
	}
}

// integer reads a number of the field whose value is at pos.
func (f *File) integer(row field.Field, n *yaml.Node, pos Pos) (i int, ok bool) {
	var err error
	switch {
	case n.Tag == "!!int" && !isDecimal(n.Value):
		f.errorf(pos, row.Path, "write a plain decimal number, without a leading zero", "%s is not in decimal", field.Show(n.Value, ""))
	case n.Tag == "!!int":
		if i, err = atoi(n.Value); err == nil {
			return i, true
		}
		f.errorf(pos, row.Path, row.RangeHint(), "%s is far out of range", field.Show(n.Value, ""))
	case n.Tag == "!!float":
		f.errorf(pos, row.Path, row.RangeHint(), "%s is not a whole number", field.Show(n.Value, ""))
	default:
		f.errorf(pos, row.Path, row.RangeHint(), "a whole number is needed here, not a %s", KindOf(n))
	}
	return 0, false
}

func (f *File) list(row field.Field, node *yaml.Node) {
	n := follow(node)
	if n.Kind != yaml.SequenceNode {
		f.errorf(f.pos(node), row.Path, row.RangeHint(), "a list of names is needed here, not a %s", KindOf(n))
		return
	}
	names := []string{}
	for _, item := range n.Content {
		name := follow(item)
		if f.lookalike(name, row.Path) {
			return
		}
		if name.Kind != yaml.ScalarNode || name.Tag != "!!str" {
			f.errorf(f.pos(item), row.Path, row.RangeHint(), "a name is needed here, not a %s", KindOf(name))
			return
		}
		names = append(names, name.Value)
	}
	f.Spec.Set(row.Path, names)
}

func (f *File) pair(row field.Field, node *yaml.Node) {
	n := follow(node)
	var pair [2]int
	switch {
	case n.Kind != yaml.SequenceNode:
		f.errorf(f.pos(node), row.Path, row.RangeHint(), "a pair of numbers is needed here, not a %s", KindOf(n))
		return
	case len(n.Content) == 1 && f.lookalike(follow(n.Content[0]), row.Path):
		return
	case len(n.Content) != len(pair):
		f.errorf(f.pos(node), row.Path, row.RangeHint(), "a pair has two numbers, not %d", len(n.Content))
		return
	}
	for i, number := range n.Content {
		var ok bool
		if f.lookalike(follow(number), row.Path) {
			return
		}
		if pair[i], ok = f.integer(row, follow(number), f.pos(node)); !ok {
			return
		}
	}
	f.Spec.Set(row.Path, pair)
}

// isDecimal reports whether an integer is in plain decimal. YAML 1.1 would
// read 010 as 8.
func isDecimal(s string) bool {
	digits := strings.ReplaceAll(strings.TrimLeft(s, "+-"), "_", "")
	return digits == "0" || digits != "" && digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
}

// atoi reads what isDecimal accepts.
func atoi(s string) (int, error) { return strconv.Atoi(strings.ReplaceAll(s, "_", "")) }

func (f *File) text(row field.Field, node *yaml.Node) {
	n := follow(node)
	value := n.Value
	if n.Kind != yaml.ScalarNode {
		f.errorf(f.pos(node), row.Path, row.RangeHint(), "a %s is needed here, not a %s", row.Kind, KindOf(n))
		return
	}
	if f.outerLookalike(n, row.Path) {
		return
	}
	if n.Tag == "!!binary" {
		var raw string
		if err := n.Decode(&raw); err != nil {
			f.errorf(f.pos(node), row.Path, row.RangeHint(), "!!binary is not followed by base64")
			return
		}
		value = raw
	} else if n.Tag != "!!str" {
		hint := "put the value in quotes"
		if !strings.HasPrefix(n.Tag, "!!") {
			hint = "espgen knows !env NAME and !secret NAME"
		}
		f.errorf(f.pos(node), row.Path, hint, "a string is needed here, not a %s", KindOf(n))
		return
	}
	f.Spec.Set(row.Path, value)
}

// lookUp returns what !env or !secret stands for.
func (f *File) lookUp(path string, node *yaml.Node, from Sources) (value string, ok bool) {
	n := follow(node)
	name := n.Value
	if n.Kind != yaml.ScalarNode || name == "" {
		f.errorf(f.pos(node), path, "write "+n.Tag+" NAME", "%s is not followed by a name", n.Tag)
		return "", false
	}
	if f.outerLookalike(n, path) {
		return "", false
	}
	f.references[path] = reference{n.Tag, name}
	if n.Tag == "!env" {
		if from.Env != nil {
			value, ok = from.Env(name)
		}
		if value != "" || f.unneeded(path, from) {
			return value, value != ""
		}
		what, hint := "the environment has no variable %s", "set it: export "+name+"=..."
		if ok {
			what = "the environment's variable %s is empty"
		}
		if !isPlain(name) {
			hint = "a variable's name has only letters, digits and _"
		}
		f.errorf(f.pos(node), path, hint, what, field.Show(name, ""))
		return "", false
	}
	err := errors.New("there are no secrets here")
	if from.Secret != nil {
		value, ok, err = from.Secret(f.ownerOf(n).Name, name)
	}
	switch {
	case ok && err == nil:
		return value, true
	case f.unneeded(path, from):
	case err != nil:
		f.errorf(f.pos(node), path, "put a line `"+quoted(name)+": ...` into secrets.yaml beside the spec", "no secret %s: %v", field.Show(name, ""), err)
	default:
		f.errorf(f.pos(node), path, "put a line `"+quoted(name)+": ...` into it", "secrets.yaml has no entry %s", field.Show(name, ""))
	}
	return "", false
}

// unneeded reports whether a field may be without its value, which is not
// found, and remembers that it is.
func (f *File) unneeded(path string, from Sources) bool {
	if from.Needed == nil || slices.Contains(from.Needed, path) || slices.Contains(from.Needed, field.Parent(path)) { // sdkconfig's options
		return false
	}
	f.absent = append(f.absent, path)
	return true
}

// options reads the sdkconfig map.
func (f *File) options(row field.Field, all entry, from Sources) {
	var maps []*yaml.Node
	for _, node := range all.values() {
		switch n := follow(node); {
		case n.Tag == "!!null":
		case n.Kind == yaml.MappingNode:
			maps = append(maps, n)
		default:
			f.errorf(f.pos(node), row.Path, mapHint(n, row.RangeHint()), "a map is needed here, not a %s", KindOf(n))
		}
	}
	if len(maps) == 0 {
		return
	}
	options := map[string]any{}
	for _, e := range f.overridden(f.merged(maps, row.Path), row.Path) {
		if f.lookalike(follow(e.key), row.Path) {
			continue
		}
		if !isPlain(e.name()) {
			f.errorf(f.pos(e.key), row.Path, "write CONFIG_ and then capitals, digits and _, a colon and a space", "this is not the name of an ESP-IDF option")
			continue
		}
		at := field.Join(row.Path, e.name())
		f.keys[at] = f.pos(e.key)
		f.values[at] = f.pos(e.value)
		options[e.name()] = f.option(at, e.value, from)
	}
	f.Spec.Set(row.Path, options)
}

// option reads the value of an option, nil where it is not one. A hexadecimal
// number keeps the digits that were written, as Kconfig does.
func (f *File) option(path string, node *yaml.Node, from Sources) any {
	n := follow(node)
	switch n.Tag {
	case "!env", "!secret":
		if value, ok := f.lookUp(path, node, from); ok {
			return value
		}
	case "!!bool":
		if b, err := strconv.ParseBool(n.Value); err == nil {
			return b
		}
	case "!!int":
		if hex := field.Hex(n.Value); hex.Valid() {
			return hex
		}
		if i, err := atoi(n.Value); err == nil && isDecimal(n.Value) {
			return i
		}
		f.errorf(f.pos(node), path, "write a plain decimal number, without a leading zero, or 0x and hexadecimal digits", "%s is not a number that Kconfig reads", field.Show(n.Value, ""))
	case "!!str":
		if f.outerLookalike(n, path) {
			return nil
		}
		if n.Style == 0 && slices.Contains([]string{"yes", "no", "on", "off"}, strings.ToLower(n.Value)) {
			f.errorf(f.pos(node), path, "write true or false, or put it in quotes", "%s is a string here, and a boolean to other YAML readers", field.Show(n.Value, ""))
		}
		return n.Value
	}
	return nil
}
