package rules

import (
	"fmt"
	"strings"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
)

// checkStack holds the arrays on the task's stack against its size.
func (c *checker) checkStack(style role.Style) {
	terms, paths, needed, ok := c.arrays(style.Stack)
	if !ok || c.faulty("task.stack") {
		return
	}
	needed += field.StackMargin
	if stack := *c.spec.Task.Stack; needed > stack {
		c.sumErrorf(append(paths, "task.stack"), fmt.Sprintf("set task.stack to at least %d, or make the buffer smaller", (needed+15)/16*16),
			"the task's stack is too small: %s + %d (margin for calls and logging) = %d bytes, but task.stack is %d", strings.Join(terms, " + "), field.StackMargin, needed, stack)
	}
}
