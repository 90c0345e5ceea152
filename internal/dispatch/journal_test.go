package dispatch_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"dateline/internal/dispatch"
	"dateline/internal/press"
)

// afterLife runs a test in which an earlier life had begun some deliveries in
// the ledger when it ended. What its journal tells of them is the test's to say.
func afterLife(t *testing.T, begun int, test func(h *house, all []press.Recipient, left []press.Delivery)) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		all := h.approve()
		h.pass(toLift)
		test(h, all, h.begin(ours(), begun))
	})
}

// resume starts the next life, which reads the journal.
func (h *house) resume(sameBoot bool) {
	h.serve(h.store, func(o *dispatch.Options) { o.Earlier = h.journal.earlier(sameBoot) })
}

func TestTheNextLifeSettlesWhatTheJournalTells(t *testing.T) {
	afterLife(t, 4, func(h *house, all []press.Recipient, left []press.Delivery) {
		at := time.Now()
		for i, state := range []press.State{press.Accepted, press.Deferred, press.Rejected} {
			h.must(h.journal.Begin(left[i].ID))
			h.must(h.journal.End(left[i].ID, press.Outcome{State: state, At: at, Relay: "fake", Code: 200 + i, Text: "as the journal has it"}))
		}
		h.must(h.journal.Begin(left[3].ID)) // and no end
		h.resume(true)
		h.pass(20 * time.Second) // the deferred one is not made ready so early
		h.expect(map[press.State]int{press.Accepted: len(all) - 3, press.Deferred: 1, press.Rejected: 1, press.Unknown: 1})
		h.pass(time.Minute)
		h.expect(map[press.State]int{press.Accepted: len(all) - 2, press.Rejected: 1, press.Unknown: 1})
		for i, want := range []int{0, 1, 0, 0} {
			if got := h.copiesTo(left[i].Address); got != want {
				t.Errorf("delivery %d left %d times after the start, want %d", i, got, want)
			}
		}
		for _, m := range h.relay.all() {
			wait := m.at.Sub(at)
			if m.envelope.To == left[1].Address && (wait < 48*time.Second || wait > 73*time.Second) {
				t.Errorf("the deferred one was tried again after %s, want a minute, give or take a fifth", wait)
			}
		}
		told := 0
		for _, e := range h.trail() {
			if e.Reply == "as the journal has it" && e.At.Equal(at.UTC().Truncate(time.Microsecond)) {
				told++
			}
		}
		if told != 3 {
			t.Errorf("%d entries of the trail are the journal's, want 3", told)
		}
	})
}

// A journal that is whole proves of which it tells nothing that it had not begun.
func TestWhatTheJournalDoesNotNameWasNotSentIfItIsWhole(t *testing.T) {
	afterLife(t, 5, func(h *house, all []press.Recipient, left []press.Delivery) {
		h.must(h.journal.Begin(left[0].ID))
		h.resume(true)
		h.pass(30 * time.Second)
		h.expect(map[press.State]int{press.Accepted: len(all) - 1, press.Unknown: 1})
		if n := h.copiesTo(left[0].Address); n != 0 {
			t.Errorf("the one that had begun was sent %d times more", n)
		}
		for _, d := range left[1:] {
			if n := h.copiesTo(d.Address); n != 1 {
				t.Errorf("one that had not begun was sent %d times, want once", n)
			}
		}
	})
}

func TestWhatAnIncompleteJournalDoesNotNameIsUnknown(t *testing.T) {
	afterLife(t, 5, func(h *house, all []press.Recipient, left []press.Delivery) {
		h.must(h.journal.Begin(left[0].ID))
		h.must(h.journal.End(left[0].ID, press.Outcome{State: press.Accepted, At: time.Now()}))
		h.serve(h.store, func(o *dispatch.Options) {
			o.Earlier = h.journal.earlier(false)
			o.Earlier.Damage = "journal-000001 at 4096"
		})
		h.pass(30 * time.Second)
		h.expect(map[press.State]int{press.Accepted: len(all) - 4, press.Unknown: 4})
		for _, d := range left {
			if n := h.copiesTo(d.Address); n != 0 {
				t.Errorf("one that may have left was sent %d times more", n)
			}
		}
	})
}

// Another daemon took this one for dead and marked what it was sending unknown;
// the journal knows better.
func TestTheJournalSettlesWhatATakeoverMarkedUnknown(t *testing.T) {
	afterLife(t, 4, func(h *house, all []press.Recipient, left []press.Delivery) {
		h.exec(`UPDATE daemons SET seen_us = 1 WHERE id = ?`, ours())
		found, err := h.store.TakeOver(h.t.Context(), theirs(), 15*time.Second, time.Now())
		h.must(err)
		if found.Unknown != 4 {
			t.Fatalf("took over %+v, want 4 unknown", found)
		}
		for i, state := range []press.State{press.Accepted, press.Deferred} {
			h.must(h.journal.Begin(left[i].ID))
			h.must(h.journal.End(left[i].ID, press.Outcome{State: state, At: time.Now()}))
		}
		h.must(h.journal.Begin(left[2].ID)) // and no end: it may have left
		h.resume(true)
		h.pass(2 * time.Minute)
		h.expect(map[press.State]int{press.Accepted: len(all) - 1, press.Unknown: 1})
		for i, want := range []int{0, 1, 0, 1} { // the deferred one had proved unsent, and the last had not begun
			if got := h.copiesTo(left[i].Address); got != want {
				t.Errorf("delivery %d left %d times after the start, want %d", i, got, want)
			}
		}
	})
}

// A journal that cannot be written stops the daemon, and nothing more.
func TestWithoutRoomInTheJournalNothingBegins(t *testing.T) {
	inHouse(t, 200, func(t *testing.T, h *house) {
		recipients := h.approve()
		h.relay.takes = 20 * time.Millisecond
		h.relay.during = func(nth int) {
			if nth == 40 {
				h.journal.setFull(errors.New("no space left on device"))
			}
		}
		h.serve(h.store, nil)
		h.pass(toLift + 30*time.Second)
		n := h.sent()
		if n < 41 || n > 43 { // those of the other two connections had begun
			t.Errorf("%d messages left, want those up to the 41st", n)
		}
		h.relay.mu.Lock()
		h.relay.during = nil
		h.relay.mu.Unlock()
		h.journal.setFull(nil)
		h.pass(30 * time.Second)
		h.onceEach(recipients)
		h.expect(map[press.State]int{press.Accepted: len(recipients)})
		for _, e := range h.trail() {
			if e.State == press.Planned && !strings.Contains(e.Reply, "journal") && !strings.Contains(e.Reply, "connection") {
				t.Errorf("a message went back for another reason: %q", e.Reply)
			}
		}
	})
}
