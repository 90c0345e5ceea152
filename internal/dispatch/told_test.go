package dispatch_test

import (
	"sync"
	"testing"
	"time"

	"dateline/internal/dispatch"
	"dateline/internal/press"
)

// tally counts what a dispatcher tells.
type tally struct {
	mu       sync.Mutex
	outcomes map[press.State]int
	late     time.Duration // the latest acceptance after its instant
	wrote    int
	aside    []bool
	turned   time.Time
	idle     time.Duration // the longest time without a turn
}

func (y *tally) told() dispatch.Told {
	y.outcomes, y.turned = map[press.State]int{}, time.Now()
	locked := func(do func()) {
		y.mu.Lock()
		defer y.mu.Unlock()
		do()
	}
	return dispatch.Told{
		Outcome: func(d press.Delivery, o press.Outcome) {
			locked(func() { y.outcomes[o.State]++; y.late = max(y.late, o.At.Sub(d.Due)) })
		},
		Wrote: func(time.Duration) { locked(func() { y.wrote++ }) },
		Aside: func(_ string, aside bool) { locked(func() { y.aside = append(y.aside, aside) }) },
		Turned: func() {
			locked(func() { y.idle = max(y.idle, time.Since(y.turned)); y.turned = time.Now() })
		},
	}
}

// Who counts is told of each outcome once, of each batch and of each relay, and
// sees the loop turn all the time, whatever there is to do.
func TestWhatIsTold(t *testing.T) {
	inHouse(t, 40, func(t *testing.T, h *house) {
		want := len(h.approve())
		var y tally
		h.serve(h.store, func(o *dispatch.Options) { o.Told = y.told() })
		h.pass(toLift + 10*time.Second)
		y.mu.Lock()
		defer y.mu.Unlock()
		if y.outcomes[press.Accepted] != want || len(y.outcomes) != 1 || y.late < 0 || y.late > time.Second {
			t.Errorf("told of %v, the latest %s after its instant; want %d accepted", y.outcomes, y.late, want)
		}
		if y.wrote < 2 {
			t.Errorf("told of %d batches, want one of beginnings and one of results at least", y.wrote)
		}
		if len(y.aside) != 1 || y.aside[0] {
			t.Errorf("of the relay was told %v, want once that it takes mail", y.aside)
		}
		if idle := max(y.idle, time.Since(y.turned)); idle > 5*time.Second {
			t.Errorf("the loop did not turn for %s", idle)
		}
	})
}
