package rules

import (
	"fmt"
	"strings"

	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
)

// checkStatic holds the static buffers of all connections against a limit.
func (c *checker) checkStatic(style role.Style) {
	terms, paths, needed, ok := c.arrays(style.Static)
	if !ok || c.faulty("server.max_clients") {
		return
	}
	sum, hint := strings.Join(terms, " + "), "make the buffers smaller"
	if clients := c.spec.Server.MaxClients; clients != nil {
		sum = fmt.Sprintf("%d (clients) x (%s)", *clients, sum)
		hint += ", or lower server.max_clients"
		needed *= *clients
		paths = append(paths, "server.max_clients")
	}
	if needed > field.MaxStatic {
		c.sumErrorf(append(paths, "style"), hint, "too much static RAM: %s = %d bytes, above the limit of %d", sum, needed, field.MaxStatic)
	}
}
