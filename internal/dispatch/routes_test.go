package dispatch_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/dispatch"
	"dateline/internal/press"
)

// routed serves with the relays "fake" and "second", and routes between them.
func (h *house) routed(route func(press.Address, press.Country) []string) *fakeRelay {
	second := h.another("second")
	h.serve(h.store, func(o *dispatch.Options) { o.Route = route })
	return second
}

// byCountry sends one country's copies by the second relay, and all others by
// the first.
func byCountry(c press.Country) func(press.Address, press.Country) []string {
	return func(_ press.Address, country press.Country) []string {
		if country == c {
			return []string{"second"}
		}
		return []string{"fake"}
	}
}

// of picks the addresses of some recipients.
func of(all []press.Recipient, which func(press.Recipient) bool) map[press.Address]bool {
	found := map[press.Address]bool{}
	for _, r := range all {
		if which(r) {
			found[r.Address] = true
		}
	}
	return found
}

// onlyTo holds a relay's messages against those that it was to send.
func (r *fakeRelay) onlyTo(t *testing.T, want map[press.Address]bool) {
	t.Helper()
	for _, m := range r.all() {
		if !want[m.envelope.To] {
			t.Errorf("%s went by the relay %s", m.envelope.To, r.name)
		}
	}
	if n := len(r.accepted()); n != len(want) || n == 0 {
		t.Errorf("%d messages went by the relay %s, want %d", n, r.name, len(want))
	}
}

func TestACountrysCopiesGoByItsRelay(t *testing.T) {
	inHouse(t, 300, func(t *testing.T, h *house) {
		all := h.approve()
		second := h.routed(byCountry("UZ"))
		h.pass(toLift + 5*time.Second)
		h.onceEach(all)
		second.onlyTo(t, of(all, func(r press.Recipient) bool { return r.Country == "UZ" }))
		h.relay.onlyTo(t, of(all, func(r press.Recipient) bool { return r.Country != "UZ" }))
	})
}

func TestADomainsCopiesGoByItsRelay(t *testing.T) {
	inHouse(t, 300, func(t *testing.T, h *house) {
		all := h.approve()
		domain := busiest(all)
		second := h.routed(func(a press.Address, _ press.Country) []string {
			if strings.EqualFold(a.Domain(), domain) {
				return []string{"second"}
			}
			return nil // any
		})
		h.pass(toLift + 5*time.Second)
		h.onceEach(all)
		there := of(all, func(r press.Recipient) bool { return r.Address.Domain() == domain })
		for _, m := range h.relay.all() {
			if there[m.envelope.To] {
				t.Errorf("%s went by the other relay", m.envelope.To)
			}
		}
		if n := len(second.all()); n <= len(there) {
			t.Errorf("the second relay sent %d messages; beside the %d of its route it takes of the others, too", n, len(there))
		}
	})
}

// busiest is the domain of most of these addresses.
func busiest(all []press.Recipient) string {
	count := map[string]int{}
	for _, r := range all {
		count[r.Address.Domain()]++
	}
	domains := make([]string, 0, len(count))
	for d := range count {
		domains = append(domains, d)
	}
	slices.Sort(domains)
	return slices.MaxFunc(domains, func(a, b string) int { return count[a] - count[b] })
}

// What waits for a relay that is down holds up nothing else, however much it is.
func TestARouteWhoseRelayIsDownWaitsAlone(t *testing.T) {
	volume(t)
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
