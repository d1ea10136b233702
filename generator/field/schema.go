package field

type object = map[string]any

// Schema returns the JSON Schema of the field's value.
func (f Field) Schema() map[string]any {
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
		s["propertyNames"] = object{"pattern": OptionPattern}
		s["additionalProperties"] = object{"type": []string{"boolean", "integer", "string"}}
	default:
		s["type"] = "string"
		f.restrictString(s)
	}
	return s
}

func (f Field) restrictString(s object) {
	switch {
	case len(f.Values) > 0:
		s["enum"] = f.Values
	case f.Pattern != "":
		s["pattern"] = f.Pattern
	}
	if f.Path == "project" {
		s["not"] = object{"enum": ReservedProjects}
	}
	if f.Kind == Text && f.Pattern == "" {
		// A character has at least one byte, so this refuses no valid value.
		s["minLength"], s["maxLength"] = f.Min, f.Max
	}
}
