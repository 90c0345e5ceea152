package dispatch_test

import (
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
