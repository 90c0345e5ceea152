package dispatch_test

import (
	"sync"
	"testing"
	"time"

	"dateline/internal/press"
)

// Each message's transaction goes out with the data of the one before, where
// there is one.
func TestTransactionsAreOpenedAhead(t *testing.T) {
	inHouse(t, 300, func(t *testing.T, h *house) {
		all := h.approve()
		h.serve(h.store, nil)
		h.pass(toLift + 10*time.Second)
		h.onceEach(all)
		if h.relay.opens < len(all)/2 {
			t.Errorf("%d of %d transactions were opened ahead", h.relay.opens, len(all))
		}
		if h.relay.abandoned > 0 {
			t.Errorf("%d opened transactions were abandoned", h.relay.abandoned)
		}
	})
}

// stopped comes between a message and its successor, whose transaction is open.
func stopped(t *testing.T, stop func(h *house) error, test func(h *house, all []press.Recipient, at time.Time, opened map[press.ID]bool)) {
	inHouse(t, 300, func(t *testing.T, h *house) {
		all := h.approve()
		var once sync.Once
		var at time.Time
		before := 0 // messages
		opened := map[press.ID]bool{}
		h.relay.takes = 300 * time.Millisecond // longer than a look at the gate
		h.relay.during = func(nth int) {
			if nth < 12 {
				return
			}
			once.Do(func() {
				if err := stop(h); err != nil {
					t.Error(err)
				}
				at = time.Now()
				h.relay.mu.Lock()
				defer h.relay.mu.Unlock()
				before = len(h.relay.sent)
				for _, s := range h.relay.sessions {
					if s.opened != nil {
						opened[*s.opened] = true
					}
				}
			})
		}
		h.serve(h.store, nil)
		h.pass(toLift + 20*time.Second)
		if len(opened) == 0 {
			t.Fatal("no transaction was open")
		}
		for _, m := range h.relay.all()[before:] {
			if m.at.Before(at.Add(300 * time.Millisecond)) { // the gate had not looked yet
				delete(opened, m.envelope.Delivery)
			}
		}
		if n := h.relay.abandoned; n == 0 || n < len(opened) {
			t.Errorf("%d transactions were abandoned, want the %d that stayed open", n, len(opened))
		}
		if h.relay.wrong > 0 {
			t.Errorf("%d messages went into another's transaction", h.relay.wrong)
		}
		test(h, all, at, opened)
	})
}

func TestAKillCancelsTheOneWhoseTransactionIsOpen(t *testing.T) {
	stopped(t, func(h *house) error {
		return h.desk.Kill(h.t.Context(), slug, "a wrong word", "Anna", time.Now())
	}, func(h *house, all []press.Recipient, at time.Time, opened map[press.ID]bool) {
		for _, m := range h.relay.all() {
			if m.at.After(at) && opened[m.envelope.Delivery] {
				t.Errorf("a message was sent %s after the kill into the transaction that was open for it", m.at.Sub(at))
			}
		}
		n := len(h.relay.accepted())
		h.expect(map[press.State]int{press.Accepted: n, press.Cancelled: len(all) - n})
	})
}

func TestAHoldAbandonsTheOneWhoseTransactionIsOpen(t *testing.T) {
	stopped(t, func(h *house) error {
		return h.desk.Hold(h.t.Context(), slug, "a wrong word", "Anna", time.Now())
	}, func(h *house, all []press.Recipient, at time.Time, _ map[press.ID]bool) {
		h.none(at.Add(300*time.Millisecond), time.Now(), "held")
		h.must(h.desk.Resume(h.t.Context(), slug, "Anna", time.Now()))
		h.relay.setTakes(time.Millisecond)
		h.pass(10 * time.Second)
		h.onceEach(all)
	})
}

// A session that breaks takes the transaction with it that was open: its message
// has not left.
func TestABrokenSessionTakesItsOpenTransactionAlong(t *testing.T) {
	inHouse(t, 300, func(t *testing.T, h *house) {
		all := h.approve()
		h.relay.answer = func(nth int, _ press.Address) press.State {
			switch nth % 20 {
			case 7:
				return press.Unknown
			case 15:
				return press.Planned
			default:
				return press.Accepted
			}
		}
		h.serve(h.store, nil)
		// A copy that is taken along again and again waits longer each time, 1, 2, 4, 8
		// and 16 s and their jitter: of 300 one may well need four or five tries.
		h.pass(toLift + 90*time.Second)
		unknown := 0
		left := map[press.Address]bool{}
		for _, m := range h.relay.all() {
			if left[m.envelope.To] {
				t.Errorf("%s got another copy of what had left, or may have", m.envelope.To)
			}
			if m.state == press.Unknown {
				unknown++
			}
			left[m.envelope.To] = m.state != press.Planned
		}
		h.expect(map[press.State]int{press.Accepted: len(all) - unknown, press.Unknown: unknown})
		if h.relay.wrong > 0 || unknown == 0 {
			t.Errorf("%d messages went into another's transaction, %d are unknown", h.relay.wrong, unknown)
		}
	})
}
