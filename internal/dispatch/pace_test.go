package dispatch_test

import (
	"testing"
	"time"

	"dateline/internal/dispatch"
	"dateline/internal/press"
)

// A domain's limit holds for what leaves, and keeps nobody else's copies back.
func TestALimitedDomainGetsNoMoreThanItTakes(t *testing.T) {
	inHouse(t, 300, func(t *testing.T, h *house) {
		all := h.approve()
		domain := busiest(all)
		limited := of(all, func(r press.Recipient) bool { return r.Address.Domain() == domain })
		if len(limited) < 5 {
			t.Fatalf("only %d recipients at %s", len(limited), domain)
		}
		h.must(h.store.LimitDomains(t.Context(), map[string]time.Duration{domain: time.Second}))
		h.serve(h.store, nil)
		h.pass(toLift + 2*time.Second)
		var others int
		for _, m := range h.relay.accepted() {
			if !limited[m.envelope.To] {
				others++
			}
		}
		if others != len(all)-len(limited) {
			t.Errorf("%d of %d copies without a limit left within 2 s", others, len(all)-len(limited))
		}
		h.pass(time.Duration(len(limited)) * 2 * time.Second)
		h.onceEach(all)
		var last time.Time
		for _, m := range h.relay.all() {
			if !limited[m.envelope.To] {
				continue
			}
			if gap := m.at.Sub(last); gap < 950*time.Millisecond { // begun a second apart, and then it waits for a connection
				t.Errorf("two copies for %s left %s apart", domain, gap)
			}
			last = m.at
		}
		if took := last.Sub(h.lift); took > time.Duration(len(limited))*1500*time.Millisecond {
			t.Errorf("%d copies at one a second took %s", len(limited), took)
		}
		for _, e := range h.trail() {
			if e.State == press.Planned {
				t.Fatalf("a wait stands in the trail: %q", e.Reply)
			}
		}
	})
}

// A follow-up goes to those who have the copy that it follows.
func TestAFollowUpGoesToThoseWhoHaveTheCopy(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		r := &h.desk.Config.Releases[0].Release
		r.Sends = append(r.Sends, press.Send{
			Name: "follow-up", Kind: press.FollowUp, After: "general", LateAfter: lateAfter, IgnoreQuiet: true,
			At: press.Schedule{Moment: press.Moment{At: h.lift.Add(time.Minute), Zone: r.Embargo.Lift.Zone}},
		})
		all := h.approve()
		fate := map[press.Address]press.State{all[0].Address: press.Rejected, all[1].Address: press.Unknown, all[2].Address: press.Deferred}
		h.relay.answer = func(_ int, to press.Address) press.State {
			if s, some := fate[to]; some && time.Now().Before(h.lift.Add(30*time.Second)) {
				return s
			}
			return press.Accepted
		}
		h.serve(h.store, func(o *dispatch.Options) { o.Retry = []time.Duration{2 * time.Minute} })
		h.pass(toLift + 50*time.Second)
		out := all[3]
		h.must(h.store.Suppress(t.Context(), h.desk.Keys.AddressKey(out.Address), "all", "opted out", "journalist", time.Now()))
		h.pass(4 * time.Minute)
		for i, want := range []int{1, 1, 2, 1, 2, 2} { // the deferred one came after the follow-up was due
			if n := h.copiesTo(all[i].Address); n != want {
				t.Errorf("recipient %d had %d messages, want %d", i, n, want)
			}
		}
		early := 0
		for _, m := range h.relay.all()[len(all):] {
			if m.at.Before(h.lift.Add(time.Minute)) {
				early++
			}
		}
		if early > 0 {
			t.Errorf("%d follow-ups left before their instant", early)
		}
		n := len(all)
		h.expect(map[press.State]int{press.Accepted: (n - 2) + (n - 4), press.Rejected: 1, press.Unknown: 1, press.Skipped: 4})
	})
}
