package store_test

import (
	"testing"
	"time"

	"dateline/internal/press"
)

// What a silent daemon left is settled by another one, and its epoch tells it
// so; a living one keeps its own.
func TestTakeOverLeavesTheLivingAlone(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		const silence = 10 * time.Second
		now := h.now()
		sign := func(at time.Time) {
			h.must(h.RecordDaemon(t.Context(), berta, "here", 1, noon, at, ""))
			h.seen(berta, at)
		}
		take := func(self press.ID, want press.Recovered, epoch int64) {
			t.Helper()
			got, err := h.TakeOver(t.Context(), self, silence, now)
			if h.must(err); got != want {
				t.Errorf("took over %+v, want %+v", got, want)
			}
			if got := h.gate(berta).Epoch; got != epoch {
				t.Errorf("the epoch is %d, want %d", got, epoch)
			}
		}
		sign(now)
		sent := h.sending("tashkent")
		h.approve("second", copies(1)...)
		claimed := ids(h.claim(berta, 1))[0]
		take(carla, press.Recovered{}, 0)
		h.wantState(sent, press.Sending)
		h.seen(berta, now.Add(-time.Minute))
		take(berta, press.Recovered{}, 0) // from itself nobody takes over
		h.wantState(sent, press.Sending)
		take(carla, press.Recovered{Released: 1, Unknown: 1}, 1)
		h.wantState(sent, press.Unknown)
		h.wantTrail(sent, "sending>unknown: the daemon died after it had begun to send, before the reply was on disk by "+berta.String())
		h.wantState(claimed, press.Planned)
		take(carla, press.Recovered{}, 1) // nothing is left
		sign(now)
		if got := h.gate(berta).Epoch; got != 1 {
			t.Errorf("after a sign of life the epoch is %d: the daemon would not see that its claims were taken", got)
		}
	})
}

// Who never gave a sign of life, or signed off, is gone at once.
func TestTakeOverFromWhoSignedOff(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		sent := h.sending("tashkent")
		got, err := h.TakeOver(t.Context(), carla, 10*time.Second, h.now())
		if h.must(err); got != (press.Recovered{Unknown: 1}) {
			t.Errorf("from an unheard daemon took over %+v", got)
		}
		h.wantState(sent, press.Unknown)
		h.must(h.RecordDaemon(t.Context(), berta, "here", 1, noon, h.now(), ""))
		h.approve("second", copies(2)...)
		h.claim(berta, 2)
		h.must(h.RecordDaemon(t.Context(), berta, "here", 1, noon, time.Time{}, ""))
		if got, err = h.TakeOver(t.Context(), carla, 10*time.Second, h.now()); err != nil || got != (press.Recovered{Released: 2}) {
			t.Errorf("from one that signed off took over %+v, %v", got, err)
		}
	})
}

// On PostgreSQL it is the database's clock that dates a sign of life and judges
// the silence, however far a daemon's own has gone astray.
func TestSilenceIsJudgedByOneClock(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		astray := time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)
		h.must(h.RecordDaemon(t.Context(), berta, "here", 1, noon, noon, ""))
		h.approve("tashkent", copies(1)...)
		h.claim(berta, 1)
		got, err := h.TakeOver(t.Context(), carla, 10*time.Second, astray)
		h.must(err)
		want := press.Recovered{Released: 1} // SQLite has only the daemon's own clock
		if h.File() == "" {
			want = press.Recovered{}
		}
		if got != want {
			t.Errorf("took over %+v, want %+v", got, want)
		}
	})
}

// A claim whose answer was lost is given back; what is waiting stays claimed.
func TestReleaseOthersKeepsWhatIsWaiting(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent", copies(3)...)
		all := ids(h.claim(berta, 3))
		if n, err := h.ReleaseOthers(t.Context(), berta, all[1:2], noon); err != nil || n != 2 {
			t.Errorf("gave %d back, %v; want 2", n, err)
		}
		for i, want := range []press.State{press.Planned, press.Claimed, press.Planned} {
			h.wantState(all[i], want)
		}
		if n, err := h.ReleaseOthers(t.Context(), berta, nil, noon); err != nil || n != 1 {
			t.Errorf("then %d, %v; want 1", n, err)
		}
		h.wantState(all[1], press.Planned)
	})
}
