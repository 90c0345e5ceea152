package dispatch

import (
	"context"
	"sync"
	"time"

	"dateline/internal/press"
)

// scribe is the one writer of the ledger. Each of its turns is one transaction:
// the results that have gathered, and a batch of deliveries that may begin.
type scribe struct {
	dispatcher *Dispatcher
	wake       chan struct{} // a lane wants more
	came       chan struct{} // results came
	stopping   chan struct{} // closed: nothing further begins
	over       chan struct{} // closed: no result will come any more
	writing    context.Context
	giveUp     context.CancelFunc // whatever is being written

	pending []press.Result // not in the ledger yet; run's own
	twins   bool           // some were left out; run's own
	asking  []assigned     // the ledger was asked to begin these, and has not answered; run's own

	mu    sync.Mutex
	inbox []press.Result      // that came; as many as have begun, at most
	out   map[press.ID]string // begun and without a result in the ledger: of which release
}

func newScribe(d *Dispatcher) *scribe {
	writing, giveUp := context.WithCancel(context.Background()) // not Run's: the last results are written after its end
	return &scribe{
		dispatcher: d, writing: writing, giveUp: giveUp, wake: make(chan struct{}, 1), came: make(chan struct{}, 1),
		stopping: make(chan struct{}), over: make(chan struct{}), out: map[press.ID]string{},
	}
}

// Rhythms of the scribe.
const (
	turnEvery = 50 * time.Millisecond // a result waits no longer for others
	firstWait = 50 * time.Millisecond // between tries while the store does not answer
	lastWait  = time.Second
	staleGo   = time.Second     // an answer of that age is asked for again
	stopWait  = 5 * time.Second // how long a daemon that stops waits for a store that is gone
	slowest   = time.Minute     // without anything to do
)

// result takes an outcome for the next turn.
func (s *scribe) result(r press.Result) {
	s.mu.Lock()
	s.inbox = append(s.inbox, r)
	n := len(s.inbox)
	s.mu.Unlock()
	if n == 1 || n == beginBatch { // the first one sets the clock, a full batch is written
		signal(s.came)
	}
}

// unsent proves that a message which had begun has not left.
func (s *scribe) unsent(p *prepared, why string) {
	r := unplanned(p, why, time.Now())
	p.free()
	s.result(r)
}

// halt lets nothing further begin.
func (s *scribe) halt() { close(s.stopping) }

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

// run takes turns until stop.
func (s *scribe) run() {
	measured := time.Now()
	wait, failing := firstWait, false
	for !s.await(failing, wait) {
		s.gather()
		now := time.Now()
		if passed := now.Sub(measured); passed >= lookEvery {
			measured = now
			for _, l := range s.dispatcher.lanes {
				l.measure(passed)
			}
		}
		if err := s.turn(now); err != nil {
			s.dispatcher.options.Log.Error("the ledger could not be written; nothing further is begun until it is", "error", err)
			if failing {
				wait = min(2*wait, lastWait)
			}
			failing = true
			continue
		}
		wait, failing = firstWait, false
	}
	s.last()
}

// await returns when there is something to write or to begin; true when it is
// over. After a failure it only waits.
func (s *scribe) await(failing bool, wait time.Duration) bool {
	if failing {
		return s.rest(wait)
	}
	timer := time.NewTimer(s.nextTurn())
	defer timer.Stop()
	for {
		if len(s.asking) > 0 || s.waiting() >= beginBatch || s.urgent(time.Now()) {
			return false
		}
		select {
		case <-s.over:
			return true
		case <-s.came:
			timer.Reset(s.nextTurn())
		case <-s.wake:
		case <-s.dispatcher.shelf.changed:
			timer.Reset(s.nextTurn())
		case <-timer.C:
			return false
		}
	}
}

// waiting counts the results that are to be written.
func (s *scribe) waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.pending) + len(s.inbox)
}

// rest waits after a failure; true when it is over.
func (s *scribe) rest(wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-s.over:
		return true
	case <-timer.C:
		return false
	}
}

// nextTurn is how long nothing need be done: until the next instant on the
// shelf, or until results have waited long enough.
func (s *scribe) nextTurn() time.Duration {
	wait := slowest
	if s.waiting() > 0 {
		wait = turnEvery
	}
	if next, some := s.dispatcher.shelf.next(); some {
		left := time.Until(next)
		if left <= 0 { // due, and no lane wants it: a connection or room will wake us
			left = turnEvery
		}
		// No longer than a second: the clock may be set, or the machine sleep.
		wait = min(wait, left, time.Second)
	}
	return wait
}

// urgent tells whether something is due that a lane has been waiting for.
func (s *scribe) urgent(now time.Time) bool {
	if s.halted() {
		return false
	}
	return s.dispatcher.shelf.wanted(now)
}

func (s *scribe) halted() bool {
	select {
	case <-s.stopping:
		return true
	default:
		return false
	}
}

// gather takes the results that came.
func (s *scribe) gather() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = append(s.pending, s.inbox...)
	s.inbox = s.inbox[:0]
}

// turn writes one transaction. What it could not write it keeps for the next.
func (s *scribe) turn(now time.Time) error {
	d := s.dispatcher
	if len(s.asking) == 0 && !s.halted() {
		s.asking = s.once(d.shelf.takeDue(now, beginBatch))
	}
	if len(s.pending) == 0 && len(s.asking) == 0 {
		return nil
	}
	begin, epoch := make([]press.Begin, len(s.asking)), d.gate.epoch()
	for i, a := range s.asking {
		a.epoch = epoch // read before the ledger is asked: a takeover that comes after is seen
		begin[i] = press.Begin{Delivery: a.delivery.ID, Again: a.asked}
		a.again, a.asked = a.asked, true // should the answer be lost
	}
	ctx, cancel := context.WithTimeout(s.writing, storeWait)
	verdicts, err := d.ledger.Record(ctx, d.options.Daemon, s.pending, begin, now)
	cancel()
	if err != nil {
		return err
	}
	s.settled()
	if len(begin) > 0 && time.Since(now) >= staleGo {
		return nil // a hold or a kill may have come since: it is asked again
	}
	s.hand(verdicts)
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
			s.twins = true
			a.free()
			continue
		}
		s.out[a.delivery.ID] = a.delivery.Release
		kept = append(kept, a)
	}
	return kept
}

// settled forgets the results that are in the ledger.
func (s *scribe) settled() {
	if len(s.pending) == 0 {
		return
	}
	ids := make([]press.ID, len(s.pending))
	for i, r := range s.pending {
		ids[i] = r.Delivery
	}
	s.dispatcher.options.Journal.Settled(ids)
	s.forget(ids...)
	s.pending = s.pending[:0]
	if s.twins { // the claim of one may stand in the store, and in no hand
		s.twins = false
		s.dispatcher.stray.Store(true)
	}
}

func (s *scribe) forget(ids ...press.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		delete(s.out, id)
	}
}

// hand gives to the lanes what may go. The rest the store has settled, or given
// back to the queue; with a held release goes whatever else waits of it.
func (s *scribe) hand(verdicts map[press.ID]press.Verdict) {
	asked := s.asking
	s.asking = nil
	held := map[string]bool{}
	for _, a := range asked {
		v := verdicts[a.delivery.ID]
		if v == press.Go {
			a.lane.put(s.dispatcher, a.prepared)
			continue
		}
		if v == press.Lost && a.again { // it may have been begun and taken over since, and has not left
			s.result(unplanned(a.prepared, "its claim was taken over before it had left", time.Now()))
		}
		if v == press.Held || v == press.Killed || v == press.Lost {
			held[a.delivery.Release] = true
		}
		s.forget(a.delivery.ID)
		a.free()
	}
	for release := range held {
		s.dispatcher.withdraw(release, "the release was held, killed or approved anew before it had left")
	}
}

// last writes what there is when the daemon stops, for as long as it may take.
// What it gives up then the next start finds in the journal.
func (s *scribe) last() {
	defer s.giveUp()
	for {
		for _, l := range s.dispatcher.lanes { // begun after the workers had ended
			l.giveBack(s.dispatcher, "the daemon stops")
		}
		s.gather()
		for _, a := range s.asking { // whether they had begun is not known, but none has left
			s.pending = append(s.pending, unplanned(a.prepared, "the daemon stops", time.Now()))
		}
		s.asking = nil
		if len(s.pending) == 0 {
			return
		}
		_, err := s.dispatcher.ledger.Record(s.writing, s.dispatcher.options.Daemon, s.pending, nil, time.Now())
		if err == nil {
			s.settled()
			return
		}
		if s.writing.Err() != nil {
			s.dispatcher.options.Log.Error("results were given up; the next start finds them in the journal", "results", len(s.pending), "error", err)
			return
		}
		pause(s.writing, firstWait)
	}
}
