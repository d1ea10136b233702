package rules

import (
	"maps"
	"slices"

	"github.com/espgen/espgen/generator/field"
)

// checkOptions checks the entries of sdkconfig.
func (c *checker) checkOptions(f field.Field) {
	for _, name := range slices.Sorted(maps.Keys(c.spec.Sdkconfig)) {
		path := field.Join(f.Path, name)
		if msg, hint := field.OptionNameProblem(name); msg != "" {
			c.keyErrorf(path, hint, "%s", msg)
		} else if c.role.OwnsOption(name) {
			c.keyErrorf(path, "remove it; `espgen explain` lists the fields that drive it", "espgen sets this option itself")
		} else if msg, hint := field.OptionValueProblem(c.spec.Sdkconfig[name]); msg != "" && !c.faulty(path) {
			c.errorf(path, hint, "%s", msg)
		}
	}
}
