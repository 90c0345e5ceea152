//go:build !race

// The tests of thousands: what they hold against is memory and room, and under
// the race detector SQLite is some ten times slower.

package dispatch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"dateline/internal/dispatch"
	"dateline/internal/press"
)

// watched looks at the shelf from now on, and tells the most that it has held.
func (h *house) watched(test func()) (most int, bytes int64) {
	ctx, cancel := context.WithCancel(h.t.Context())
	over := make(chan struct{})
	go func() {
		defer close(over)
		for ctx.Err() == nil {
			n, b := h.running.Kept()
			most, bytes = max(most, n), max(bytes, b)
			<-time.After(time.Millisecond)
		}
	}()
	test()
	cancel()
	<-over
	return most, bytes
}

// sized is how many bytes the largest message of a claim takes, with what its
// buffer has beyond.
const sized = 24 << 10

func TestThousandsWhatIsMadeReadyStaysWithinItsMemory(t *testing.T) {
	inHouse(t, 3000, func(t *testing.T, h *house) {
		const memory = 1 << 20
		all := h.approve()
		if len(all) < 2000 {
			t.Fatalf("%d recipients; more are wanted", len(all))
		}
		h.relay.setTakes(100 * time.Microsecond)
		h.serve(h.store, func(o *dispatch.Options) { o.PrepareMemory = memory })
		n, bytes := h.watched(func() { h.pass(toLift - time.Millisecond) })
		if n == 0 || bytes < memory {
			t.Errorf("%d messages of %d bytes were made ready; there was room for more", n, bytes)
		}
		if bytes > memory+dispatch.ClaimBatch*sized || n > memory/(16<<10)+dispatch.ClaimBatch {
			t.Errorf("%d messages of %d bytes were made ready, within %d and one claim", n, bytes, memory)
		}
		h.pass(time.Minute)
		h.onceEach(all)
	})
}

// What is due by a relay that takes nothing is composed no further than the
// bound, and what is due now finds room beside what waits for its lift.
func TestThousandsWhatIsDueIsComposedWithinItsBound(t *testing.T) {
	inHouse(t, 4500, func(t *testing.T, h *house) {
		h.desk.Config.Releases[0].Release.Sends[0].LateAfter = time.Hour
		all := h.approve()
		if len(all) < dispatch.DueLimit+2*dispatch.ClaimBatch {
			t.Fatalf("%d recipients; more are wanted", len(all))
		}
		h.relay.setTakes(time.Second)
		h.pass(toLift)
		h.serve(h.store, func(o *dispatch.Options) { o.PrepareMemory = 1 << 20 })
		most, _ := h.watched(func() { h.pass(10 * time.Second) })
		if most < dispatch.DueLimit || most > dispatch.DueLimit+dispatch.ClaimBatch {
			t.Errorf("%d messages lay ready, want about %d", most, dispatch.DueLimit)
		}
		h.relay.setTakes(100 * time.Microsecond)
		h.pass(time.Minute)
		h.onceEach(all)
	})
}

// A relay that is down keeps no more ready than the bound, either.
func TestThousandsWhatNoRelayTakesIsBounded(t *testing.T) {
	inHouse(t, 6000, func(t *testing.T, h *house) {
		h.desk.Config.Releases[0].Release.Sends[0].LateAfter = time.Hour
		all := h.approve()
		h.relay.setDown(errors.New("connection refused"))
		h.relay.setTakes(100 * time.Microsecond)
		h.pass(toLift)
		h.serve(h.store, func(o *dispatch.Options) { o.PrepareMemory = 1 << 20 })
		most, _ := h.watched(func() { h.pass(40 * time.Second) })
		if bound := dispatch.DueLimit + dispatch.ClaimBatch; most > bound {
			t.Errorf("%d messages lay ready for a relay that is down, want %d at most", most, bound)
		}
		h.relay.setDown(nil)
		h.pass(2 * time.Minute)
		h.onceEach(all)
		h.expect(map[press.State]int{press.Accepted: len(all)})
	})
}

// What waits for a relay that is down holds up nothing else, however much it is.
func TestThousandsARouteWhoseRelayIsDownWaitsAlone(t *testing.T) {
	inHouse(t, 9000, func(t *testing.T, h *house) {
		h.desk.Config.Releases[0].Release.Sends[0].LateAfter = time.Hour
		all := h.approve()
		second := h.another("second")
		second.setDown(errors.New("connection refused"))
		h.relay.setTakes(time.Microsecond)
		second.setTakes(time.Microsecond)
		waits := of(all, func(r press.Recipient) bool { return r.Country == "UZ" })
		if len(waits) < 2100 || len(waits) > len(all)-2100 {
			t.Fatalf("%d of %d wait; it should be more than the shelf keeps", len(waits), len(all))
		}
		h.serve(h.store, func(o *dispatch.Options) {
			o.Route, o.Prepare = byCountry("UZ"), 0
			for i := range o.Relays {
				o.Relays[i].Connections = 20
			}
		})
		most, _ := h.watched(func() { h.pass(toLift + 30*time.Second) })
		if bound := dispatch.DueLimit + dispatch.BeginBatch + 2*dispatch.ClaimBatch; most > bound {
			t.Errorf("%d messages lay ready, want %d at most", most, bound)
		}
		if n := len(h.relay.accepted()); n != len(all)-len(waits) {
			t.Errorf("%d of the %d whose relay takes mail were sent", n, len(all)-len(waits))
		}
		if n := len(second.all()); n != 0 {
			t.Errorf("%d messages went by a relay that was down", n)
		}
		second.setDown(nil)
		h.pass(time.Minute)
		h.onceEach(all)
		second.onlyTo(t, waits)
	})
}
