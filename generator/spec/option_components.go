package spec

import (
	"fmt"
	"maps"
	"slices"
)

// checkComponents refuses an option whose component a version that the spec lets
// in does not have: such a version does not build what requires it.
func (c *checker) checkComponents() {
	if c.faulty("idf", "target") || c.spec.IDF == nil {
		return
	}
	versions := c.versions()
	for _, option := range slices.Sorted(maps.Keys(c.spec.Sdkconfig)) {
		h, ok := hookOf(option, c.spec.Sdkconfig[option], versions)
		path := join("sdkconfig", option)
		if ok && h.since != "" && versions.allowsBelow(h.since) && !c.faulty(path) {
			c.keyErrorf(path, fmt.Sprintf("set idf to \">=%s\", or remove it", h.since),
				"it needs the component %s, which ESP-IDF has since %s", h.component, h.since)
		}
	}
}
