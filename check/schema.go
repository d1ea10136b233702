package check

import (
	"encoding/json"
	"maps"
)

// An object is a JSON Schema, or a part of one.
type object = map[string]any

// Schema returns the JSON Schema of a file of checks, for editors. Parse finds
// more: names, dependencies, connections, and what the values of a spec make of
// a file.
func Schema() ([]byte, error) {
	open := object{"type": "string", "pattern": `\$\{`} // filled in later
	text := object{"anyOf": []object{{"type": "string"}, {
		"type": "object", "properties": object{"en": object{"type": "string"}, "zh": object{"type": "string"}}, "required": []string{"en"}, "additionalProperties": false,
	}}}
	list := func(pattern string) object {
		return object{"type": "array", "minItems": 1, "items": object{"type": "string", "pattern": pattern}}
	}
	number := func(least, most int) object {
		n := object{"type": "integer", "minimum": least}
		if most > 0 {
			n["maximum"] = most
		}
		return n
	}
	either := func(o object) object { return object{"anyOf": []object{o, open}} }

	property := func(arg argument) object {
		var p object
		switch arg.kind {
		case isNumber:
			p = either(number(arg.least, arg.most))
		case isOption:
			p = object{"type": []string{"integer", "boolean", "string"}}
		case isTruth:
			p = either(object{"type": "boolean"})
		case isChoice:
			p = either(object{"enum": arg.choices})
		case isNames:
			p = object{"type": "array", "items": object{"type": "string"}}
		case isSteps:
			p = object{"$ref": "#/$defs/steps"}
		case isName:
			p = object{"type": "string", "pattern": nameForm().String()}
		default:
			p = object{"type": []string{"string", "number", "boolean"}} // YAML takes an unquoted text for one of them
		}
		p["description"] = arg.doc
		return p
	}
	steps, observations := object{keyWhen: object{"type": "string"}}, object{}
	for name, a := range actions {
		arguments := object{"type": "object", "additionalProperties": false}
		properties, required := object{}, []string{}
		for _, arg := range a.all() {
			properties[arg.name] = property(arg)
			if arg.required {
				required = append(required, arg.name)
			}
		}
		arguments["properties"], arguments["required"] = properties, required
		forms := []object{arguments}
		if a.short != "" {
			short, _ := a.argument(a.short)
			forms = append(forms, property(short))
		}
		if len(required) == 0 && !a.data {
			forms = append(forms, object{"type": "null"})
		}
		s := object{"description": a.doc, "anyOf": forms}
		if name == "never" {
			s = object{"description": a.doc, "$ref": "#/$defs/observation"}
		}
		steps[name] = s
		if a.observe {
			observations[name] = s
		}
	}
	one := func(properties object, most int) object {
		return object{"type": "object", "properties": properties, "additionalProperties": false, "minProperties": 1, "maxProperties": most}
	}
	check := object{
		keyName: object{"type": "string", "pattern": nameForm().String()}, keyTitle: text, keyHint: text, keyGuide: object{"type": "string"},
		keySteps: list(nameForm().String()), keyCatch: list(catchForm().String()), keyDeps: list(nameForm().String()),
		keyPoints: object{"type": "number", "minimum": 0, "maximum": maxPoints}, keyHidden: either(object{"type": "boolean"}), keyWhen: object{"type": "string"},
		keyWiFi: list("."), keyNet: list("."), keySeeds: either(number(1, maxSeeds)), keyClean: either(object{"type": "boolean"}), keyLimit: object{"type": "string"},
		keyFails: object{"type": "object", "properties": object{"least": number(1, maxRuns), "most": number(1, maxRuns)}, "additionalProperties": false},
		keyDo:    object{"$ref": "#/$defs/steps"},
	}
	schema := object{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "A file of checks",
		"type":    "object", "required": []string{"checks"}, "additionalProperties": false,
		"properties": object{"checks": object{"type": "array", "minItems": 1, "maxItems": maxChecks, "items": object{
			"type": "object", "required": []string{keyName, keyDo}, "additionalProperties": false, "properties": check,
		}}},
		"$defs": object{
			"observation": one(maps.Clone(observations), 1),
			"steps": object{"type": "array", "minItems": 1, "items": object{"anyOf": []object{
				one(steps, 2), {"enum": actionNames()},
			}}},
		},
	}
	return json.MarshalIndent(schema, "", "  ")
}
