package press

import "time"

// QueueDepth is how much is unsettled of all releases that were approved and are
// not killed.
type QueueDepth struct {
	Waiting, Due, Claimed, Sending int       // copies: not due yet, due and in no hand, in a daemon's, on their way
	OldestDue                      time.Time // of what is due and in no hand, and not held; zero where nothing is
}

// CameBack is how many copies came back of those that went by a relay to a mail
// domain.
type CameBack struct {
	Kind   string `db:"kind"` // bounced, blocked or complained
	Relay  string `db:"relay"`
	Domain string `db:"domain"`
	N      int    `db:"n"`
}
