package spec

import (
	"maps"
	"slices"
)

// checkOptions checks the entries of sdkconfig.
func (c *checker) checkOptions(f Field) {
	for _, name := range slices.Sorted(maps.Keys(c.spec.Sdkconfig)) {
		path := join(f.Path, name)
		if msg, hint := checkOptionName(name); msg != "" {
			c.keyErrorf(path, hint, "%s", msg)
		} else if msg, hint := checkOptionValue(c.spec.Sdkconfig[name]); msg != "" && !c.faulty(path) {
			c.errorf(path, hint, "%s", msg)
		}
	}
}
