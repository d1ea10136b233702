package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/field"
)

const (
	// MaxBytes is the size of the largest spec file that is read.
	MaxBytes = 1 << 20

	// maxNodes is how many nodes a file may hold once its aliases are
	// written out. It stops alias bombs.
	maxNodes = 100_000
)

// parse returns the mapping at the top of the file, nil where there is none.
func (f *File) parse(data []byte) *yaml.Node {
	if len(data) > MaxBytes {
		f.errorf(Pos{File: f.Name, Line: 1, Col: 1}, "", "a spec has a few hundred bytes; is this the right file?", "the file is larger than the limit of %d bytes", MaxBytes)
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	f.data = data
	read := f.parseYAML
	if isJSON(data) {
		read = f.parseJSON
	}
	top := read(data)
	if top != nil {
		f.values[""] = f.pos(top)
	}
	return top
}

// parseYAML is parse for what is not JSON.
func (f *File) parseYAML(data []byte) *yaml.Node {
	start := Pos{File: f.Name, Line: 1, Col: 1}
	if f.badCharacter(data) || f.conflicts(data) || f.openDirectives(data) {
		return nil
	}

	dec := newDecoder(data)
	var doc yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		f.errorf(start, "", "`espgen init ROLE` prints one to start from", "the spec is empty")
		return nil
	case err != nil:
		f.syntaxError(data, err)
		return nil
	}
	var second yaml.Node
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		f.syntaxError(data, err)
		return nil
	default:
		f.errorf(f.pos(&second), "", "put each project's spec into a file of its own", "a second document begins here")
		return nil
	}
	top := doc.Content[0]
	if size(top, maxNodes, map[*yaml.Node]int{}) > maxNodes {
		f.errorf(f.pos(top), "", "write the values out, or use fewer aliases", "written out, the file's aliases give more than %d values", maxNodes)
		return nil
	}
	if top = follow(top); top.Kind != yaml.MappingNode {
		if top.Tag == "!!null" {
			f.errorf(f.pos(top), "", "`espgen init ROLE` prints one to start from", "the spec is empty")
		} else if !f.lookalike(top, "") {
			f.errorf(f.pos(top), "", "`espgen init ROLE` prints one to start from", "a spec is a map of fields, not a %s", KindOf(top))
		}
		return nil
	}
	return top
}

// badCharacter tells of the first character that YAML does not allow, and
// reports whether there is one.
func (f *File) badCharacter(data []byte) bool {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			hint := "save the file as UTF-8"
			if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
				hint = "the file is UTF-16: " + hint
			}
			f.errorf(f.posAt(data, i), "", hint, "the file is not valid UTF-8")
			return true
		case unicode.IsControl(r) && !strings.ContainsRune("\t\n\r\u0085", r), r == '\ufffe', r == '\uffff':
			f.errorf(f.posAt(data, i), "", fmt.Sprintf(`take it out, or write it as \u%04x, in double quotes`, r), "not YAML: control characters are not allowed")
			return true
		}
		i += n
	}
	return false
}

// follow returns the node that an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// size counts the nodes below n, aliases written out, up to one more than most.
// A node inside itself counts as too many.
func size(n *yaml.Node, most int, known map[*yaml.Node]int) int {
	if n.Kind == yaml.AliasNode {
		return size(n.Alias, most, known)
	}
	if total, ok := known[n]; ok {
		return total
	}
	known[n] = most + 1 // while n is being counted
	total := 1
	for _, child := range n.Content {
		total = min(total+size(child, most, known), most+1)
	}
	known[n] = total
	return total
}

// KindOf says what kind of value a node is, for messages.
func KindOf(n *yaml.Node) string {
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
	case n.Tag == "!!str":
		return "string"
	case n.Tag == "!!timestamp":
		return "date"
	}
	return "tagged value" // the tag is not shown: it may be a password that begins with !
}

// An entry is a key of a mapping with its value.
type entry struct {
	key, value *yaml.Node
	under      []*yaml.Node // the key's values in files that are included
}

// name is the key's text, "" where the key is a map or a list.
func (e entry) name() string { return follow(e.key).Value }

// values returns the value, and those that it is merged with where they are
// maps.
func (e entry) values() []*yaml.Node { return append([]*yaml.Node{e.value}, e.under...) }

// valueOf returns the value of a mapping's key, of one that << merges, too, or
// nil where it has none.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		switch value := follow(n.Content[i+1]); {
		case follow(n.Content[i]).Value == key:
			return n.Content[i+1]
		case n.Content[i].Tag == "!!merge" && value.Kind == yaml.SequenceNode:
			merged = append(merged, value.Content...)
		case n.Content[i].Tag == "!!merge":
			merged = append(merged, value)
		}
	}
	for _, source := range merged {
		if source = follow(source); source.Kind == yaml.MappingNode {
			if value := valueOf(source, key); value != nil {
				return value
			}
		}
	}
	return nil
}

// merged lists the entries of the same section in several files. The first
// file's values go before the others'.
func (f *File) merged(layers []*yaml.Node, path string) []entry {
	list := f.entries(layers[0], path)
	if len(layers) == 1 {
		return list
	}
	index := map[string]int{}
	for i, e := range list {
		index[e.name()] = i
	}
	for _, layer := range layers[1:] {
		for _, e := range f.entries(layer, path) {
			if i, ok := index[e.name()]; ok && e.name() != "" {
				list[i].under = append(list[i].under, e.value)
				continue
			}
			index[e.name()] = len(list)
			list = append(list, e)
		}
	}
	return list
}

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
		e := entry{key: key, value: value}
		if first, ok := index[e.name()]; ok && e.name() != "" {
			at := path
			if isPlain(e.name()) {
				at = field.Join(path, e.name())
			}
			f.errorf(f.pos(key), at, "keep one of them", "given twice; the first is in line %d", list[first].key.Line)
			continue
		}
		index[e.name()] = len(list)
		list = append(list, e)
	}
	for _, m := range merged {
		sources := []*yaml.Node{follow(m)}
		if sources[0].Kind == yaml.SequenceNode {
			sources = sources[0].Content
		}
		for _, source := range sources {
			if source = follow(source); source.Kind != yaml.MappingNode {
				f.errorf(f.pos(source), path, "write <<: *NAME, with the anchor of a map", "<< merges a map, not a %s", KindOf(source))
				continue
			}
			for _, e := range f.entries(source, path) {
				if _, ok := index[e.name()]; !ok {
					index[e.name()] = len(list)
					list = append(list, e)
				}
			}
		}
	}
	return list
}
