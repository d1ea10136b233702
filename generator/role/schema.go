package role

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/spec"
)

// Schema returns the JSON Schema (draft 2020-12) of the specs of these roles,
// for editors. It is made from the table that rules.Check uses. What a schema
// cannot say (lengths in bytes, sums over fields) is left to rules.Check, so
// it accepts every valid spec, and some that are not.
//
// Of a spec that includes others, it sees a part: it checks that part's fields
// one by one.
//
// The exception is !env and !secret: a schema sees no tags. A validator may
// take the name after one for the value, and refuse it where the field has a
// form or a least length.
func Schema(roles []Role) ([]byte, error) {
	t := Union(roles)
	for i, f := range t {
		switch f.Path {
		case "role":
			t[i].Values = names(roles)
		case "style":
			t[i].Values = styleNames(roles)
		}
	}
	top := section(t, "", roles)
	top["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	top["title"] = "espgen spec, version 1"
	top["type"] = "object"
	top["patternProperties"] = map[string]any{"^x-": true}
	file := object{"type": "string", "minLength": 1}
	top["properties"].(object)[spec.IncludeKey] = object{
		"description": "Specs whose fields this one takes over, relative to its folder. Its own fields win, and those of a later file.",
		"anyOf":       []object{{"type": "null"}, file, {"type": "array", "items": file}},
	}
	top["if"] = object{"required": []string{spec.IncludeKey}}
	top["else"] = whole(t, roles)
	text, err := json.MarshalIndent(top, "", "  ")
	return append(text, '\n'), err
}

type object = map[string]any

// Union returns the fields of all these roles, each path once.
func Union(roles []Role) field.Table {
	t := field.Shared()
	for _, role := range roles {
		var own []field.Field
		for _, f := range role.Own {
			if _, ok := t.At(f.Path); !ok {
				own = append(own, f)
			}
		}
		t = t.With(own)
	}
	return t
}

func names(roles []Role) []string {
	var list []string
	for _, role := range roles {
		list = append(list, role.Name)
	}
	return list
}

func styleNames(roles []Role) []string {
	all := map[string]bool{}
	for _, role := range roles {
		for _, name := range role.StyleNames() {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// whole returns the schema of what a spec must have that includes no other.
func whole(t field.Table, roles []Role) object {
	properties := object{"wifi": object{"type": "object", "properties": object{}}}
	for _, f := range t {
		if section := field.Parent(f.Path); f.Group {
			key, _ := field.Step(section, f.Path)
			s := dig(properties, section)
			together, _ := s["dependentRequired"].(object)
			if together == nil {
				together = object{}
				s["dependentRequired"] = together
			}
			together[key] = t.Children(section)
		}
	}
	properties["wifi"].(object)["required"] = []string{"ssid"}
	var cases []any
	for _, role := range roles {
		for _, name := range role.StyleNames() {
			cases = append(cases, roleCase(t, role, name))
		}
	}
	return object{"properties": properties, "required": []string{"wifi"}, "allOf": cases}
}

// section returns the schema of the map at path.
func section(t field.Table, path string, roles []Role) object {
	properties := object{}
	for _, key := range t.Children(path) {
		at := field.Join(path, key)
		if f, ok := t.At(at); ok {
			s := f.Schema()
			s["description"] = Description(f, roles)
			if properties[key] = s; f.Line > 0 {
				properties[key] = true // see roleCase
			}
		} else {
			properties[key] = section(t, at, roles)
		}
	}
	return object{"type": []string{"object", "null"}, "properties": properties, "additionalProperties": false}
}

// roleCase says what a role's style requires, what it does not use, and what it
// takes less of. A spec without a style is of the default style.
func roleCase(t field.Table, role Role, name string) object {
	given := []string{"role"}
	if name != role.DefaultStyle() {
		given = append(given, "style")
	}
	is := object{
		"properties": object{"role": object{"const": role.Name}, "style": object{"const": name}},
		"required":   given,
	}
	style := role.Styles[name]
	properties := object{"sdkconfig": object{"propertyNames": object{"not": object{"pattern": role.ownOptions()}}}}
	var required []string
	for _, f := range t {
		own, isOwn := field.Table(role.Own).At(f.Path)
		if isOwn {
			f = own
		}
		use, used := style.Uses(f)
		used = used && (isOwn || f.Line == 0)
		section := field.Parent(f.Path)
		key, _ := field.Step(section, f.Path)
		if section == "" && f.Line == 0 {
			continue
		}
		place := properties
		if section != "" {
			place = dig(properties, section)["properties"].(object)
		}
		switch {
		case !used:
			place[key] = false
		case isOwn:
			place[key] = f.Schema()
		case use.Form != "":
			place[key] = object{"pattern": f.As(use.Form, name).Pattern}
		}
		if !used || !use.Required || f.Required && !isOwn {
			continue
		}
		if section == "" {
			required = append(required, key)
			continue
		}
		sub := dig(properties, section)
		sub["type"] = "object"
		sub["required"] = append(asStrings(sub["required"]), key)
		required = append(required, section)
	}
	then := object{"properties": properties}
	if len(required) > 0 {
		then["required"] = required
	}
	return object{"if": is, "then": then}
}

// dig returns the schema of the section at path among properties, with those of
// the sections around it.
func dig(properties object, path string) object {
	var s object
	for key := range strings.SplitSeq(path, ".") {
		var ok bool
		if s, ok = properties[key].(object); !ok {
			s = object{"properties": object{}}
			properties[key] = s
		}
		properties = s["properties"].(object)
	}
	return s
}

func asStrings(v any) []string {
	list, _ := v.([]string)
	return list
}
