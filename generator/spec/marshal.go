package spec

import (
	"maps"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/tree"
)

// YAML writes a spec as a file that gives the same values. table has the fields
// of its role.
func (s *Spec) YAML(table field.Table) ([]byte, error) {
	said := tree.Tree{}
	for _, f := range table {
		switch value := s.Value(f.Path).(type) {
		case nil:
		case map[string]any:
			options := tree.Tree{}
			for _, name := range slices.Sorted(maps.Keys(value)) {
				options[name] = optionNode(value[name])
			}
			said[f.Path] = options
		case [2]int:
			said.Put(f.Path, value[:])
		default:
			said.Put(f.Path, value)
		}
	}
	return yaml.Marshal(said)
}

// optionNode keeps the digits of a hexadecimal number.
func optionNode(value any) any {
	if hex, ok := value.(field.Hex); ok {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: string(hex)}
	}
	return value
}
