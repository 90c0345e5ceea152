package dispatch

import (
	"context"
	"sync"
	"time"

	"dateline/internal/press"
)

// scribe writes results into the ledger, many in one transaction.
type scribe struct {
	dispatcher *Dispatcher
	came       chan struct{} // results came
	over       chan struct{} // closed: no result will come any more
	writing    context.Context
	giveUp     context.CancelFunc // whatever is being written

	pending []press.Result // not in the ledger yet; run's own

	mu    sync.Mutex
	inbox []press.Result      // that came; as many as have begun, at most
	out   map[press.ID]string // begun and without a result in the ledger: of which release
	twins map[press.ID]bool   // of these, which came onto the shelf a second time
}

func newScribe(d *Dispatcher) *scribe {
	writing, giveUp := context.WithCancel(d.leaving) // not Run's: the last results are written after its end
	return &scribe{
		dispatcher: d, writing: writing, giveUp: giveUp, came: make(chan struct{}, 1), over: make(chan struct{}), out: map[press.ID]string{}, twins: map[press.ID]bool{},
	}
}

// Rhythms of the scribe.
const (
	turnEvery = 50 * time.Millisecond // a result waits no longer for others
	firstWait = 50 * time.Millisecond // between tries while the store does not answer
	lastWait  = time.Second
	stopWait  = 5 * time.Second // how long a daemon that stops waits for a store that is gone
)

// result takes an outcome for the next turn.
func (s *scribe) result(r press.Result) {
	s.mu.Lock()
	s.inbox = append(s.inbox, r)
	n, last := len(s.inbox), len(s.inbox)+len(s.pending) >= len(s.out)
	s.mu.Unlock()
	if n == 1 || n == beginBatch || last { // the first one sets the clock; a full batch, or all there is, is written
		signal(s.came)
	}
}

// unsent proves that a message which had begun has not left.
func (s *scribe) unsent(p *prepared, why string) {
	r := unplanned(p, why, time.Now())
	p.free()
	s.result(r)
}

// stop ends run, once it has written what there is or stopWait is over. No result
// may come after.
func (s *scribe) stop() {
	close(s.over)
	time.AfterFunc(stopWait, s.giveUp)
}

// releases names those of which something has begun.
func (s *scribe) releases(into map[string]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, release := range s.out {
		into[release] = true
	}
}

// run takes turns until stop. What it gives up then the next start finds in the
// journal.
func (s *scribe) run() {
	defer s.giveUp()
	wait := firstWait
	for {
		over := s.await()
		err := s.turn()
		switch {
		case err == nil && over:
			return
		case err == nil:
			wait = firstWait
			continue
		case s.writing.Err() != nil:
			s.dispatcher.options.Log.Error("results were given up; the next start finds them in the journal", "results", len(s.pending), "error", err)
			return
		}
		s.dispatcher.options.Log.Error("results could not be written into the ledger; they are tried again", "error", err)
		pause(s.writing, wait)
		wait = min(2*wait, lastWait)
		signal(s.came) // what could not be written is still there
	}
}

// await returns once results have gathered for long enough, or are many, or all
// that are to be expected; true when it is over.
func (s *scribe) await() bool {
	select {
	case <-s.over:
		return true
	case <-s.came:
	}
	timer := time.NewTimer(turnEvery)
	defer timer.Stop()
	for !s.full() {
		select {
		case <-s.over:
			return true
		case <-s.came:
		case <-timer.C:
			return false
		}
	}
	return false
}

// full tells whether there is no use in waiting for more results.
func (s *scribe) full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.inbox) + len(s.pending)
	return n >= beginBatch || n >= len(s.out)
}

// turn writes what came, in one transaction. What it could not write it keeps
// for the next.
func (s *scribe) turn() error {
	s.mu.Lock()
	s.pending = append(s.pending, s.inbox...)
	s.inbox = s.inbox[:0]
	s.mu.Unlock()
	if len(s.pending) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(s.writing, storeWait)
	defer cancel()
	begun := time.Now()
	if _, err := s.dispatcher.ledger.Record(ctx, s.dispatcher.options.Daemon, s.pending, nil, begun); err != nil {
		return err
	}
	s.dispatcher.options.Told.Wrote(time.Since(begun))
	ids := make([]press.ID, len(s.pending))
	for i, r := range s.pending {
		ids[i] = r.Delivery
	}
	s.dispatcher.options.Journal.Settled(ids) // before any of them can begin again
	s.mu.Lock()
	s.pending = s.pending[:0]
	s.mu.Unlock()
	s.forget(ids...)
	return nil
}

// once leaves out what this daemon has begun and not finished, however it came
// onto the shelf a second time.
func (s *scribe) once(taken []assigned) []assigned {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := taken[:0]
	for _, a := range taken {
		if _, twin := s.out[a.delivery.ID]; twin {
			s.twins[a.delivery.ID] = true
			a.free()
			continue
		}
		s.out[a.delivery.ID] = a.delivery.Release
		kept = append(kept, a)
	}
	return kept
}

// forget lets go of what has not begun, or is settled.
func (s *scribe) forget(ids ...press.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		delete(s.out, id)
		if s.twins[id] { // its claim may stand in the store, and is in no hand from now on
			delete(s.twins, id)
			s.dispatcher.stray.Store(true)
		}
	}
}

// busy tells whether something has begun and has no result.
func (s *scribe) busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.out) > 0
}
