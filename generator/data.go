package generator

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/espgen/espgen/generator/escape"
	"github.com/espgen/espgen/generator/spec"
)

// data is what templates print: the values of the fields that the role's style
// uses, at their paths, and what is derived of them, with every decision made.
// Nothing else is in it, so that a template which prints a field that the role
// does not declare fails.
type data map[string]any

func newData(s *spec.Spec, role spec.Role) data {
	d := data{}
	style := role.Styles[*s.Style]
	for _, f := range role.Table() {
		if _, used := style.Uses(f); used && f.Kind != spec.Options {
			d.put(f.Path, printed(s.Value(f.Path)))
		}
	}
	for _, v := range derivations {
		if !slices.ContainsFunc(v.from, func(path string) bool { return !d.has(path) }) {
			d.put(v.path, v.value(s, d))
		}
	}
	// A section of which nothing is given is none.
	if ip, ok := d.at("wifi.static_ip").(data); ok && ip["address"] == nil {
		d.put("wifi.static_ip", nil)
	}
	d.put("guide", style.Guide)
	d.put("lwip.sockets", style.Sockets(s))
	d.put("lwip.accept_mailbox", spec.AcceptMailbox(s)) // 0: the default
	d.put("settings", settings(style.Sdkconfig, d))
	d.put("options", options(s.Sdkconfig))
	d.put("components", slices.Concat(spec.Components(s), style.Components)) // what these options need, and the code
	return d
}

// printed is a field's value as templates print it.
func printed(value any) any {
	if pair, ok := value.([2]int); ok {
		return data{"first": pair[0], "longest": pair[1]}
	}
	return value
}

// put puts a value at a path, in the sections that this names.
func (d data) put(path string, value any) {
	section, key, deeper := strings.Cut(path, ".")
	if !deeper {
		d[path] = value
		return
	}
	below, ok := d[section].(data)
	if !ok {
		below = data{}
		d[section] = below
	}
	below.put(key, value)
}

// at returns the value at a path, nil where there is none.
func (d data) at(path string) any {
	section, key, deeper := strings.Cut(path, ".")
	if !deeper {
		return d[path]
	}
	below, _ := d[section].(data)
	return below.at(key)
}

// has reports whether there is something at a path, were it nil.
func (d data) has(path string) bool {
	section, key, deeper := strings.Cut(path, ".")
	if !deeper {
		_, ok := d[path]
		return ok
	}
	below, _ := d[section].(data)
	return below.has(key)
}

func (d data) text(path string) string { s, _ := d.at(path).(string); return s }

func (d data) number(path string) int { n, _ := d.at(path).(int); return n }

// settings are the lines of sdkconfig.defaults that the style's parts ask for.
func settings(list []spec.Setting, d data) []data {
	var lines []data
	for _, s := range list {
		if s.When != "" && !isOn(d.at(s.When)) {
			continue
		}
		value := s.Value
		if s.From != "" {
			value = d.at(s.From)
		}
		lines = append(lines, data{"comment": s.Comment, "name": s.Option, "value": kconfigValue(value)})
	}
	return lines
}

// isOn reports whether a value is neither nothing, nor false, nor 0.
func isOn(value any) bool { return value != nil && value != false && value != 0 && value != "" }

// options are the lines of sdkconfig.defaults for the spec's sdkconfig, sorted
// by name.
func options(values map[string]any) []data {
	var list []data
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, data{"name": name, "value": kconfigValue(values[name])})
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
	case spec.Hex:
		return string(v)
	case string:
		if v == "y" || v == "n" {
			return v
		}
		return escape.Kconfig(v)
	}
	return ""
}
