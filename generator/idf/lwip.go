package idf

// What lwIP can do in ESP-IDF, and since which version.
const (
	// DefaultSockets is how many sockets lwIP's table has by default.
	DefaultSockets = 10

	// MaxSockets is the most sockets that CONFIG_LWIP_MAX_SOCKETS takes before
	// BigTableSince.
	MaxSockets    = 16
	BigTableSince = "5.4"

	// FixedMailbox is the size of lwIP's mailbox of connections to be accepted
	// before MailboxSince, and by default.
	FixedMailbox = 6
	MailboxSince = "5.3"
)
