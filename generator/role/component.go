package role

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/idf"
)

// A Component is one that main requires: of ESP-IDF, or of the registry, from where
// ESP-IDF's component manager downloads it. In YAML, a name alone stands for one of
// ESP-IDF.
type Component struct {
	Name     string `yaml:"name"`     // of ESP-IDF: mqtt
	Registry string `yaml:"registry"` // of the registry: espressif/mqtt
	Version  string `yaml:"version"`  // of the one of the registry: "^1.0"
	IDF      string `yaml:"idf"`      // the versions of ESP-IDF with which it is required: "<6.0", ">=5.3,<6.0"; "" for all
}

// The forms of what a component says.
const (
	namePattern     = `^[A-Za-z][A-Za-z0-9_.-]*$`
	registryPattern = `^[a-z0-9][a-z0-9_-]*/[A-Za-z0-9][A-Za-z0-9_.-]*$`
	boundsPattern   = `^(>=` + releasePattern + `(, *<` + releasePattern + `)?|<` + releasePattern + `)$`
	releasePattern  = number4 + `(\.` + number4 + `){1,2}`
	number4         = `(0|[1-9][0-9]{0,3})`
)

// versionPattern is what the component manager takes for versions.
var versionPattern = `^(\*|` + idf.Pattern[1:len(idf.Pattern)-1] + `)$`

// componentForms are the forms of the keys of a component, with what they demand in words.
var componentForms = []struct{ key, pattern, allowed string }{
	{"name", namePattern, "letters, digits, _, . and -"},
	{"registry", registryPattern, "OWNER/NAME, such as espressif/mqtt"},
	{"version", versionPattern, `versions as idf_component.yml has them, such as "^1.0"`},
	{"idf", boundsPattern, `">=6.0", "<6.0" or ">=5.3,<6.0"`},
}

// UnmarshalYAML reads a name, or a map.
func (c *Component) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		c.Name = n.Value
		return c.wrong(n)
	}
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: a component is a name, or a map with name or registry", n.Line)
	}
	keys := []string{"name", "registry", "version", "idf"}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if !slices.Contains(keys, key.Value) {
			return fmt.Errorf("line %d: unknown key %s of a component; %s", key.Line, key.Value, field.Suggest(key.Value, keys))
		}
		if value.Kind != yaml.ScalarNode || value.Tag != "!!str" || value.Value == "" {
			return fmt.Errorf("line %d: %s of a component is a text, in quotes where it is a number", value.Line, key.Value)
		}
		*map[string]*string{"name": &c.Name, "registry": &c.Registry, "version": &c.Version, "idf": &c.IDF}[key.Value] = value.Value
	}
	return c.wrong(n)
}

// wrong says what is wrong with a component.
func (c *Component) wrong(n *yaml.Node) error {
	values := map[string]string{"name": c.Name, "registry": c.Registry, "version": c.Version, "idf": c.IDF}
	for _, form := range componentForms {
		if value := values[form.key]; value != "" && !regexp.MustCompile(form.pattern).MatchString(value) {
			return fmt.Errorf("line %d: %s %q of a component is not of the form it must have; allowed: %s", n.Line, form.key, value, form.allowed)
		}
	}
	switch {
	case (c.Name == "") == (c.Registry == ""):
		return fmt.Errorf("line %d: a component has either name, for one of ESP-IDF, or registry", n.Line)
	case c.Registry != "" && c.Version == "":
		return fmt.Errorf("line %d: the component %s has no version; write the versions of it that will do, such as \"^1.0\"", n.Line, c.Registry)
	case c.Name != "" && c.Version != "":
		return fmt.Errorf("line %d: version is for components of the registry: %s comes with ESP-IDF; idf says with which", n.Line, c.Name)
	}
	if from, below := c.bounds(); from != "" && below != "" && !idf.Before(from, below) {
		return fmt.Errorf("line %d: no version of ESP-IDF is within %s", n.Line, c.IDF)
	}
	return nil
}

// bounds returns the first version of ESP-IDF with which it is required, and the
// first with which it no longer is; "" for none.
func (c *Component) bounds() (from, below string) {
	for bound := range strings.SplitSeq(c.IDF, ",") {
		bound = strings.TrimSpace(bound)
		if v, ok := strings.CutPrefix(bound, ">="); ok {
			from = v
		} else if v, ok := strings.CutPrefix(bound, "<"); ok {
			below = v
		}
	}
	return from, below
}

// For reports whether a project that is built with a range of versions of ESP-IDF
// requires the component, and whether only some of these versions do.
func (c *Component) For(versions idf.Range) (required, some bool) {
	from, below := c.bounds()
	some = from != "" && versions.AllowsBelow(from) || below != "" && versions.AllowsFrom(below)
	return versions.AllowsBetween(from, below), some
}

// Condition is the condition in CMake under which it is required.
func (c *Component) Condition() string {
	const version = `"${IDF_VERSION_MAJOR}.${IDF_VERSION_MINOR}.${IDF_VERSION_PATCH}"`
	from, below := c.bounds()
	var list []string
	if from != "" {
		list = append(list, version+` VERSION_GREATER_EQUAL "`+from+`"`)
	}
	if below != "" {
		list = append(list, version+` VERSION_LESS "`+below+`"`)
	}
	return strings.Join(list, " AND ")
}

func compareComponents(a, b Component) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Registry, b.Registry), cmp.Compare(a.IDF, b.IDF), cmp.Compare(a.Version, b.Version))
}

// componentSchema is the schema of a component.
func componentSchema() object {
	properties := object{}
	what := map[string]string{
		"name":     "The component of ESP-IDF: mqtt.",
		"registry": "The component of the registry: espressif/mqtt.",
		"version":  `The versions of the one of the registry that will do: "^1.0".`,
		"idf":      `The versions of ESP-IDF with which it is required: "<6.0". All where it is left out.`,
	}
	for _, form := range componentForms {
		properties[form.key] = described(object{"type": "string", "pattern": form.pattern}, what[form.key])
	}
	s := mapWith(properties)
	s["oneOf"] = []object{
		{"required": []string{"name"}, "properties": object{"version": false}},
		{"required": []string{"registry", "version"}, "properties": object{"name": false}},
	}
	return object{"anyOf": []object{{"type": "null"}, {"type": "string", "pattern": namePattern}, s}}
}
