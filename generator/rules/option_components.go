package rules

import (
	"fmt"
	"maps"
	"slices"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/idf"
)

// checkComponents refuses an option whose component a version that the spec lets
// in does not have: such a version does not build what requires it.
func (c *checker) checkComponents() {
	if c.faulty("idf", "target") || c.spec.IDF == nil {
		return
	}
	versions := c.versions()
	for _, option := range slices.Sorted(maps.Keys(c.spec.Sdkconfig)) {
		h, ok := idf.HookOf(option, c.spec.Sdkconfig[option], versions)
		path := field.Join("sdkconfig", option)
		if ok && h.Since != "" && versions.AllowsBelow(h.Since) && !c.faulty(path) {
			c.keyErrorf(path, fmt.Sprintf("set idf to \">=%s\", or remove it", h.Since),
				"it needs the component %s, which ESP-IDF has since %s", h.Component, h.Since)
		}
	}
}
