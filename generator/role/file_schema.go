package role

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/espgen/espgen/generator/field"
)

// FileSchema returns the JSON Schema (draft 2020-12) of a role.yaml, for editors.
// What a schema cannot say (which fields, parts and expressions there are, what
// they give) is left to [Role.Problems], so it accepts every role.yaml that
// espgen does, and some that it does not.
func FileSchema() ([]byte, error) {
	top := headSchema("espgen role.yaml, format 1")
	properties := top["properties"].(object)
	maps.Copy(properties, object{
		"title":         described(needed, "What the role is, in a few words: TCP server."),
		"summary":       described(needed, "What the role is, in a line: `espgen roles` prints it."),
		"default_style": described(text, "The style of a spec that names none. Not needed where there is one style."),
		"params":        described(orNull(mapOf(paramSchema())), "The role's own fields, by their paths in a spec."),
		"styles":        described(object{"type": "object", "minProperties": 1, "additionalProperties": orNull(styleSchema())}, "The ways in which its code is written, by name."),
		"tests":         described(listOf(testSchema()), "What `espgen role test` runs."),
	})
	top["required"] = []string{"title", "summary", "styles"}
	return indented(top)
}

// PartSchema returns the JSON Schema of a part.yaml, as [FileSchema] does that of
// a role.yaml.
func PartSchema() ([]byte, error) {
	top := headSchema("espgen part.yaml, format 1")
	top["type"] = []string{"object", "null"} // one in which everything is commented out
	maps.Copy(top["properties"].(object), partProperties())
	return indented(top)
}

func indented(schema object) ([]byte, error) {
	data, err := json.MarshalIndent(schema, "", "  ")
	return append(data, '\n'), err
}

// headSchema is the schema of a file with nothing in it but its head.
func headSchema(title string) object {
	s := mapWith(object{
		"format": described(object{"type": []string{"integer", "null"}, "minimum": 1, "maximum": Format}, "The version of the file's format."),
		"espgen": described(orNull(object{"type": "string", "pattern": "^(" + leastForm.String()[1:len(leastForm.String())-1] + ")?$"}), `The least espgen that the file needs: ">=1.2".`),
	})
	s["$schema"], s["title"] = "https://json-schema.org/draft/2020-12/schema", title
	return s
}

// The schemas of values. A text may be anything that stands on one line in YAML:
// the guide's section 3.1 is a text, too.
var (
	text   = object{"type": []string{"string", "number", "boolean", "null"}}
	needed = object{"type": []string{"string", "number", "boolean"}, "minLength": 1}
	number = object{"type": []string{"integer", "null"}}
	truth  = object{"type": []string{"boolean", "null"}}
)

// described returns a schema with a description.
func described(schema object, what string) object {
	s := maps.Clone(schema)
	s["description"] = what
	return s
}

func orNull(schema object) object {
	s := maps.Clone(schema)
	if kind, ok := s["type"].(string); ok {
		s["type"] = []string{kind, "null"}
	}
	return s
}

func mapOf(values object) object {
	return object{"type": "object", "additionalProperties": values}
}

func mapWith(properties object) object {
	return object{"type": "object", "properties": properties, "additionalProperties": false}
}

// listOf is the schema of a list. The reader leaves out what is null in one: a line
// of which everything is commented out.
func listOf(items object) object {
	return object{"type": []string{"array", "null"}, "items": orNull(items)}
}

func atLeast(least int) object {
	return object{"type": []string{"integer", "null"}, "minimum": least}
}

func oneOf(names ...string) object { return object{"enum": names} }

// paramSchema is the schema of a row of params.
func paramSchema() object {
	s := mapWith(object{
		"type":         described(oneOf(slices.Sorted(maps.Keys(paramTypes))...), "A pair is of numbers of which the first is not above the second."),
		"summary":      described(needed, `What it is: "the broker's address".`),
		"unit":         described(text, "Of a number: ms, s, bytes."),
		"min":          described(number, "The least number, or the least length of a string in bytes."),
		"max":          described(number, "The largest number, or the largest length of a string in bytes; 1024 where it is left out."),
		"multiple":     described(atLeast(0), "What a number must be a multiple of."),
		"zero":         described(text, "What 0 means, where 0 is allowed beside the range."),
		"values":       described(listOf(text), "What a string may be."),
		"pattern":      described(orNull(object{"type": "string", "pattern": `^(\^.*\$)?$`}), "A regular expression of the whole string: it begins with ^ and ends with $."),
		"allowed":      described(text, "What it may be, in words. A pattern needs it."),
		"default":      described(object{"type": []string{"string", "number", "boolean", "array", "null"}}, "Its value where the spec gives none."),
		"default_from": described(text, "The field that has its value where the spec gives none."),
		"required":     described(truth, "The spec must give it."),
		"secret":       described(truth, "It is kept out of every message, and of every file that git tracks."),
		"group":        described(truth, "It is given with all the other fields of its section, or not at all."),
		"drives":       described(text, "The C that it drives."),
		"guide":        described(text, "The guide's section about it."),
		"note":         described(text, "What else `espgen explain` tells."),
		"example":      described(object{"type": []string{"string", "number", "boolean", "array", "null"}}, "Its value in a starter spec."),
	})
	s["required"] = []string{"type", "summary"}
	return s
}

// styleSchema is the schema of a style.
func styleSchema() object {
	properties := partProperties()
	properties["guide"] = described(text, "The guide's section that its code follows.")
	properties["include"] = described(listOf(text), "The parts that it is built from; a later one's files go before an earlier one's of the same name.")
	return mapWith(properties)
}

// partProperties are the schemas of what a part, and a style, may have.
func partProperties() object {
	use := mapWith(object{
		"default":  described(object{"type": []string{"string", "number", "boolean", "array", "null"}}, "In place of the field's default."),
		"required": described(truth, "The spec must give it."),
		"drives":   described(text, "The C that it drives, in place of what the table of fields says."),
		"form":     described(text, "The form of the field that it takes, where it takes less than others."),
	})
	array := object{"anyOf": []object{{"type": "integer", "minimum": 1}, {"type": "string"}}}
	rule := mapWith(object{
		"check":   described(needed, "An expression over fields that is true where the rule is kept."),
		"field":   described(needed, "The field at whose place a breach is told."),
		"message": described(needed, "What is wrong, with {wifi.retries} for that field's value."),
		"hint":    described(text, "What to do, likewise."),
	})
	rule["required"] = []string{"check", "field", "message"}
	setting := mapWith(object{
		"comment": described(text, "The line above it."),
		"option":  described(orNull(object{"type": "string", "pattern": "^(" + field.OptionPattern[1:len(field.OptionPattern)-1] + ")?$"}), "The option of ESP-IDF, CONFIG_... Without one there is the comment alone."),
		"value":   described(object{"type": []string{"string", "integer", "boolean", "null"}}, "Its value."),
		"from":    described(text, "The path of the field, or of what is derived, that has the value."),
		"when":    described(text, "The path of what must not be false or 0 for the option to be set."),
		"fixed":   described(truth, "The spec's sdkconfig may not set it."),
	})
	peer := mapWith(object{
		"transport": oneOf("tcp"),
		"side":      described(oneOf("client", "server"), "What espgen peer is to the project."),
		"port":      described(needed, "The field that holds the port."),
		"greeting":  described(text, "The field that holds what the project sends first."),
	})
	peer["required"] = []string{"transport", "side", "port"}
	file := mapWith(object{
		"mode":  described(object{"enum": modes()}, "Its permissions, in place of 0644."),
		"hides": described(truth, "It may hold what !env and !secret give, and then only its owner may read it, and git ignores it."),
		"owner": described(object{"enum": []any{"user", "", nil}}, "user where the file is the user's as soon as the user has edited it."),
		"key":   described(text, "The macro that holds the Wi-Fi password."),
		"needs": described(orNull(mapOf(text)), "What a file of the user's must do now, by a name that stands in a file which does it."),
	})
	return object{
		"summary":       described(text, "What it is, for who looks for one."),
		"fields":        described(orNull(mapOf(orNull(use))), "The shared fields that it uses, by path."),
		"stack":         described(orNull(mapOf(array)), "The arrays on the task's stack: name to bytes, or to the field that holds them."),
		"static":        described(orNull(mapOf(array)), "The arrays in static RAM for each connection, likewise."),
		"components":    described(object{"type": []string{"array", "null"}, "items": componentSchema()}, "The components that main requires: names of ESP-IDF's, or maps."),
		"kconfig":       described(listOf(object{"type": "string", "pattern": kconfigBeginning.String()}), "What the names of the options begin with that its Kconfig files define: TCP_CONNECTION_."),
		"sdkconfig":     described(listOf(setting), "The options that it sets in sdkconfig.defaults."),
		"hides_options": described(truth, "A template prints hidden_options, in a file that git does not see."),
		"derived":       described(orNull(mapOf(needed)), "What its templates print beside the fields, by path, each an expression."),
		"rules":         described(listOf(rule), "What it demands of several fields together."),
		"spare_sockets": described(atLeast(0), "The reserve in lwIP's socket table."),
		"peer":          described(orNull(peer), "How espgen peer speaks to its projects."),
		"files":         described(orNull(mapOf(orNull(file))), "What is special about files, by path."),
	}
}

// modes are the permissions that a file may have.
func modes() []any {
	list := []any{nil}
	for mode := range 0o755 + 1 {
		if mode&^0o755 == 0 {
			list = append(list, mode)
		}
	}
	return list
}

// testSchema is the schema of a test.
func testSchema() object {
	s := mapWith(object{
		"name":   described(needed, "What is tested."),
		"spec":   described(text, "The spec of the folder specs that it is for, without .yaml; each where it is left out."),
		"wifi":   described(listOf(text), "Events of Wi-Fi, as `espgen run --wifi` has them."),
		"net":    described(listOf(text), "Events of the network, as `espgen run --net` has them."),
		"expect": described(object{"type": "array", "items": text, "contains": object{"type": []string{"string", "number", "boolean"}}}, "Regular expressions that lines of the log match, in this order."),
		"within": described(object{"type": []string{"string", "null"}, "pattern": `^[+-]?([0-9.]+(ns|us|µs|μs|ms|s|m|h))+$|^[+-]?0$`}, "The longest time for that: 30s. 10s where it is left out."),
	})
	s["required"] = []string{"name", "expect"}
	return s
}
