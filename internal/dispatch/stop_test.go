package dispatch_test

import (
	"context"
	"testing"
	"time"

	"dateline/internal/dispatch"
	"dateline/internal/press"
)

// What has begun in the ledger and not left when the daemon stops goes back, and
// nothing more begins: the stop waits only for what is on its way.
func TestAStopGivesBackWhatHasNotLeft(t *testing.T) {
	inHouse(t, 600, func(t *testing.T, h *house) {
		all := h.approve()
		h.relay.takes = 100 * time.Millisecond
		h.serve(h.store, nil)
		h.pass(toLift + 950*time.Millisecond)
		begun := h.states()[press.Sending]
		asked := time.Now()
		h.stop()
		if took := time.Since(asked); took > 300*time.Millisecond {
			t.Errorf("the stop took %s", took)
		}
		h.none(asked, time.Now(), "after the stop was asked for")
		n := len(h.relay.accepted())
		if n == 0 || begun <= 3 {
			t.Errorf("%d were sent and %d had begun; it should stop in the middle", n, begun)
		}
		h.expect(map[press.State]int{press.Accepted: n, press.Planned: len(all) - n})
		if left := len(h.journal.earlier(true).Begun); left != 0 {
			t.Errorf("the journal tells of %d messages after an orderly stop", left)
		}
		if h.relay.wrong > 0 {
			t.Errorf("%d messages went into another's transaction", h.relay.wrong)
		}
	})
}

func TestAStopBeforeTheLiftGivesEverythingBack(t *testing.T) {
	inHouse(t, 600, func(t *testing.T, h *house) {
		all := h.approve()
		h.serve(h.store, nil)
		h.pass(toLift - time.Second)
		if n := h.states()[press.Claimed]; n != len(all) {
			t.Errorf("%d are claimed before the lift, want %d", n, len(all))
		}
		h.stop()
		h.expect(map[press.State]int{press.Planned: len(all)})
	})
}

// A relay that does not answer keeps a hurried stop from nothing: what is on its
// way is cut off and unknown, and what waits goes back. Without a hurry, as where
// the config changes, its messages have all the time that they want.
func TestAStopInAHurryCutsOffWhatHangs(t *testing.T) {
	for name, hurried := range map[string]bool{"in a hurry": true, "at leisure": false} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, 600, func(t *testing.T, h *house) {
				all := h.approve()
				h.relay.takes = time.Minute
				h.serve(h.store, nil)
				h.pass(toLift + time.Second)
				asked := time.Now()
				if hurried {
					h.running.Hurry()
				}
				h.stop()
				took := time.Since(asked)
				if hurried {
					if took < 7*time.Second || took > 8*time.Second {
						t.Errorf("the stop took %s", took)
					}
					h.expect(map[press.State]int{press.Unknown: 3, press.Planned: len(all) - 3})
					return
				}
				if took < 50*time.Second {
					t.Errorf("the stop took %s, and should wait", took)
				}
				h.expect(map[press.State]int{press.Accepted: 3, press.Planned: len(all) - 3})
			})
		})
	}
}

// A message that ends within the time of a hurried stop is told as it ended.
func TestAStopInAHurryWaitsForAnswers(t *testing.T) {
	inHouse(t, 600, func(t *testing.T, h *house) {
		all := h.approve()
		h.relay.takes = 6 * time.Second
		h.serve(h.store, nil)
		h.pass(toLift + time.Second)
		h.running.Hurry()
		h.stop()
		h.expect(map[press.State]int{press.Accepted: 3, press.Planned: len(all) - 3})
	})
}

// goneLedger is a store that is gone from one moment to the next, for whatever
// is asked of it: it refuses, or hangs until the caller has had enough.
type goneLedger struct {
	dispatch.Ledger
	gone  chan struct{} // closed
	hangs bool
}

func (l *goneLedger) check(ctx context.Context) error {
	select {
	case <-l.gone:
	default:
		return nil
	}
	if l.hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return errGone
}

func (l *goneLedger) Record(ctx context.Context, daemon press.ID, rs []press.Result, bs []press.Begin, now time.Time) (map[press.ID]press.Verdict, error) {
	if err := l.check(ctx); err != nil {
		return nil, err
	}
	return l.Ledger.Record(ctx, daemon, rs, bs, now)
}

func (l *goneLedger) Gate(ctx context.Context, daemon press.ID, slugs []string) (press.Gate, error) {
	if err := l.check(ctx); err != nil {
		return press.Gate{}, err
	}
	return l.Ledger.Gate(ctx, daemon, slugs)
}

func (l *goneLedger) NextDue(ctx context.Context) (time.Time, bool, error) {
	if err := l.check(ctx); err != nil {
		return time.Time{}, false, err
	}
	return l.Ledger.NextDue(ctx)
}

func (l *goneLedger) Release(ctx context.Context, daemon press.ID, ids []press.ID, now time.Time) error {
	if err := l.check(ctx); err != nil {
		return err
	}
	return l.Ledger.Release(ctx, daemon, ids, now)
}

func (l *goneLedger) RecordRelay(ctx context.Context, daemon press.ID, relay, trouble string, since time.Time) error {
	if err := l.check(ctx); err != nil {
		return err
	}
	return l.Ledger.RecordRelay(ctx, daemon, relay, trouble, since)
}

// Without its store the daemon stops all the same, and the next life settles by
// the journal what it could not write.
func TestAStopWithoutTheStore(t *testing.T) {
	for name, hangs := range map[string]bool{"it refuses": false, "it hangs": true} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, 600, func(t *testing.T, h *house) {
				all := h.approve()
				gone := make(chan struct{})
				h.relay.takes = 50 * time.Millisecond
				h.relay.during = func(nth int) {
					if nth == 30 {
						close(gone)
					}
				}
				h.serve(&goneLedger{Ledger: h.store, gone: gone, hangs: hangs}, nil)
				h.pass(toLift + 4*time.Second)
				asked := time.Now()
				h.running.Hurry()
				h.stop()
				if took := time.Since(asked); took > 9*time.Second {
					t.Errorf("the stop took %s", took)
				}
				n := len(h.relay.accepted())
				if written := h.states()[press.Accepted]; written >= n || n < 31 {
					t.Errorf("%d were sent, and the store has %d; some should be missing", n, written)
				}
				h.relay.mu.Lock()
				h.relay.during = nil
				h.relay.mu.Unlock()
				h.resume(true)
				h.pass(time.Minute)
				h.onceEach(all)
				h.expect(map[press.State]int{press.Accepted: len(all)})
			})
		})
	}
}
