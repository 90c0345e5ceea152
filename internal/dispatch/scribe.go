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
	over   chan struct{} // closed when the daemon stops: then the store is waited for no longer than stopGiveUp
}

// entry is one connection's line: the result of its last message, the delivery
// that it wants to begin next, or both.
type entry struct {
	result  *press.Result
	begin   press.ID // zero: none
	verdict chan press.Verdict
}

func newScribe(l Ledger, o Options) *scribe {
	return &scribe{ledger: l, daemon: o.Daemon, log: o.Log, desk: make(chan entry), over: make(chan struct{})}
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

// Waits between tries while the store does not answer.
const (
	firstWait = 50 * time.Millisecond
	lastWait  = time.Second
	giveUp    = 5 * time.Minute
)

const stopGiveUp = 5 * time.Second

// write tries until the store has taken the entries: results must not be lost.
// After five minutes it gives them up to the next start, which finds those
// deliveries in `sending` and marks them unknown.
func (s *scribe) write(entries []entry) {
	var results []press.Result
	var begin []press.Begin
	for _, e := range entries {
		if e.result != nil {
			results = append(results, *e.result)
		}
		if !e.begin.IsZero() {
			begin = append(begin, press.Begin{Delivery: e.begin})
		}
	}
	start, wait := time.Now(), firstWait
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		verdicts, err := s.ledger.Record(ctx, s.daemon, results, begin, time.Now())
		cancel()
		if err == nil {
			for _, e := range entries {
				e.verdict <- verdicts[e.begin]
			}
			return
		}
		s.log.Error("the ledger could not be written; nothing further is begun until it is", "error", err)
		if time.Since(start) > s.patience() {
			s.log.Error("results were given up; those deliveries will be unknown", "results", len(results))
			for _, e := range entries {
				e.verdict <- press.Lost
			}
			return
		}
		// The commit may have arrived although its answer did not: what stands in
		// `sending` and was never given out may begin.
		for i := range begin {
			begin[i].Again = true
		}
		pause(context.Background(), wait)
		wait = min(2*wait, lastWait)
	}
}

func (s *scribe) patience() time.Duration {
	select {
	case <-s.over:
		return stopGiveUp
	default:
		return giveUp
	}
}
