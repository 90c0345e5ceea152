package dispatch

import (
	"context"
	"log/slog"
	"time"

	"dateline/internal/press"
)

// scribe is the one writer of the ledger: while a transaction is on its way to
// the disk, the next one's entries gather, so that many connections share one
// flush.
type scribe struct {
	ledger Ledger
	daemon press.ID
	log    *slog.Logger
	desk   chan entry
	out    map[press.ID]bool // begun and not finished; run's own
	over   chan struct{}     // closed when the daemon stops: then the store is waited for no longer than stopGiveUp
}

// entry is one connection's line: the result of its last message, the delivery
// that it wants to begin next, or both.
type entry struct {
	result  *press.Result
	begin   press.ID // zero: none
	verdict chan press.Verdict
}

func newScribe(l Ledger, o Options) *scribe {
	return &scribe{ledger: l, daemon: o.Daemon, log: o.Log, desk: make(chan entry), out: map[press.ID]bool{}, over: make(chan struct{})}
}

// step writes a result, if there is one, and asks to begin a delivery, if one
// is named. It returns once both are on disk. Only press.Go lets a byte leave.
func (s *scribe) step(result *press.Result, begin press.ID) press.Verdict {
	e := entry{result: result, begin: begin, verdict: make(chan press.Verdict, 1)}
	s.desk <- e
	return <-e.verdict
}

func (s *scribe) stop() { close(s.desk) }

func (s *scribe) run() {
	for first := range s.desk {
		s.write(s.gather(first))
	}
}

// gather takes what else lies on the desk, without waiting for more.
func (s *scribe) gather(first entry) []entry {
	entries := []entry{first}
	for {
		select {
		case e, open := <-s.desk:
			if !open {
				return entries
			}
			entries = append(entries, e)
		default:
			return entries
		}
	}
}

// Waits between tries while the store does not answer, and how old an answer may
// be: a hold or a kill may have come since.
const (
	firstWait = 50 * time.Millisecond
	lastWait  = time.Second
	staleGo   = time.Second
)

// stopGiveUp is how long a daemon that stops waits for a store that is gone.
// What it gives up then is recovered by its next start, as unknown.
const stopGiveUp = 5 * time.Second

// batch is what one transaction writes.
type batch struct {
	results []press.Result
	begin   []press.Begin
}

// collect puts the entries together. What this daemon has begun and not
// finished cannot begin again, however it came into the queue a second time;
// its entry is answered with Lost by the empty verdict.
func (s *scribe) collect(entries []entry) batch {
	var b batch
	for _, e := range entries {
		if e.result != nil {
			b.results = append(b.results, *e.result)
			delete(s.out, e.result.Delivery)
		}
	}
	for i, e := range entries {
		if e.begin.IsZero() {
			continue
		}
		if s.out[e.begin] {
			entries[i].begin = press.ID{}
			continue
		}
		s.out[e.begin] = true
		b.begin = append(b.begin, press.Begin{Delivery: e.begin})
	}
	return b
}

// write tries until the store has taken the entries: results must not be lost,
// so only a daemon that stops gives them up.
func (s *scribe) write(entries []entry) {
	b := s.collect(entries)
	var stopping time.Time
	wait := firstWait
	for {
		asked := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		verdicts, err := s.ledger.Record(ctx, s.daemon, b.results, b.begin, asked)
		cancel()
		switch {
		case err == nil && (len(b.begin) == 0 || time.Since(asked) < staleGo):
			s.answer(entries, verdicts)
			return
		case err == nil:
			b.results = nil // they are on disk; only whether to go is asked again
		default:
			s.log.Error("the ledger could not be written; nothing further is begun until it is", "error", err)
			if s.givesUp(&stopping) {
				s.log.Error("results were given up; those deliveries will be unknown", "results", len(b.results))
				s.answer(entries, nil)
				return
			}
			pause(context.Background(), wait)
			wait = min(2*wait, lastWait)
		}
		// The commit may have arrived although its answer did not: what stands in
		// `sending` and was never given out may begin.
		for i := range b.begin {
			b.begin[i].Again = true
		}
	}
}

// answer tells each connection its verdict; without one it is Lost.
func (s *scribe) answer(entries []entry, verdicts map[press.ID]press.Verdict) {
	for _, e := range entries {
		v, ok := verdicts[e.begin]
		if !ok {
			v = press.Lost
		}
		if v != press.Go {
			delete(s.out, e.begin)
		}
		e.verdict <- v
	}
}

// givesUp tells whether the daemon stops, and has waited long enough.
func (s *scribe) givesUp(since *time.Time) bool {
	select {
	case <-s.over:
		if since.IsZero() {
			*since = time.Now()
		}
		return time.Since(*since) > stopGiveUp
	default:
		return false
	}
}
