package rules

import (
	"fmt"
	"maps"
	"slices"
)

// arrays adds up arrays of a role.yaml. paths are the fields that say their
// sizes. ok is false where there is nothing to add, or one of these fields has
// an issue already.
func (c *checker) arrays(sizes map[string]any) (terms, paths []string, total int, ok bool) {
	for _, name := range slices.Sorted(maps.Keys(sizes)) {
		bytes, _ := sizes[name].(int)
		if path, isPath := sizes[name].(string); isPath {
			bytes, ok = c.spec.Value(path).(int)
			if !ok || c.faulty(path) {
				return nil, nil, 0, false
			}
			paths = append(paths, path)
		}
		total += bytes
		terms = append(terms, fmt.Sprintf("%d (%s)", bytes, name))
	}
	return terms, paths, total, len(terms) > 0
}

// sumErrorf adds an issue of a sum over fields, at the first of them that the
// file gives, or the last.
func (c *checker) sumErrorf(paths []string, hint, format string, args ...any) {
	i := 0
	if c.file != nil {
		i = slices.IndexFunc(paths, c.file.Given)
	}
	if i < 0 {
		i = len(paths) - 1
	}
	c.errorf(paths[i], hint, format, args...)
}
