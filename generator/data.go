package generator

import (
	"maps"
	"slices"
	"strconv"

	"github.com/espgen/espgen/generator/escape"
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/idf"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/generator/tree"
)

// newData returns what templates print: the values of the fields that the role's
// style uses, at their paths, and what is derived of them, with every decision
// made. Nothing else is in it, so that a template which prints a field that the
// role does not declare fails.
func newData(s *spec.Spec, role role.Role) (tree.Tree, error) {
	d := tree.Tree{}
	style := role.Styles[*s.Style]
	for _, f := range role.Table() {
		if _, used := style.Uses(f); used && f.Kind != field.Options && f.Kind != field.List {
			d.Put(f.Path, printed(s.Value(f.Path)))
		}
	}
	derive(d, s)
	// A section of which nothing is given is none.
	if ip, ok := d.At("wifi.static_ip").(tree.Tree); ok && ip["address"] == nil {
		d.Put("wifi.static_ip", nil)
	}
	d.Put("guide", style.Guide)
	d.Put("lwip.sockets", rules.Sockets(s, style))
	d.Put("lwip.accept_mailbox", rules.AcceptMailbox(s)) // 0: the default
	if err := deriveOwn(d, role, style); err != nil {
		return nil, err
	}
	d.Put("settings", settings(style.Sdkconfig, d))
	public, hidden := maps.Clone(s.Sdkconfig), map[string]any{}
	for name, value := range s.Sdkconfig {
		if _, ok := s.Hidden["sdkconfig."+name]; ok && style.HidesOptions {
			hidden[name] = value
			delete(public, name)
		}
	}
	d.Put("options", options(public))
	d.Put("hidden_options", options(hidden))
	putComponents(d, s, style)
	return d, nil
}

// printed is a field's value as templates print it.
func printed(value any) any {
	if pair, ok := value.([2]int); ok {
		return tree.Tree{"first": pair[0], "longest": pair[1]}
	}
	return value
}

// putComponents puts what main requires: components, which every version of
// ESP-IDF that the spec lets in has, first what the spec's options need and what
// it names, then what the code does; version_components, which only some have; and
// dependencies, of the registry.
func putComponents(d tree.Tree, s *spec.Spec, style role.Style) {
	versions, _ := idf.Parse(*s.IDF) // it is checked
	list := slices.Concat(idf.ComponentsOf(s.Sdkconfig, versions), s.Requires)
	slices.Sort(list)
	list = slices.Compact(list)
	var some, registry []tree.Tree
	for _, c := range style.Components {
		required, onlySome := c.For(versions)
		switch {
		case !required:
		case c.Registry != "":
			rule := ""
			if onlySome {
				rule = "idf_version " + c.IDF
			}
			registry = append(registry, tree.Tree{"name": c.Registry, "version": c.Version, "rule": rule})
		case slices.Contains(list, c.Name):
		case onlySome:
			some = append(some, tree.Tree{"name": c.Name, "condition": c.Condition()})
		default:
			list = append(list, c.Name)
		}
	}
	d.Put("components", list)
	d.Put("version_components", some)
	d.Put("dependencies", registry)
}

// settings are the lines of sdkconfig.defaults that the style's parts ask for.
func settings(list []role.Setting, d tree.Tree) []tree.Tree {
	var lines []tree.Tree
	for _, s := range list {
		if s.When != "" && !isOn(d.At(s.When)) {
			continue
		}
		value := s.Value
		if s.From != "" {
			value = d.At(s.From)
		}
		lines = append(lines, tree.Tree{"comment": s.Comment, "name": s.Option, "value": kconfigValue(value)})
	}
	return lines
}

// isOn reports whether a value is neither nothing, nor false, nor 0.
func isOn(value any) bool { return value != nil && value != false && value != 0 && value != "" }

// options are the lines of sdkconfig.defaults for the spec's sdkconfig, sorted
// by name.
func options(values map[string]any) []tree.Tree {
	var list []tree.Tree
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, tree.Tree{"name": name, "value": kconfigValue(values[name])})
	}
	return list
}

// kconfigValue writes a value as sdkconfig does. The strings y and n mean the
// booleans, as in Kconfig's own files.
func kconfigValue(value any) string {
	switch v := value.(type) {
	case bool:
		if v {
			return "y"
		}
		return "n"
	case int:
		return strconv.Itoa(v)
	case field.Hex:
		return string(v)
	case string:
		if v == "y" || v == "n" {
			return v
		}
		return escape.Kconfig(v)
	}
	return ""
}
