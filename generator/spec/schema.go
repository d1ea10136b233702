package spec

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Schema returns the JSON Schema (draft 2020-12) of the specs of these roles,
// for editors. It is made from the table that [Check] uses. What a schema
// cannot say (lengths in bytes, sums over fields) is left to [Check], so
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
	top := t.section("", roles)
	top["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	top["title"] = "espgen spec, version 1"
	top["type"] = "object"
	top["patternProperties"] = map[string]any{"^x-": true}
	file := object{"type": "string", "minLength": 1}
	top["properties"].(object)[includeKey] = object{
		"description": "Specs whose fields this one takes over, relative to its folder. Its own fields win, and those of a later file.",
		"anyOf":       []object{{"type": "null"}, file, {"type": "array", "items": file}},
	}
	top["if"] = object{"required": []string{includeKey}}
	top["else"] = t.whole(roles)
	text, err := json.MarshalIndent(top, "", "  ")
	return append(text, '\n'), err
}

type object = map[string]any

// Union returns the fields of all these roles, each path once.
func Union(roles []Role) Table {
	t := Shared()
	for _, role := range roles {
		var own []Field
		for _, f := range role.Own {
			if _, ok := t.At(f.Path); !ok {
				own = append(own, f)
			}
		}
		t = t.with(own)
	}
	return t
}

// whole returns the schema of what a spec must have that includes no other.
func (t Table) whole(roles []Role) object {
	properties := object{"wifi": object{"type": "object", "properties": object{}}}
	for _, f := range t {
		if section := parent(f.Path); f.Group {
			key, _ := step(section, f.Path)
			s := dig(properties, section)
			together, _ := s["dependentRequired"].(object)
			if together == nil {
				together = object{}
				s["dependentRequired"] = together
			}
			together[key] = t.children(section)
		}
	}
	properties["wifi"].(object)["required"] = []string{"ssid"}
	var cases []any
	for _, role := range roles {
		for _, name := range role.StyleNames() {
			cases = append(cases, t.roleCase(role, name, roles))
		}
	}
	return object{"properties": properties, "required": []string{"wifi"}, "allOf": cases}
}

// section returns the schema of the map at path.
func (t Table) section(path string, roles []Role) object {
	properties := object{}
	for _, key := range t.children(path) {
		at := join(path, key)
		if f, ok := t.At(at); ok {
			if properties[key] = f.schema(roles); f.line > 0 {
				properties[key] = true // see roleCase
			}
		} else {
			properties[key] = t.section(at, roles)
		}
	}
	return object{"type": []string{"object", "null"}, "properties": properties, "additionalProperties": false}
}

// schema returns the schema of the field's value.
func (f Field) schema(roles []Role) object {
	s := object{"description": f.Description()}
	if f.Default != nil {
		s["default"] = f.Default
	}
	switch f.Kind {
	case Integer:
		s["type"] = "integer"
		if f.Zero != "" {
			s["anyOf"] = []object{{"const": 0}, {"minimum": f.Min, "maximum": f.Max}}
		} else {
			s["minimum"], s["maximum"] = f.Min, f.Max
		}
		if f.Multiple > 0 {
			s["multipleOf"] = f.Multiple
		}
	case List:
		s["type"], s["maxItems"], s["uniqueItems"] = "array", f.Max, true
		s["items"] = object{"type": "string", "pattern": f.Pattern}
	case Pair:
		s["type"], s["minItems"], s["maxItems"] = "array", 2, 2
		s["items"] = object{"type": "integer", "minimum": f.Min, "maximum": f.Max}
	case Boolean:
		s["type"] = "boolean"
	case Options:
		s["type"] = []string{"object", "null"}
		s["propertyNames"] = object{"pattern": optionPattern, "not": object{"pattern": ownOptionPattern}}
		s["additionalProperties"] = object{"type": []string{"boolean", "integer", "string"}}
	default:
		s["type"] = "string"
		f.restrictString(s, roles)
	}
	return s
}

func (f Field) restrictString(s object, roles []Role) {
	switch {
	case f.Path == "role":
		var names []string
		for _, role := range roles {
			names = append(names, role.Name)
		}
		s["enum"] = names
	case f.Path == "style":
		names := map[string]bool{}
		for _, role := range roles {
			for _, name := range role.StyleNames() {
				names[name] = true
			}
		}
		s["enum"] = slices.Sorted(maps.Keys(names))
	case len(f.Values) > 0:
		s["enum"] = f.Values
	case f.Pattern != "":
		s["pattern"] = f.Pattern
	}
	if f.Path == "project" {
		s["not"] = object{"enum": reservedProjects}
	}
	if f.Kind == Text && f.Pattern == "" {
		// A character has at least one byte, so this refuses no valid value.
		s["minLength"], s["maxLength"] = f.Min, f.Max
	}
}

// roleCase says what a role's style requires, what it does not use, and what it
// takes less of. A spec without a style is the guide's, as in Check.
func (t Table) roleCase(role Role, name string, roles []Role) object {
	given := []string{"role"}
	if name != role.DefaultStyle() {
		given = append(given, "style")
	}
	is := object{
		"properties": object{"role": object{"const": role.Name}, "style": object{"const": name}},
		"required":   given,
	}
	style := role.Styles[name]
	properties, required := object{}, []string{}
	for _, f := range t {
		own, isOwn := Table(role.Own).At(f.Path)
		if isOwn {
			f = own
		}
		use, used := style.Uses(f)
		used = used && (isOwn || f.line == 0)
		section := parent(f.Path)
		key, _ := step(section, f.Path)
		if section == "" && f.line == 0 {
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
			place[key] = f.schema(roles)
		case f.in(name).Pattern != f.Pattern:
			place[key] = object{"pattern": f.in(name).Pattern}
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
