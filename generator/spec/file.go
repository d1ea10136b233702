package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

const (
	// MaxBytes is the size of the largest spec file that is read.
	MaxBytes = 1 << 20

	// maxNodes is how many nodes a file may hold once its aliases are
	// written out. It stops alias bombs.
	maxNodes = 100_000
)

// A File is a spec as its YAML file says it: the values, where each of them
// stands, and the problems that reading it found.
type File struct {
	Name string // the file's name, as messages print it
	Spec Spec   // the values that could be read

	issues Issues
	values map[string]Pos    // where a field's value stands, or a section's
	keys   map[string]Pos    // where its key stands
	secret map[string]string // how to speak of a value that must not be shown
	origin map[*yaml.Node]string
}

// Sources are what a spec's values come from beside its file. Nil functions
// know no name.
type Sources struct {
	// Set holds path=value pairs, which go before what the file says. The
	// value of a string is taken as it is, any other one as YAML.
	Set []string
	// Env looks up what !env names.
	Env func(name string) (value string, ok bool)
	// Secret looks up what !secret names. An error says why there are no
	// secrets at all.
	Secret func(name string) (value string, ok bool, err error)
}

// Parse reads a spec file. It never fails: what is wrong with the file is
// told by [File.Check], together with what is wrong with its values.
func Parse(name string, data []byte, from Sources) *File {
	f := &File{
		Name:   name,
		values: map[string]Pos{},
		keys:   map[string]Pos{},
		secret: map[string]string{},
		origin: map[*yaml.Node]string{},
	}
	top := f.parseYAML(data)
	if top == nil {
		return f
	}
	for _, pair := range from.Set {
		f.override(top, pair)
	}
	f.section(top, "", from)
	return f
}

// Role returns the role that the file names, and "" where it names none.
func (f *File) Role() string { return f.Spec.Role }

// Check validates the file against a role, as [Check] does, and gives each
// issue its place in the file.
func (f *File) Check(role Role) (*Spec, error) {
	if f.broken() {
		return nil, f.issues.err()
	}
	c := checker{spec: f.Spec, role: role, file: f}
	c.check()
	if err := append(slices.Clone(f.issues), c.issues...).err(); err != nil {
		return nil, err
	}
	return &c.spec, nil
}

// CheckRole returns the error of a file whose role is not among names, and
// nil where it is. A file that is not YAML has no role to complain of.
func (f *File) CheckRole(names []string) error {
	if slices.Contains(names, f.Role()) {
		return nil
	}
	issues := slices.Clone(f.issues)
	switch {
	case f.broken() || f.has("role"):
	case f.Role() == "":
		issues = append(issues, Issue{f.valuePos("role"), "role", "required, but missing", "add it: " + strings.Join(names, " or ")})
	default:
		issues = append(issues, Issue{f.valuePos("role"), "role", f.show("role", f.Role()) + " is not a role", Suggest(f.Role(), names)})
	}
	return issues.err()
}

// broken reports whether the file could not be read as YAML, so that there is
// nothing to check.
func (f *File) broken() bool { return len(f.values) == 0 && len(f.issues) > 0 }

func (f *File) has(path string) bool {
	return slices.ContainsFunc(f.issues, func(i Issue) bool { return i.Path == path })
}

func (f *File) given(path string) bool {
	_, ok := f.values[path]
	return ok
}

// valuePos is the place of a field's value, or of the key of the nearest
// section around it where it is not given.
func (f *File) valuePos(path string) Pos {
	if pos, ok := f.values[path]; ok {
		return pos
	}
	section, _, _ := strings.Cut(path, ".")
	if pos, ok := f.keys[section]; ok {
		return pos
	}
	return Pos{File: f.Name, Line: 1, Col: 1}
}

func (f *File) keyPos(path string) Pos {
	if pos, ok := f.keys[path]; ok {
		return pos
	}
	return f.valuePos(path)
}

// hidden says how to speak of a value that must not be shown, "" where it may
// be.
func (f *File) hidden(path string) string {
	if f == nil {
		return ""
	}
	return f.secret[path]
}

// show prints the field's value for a message.
func (f *File) show(path string, value any) string { return show(value, f.hidden(path)) }

func (f *File) errorf(pos Pos, path, hint, format string, args ...any) {
	f.issues = append(f.issues, Issue{pos, path, fmt.Sprintf(format, args...), hint})
}

// pos is the place of a node. A node that --set made has none but its name.
func (f *File) pos(n *yaml.Node) Pos {
	if origin, ok := f.origin[n]; ok {
		return Pos{File: origin}
	}
	return Pos{File: f.Name, Line: n.Line, Col: n.Column}
}

// parseYAML returns the mapping at the top of the file, nil where there is
// none.
func (f *File) parseYAML(data []byte) *yaml.Node {
	start := Pos{File: f.Name, Line: 1, Col: 1}
	if len(data) > MaxBytes {
		f.errorf(start, "", "a spec has a few hundred bytes; is this the right file?", "the file is larger than the limit of %d bytes", MaxBytes)
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if pos, ok := f.badUTF8(data); ok {
		hint := "save the file as UTF-8"
		if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
			hint = "the file is UTF-16: " + hint
		}
		f.errorf(pos, "", hint, "the file is not valid UTF-8")
		return nil
	}

	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		f.errorf(start, "", "`espgen init ROLE` prints one to start from", "the spec is empty")
		return nil
	case err != nil:
		f.syntaxError(err)
		return nil
	}
	var second yaml.Node
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		f.syntaxError(err)
		return nil
	default:
		f.errorf(f.pos(&second), "", "put each project's spec into a file of its own", "a second document begins here")
		return nil
	}
	top := doc.Content[0]
	if size(top, map[*yaml.Node]int{}) > maxNodes {
		f.errorf(f.pos(top), "", "write the values out, or use fewer aliases", "written out, the file's aliases give more than %d values", maxNodes)
		return nil
	}
	if top = follow(top); top.Kind != yaml.MappingNode {
		if top.Tag == "!!null" {
			f.errorf(f.pos(top), "", "`espgen init ROLE` prints one to start from", "the spec is empty")
		} else {
			f.errorf(f.pos(top), "", "`espgen init ROLE` prints one to start from", "a spec is a map of fields, not a %s", kindOf(top))
		}
		return nil
	}
	f.values[""] = f.pos(top)
	return top
}

// badUTF8 finds the first byte that is not UTF-8.
func (f *File) badUTF8(data []byte) (Pos, bool) {
	pos := Pos{File: f.Name, Line: 1, Col: 1}
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && n == 1:
			return pos, true
		case r == '\n':
			pos.Line, pos.Col = pos.Line+1, 1
		default:
			pos.Col++
		}
		data = data[n:]
	}
	return Pos{}, false
}

// syntaxError turns an error of the yaml package, which is text, into an
// issue. It knows the line and no column.
func (f *File) syntaxError(err error) {
	pos := Pos{File: f.Name, Line: 1, Col: 1}
	text, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "yaml: "), "\n")
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		number, message, _ := strings.Cut(rest, ": ")
		if line, err := strconv.Atoi(number); err == nil {
			pos.Line, text = line, message
			if strings.HasPrefix(text, "did not find expected") {
				pos.Line++ // the yaml package counts from 0 in its parser's errors
			}
		}
	}
	hint := "check the indentation, the colons and the quotes on this line and the one before"
	if strings.Contains(text, "cannot start any token") {
		hint = "indent with spaces, not tabs, and put a value that begins with @, ` or % in quotes"
	}
	f.errorf(pos, "", hint, "not YAML: %s", text)
}

// follow returns the node that an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// size counts the nodes below n, aliases written out, up to a little more than
// maxNodes. A node inside itself counts as too many.
func size(n *yaml.Node, known map[*yaml.Node]int) int {
	if n.Kind == yaml.AliasNode {
		return size(n.Alias, known)
	}
	if total, ok := known[n]; ok {
		return total
	}
	known[n] = maxNodes + 1 // while n is being counted
	total := 1
	for _, child := range n.Content {
		total = min(total+size(child, known), maxNodes+1)
	}
	known[n] = total
	return total
}

func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "map"
	case n.Kind == yaml.SequenceNode:
		return "list"
	case n.Tag == "!!int", n.Tag == "!!float":
		return "number"
	case n.Tag == "!!bool":
		return "boolean"
	case n.Tag == "!!null":
		return "null"
	case strings.HasPrefix(n.Tag, "!!str"):
		return "string"
	}
	return strings.TrimLeft(n.Tag, "!") + " value"
}

// An entry is a key of a mapping with its value.
type entry struct{ key, value *yaml.Node }

// entries lists a mapping's entries, those that << merges included, and tells
// of keys that are given twice.
func (f *File) entries(n *yaml.Node, path string) []entry {
	var list []entry
	index := map[string]int{}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" {
			merged = append(merged, value)
			continue
		}
		k := follow(key)
		if first, ok := index[k.Value]; ok && k.Kind == yaml.ScalarNode {
			f.errorf(f.pos(key), join(path, k.Value), "keep one of them", "given twice; the first is in line %d", list[first].key.Line)
			continue
		}
		index[k.Value] = len(list)
		list = append(list, entry{key, value})
	}
	for _, m := range merged {
		sources := []*yaml.Node{follow(m)}
		if sources[0].Kind == yaml.SequenceNode {
			sources = sources[0].Content
		}
		for _, source := range sources {
			if source = follow(source); source.Kind != yaml.MappingNode {
				f.errorf(f.pos(source), path, "write <<: *NAME, with the anchor of a map", "<< merges a map, not a %s", kindOf(source))
				continue
			}
			for _, e := range f.entries(source, path) {
				if _, ok := index[follow(e.key).Value]; !ok {
					index[follow(e.key).Value] = len(list)
					list = append(list, e)
				}
			}
		}
	}
	return list
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// children returns the keys that the table has below a path.
func children(path string) []string {
	var keys []string
	for _, f := range fields {
		rest, ok := strings.CutPrefix(f.Path, path+".")
		if path == "" {
			rest, ok = f.Path, true
		}
		if key, _, _ := strings.Cut(rest, "."); ok && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// section reads the map at path: the file's top, or a section such as wifi.
func (f *File) section(n *yaml.Node, path string, from Sources) {
	allowed := children(path)
	for _, e := range f.entries(n, path) {
		key := follow(e.key).Value
		at := join(path, key)
		switch {
		case path == "" && strings.HasPrefix(key, "x-"):
			continue // a home for anchors
		case follow(e.key).Kind != yaml.ScalarNode || !slices.Contains(allowed, key):
			f.unknownKey(e.key, path, allowed)
			continue
		}
		f.keys[at] = f.pos(e.key)
		f.values[at] = f.pos(e.value)
		value := follow(e.value)
		if field, ok := FieldAt(at); ok {
			f.leaf(field, e.value, from)
			continue
		}
		switch {
		case value.Tag == "!!null": // every entry of the section is commented out
		case value.Kind == yaml.MappingNode:
			f.section(value, at, from)
		default:
			f.errorf(f.pos(e.value), at, "its fields are "+strings.Join(children(at), ", "), "a map of fields is needed here, not a %s", kindOf(value))
		}
	}
}

func (f *File) unknownKey(key *yaml.Node, path string, allowed []string) {
	k := follow(key)
	if k.Kind != yaml.ScalarNode {
		f.errorf(f.pos(key), path, "write a field's name", "a key is a name, not a %s", kindOf(k))
		return
	}
	hint := Suggest(k.Value, allowed)
	for _, field := range fields { // right name, wrong place
		if strings.HasSuffix(field.Path, "."+k.Value) || field.Path == k.Value {
			hint = fmt.Sprintf("did you mean %s?", field.Path)
		}
	}
	f.errorf(f.pos(key), path, hint, "unknown key %s", show(k.Value, ""))
}

// leaf reads the value of a field.
func (f *File) leaf(field Field, node *yaml.Node, from Sources) {
	n := follow(node)
	wrong := func(format string, args ...any) {
		f.errorf(f.pos(node), field.Path, field.rangeHint(), format, args...)
	}
	if n.Tag == "!env" || n.Tag == "!secret" {
		if field.Kind != Name && field.Kind != Text {
			f.errorf(f.pos(node), field.Path, field.rangeHint(), "%s stands for a string, and this field is a %s", n.Tag, field.Kind)
			return
		}
		if value, ok := f.lookUp(field.Path, node, from); ok {
			f.secret[field.Path] = "the value of " + n.Tag + " " + n.Value
			set(&f.Spec, field.Path, value)
		}
		return
	}
	switch {
	case n.Tag == "!!null" && field.Kind != Options:
		wrong("it has no value")
	case field.Kind == Options:
		f.options(field, node)
	case n.Kind != yaml.ScalarNode:
		wrong("a %s is needed here, not a %s", field.Kind, kindOf(n))
	case field.Kind == Name || field.Kind == Text:
		f.text(field, node)
	case field.Kind == Boolean:
		if b, err := strconv.ParseBool(n.Value); err == nil && n.Tag == "!!bool" {
			set(&f.Spec, field.Path, b)
		} else {
			wrong("%s is not true or false", show(n.Value, ""))
		}
	case n.Tag == "!!int" && isDecimal(n.Value):
		if i, err := strconv.Atoi(strings.ReplaceAll(n.Value, "_", "")); err == nil {
			set(&f.Spec, field.Path, i)
		} else {
			wrong("%s is far out of range", n.Value)
		}
	case n.Tag == "!!int":
		f.errorf(f.pos(node), field.Path, "write a plain decimal number, without a leading zero", "%s is not in decimal", show(n.Value, ""))
	case n.Tag == "!!float":
		wrong("%s is not a whole number", show(n.Value, ""))
	default:
		wrong("a whole number is needed here, not a %s", kindOf(n))
	}
}

// isDecimal reports whether an integer is in plain decimal. YAML 1.1 would
// read 010 as 8.
func isDecimal(s string) bool {
	digits := strings.TrimLeft(s, "+-")
	return digits == "0" || strings.Trim(digits, "0123456789_") == "" && digits[0] != '0'
}

func (f *File) text(field Field, node *yaml.Node) {
	n := follow(node)
	value := n.Value
	if n.Tag == "!!binary" {
		var raw string
		if err := n.Decode(&raw); err != nil {
			f.errorf(f.pos(node), field.Path, field.rangeHint(), "!!binary is not followed by base64")
			return
		}
		value = raw
	} else if n.Tag != "!!str" {
		hint := "put the value in quotes"
		if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
			hint = "espgen knows !env NAME and !secret NAME"
		}
		f.errorf(f.pos(node), field.Path, hint, "a string is needed here, not a %s", kindOf(n))
		return
	}
	set(&f.Spec, field.Path, value)
}

// lookUp returns what !env or !secret stands for.
func (f *File) lookUp(path string, node *yaml.Node, from Sources) (value string, ok bool) {
	n := follow(node)
	name := n.Value
	if n.Kind != yaml.ScalarNode || name == "" {
		f.errorf(f.pos(node), path, "write "+n.Tag+" NAME", "%s is not followed by a name", n.Tag)
		return "", false
	}
	if n.Tag == "!env" {
		if from.Env != nil {
			value, ok = from.Env(name)
		}
		if !ok {
			f.errorf(f.pos(node), path, "set it: export "+name+"=...", "the environment has no variable %s", show(name, ""))
		}
		return value, ok
	}
	err := errors.New("there are no secrets here")
	if from.Secret != nil {
		value, ok, err = from.Secret(name)
	}
	switch {
	case err != nil:
		f.errorf(f.pos(node), path, "put a line `"+name+": ...` into secrets.yaml beside the spec", "no secret %s: %v", show(name, ""), err)
	case !ok:
		f.errorf(f.pos(node), path, "put a line `"+name+": ...` into it", "secrets.yaml has no entry %s", show(name, ""))
	}
	return value, ok && err == nil
}

// options reads the sdkconfig map.
func (f *File) options(field Field, node *yaml.Node) {
	n := follow(node)
	if n.Tag == "!!null" {
		return
	}
	if n.Kind != yaml.MappingNode {
		f.errorf(f.pos(node), field.Path, field.rangeHint(), "a map is needed here, not a %s", kindOf(n))
		return
	}
	options := map[string]any{}
	for _, e := range f.entries(n, field.Path) {
		name := follow(e.key).Value
		at := join(field.Path, name)
		f.keys[at] = f.pos(e.key)
		f.values[at] = f.pos(e.value)
		options[name] = optionValue(follow(e.value))
	}
	set(&f.Spec, field.Path, options)
}

// optionValue returns a scalar as an option's value, nil for any other node.
// A number keeps the digits that were written: Kconfig has hexadecimal ones.
func optionValue(n *yaml.Node) any {
	switch {
	case n.Kind != yaml.ScalarNode:
		return nil
	case n.Tag == "!!bool":
		return n.Value == "true" || n.Value == "True" || n.Value == "TRUE"
	case n.Tag == "!!int":
		if i, err := strconv.Atoi(n.Value); err == nil && isDecimal(n.Value) {
			return i
		}
		if hex := Hex(n.Value); hex.valid() {
			return hex
		}
	case n.Tag == "!!str":
		return n.Value
	}
	return nil
}

// Hex is a hexadecimal number of sdkconfig, as it was written: 0x1000.
type Hex string

func (h Hex) valid() bool {
	digits, ok := strings.CutPrefix(strings.ToLower(string(h)), "0x")
	return ok && digits != "" && strings.Trim(digits, "0123456789abcdef") == ""
}

// override puts the value of a path=value pair into the tree, in place of what
// the file says.
func (f *File) override(top *yaml.Node, pair string) {
	path, text, ok := strings.Cut(pair, "=")
	origin := "--set"
	if !ok {
		f.errorf(Pos{File: origin}, "", "write --set wifi.ssid=NAME", "a path=value pair is needed")
		return
	}
	origin += " " + path
	name, option := strings.CutPrefix(path, "sdkconfig.")
	field, known := FieldAt(path)
	if !known && !option || known && field.Kind == Options {
		f.errorf(Pos{File: origin}, "", Suggest(path, paths()), "the spec has no such field")
		return
	}
	value := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	if option || field.Kind == Integer || field.Kind == Boolean {
		value = plain(text)
	}
	f.origin[value] = origin

	section := top
	keys := strings.Split(path, ".")
	if option {
		keys = []string{"sdkconfig", name}
	}
	for _, key := range keys[:len(keys)-1] {
		section = f.child(section, key, origin)
	}
	f.put(section, keys[len(keys)-1], value, origin)
}

// plain reads text as YAML would a plain scalar.
func plain(text string) *yaml.Node {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err == nil && len(doc.Content) == 1 && doc.Content[0].Kind == yaml.ScalarNode {
		return doc.Content[0]
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}

// child returns the map below key, a new one where there is none. A section
// that is no map is left as it is, for the walk to complain of.
func (f *File) child(section *yaml.Node, key, origin string) *yaml.Node {
	for i := 0; i+1 < len(section.Content); i += 2 {
		if section.Content[i].Value != key {
			continue
		}
		value := follow(section.Content[i+1])
		if value.Kind == yaml.MappingNode {
			own := *value // an alias's map is shared with its anchor
			own.Content = slices.Clone(value.Content)
			section.Content[i+1] = &own
			return &own
		}
		if value.Tag != "!!null" {
			return &yaml.Node{Kind: yaml.MappingNode}
		}
	}
	m := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	f.origin[m] = origin
	f.put(section, key, m, origin)
	return m
}

// put sets key to value in a map.
func (f *File) put(section *yaml.Node, key string, value *yaml.Node, origin string) {
	for i := 0; i+1 < len(section.Content); i += 2 {
		if section.Content[i].Value == key {
			section.Content[i+1] = value
			return
		}
	}
	k := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}
	f.origin[k] = origin
	section.Content = append(section.Content, k, value)
}

func paths() []string {
	var list []string
	for _, f := range fields {
		list = append(list, f.Path)
	}
	return list
}

// Secrets reads a secrets.yaml: a map of names to strings.
func Secrets(data []byte) (map[string]string, error) {
	var secrets map[string]string
	if err := yaml.Unmarshal(data, &secrets); err != nil {
		// The yaml package's own message would quote the values.
		return nil, errors.New("it is not a map of names to strings")
	}
	return secrets, nil
}
