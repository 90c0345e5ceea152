package dispatch

import (
	"time"

	"dateline/internal/press"
)

// Told is what a dispatcher tells, as it works, whoever counts. What is nil is
// told nobody. Whatever is called must not wait: a lift does.
type Told struct {
	Outcome func(d press.Delivery, o press.Outcome)   // of each message that was handed to a relay
	Wrote   func(took time.Duration)                  // a batch of beginnings or results, into the ledger
	Aside   func(relay string, aside bool)            // whether it is put aside, at each change
	Clock   func(against string, ahead time.Duration) // how far another clock is ahead of this machine's: the database's, or the wall against the time that passed
	Turned  func()                                    // the loop has turned
}

// complete puts in what does nothing where nobody is told.
func (t Told) complete() Told {
	if t.Outcome == nil {
		t.Outcome = func(press.Delivery, press.Outcome) {}
	}
	if t.Wrote == nil {
		t.Wrote = func(time.Duration) {}
	}
	if t.Aside == nil {
		t.Aside = func(string, bool) {}
	}
	if t.Clock == nil {
		t.Clock = func(string, time.Duration) {}
	}
	if t.Turned == nil {
		t.Turned = func() {}
	}
	return t
}
