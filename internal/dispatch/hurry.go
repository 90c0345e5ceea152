package dispatch

import (
	"context"
	"time"
)

// How long a daemon takes that was told to stop, whatever hangs: most messages
// are answered within seconds, and an init system waits for ten, as a rule.
const (
	cutAfter   = 7 * time.Second         // a message that its relay has not answered is cut off
	leaveAfter = 8500 * time.Millisecond // what the store has not taken is left to the next start
)

// Hurry bounds how long Run takes to end from now on. What is then still on its
// way is cut off, and is unknown where its last byte had left. Without it, as
// where only the config changes, each message has the time that its relay has.
func (d *Dispatcher) Hurry() {
	d.cutting.in(cutAfter)
	d.leaving.in(leaveAfter)
}

// ending is when something is given up: never, until it is set.
type ending struct {
	context.Context
	end context.CancelFunc
}

func newEnding() ending {
	ctx, end := context.WithCancel(context.Background()) // not Run's: it counts after that one's end
	return ending{ctx, end}
}

func (e ending) in(d time.Duration) {
	timer := time.AfterFunc(d, e.end)
	context.AfterFunc(e, func() { timer.Stop() })
}

// within is a context that ends after a time, or with the ending.
func (e ending) within(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(e, d)
}
