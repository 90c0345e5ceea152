package dispatch_test

import (
	"context"
	"maps"
	"sync/atomic"
	"testing"
	"time"

	"dateline/internal/dispatch"
	"dateline/internal/press"
)

// asleep is a ledger whose daemon is stopped for a while, as far as its view of
// the gate tells: a view that is asked for meanwhile comes when it wakes.
func asleep(l dispatch.Ledger, asleep *atomic.Pointer[chan struct{}]) *hooked {
	return &hooked{Ledger: l, gate: func(_ context.Context, ask func() (press.Gate, error)) (press.Gate, error) {
		if awake := asleep.Load(); awake != nil {
			<-*awake
		}
		return ask()
	}}
}

// A daemon that was stopped, and whose claims were taken meanwhile, sends
// nothing of what it had in its hands, on its lanes or on its shelf.
func TestADaemonThatWakesAfterATakeoverDropsEverything(t *testing.T) {
	inHouse(t, 400, func(t *testing.T, h *house) {
		recipients := h.approve()
		var sleeping atomic.Pointer[chan struct{}]
		h.relay.takes = 20 * time.Millisecond
		h.serve(asleep(h.store, &sleeping), nil)
		h.pass(toLift + 300*time.Millisecond)
		awake := make(chan struct{})
		sleeping.Store(&awake)
		h.pass(2 * time.Second) // the view is old: whatever waits in a worker's hand waits for a fresh one
		before := h.sent()
		if before == 0 || before > len(recipients)-100 {
			t.Fatalf("%d of %d messages left; it should fall asleep in the middle", before, len(recipients))
		}
		h.must(h.store.RecordDaemon(t.Context(), theirs(), "there", 1, time.Now(), time.Now().Add(time.Hour), ""))
		h.exec(`UPDATE daemons SET seen_us = 1 WHERE id = ?`, ours())
		found, err := h.store.TakeOver(t.Context(), theirs(), 15*time.Second, time.Now())
		h.must(err)
		if found.Unknown == 0 || found.Released == 0 {
			t.Fatalf("took over %+v; some should be begun and some not", found)
		}
		taken := h.begin(theirs(), 100) // what the other one sends by now
		sleeping.Store(nil)
		close(awake)
		h.pass(30 * time.Second)
		for _, d := range taken {
			if n := h.copiesTo(d.Address); n != 0 {
				t.Errorf("%s got %d copies of what the other daemon sends", d.Address, n)
			}
		}
		h.expect(map[press.State]int{press.Accepted: len(recipients) - 100, press.Sending: 100})
	})
}

// With the policy resend, and half an hour of sleep, what the sleeper had begun
// may have been sent by another: it must not leave a second time.
func TestWhatAnotherHasSentMeanwhileDoesNotLeave(t *testing.T) {
	inHouse(t, 100, func(t *testing.T, h *house) {
		recipients := h.approve()
		var sleeping atomic.Pointer[chan struct{}]
		h.serve(asleep(h.store, &sleeping), nil)
		h.pass(toLift - 2*time.Second)
		awake := make(chan struct{})
		sleeping.Store(&awake)
		h.pass(4 * time.Second) // begun in the ledger, and none has left
		if n := h.sent(); n != 0 {
			t.Fatalf("%d messages left on an old view", n)
		}
		h.exec(`UPDATE daemons SET seen_us = 1 WHERE id = ?`, ours())
		_, err := h.store.TakeOver(t.Context(), theirs(), 15*time.Second, time.Now())
		h.must(err)
		h.exec(`UPDATE deliveries SET updated_us = 1 WHERE state = 'unknown'`) // half a minute goes by
		_, err = h.store.Replan(t.Context(), time.Now())
		h.must(err)
		taken := h.begin(theirs(), len(recipients))
		var results []press.Result
		for _, d := range taken {
			results = append(results, press.Result{Delivery: d.ID, Outcome: press.Outcome{State: press.Accepted, At: time.Now()}})
		}
		_, err = h.store.Record(t.Context(), theirs(), results, nil, time.Now())
		h.must(err)
		sleeping.Store(nil)
		close(awake)
		h.pass(30 * time.Second)
		if n := h.sent(); n != 0 {
			t.Errorf("%d messages left that another daemon had sent", n)
		}
		h.expect(map[press.State]int{press.Accepted: len(recipients)})
	})
}

func TestAHoldInTheMiddleStopsWhatHasBegun(t *testing.T) {
	inHouse(t, 400, func(t *testing.T, h *house) {
		recipients := h.approve()
		h.relay.takes = 50 * time.Millisecond
		h.serve(h.store, nil)
		h.pass(toLift + 777*time.Millisecond)
		h.must(h.desk.Hold(t.Context(), slug, "a wrong word", "Anna", time.Now()))
		held := time.Now()
		h.pass(30 * time.Second)
		h.none(held.Add(300*time.Millisecond), time.Now(), "held for longer than 300 ms")
		n := len(h.relay.accepted())
		if n == 0 || n > len(recipients)/2 {
			t.Errorf("%d of %d left before the hold; it should come in the middle", n, len(recipients))
		}
		h.expect(map[press.State]int{press.Accepted: n, press.Planned: len(recipients) - n})
		h.must(h.desk.Resume(t.Context(), slug, "Anna", time.Now()))
		h.pass(30 * time.Second)
		h.onceEach(recipients)
	})
}

// A new approval while the old one's copies are leaving: no mailbox gets two, and
// none a copy of the old one after it is superseded. What was in a relay's hands
// at that moment may have left, for all that the store knows, so it is the desk
// that lets nobody approve before that is settled.
func TestANewApprovalInTheMiddleTakesThePlaceOfWhatIsUnsent(t *testing.T) {
	inHouse(t, 400, func(t *testing.T, h *house) {
		recipients := h.approve()
		old, _, err := h.store.Approved(t.Context(), slug)
		h.must(err)
		h.relay.takes = 50 * time.Millisecond
		h.serve(h.store, nil)
		h.pass(toLift + 777*time.Millisecond)
		// As the store sees it, so that begun copies are under way at that moment.
		var again []press.Delivery
		for _, r := range recipients {
			again = append(again, press.Delivery{Recipient: r, Release: slug, Send: "general", AddressKey: h.desk.Keys.AddressKey(r.Address), State: press.Planned})
		}
		a := press.Approval{ID: h.desk.NewID(), Release: slug, Digest: "another", By: "Anna", At: time.Now(), Recipients: len(again)}
		for i := range again {
			again[i].Approval = a.ID
		}
		frozen, err := h.store.Frozen(t.Context(), old.ID)
		h.must(err)
		h.must(h.store.Stage(t.Context(), a, frozen))
		h.must(h.store.StageDeliveries(t.Context(), again, time.Now(), func(int) {}))
		under := h.sending()
		h.must(h.store.Approve(t.Context(), a, frozen.Release))
		superseded := time.Now()
		maps.Copy(under, h.sending())
		h.pass(time.Minute)
		for _, r := range recipients {
			if n := h.copiesTo(r.Address); n != 1 && (n != 0 || !under[r.Address]) {
				t.Errorf("%s got %d copies, want 1", r.Address, n)
			}
		}
		ofOld := h.ids(old.ID)
		later := 0
		for _, m := range h.relay.all() {
			if m.at.After(superseded.Add(300 * time.Millisecond)) {
				later++
				if ofOld[m.envelope.Delivery] {
					t.Errorf("a copy of the old approval left %s after the new one", m.at.Sub(superseded))
				}
			}
		}
		if later < 100 {
			t.Errorf("only %d copies left under the new approval", later)
		}
	})
}

// A store that answers slowly lets nothing leave on what it said too long ago.
func TestNothingLeavesOnAStaleView(t *testing.T) {
	inHouse(t, 400, func(t *testing.T, h *house) {
		recipients := h.approve()
		var slow atomic.Bool
		var since time.Time
		h.relay.takes = 50 * time.Millisecond
		h.relay.during = func(nth int) {
			if nth == 30 {
				since = time.Now()
				slow.Store(true)
			}
		}
		h.serve(&hooked{Ledger: h.store, gate: func(_ context.Context, ask func() (press.Gate, error)) (press.Gate, error) {
			view, err := ask()
			if slow.Load() {
				<-time.After(1500 * time.Millisecond)
			}
			return view, err
		}}, nil)
		h.pass(toLift + 20*time.Second)
		h.none(since.Add(time.Second), time.Now(), "on a view that was older than a second")
		if n := h.sent(); n < 31 || n > 200 {
			t.Errorf("%d messages left", n)
		}
		slow.Store(false)
		h.pass(time.Minute)
		h.onceEach(recipients)
		h.expect(map[press.State]int{press.Accepted: len(recipients)})
	})
}

// A daemon that begins in the ledger before it has had any view does not take
// the first one for granted: it may tell of a takeover already.
func TestATakeoverBeforeTheFirstViewIsSeen(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		recipients := h.approve()
		h.pass(toLift)
		asked, byOthers := 0, 0
		h.serve(&hooked{Ledger: h.store, gate: func(_ context.Context, ask func() (press.Gate, error)) (press.Gate, error) {
			if asked++; asked == 2 { // the first time it asked how things stood at its start
				<-time.After(3 * time.Second)
				h.exec(`UPDATE daemons SET seen_us = 1 WHERE id = ?`, ours())
				if _, err := h.store.TakeOver(context.Background(), theirs(), 15*time.Second, time.Now()); err != nil {
					t.Error(err)
				}
				byOthers = h.states()[press.Unknown]
				h.exec(`UPDATE deliveries SET state = 'accepted' WHERE state = 'unknown'`)
			}
			return ask()
		}}, nil)
		h.pass(30 * time.Second)
		if n := h.sent(); n != len(recipients)-byOthers {
			t.Errorf("%d messages left, and another daemon sent %d of %d", n, byOthers, len(recipients))
		}
		h.expect(map[press.State]int{press.Accepted: len(recipients)})
	})
}

// Takeovers of earlier lives are no news to this one.
func TestAnEarlierTakeoverTakesNothingBack(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		recipients := h.approve()
		h.exec(`UPDATE daemons SET epoch = 5 WHERE id = ?`, ours())
		h.pass(toLift)
		h.serve(&hooked{Ledger: h.store, gate: func(_ context.Context, ask func() (press.Gate, error)) (press.Gate, error) {
			<-time.After(200 * time.Millisecond) // something has begun by then
			return ask()
		}}, nil)
		h.pass(30 * time.Second)
		h.onceEach(recipients)
		if n := h.unsent(); n != 0 {
			t.Errorf("%d messages that had begun went back", n)
		}
	})
}
