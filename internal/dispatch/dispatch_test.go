package dispatch_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dateline/internal/dispatch"
	"dateline/internal/press"
)

func TestNothingLeavesBeforeTheLiftAndAllRightAfterIt(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		recipients := h.approve()
		h.serve(h.store, nil)
		h.pass(toLift - time.Millisecond)
		if n := len(h.relay.all()); n != 0 {
			t.Fatalf("%d messages left before the lift", n)
		}
		if n := len(h.relay.dialed); n != 3 {
			t.Errorf("%d connections were open before the lift, want all 3", n)
		}
		h.pass(2 * time.Second)
		for _, m := range h.relay.all() {
			if m.at.Before(h.lift) {
				t.Errorf("a message left at %s, the lift is at %s", m.at, h.lift)
			}
		}
		if first := h.relay.all()[0].at.Sub(h.lift); first > 50*time.Millisecond {
			t.Errorf("the first message left %s after the lift", first)
		}
		h.onceEach(recipients)
		h.expect(map[press.State]int{press.Accepted: len(recipients)})
	})
}

func TestAHeldReleaseWaitsForItsResumption(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		recipients := h.approve()
		h.serve(h.store, nil)
		h.pass(toLift - time.Second) // claimed and composed by now
		h.must(h.desk.Hold(t.Context(), slug, "a wrong word", "Anna", time.Now()))
		h.pass(time.Minute)
		if n := len(h.relay.all()); n != 0 {
			t.Fatalf("%d messages left while the release was held", n)
		}
		h.must(h.desk.Resume(t.Context(), slug, "Anna", time.Now()))
		h.pass(5 * time.Second)
		h.onceEach(recipients)
	})
}

// What has begun in the ledger and not on the wire is stopped by the gate, which
// is read several times a second.
func TestAKillReachesEveryMessageWithinASecond(t *testing.T) {
	inHouse(t, 600, func(t *testing.T, h *house) {
		recipients := h.approve()
		var once sync.Once
		var killed atomic.Int64
		h.relay.takes = 50 * time.Millisecond
		h.relay.during = func(nth int) {
			if nth >= 20 {
				once.Do(func() {
					if err := h.desk.Kill(context.Background(), slug, "a wrong word", "Anna", time.Now()); err != nil {
						t.Error(err)
					}
					killed.Store(time.Now().UnixNano())
				})
			}
		}
		h.serve(h.store, nil)
		h.pass(toLift + time.Minute)
		for _, m := range h.relay.all() {
			if late := m.at.Sub(time.Unix(0, killed.Load())); late > 300*time.Millisecond {
				t.Errorf("a message began %s after the kill", late)
			}
		}
		n := len(h.relay.accepted())
		if n == 0 || n == len(recipients) {
			t.Fatalf("%d of %d were sent; the kill should come in the middle", n, len(recipients))
		}
		h.expect(map[press.State]int{press.Accepted: n, press.Cancelled: len(recipients) - n})
	})
}

func TestARelayThatIsDownAtTheLiftLosesNothing(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		recipients := h.approve()
		h.relay.setDown(errors.New("connection refused"))
		h.serve(h.store, nil)
		h.pass(toLift + time.Minute)
		known := h.health()
		if len(known) != 1 || !strings.Contains(known[0].Trouble, "refused") {
			t.Errorf("the store says of the relays: %+v", known)
		}
		h.relay.setDown(nil)
		h.pass(time.Minute)
		h.onceEach(recipients)
		if known := h.health(); known[0].Trouble != "" {
			t.Errorf("the relay is still put aside: %+v", known)
		}
	})
}

func (h *house) health() []press.RelayState {
	h.t.Helper()
	ds, err := h.store.Daemons(h.t.Context(), time.Time{})
	h.must(err)
	return ds[0].Relays
}

func TestATemporaryRefusalIsTriedAgainUntilTheDeadline(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		recipients := h.approve()
		stubborn := recipients[0].Address
		tries := map[press.Address]int{}
		h.relay.answer = func(_ int, to press.Address) press.State {
			tries[to]++
			if to == stubborn || tries[to] < 3 {
				return press.Deferred
			}
			return press.Accepted
		}
		h.serve(h.store, nil)
		h.pass(toLift + 4*time.Minute)
		h.expect(map[press.State]int{press.Accepted: len(recipients) - 1, press.Expired: 1})
		for _, m := range h.relay.all() {
			if m.at.After(h.lift.Add(lateAfter)) {
				t.Errorf("a message left at %s, after its deadline", m.at)
			}
		}
	})
}

func TestWhatWasLostBeforeTheDataIsSentAgain(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		recipients := h.approve()
		h.relay.answer = func(nth int, _ press.Address) press.State {
			if nth%7 == 3 {
				return press.Planned
			}
			return press.Accepted
		}
		h.serve(h.store, nil)
		h.pass(toLift + time.Minute)
		h.onceEach(recipients)
		h.expect(map[press.State]int{press.Accepted: len(recipients)})
	})
}

func TestWhatIsUnknownIsNotSentAgainByItself(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		recipients := h.approve()
		lost := 0
		h.relay.answer = func(nth int, _ press.Address) press.State {
			if nth%10 == 4 {
				lost++
				return press.Unknown
			}
			return press.Accepted
		}
		h.serve(h.store, nil)
		h.pass(toLift + time.Minute)
		if n := len(h.relay.all()); n != len(recipients) {
			t.Errorf("%d messages were sent to %d recipients", n, len(recipients))
		}
		h.expect(map[press.State]int{press.Accepted: len(recipients) - lost, press.Unknown: lost})
	})
}

func TestThePolicyResendKeepsTheMessageAsItWas(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		recipients := h.approve()
		h.relay.answer = func(nth int, _ press.Address) press.State {
			if nth == 5 {
				return press.Unknown
			}
			return press.Accepted
		}
		h.serve(h.store, func(o *dispatch.Options) { o.ResendUnknown = true })
		h.pass(toLift + time.Minute)
		h.expect(map[press.State]int{press.Accepted: len(recipients)})
		all := h.relay.all()
		for _, m := range all[6:] {
			if m.envelope.To == all[5].envelope.To && m.message != all[5].message {
				t.Error("the copy that was sent again has other bytes")
			}
		}
	})
}

func TestASuppressionAfterTheClaimIsObeyed(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		recipients := h.approve()
		h.serve(h.store, nil)
		h.pass(toLift - time.Second)
		out := recipients[7]
		h.must(h.store.Suppress(t.Context(), h.desk.Keys.AddressKey(out.Address), "topic:security", "opted out", "journalist", time.Now()))
		h.pass(time.Minute)
		h.expect(map[press.State]int{press.Accepted: len(recipients) - 1, press.Skipped: 1})
		for _, m := range h.relay.all() {
			if m.envelope.To == out.Address {
				t.Error("a suppressed mailbox got mail")
			}
		}
	})
}

func TestAStoppedDaemonGivesBackAndTheNextOneSendsTheRest(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		recipients := h.approve()
		h.serve(h.store, nil)
		h.pass(toLift + 40*time.Millisecond)
		h.stop()
		n := len(h.relay.accepted())
		if n == 0 || n == len(recipients) {
			t.Fatalf("%d of %d were sent when the daemon stopped; it should stop in the middle", n, len(recipients))
		}
		h.expect(map[press.State]int{press.Accepted: n, press.Planned: len(recipients) - n})
		h.serve(h.store, nil)
		h.pass(time.Minute)
		h.onceEach(recipients)
	})
}

// brokenLedger does not answer while it is out.
type brokenLedger struct {
	dispatch.Ledger
	mu    sync.Mutex
	since time.Time // zero: it answers
}

func (l *brokenLedger) set(out bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.since = time.Time{}
	if out {
		l.since = time.Now()
	}
}

func (l *brokenLedger) out() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.since.IsZero() {
		return errors.New("the database is gone")
	}
	return nil
}

func (l *brokenLedger) Record(ctx context.Context, daemon press.ID, rs []press.Result, bs []press.Begin, now time.Time) (map[press.ID]press.Verdict, error) {
	if err := l.out(); err != nil {
		return nil, err
	}
	return l.Ledger.Record(ctx, daemon, rs, bs, now)
}

func (l *brokenLedger) Gate(ctx context.Context, daemon press.ID, slugs []string) (press.Gate, error) {
	if err := l.out(); err != nil {
		return press.Gate{}, err
	}
	return l.Ledger.Gate(ctx, daemon, slugs)
}

func TestWithoutItsStoreTheDaemonBeginsNothingAndLosesNothing(t *testing.T) {
	inHouse(t, 600, func(t *testing.T, h *house) {
		recipients := h.approve()
		ledger := &brokenLedger{Ledger: h.store}
		var gone time.Time
		h.relay.takes = 50 * time.Millisecond
		h.relay.during = func(nth int) {
			if nth == 30 {
				ledger.set(true)
				gone = time.Now()
			}
		}
		h.serve(ledger, nil)
		h.pass(toLift + 20*time.Second)
		for _, m := range h.relay.all() {
			if late := m.at.Sub(gone); late > 1100*time.Millisecond {
				t.Errorf("a message began %s after the store was gone", late)
			}
		}
		if n := len(h.relay.all()); n < 31 || n == len(recipients) {
			t.Errorf("%d of %d messages left; the store should go in the middle", n, len(recipients))
		}
		ledger.set(false)
		h.pass(time.Minute)
		h.onceEach(recipients)
		h.expect(map[press.State]int{press.Accepted: len(recipients)})
	})
}

// otherRenderer froze with a renderer that made other bytes.
type otherRenderer struct{ dispatch.Ledger }

func (l otherRenderer) Frozen(ctx context.Context, id press.ID) (press.Frozen, error) {
	f, err := l.Ledger.Frozen(ctx, id)
	f.Probes["en"] = strings.Repeat("0", 64)
	return f, err
}

func TestAReleaseThatWouldRenderOtherwiseIsHeld(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		h.approve()
		h.serve(otherRenderer{h.store}, nil)
		h.pass(toLift + time.Minute)
		if n := len(h.relay.all()); n != 0 {
			t.Errorf("%d messages left", n)
		}
		rs, err := h.store.Releases(t.Context(), slug)
		h.must(err)
		if held := rs[0].Control.Held; !strings.Contains(held, "other bytes") {
			t.Errorf("held: %q", held)
		}
	})
}

// twinLedger gives each claim out twice, as can happen when another daemon took
// a silent one's claims and gave them back.
type twinLedger struct{ dispatch.Ledger }

func (l twinLedger) Claim(ctx context.Context, daemon press.ID, by, now time.Time, limit int) ([]press.Delivery, error) {
	ds, err := l.Ledger.Claim(ctx, daemon, by, now, limit)
	return append(ds, ds...), err
}

func TestATwinInTheQueueDoesNotLeave(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		recipients := h.approve()
		h.serve(twinLedger{h.store}, nil)
		h.pass(toLift + time.Minute)
		h.onceEach(recipients)
		h.expect(map[press.State]int{press.Accepted: len(recipients)})
	})
}

// deafLedger takes claims without an answer, once.
type deafLedger struct {
	dispatch.Ledger
	once sync.Once
}

func (l *deafLedger) Claim(ctx context.Context, daemon press.ID, by, now time.Time, limit int) ([]press.Delivery, error) {
	ds, err := l.Ledger.Claim(ctx, daemon, by, now, limit)
	l.once.Do(func() { ds, err = nil, errors.New("the connection broke after the commit") })
	return ds, err
}

func TestAClaimWhoseAnswerWasLostIsNot(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		recipients := h.approve()
		h.serve(&deafLedger{Ledger: h.store}, nil)
		h.pass(toLift + time.Minute)
		h.onceEach(recipients)
	})
}

// slowLedger answers late, and a kill comes in between.
type slowLedger struct {
	dispatch.Ledger
	once sync.Once
	kill func()
}

func (l *slowLedger) Record(ctx context.Context, daemon press.ID, rs []press.Result, bs []press.Begin, now time.Time) (map[press.ID]press.Verdict, error) {
	v, err := l.Ledger.Record(ctx, daemon, rs, bs, now)
	if len(bs) > 0 {
		l.once.Do(func() {
			l.kill()
			<-time.After(2 * time.Second)
		})
	}
	return v, err
}

func TestAnOldLeaveToGoIsAskedForAgain(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		recipients := h.approve()
		h.serve(&slowLedger{Ledger: h.store, kill: func() {
			if err := h.desk.Kill(context.Background(), slug, "a wrong word", "Anna", time.Now()); err != nil {
				t.Error(err)
			}
		}}, nil)
		h.pass(toLift + time.Minute)
		if n := len(h.relay.all()); n != 0 {
			t.Errorf("%d messages left after the kill had returned", n)
		}
		h.expect(map[press.State]int{press.Cancelled: len(recipients)})
	})
}
