package store_test

import (
	"testing"
	"time"

	"dateline/internal/press"
)

// What a silent daemon left is settled by another one; a living one keeps its own.
func TestTakeOverLeavesTheLivingAlone(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		sign := func(at time.Time) {
			t.Helper()
			h.must(h.RecordDaemon(t.Context(), berta, "here", 1, noon, at, ""))
		}
		sign(noon)
		sent := h.sending("tashkent")
		h.approve("second", copies(1)...)
		claimed := ids(h.claim(berta, 1))[0]
		take := func(silentSince time.Time, want press.Recovered) {
			t.Helper()
			got, err := h.TakeOver(t.Context(), press.ID{9}, silentSince, noon.Add(time.Minute))
			if h.must(err); got != want {
				t.Errorf("took over %+v, want %+v", got, want)
			}
		}
		take(noon.Add(-time.Second), press.Recovered{})
		h.wantState(sent, press.Sending)
		own, err := h.TakeOver(t.Context(), berta, noon.Add(time.Second), noon)
		if h.must(err); own != (press.Recovered{}) {
			t.Errorf("a daemon took over from itself: %+v", own)
		}
		take(noon.Add(time.Second), press.Recovered{Released: 1, Unknown: 1})
		h.wantState(sent, press.Unknown)
		h.wantState(claimed, press.Planned)
	})
}

// A claim whose answer was lost is given back; what is waiting stays claimed.
func TestReleaseOthersKeepsWhatIsWaiting(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent", copies(3)...)
		all := ids(h.claim(berta, 3))
		h.must(h.ReleaseOthers(t.Context(), berta, all[1:2], noon))
		for i, want := range []press.State{press.Planned, press.Claimed, press.Planned} {
			h.wantState(all[i], want)
		}
		h.must(h.ReleaseOthers(t.Context(), berta, nil, noon))
		h.wantState(all[1], press.Planned)
	})
}
