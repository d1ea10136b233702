package rules

import (
	"cmp"
	"strings"

	"github.com/espgen/espgen/generator/idf"
)

// checkCore refuses the choice of a core where there is none.
func (c *checker) checkCore() {
	if c.spec.Task.Core == nil || c.faulty("task.core", "target") || idf.TargetAt(*c.spec.Target).Dual {
		return
	}
	c.errorf("task.core", "remove it, or take a chip with two: "+strings.Join(idf.DualCore(), ", "),
		"%s has only one core", cmp.Or(c.file.Hidden("target"), *c.spec.Target))
}
