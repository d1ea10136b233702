package spec

import (
	"cmp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/field"
)

// An override is a value that --set puts in the place of the file's.
type override struct {
	section string // the map that the key is in: "wifi.static_ip", "" for the top
	key     string
	value   *yaml.Node
	text    string // what stands behind the =
	origin  string // "--set wifi.ssid"
}

// readSet reads the path=value pairs of --set.
func (f *File) readSet(pairs []string) {
	for _, pair := range pairs {
		path, text, ok := strings.Cut(pair, "=")
		if !ok {
			f.errorf(Pos{Flag: "--set"}, "", "write --set wifi.ssid=NAME", "a path=value pair is needed")
			continue
		}
		f.readPair(path, text)
	}
}

func (f *File) readPair(path, text string) {
	origin := "--set"
	if isPlain(path) { // else it may be a piece of a value
		origin += " " + path
	}
	name, option := strings.CutPrefix(path, "sdkconfig.")
	row, known := f.table.At(path)
	if list := f.table.Children(path); isPlain(path) && len(list) > 0 {
		f.errorf(Pos{Flag: origin}, "", "name one of its fields: "+strings.Join(list, ", "), "%s is a section, not a field", path)
		return
	}
	if known && row.Kind == field.Options {
		f.errorf(Pos{Flag: origin}, "", "write --set sdkconfig.CONFIG_NAME=VALUE", "%s is a map of options, which are set one by one", path)
		return
	}
	if !isPlain(path) || !known && !option {
		f.errorf(Pos{Flag: origin}, "", cmp.Or(field.Near(path, f.table.Paths()), explainFields), "unknown field")
		return
	}
	if tag, _, _ := strings.Cut(text, " "); !option && (row.Kind == field.Name || row.Kind == field.Text) && (tag == "!env" || tag == "!secret") {
		f.errorf(Pos{Flag: origin}, path, "let the shell insert the value: --set "+path+"=\"$NAME\"; !env and !secret work in the spec's file",
			"--set uses the text as it is: %s has no meaning here", tag)
		return
	}
	o := override{origin: origin, text: text, value: &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}}
	if option || row.Kind == field.Integer || row.Kind == field.Boolean {
		o.value = plain(text, yaml.ScalarNode)
	} else if row.Kind == field.Pair || row.Kind == field.List {
		o.value = plain(text, yaml.SequenceNode)
	}
	if option {
		o.section, o.key = "sdkconfig", name
	} else {
		o.section = field.Parent(path)
		o.key, _ = field.Step(o.section, path)
	}
	for _, n := range append([]*yaml.Node{o.value}, o.value.Content...) { // the numbers of a pair
		f.origin[n] = origin
	}
	f.set = append(f.set, o)
}

// explainFields is the hint where the fields are too many to list.
const explainFields = "`espgen explain` lists the fields"

// plain reads text as YAML would, where that gives a node of this kind.
func plain(text string, kind yaml.Kind) *yaml.Node {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err == nil && len(doc.Content) == 1 && doc.Content[0].Kind == kind {
		return doc.Content[0]
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}

// overridden returns the entries of the map at path with the values of --set
// in place of the file's. It adds the sections that these need; one that is no
// map is left as it is, for the walk to complain of.
func (f *File) overridden(list []entry, path string) []entry {
	for _, o := range f.set {
		key, below := field.Step(path, o.section)
		i := slices.IndexFunc(list, func(e entry) bool { return e.name() == key })
		switch {
		case o.section == path:
			list = f.put(list, o.key, o.value, o.origin)
		case below && (i < 0 || follow(list[i].value).Tag == "!!null"):
			section := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
			f.origin[section] = o.origin
			list = f.put(list, key, section, o.origin)
		}
	}
	return list
}

// put sets the value of a key among entries.
func (f *File) put(list []entry, name string, value *yaml.Node, origin string) []entry {
	if i := slices.IndexFunc(list, func(e entry) bool { return e.name() == name }); i >= 0 {
		list[i].value = value
		return list
	}
	key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}
	f.origin[key] = origin
	return append(list, entry{key: key, value: value})
}
