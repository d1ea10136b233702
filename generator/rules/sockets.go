package rules

import (
	"fmt"

	"github.com/espgen/espgen/generator/idf"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/spec"
)

// checkSockets holds the sockets that a server needs against lwIP's table.
func (c *checker) checkSockets(style role.Style) {
	if _, server := style.Fields["server.max_clients"]; !server || c.faulty("server.max_clients", "idf", "target") {
		return
	}
	versions := c.versions()
	sum := fmt.Sprintf("%d (clients) + 1 (listener)", *c.spec.Server.MaxClients)
	if style.SpareSockets > 0 {
		sum += fmt.Sprintf(" + %d (reserve, to refuse the next client)", style.SpareSockets)
	}
	if evicts(&c.spec) {
		sum += " + 1 (the next client, before another is closed for it)"
	}
	if needed := neededSockets(&c.spec, style); needed > idf.MaxSockets && versions.AllowsBelow(idf.BigTableSince) {
		c.errorf("server.max_clients",
			fmt.Sprintf("lower it to %d, or set idf to %q, which has room for 253 sockets", idf.MaxSockets-needed+*c.spec.Server.MaxClients, c.raisedIDF(idf.BigTableSince)),
			"too many sockets: %s = %d, but ESP-IDF before %s has at most %d", sum, needed, idf.BigTableSince, idf.MaxSockets)
	}
}

// evicts reports whether a server closes a connection to make room for the next
// client.
func evicts(s *spec.Spec) bool { return s.Server.WhenFull != nil && *s.Server.WhenFull == "close_idle" }

func neededSockets(checked *spec.Spec, style role.Style) int {
	needed := 1 + style.SpareSockets
	if evicts(checked) {
		needed++
	}
	if checked.Server.MaxClients != nil {
		needed += *checked.Server.MaxClients
	}
	return needed
}

// Sockets is the size of lwIP's socket table that a checked spec of the style
// asks for: ESP-IDF's default, or more where the clients need more.
func Sockets(checked *spec.Spec, style role.Style) int {
	return max(idf.DefaultSockets, neededSockets(checked, style))
}
