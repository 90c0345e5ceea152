package dispatch

import (
	"sync/atomic"
	"time"
)

// rounds tell when each of the dispatcher's loops last came round. Each asks for
// nothing without a bound in time, so one that does not come round has hung.
type rounds struct {
	claimer, gate, starter round
	expected               atomic.Bool
}

// round is the time between made and when a loop last came round, by the clock
// that nobody sets.
type round struct {
	made time.Time
	last atomic.Int64
}

func (r *round) turned() { r.last.Store(int64(time.Since(r.made))) }

func (r *round) late() bool { return time.Since(r.made)-time.Duration(r.last.Load()) > longestRound }

// longestRound is what a round may take: what the store and a pause may, and more.
const longestRound = 90 * time.Second

// begin expects all loops to come round from now on.
func (r *rounds) begin() {
	for _, one := range []*round{&r.claimer, &r.gate, &r.starter} {
		one.made = time.Now()
	}
	r.expected.Store(true)
}

// Halted names the loop that has not come round for too long; "" where all do.
// While Run has not begun, or comes to its end, none is expected to.
func (d *Dispatcher) Halted() string {
	switch r := &d.rounds; {
	case !r.expected.Load():
		return ""
	case r.claimer.late():
		return "claimer"
	case r.gate.late():
		return "gate"
	case r.starter.late():
		return "starter"
	default:
		return ""
	}
}
