package dispatch_test

import (
	"errors"
	"testing"
	"time"

	"dateline/internal/dispatch"
	"dateline/internal/press"
)

// What a relay did not take before its deadline expires, and is not sent when
// the relay is back.
func TestARelayThatIsDownPastTheDeadlineSendsNothingAfter(t *testing.T) {
	for name, n := range map[string]int{"a few": 60, "thousands": 5000} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, n, func(t *testing.T, h *house) {
				all := h.approve()
				h.relay.setDown(errors.New("connection refused"))
				h.serve(h.store, nil)
				h.pass(toLift + lateAfter + 10*time.Second)
				h.expect(map[press.State]int{press.Expired: len(all)})
				h.relay.setDown(nil)
				h.pass(time.Minute)
				if n := h.sent(); n != 0 {
					t.Errorf("%d messages left after their deadline", n)
				}
			})
		})
	}
}

// What has begun in the ledger, and not left, has its deadline, too: a store
// that comes back too late lets nothing go.
func TestWhatHasBegunDoesNotLeaveAfterItsDeadline(t *testing.T) {
	inHouse(t, 400, func(t *testing.T, h *house) {
		all := h.approve()
		ledger := &brokenLedger{Ledger: h.store}
		h.relay.takes = 50 * time.Millisecond
		h.relay.during = func(nth int) {
			if nth == 30 {
				ledger.set(true)
			}
		}
		h.serve(ledger, nil)
		h.pass(toLift + lateAfter + 30*time.Second)
		if h.states()[press.Sending] == 0 {
			t.Error("nothing was under way when the store went")
		}
		ledger.set(false)
		h.pass(30 * time.Second)
		h.none(h.lift.Add(lateAfter), time.Now(), "after its deadline")
		n := len(h.relay.accepted())
		h.expect(map[press.State]int{press.Accepted: n, press.Expired: len(all) - n})
	})
}

// A relay that is too slow for all of them sends until the deadline, not beyond.
func TestASlowRelaySendsUntilTheDeadline(t *testing.T) {
	inHouse(t, 600, func(t *testing.T, h *house) {
		all := h.approve()
		h.serve(h.store, func(o *dispatch.Options) { o.Relays[0].PerSecond = 1 })
		h.pass(toLift + lateAfter + 10*time.Second)
		n := len(h.relay.accepted())
		if n < 170 || n > 181 {
			t.Errorf("%d messages left in three minutes, at one a second", n)
		}
		h.none(h.lift.Add(lateAfter), time.Now(), "after its deadline")
		h.expect(map[press.State]int{press.Accepted: n, press.Expired: len(all) - n})
	})
}

// A held release expires at its deadline like any other.
func TestAHeldReleaseExpires(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		all := h.approve()
		h.serve(h.store, nil)
		h.pass(toLift - time.Second)
		h.must(h.desk.Hold(t.Context(), slug, "a wrong word", "Anna", time.Now()))
		h.pass(time.Second + lateAfter + 10*time.Second)
		h.must(h.desk.Resume(t.Context(), slug, "Anna", time.Now()))
		h.pass(30 * time.Second)
		h.expect(map[press.State]int{press.Expired: len(all)})
		if n := h.sent(); n != 0 {
			t.Errorf("%d messages left", n)
		}
	})
}
