package spec

import (
	"cmp"
	"strings"
)

// checkCore refuses the choice of a core where there is none.
func (c *checker) checkCore() {
	if c.spec.Task.Core == nil || c.faulty("task.core", "target") || targetAt(*c.spec.Target).dual {
		return
	}
	c.errorf("task.core", "remove it, or take a chip with two: "+strings.Join(dualCore(), ", "),
		"%s has only one core", cmp.Or(c.file.hidden("target"), *c.spec.Target))
}
