package dispatch

import (
	"context"
	"time"

	"dateline/internal/press"
)

// starter begins in the ledger what is due and some relay has room for, a batch
// at a time, and hands it to the relays' lanes. It works beside the scribe, so
// that no batch waits for the results of the one before.
type starter struct {
	dispatcher *Dispatcher
	wake       chan struct{} // a lane wants more
	asking     []assigned    // the ledger was asked to begin these, and has not answered; run's own
}

func newStarter(d *Dispatcher) *starter {
	return &starter{dispatcher: d, wake: make(chan struct{}, 1)}
}

// Rhythms of the starter.
const (
	staleGo = time.Second // an answer of that age is asked for again
	slowest = time.Minute // without anything to do
)

// run takes turns until the context ends. What the ledger has not answered then
// has not left, whether it had begun or not.
func (s *starter) run(ctx context.Context) {
	measured := time.Now()
	wait := firstWait
	for s.await(ctx) {
		now := time.Now()
		if passed := now.Sub(measured); passed >= lookEvery {
			measured = now
			for _, l := range s.dispatcher.lanes {
				l.measure(passed)
			}
		}
		if err := s.turn(ctx, now); err != nil && ctx.Err() == nil {
			s.dispatcher.options.Log.Error("nothing further is begun until the ledger can be written", "error", err)
			pause(ctx, wait)
			wait = min(2*wait, lastWait)
			continue
		}
		wait = firstWait
	}
	for _, a := range s.asking {
		s.dispatcher.scribe.unsent(a.prepared, "the daemon stops")
		s.dispatcher.stray.Store(true) // where it had not begun, its claim still stands
	}
}

// await returns when there is something to begin; false when the context is over.
func (s *starter) await(ctx context.Context) bool {
	timer := time.NewTimer(s.untilDue())
	defer timer.Stop()
	for ctx.Err() == nil {
		s.dispatcher.rounds.starter.turned() // here, for a shelf that fills wakes it again and again
		if len(s.asking) > 0 || s.dispatcher.shelf.wanted(time.Now()) {
			return true
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-s.dispatcher.shelf.changed:
			timer.Reset(s.untilDue())
		case <-timer.C:
			return true // a lane that is not low may have room all the same
		}
	}
	return false
}

// untilDue is how long nothing need be done: until the next instant on the
// shelf.
func (s *starter) untilDue() time.Duration {
	next, some := s.dispatcher.shelf.next()
	if !some {
		return slowest
	}
	left := time.Until(next)
	if left <= 0 { // due, and no lane wants it: a connection or room will wake us
		left = turnEvery
	}
	return min(left, time.Second) // the clock may be set, or the machine sleep
}

// turn asks for one batch. What the ledger did not answer it asks for again.
func (s *starter) turn(ctx context.Context, now time.Time) error {
	d := s.dispatcher
	if len(s.asking) == 0 {
		s.asking = d.scribe.once(d.shelf.takeDue(now, beginBatch))
	}
	if len(s.asking) == 0 {
		return nil
	}
	begin, epoch := make([]press.Begin, len(s.asking)), d.gate.epoch()
	for i, a := range s.asking {
		a.epoch = epoch // read before the ledger is asked: a takeover that comes after is seen
		begin[i] = press.Begin{Delivery: a.delivery.ID, Again: a.asked}
		a.again, a.asked = a.asked, true // should the answer be lost
	}
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	asked := time.Now()
	verdicts, err := d.ledger.Record(ctx, d.options.Daemon, nil, begin, now)
	if err == nil {
		d.options.Told.Wrote(time.Since(asked))
	}
	if err != nil || time.Since(now) >= staleGo {
		return err // a hold or a kill may have come since: it is asked again
	}
	s.hand(verdicts, time.Now())
	return nil
}

// hand gives to the lanes what may go. The rest the store has settled, or given
// back to the queue; with a held release goes whatever else waits of it.
func (s *starter) hand(verdicts map[press.ID]press.Verdict, now time.Time) {
	d := s.dispatcher
	asked := s.asking
	s.asking = nil
	for _, l := range d.lanes {
		l.hungry(now)
	}
	held := map[string]bool{}
	for _, a := range asked {
		v := verdicts[a.delivery.ID]
		if v == press.Go {
			a.lane.put(d, a.prepared)
			a.lane.fed = now
			continue
		}
		if v == press.Held || v == press.Killed || v == press.Lost {
			held[a.delivery.Release] = true
		}
		if v == press.Lost && a.again { // it may have been begun and taken over since, and has not left
			d.scribe.unsent(a.prepared, "its claim was taken over before it had left")
			continue
		}
		d.scribe.forget(a.delivery.ID)
		a.free()
	}
	for release := range held {
		d.withdraw(release, "the release was held, killed or approved anew before it had left")
	}
}
