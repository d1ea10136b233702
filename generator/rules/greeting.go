package rules

import (
	"fmt"

	"github.com/espgen/espgen/generator/role"
)

// checkGreeting holds the greeting against the buffer that it is sent from.
func (c *checker) checkGreeting(style role.Style) {
	_, greets := style.Fields["client.greeting"]
	if _, buffered := style.Fields["buffers.tx"]; !greets || !buffered || c.faulty("client.greeting", "buffers.tx", "buffers.rx") {
		return
	}
	if needed, room := len(*c.spec.Client.Greeting), *c.spec.Buffers.TX; needed > room {
		c.sumErrorf([]string{"client.greeting", "buffers.tx", "buffers.rx"}, fmt.Sprintf("set buffers.tx to at least %d, or shorten the greeting", needed),
			"the greeting does not fit the buffer that it is sent from: it has %d bytes, but buffers.tx is %d", needed, room)
	}
}
