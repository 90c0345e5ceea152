package dispatch

import "time"

// Bounds that the suite holds the dispatcher to.
const (
	ClaimBatch = claimBatch
	BeginBatch = beginBatch
	DueLimit   = dueLimit
)

// Kept tells how many messages lie on the shelf, and how many bytes they take.
func (d *Dispatcher) Kept() (n int, bytes int64) {
	n, _, bytes = d.shelf.held(time.Time{})
	return n, bytes
}
