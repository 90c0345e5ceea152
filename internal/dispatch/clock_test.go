package dispatch_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dateline/internal/press"
)

// astray is a ledger whose database has a clock of its own.
func (h *house) astray(off, told *atomic.Int64) *hooked {
	return &hooked{Ledger: h.store, gate: func(_ context.Context, ask func() (press.Gate, error)) (press.Gate, error) {
		view, err := ask()
		by := time.Duration(off.Load())
		if view.Clock = time.Now().Add(by); by != 0 && told.Load() == 0 {
			told.Store(time.Now().UnixNano())
		}
		return view, err
	}}
}

// holds counts how often Dateline itself held the release.
func (h *house) holds() int {
	h.t.Helper()
	acts, err := h.store.Acts(context.Background(), slug, 100)
	h.must(err)
	n := 0
	for _, a := range acts {
		if a.Act == "hold" && a.By == press.ByDateline {
			n++
		}
	}
	return n
}

func TestADatabaseClockThatIsOffHoldsOnceAndAPersonDecides(t *testing.T) {
	for name, by := range map[string]time.Duration{"ahead": 3 * time.Second, "behind": -3 * time.Second} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, 60, func(t *testing.T, h *house) {
				recipients := h.approve()
				var off, told atomic.Int64
				off.Store(int64(by))
				h.serve(h.astray(&off, &told), nil)
				h.pass(toLift + 10*time.Second)
				if n := h.sent(); n != 0 {
					t.Errorf("%d messages left by a clock that cannot be trusted", n)
				}
				if why := h.held(); !strings.Contains(why, "clocks of the database") {
					t.Errorf("held: %q", why)
				}
				h.must(h.desk.Resume(t.Context(), slug, "Anna", time.Now()))
				h.pass(20 * time.Second)
				h.onceEach(recipients)
				if n := h.holds(); n != 1 {
					t.Errorf("it was held %d times, want once", n)
				}
			})
		})
	}
}

func TestADatabaseClockThatIsNearlyRightHoldsNothing(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		recipients := h.approve()
		var off, told atomic.Int64
		off.Store(int64(900 * time.Millisecond))
		h.serve(h.astray(&off, &told), nil)
		h.pass(toLift + 10*time.Second)
		h.onceEach(recipients)
	})
}

// Not one message leaves on the view that tells of it.
func TestADatabaseClockThatGoesAstrayInTheMiddleStopsAtOnce(t *testing.T) {
	inHouse(t, 400, func(t *testing.T, h *house) {
		recipients := h.approve()
		var off, told atomic.Int64
		h.relay.takes = 50 * time.Millisecond
		h.relay.during = func(nth int) {
			if nth == 30 {
				off.Store(int64(3 * time.Second))
			}
		}
		h.serve(h.astray(&off, &told), nil)
		h.pass(toLift + 10*time.Second)
		h.none(time.Unix(0, told.Load()), time.Now(), "when the clock was known to be astray")
		if n := h.sent(); n < 31 || n > 60 {
			t.Errorf("%d messages left", n)
		}
		h.must(h.desk.Resume(t.Context(), slug, "Anna", time.Now()))
		h.pass(30 * time.Second)
		h.onceEach(recipients)
	})
}

func TestAnotherZoneDatabaseHoldsTheRelease(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		h.approve()
		h.serve(&hooked{Ledger: h.store, frozen: func(f press.Frozen) press.Frozen {
			if f.Zones == "" {
				t.Error("the approval froze no fingerprint of the zones")
			}
			f.Zones = strings.Repeat("0", len(f.Zones))
			return f
		}}, nil)
		h.pass(toLift + 10*time.Second)
		if n := h.sent(); n != 0 {
			t.Errorf("%d messages left", n)
		}
		if why := h.held(); !strings.Contains(why, "zone database") || !strings.Contains(why, "plan and approve anew") {
			t.Errorf("held: %q", why)
		}
	})
}
