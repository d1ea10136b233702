package spec

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// override puts the value of a path=value pair into the tree, in place of what
// the file says.
func (f *File) override(top *yaml.Node, pair string) {
	path, text, ok := strings.Cut(pair, "=")
	origin := "--set"
	if !ok {
		f.errorf(Pos{Flag: origin}, "", "write --set wifi.ssid=NAME", "a path=value pair is needed")
		return
	}
	origin += " " + path
	name, option := strings.CutPrefix(path, "sdkconfig.")
	field, known := FieldAt(path)
	if !known && !option || known && field.Kind == Options {
		f.errorf(Pos{Flag: origin}, "", Suggest(path, paths()), "the spec has no such field")
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
