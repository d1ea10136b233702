package rules

import (
	"fmt"

	"github.com/espgen/espgen/generator/idf"
	"github.com/espgen/espgen/generator/spec"
)

// hasFixedMailbox reports whether a version that the spec lets in cannot change
// the size of lwIP's mailbox.
func (c *checker) hasFixedMailbox() bool {
	if c.faulty("idf", "target") || c.spec.IDF == nil {
		return false
	}
	versions := c.versions()
	return versions.AllowsBelow(idf.MailboxSince)
}

// checkBacklog holds the connections that wait against lwIP's mailbox.
func (c *checker) checkBacklog() {
	if c.spec.Server.Backlog == nil || c.faulty("server.backlog") || !c.hasFixedMailbox() {
		return
	}
	if backlog := *c.spec.Server.Backlog; backlog > idf.FixedMailbox {
		c.errorf("server.backlog", fmt.Sprintf("lower it to %d, or set idf to %q, which has room for 64", idf.FixedMailbox, c.raisedIDF(idf.MailboxSince)),
			"too many waiting connections: %d, but lwIP before ESP-IDF %s keeps %d for accept() and resets the others", backlog, idf.MailboxSince, idf.FixedMailbox)
	}
}

// AcceptMailbox is the size that lwIP's mailbox of connections to be accepted
// needs for a checked spec, 0 where the default does.
func AcceptMailbox(checked *spec.Spec) int {
	if backlog := checked.Server.Backlog; backlog != nil && *backlog > idf.FixedMailbox {
		return *backlog
	}
	return 0
}
