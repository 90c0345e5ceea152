package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/store"
)

// afterSending gives the states that may follow sending, or the others.
func afterSending(may bool) map[press.State]bool {
	states := map[press.State]bool{}
	for _, s := range press.States() {
		if press.Sending.MayBecome(s) == may {
			states[s] = may
		}
	}
	return states
}

func TestResultsOfWhatWasSending(t *testing.T) {
	eachCase(t, afterSending(true), func(t *testing.T, h house, state press.State, _ bool) {
		id := h.sending("tashkent")
		r := result(id, state)
		r.Next = noon.Add(30 * time.Second)
		h.record(berta, []press.Result{r})
		h.wantState(id, state)
		h.wantTrail(id, "sending>"+string(state)+": queued by "+berta.String())
		if n := get[int](h, `SELECT COUNT(*) FROM queue WHERE claimed_by IS NOT NULL`); n != 0 {
			t.Error("a daemon still has it")
		}
		waits := 0
		if state.Unsent() {
			waits = 1
			if got := h.next(id); !got.Equal(r.Next) {
				t.Errorf("it may be claimed at %v, want %v", got, r.Next)
			}
		}
		if n := get[int](h, `SELECT COUNT(*) FROM queue`); n != waits {
			t.Errorf("%d stand in the queue, want %d", n, waits)
		}
	})
}

func TestResultWithoutNextKeepsTheInstant(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.sending("tashkent")
		h.record(berta, []press.Result{result(id, press.Planned)})
		if us := get[int64](h, `SELECT next_us FROM queue WHERE delivery_id = ?`, id); us != noon.UnixMicro() {
			t.Errorf("it may be claimed at %v, want noon", time.UnixMicro(us).UTC())
		}
	})
}

// Results of one transaction may differ in everything.
func TestResultsOfABatchAndWhatBeginsNext(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent", copies(6)...)
		all := ids(h.claim(berta, 6))
		h.record(berta, nil, all[:5]...)
		deferred := func(id press.ID, wait time.Duration) press.Result {
			r := result(id, press.Deferred)
			r.Next = noon.Add(wait)
			return r
		}
		v := h.record(berta, []press.Result{
			result(all[0], press.Accepted), deferred(all[1], 30*time.Second), deferred(all[2], 40*time.Second), result(all[3], press.Rejected), result(all[4], press.Unknown),
		}, all[5])
		if v[all[5]] != press.Go {
			t.Errorf("the next one is %s, want go", v[all[5]])
		}
		for i, want := range []press.State{press.Accepted, press.Deferred, press.Deferred, press.Rejected, press.Unknown, press.Sending} {
			h.wantState(all[i], want)
		}
		for i, want := range map[int]time.Duration{1: 30 * time.Second, 2: 40 * time.Second} {
			if us := get[int64](h, `SELECT next_us FROM queue WHERE delivery_id = ?`, all[i]); us != noon.Add(want).UnixMicro() {
				t.Errorf("copy %d may be tried again at %v, want %v after noon", i, time.UnixMicro(us).UTC(), want)
			}
		}
	})
}

// A daemon that was taken for dead comes back with what it knows: that the relay
// took the message, or that nothing of it had left.
func TestWhatIsKnownSettlesAnUnknown(t *testing.T) {
	eachCase(t, afterSending(true), func(t *testing.T, h house, state press.State, _ bool) {
		id := h.sending("tashkent")
		h.takeOver(berta)
		h.record(berta, []press.Result{result(id, state)})
		want, events := press.Planned, 2
		switch state {
		case press.Accepted:
			want = press.Accepted
		case press.Unknown:
			want, events = press.Unknown, 1
		default: // it has not left, whatever the reason
		}
		h.wantState(id, want)
		if n := len(h.trail(id)); n != events {
			t.Errorf("there are %d events, want %d", n, events)
		}
	})
}

// The scribe writes results again when the answer was lost.
func TestResultWrittenTwiceCountsOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.sending("tashkent")
		for range 2 {
			h.record(berta, []press.Result{result(id, press.Accepted)})
		}
		h.record(berta, []press.Result{result(id, press.Accepted), result(id, press.Accepted)})
		h.wantState(id, press.Accepted)
		if trail := h.trail(id); len(trail) != 1 {
			t.Errorf("the trail is %v, want one event", trail)
		}
	})
}

// While the first daemon's answer was lost, another took the deferred copy up:
// its message is under way, and what the first one writes again must not let a
// third daemon send it once more.
func TestResultWrittenAgainLeavesAnothersMessageAlone(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.sending("tashkent")
		deferred := []press.Result{result(id, press.Deferred)}
		h.record(berta, deferred)
		h.claim(carla, 1)
		if v := h.record(carla, nil, id); v[id] != press.Go {
			t.Fatalf("carla's try is %s", v[id])
		}
		h.record(berta, deferred)
		h.wantState(id, press.Sending)
		h.record(carla, []press.Result{result(id, press.Accepted)})
		h.wantState(id, press.Accepted)
		h.wantTrail(id, "sending>deferred: queued by "+berta.String(), "sending>accepted: queued by "+carla.String())
	})
}

func TestImpossibleResultIsAnErrorAndChangesNothing(t *testing.T) {
	eachCase(t, afterSending(false), func(t *testing.T, h house, state press.State, _ bool) {
		h.approve("tashkent", copies(3)...)
		all := ids(h.claim(berta, 3))
		h.record(berta, nil, all[:2]...)
		v, err := h.Record(t.Context(), berta, []press.Result{result(all[0], press.Accepted), result(all[1], state)}, begins(all[2]), noon)
		if err == nil || !strings.Contains(err.Error(), all[1].String()) || !strings.Contains(err.Error(), "from sending to "+string(state)) {
			t.Errorf("got %v", err)
		}
		if len(v) != 0 {
			t.Errorf("with the error came verdicts: %v", v)
		}
		h.wantState(all[0], press.Sending)
		h.wantState(all[1], press.Sending)
		h.wantState(all[2], press.Claimed)
		if n := get[int](h, `SELECT COUNT(*) FROM events`); n != 0 {
			t.Errorf("%d events were written", n)
		}
	})
}

func TestResultOfWhatWasNeverBegunChangesNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent", copies(1)...)
		id := ids(h.claim(berta, 1))[0]
		h.record(berta, []press.Result{result(id, press.Accepted), result(store.NewID(), press.Accepted)})
		h.wantState(id, press.Claimed)
		h.wantTrail(id)
	})
}

// A relay's words are anybody's; what is not text may not keep the outcome
// from the ledger.
func TestReplyOfAnyBytes(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.sending("tashkent")
		r := result(id, press.Rejected)
		r.Outcome.Text = "no\x00 such \xff user \u202e\r\nтак " + strings.Repeat("long ", 10_000)
		h.record(berta, []press.Result{r})
		h.wantState(id, press.Rejected)
		if trail := h.trail(id); len(trail) != 1 || !strings.Contains(trail[0], " such ") || !strings.Contains(trail[0], "так") {
			t.Errorf("the trail is %.200v", trail)
		}
	})
}

func TestRecordNeedsItsContext(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.sending("tashkent")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := h.Record(ctx, berta, []press.Result{result(id, press.Accepted)}, nil, noon); err == nil || !strings.HasPrefix(err.Error(), "writing the ledger: ") {
			t.Errorf("with a context that is over it gave %v", err)
		}
		h.wantState(id, press.Sending)
	})
}
