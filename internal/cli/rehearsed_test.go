package cli

import (
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/config"
	"dateline/internal/press"
	"dateline/internal/sink"
)

func TestARehearsalsRelayIsOnThisMachine(t *testing.T) {
	for _, addr := range []string{"192.0.2.1:25", "mail.example:25", "[2001:db8::1]:25", "0.0.0.0:25", "", "127.0.0.1"} {
		if _, err := sinkRelay(addr, 1); err == nil {
			t.Errorf("%q was taken for the sink", addr)
		}
	}
	if r, err := sinkRelay("127.0.0.1:2525", 7); err != nil || r.Connections != 7 {
		t.Errorf("the sink's own address gave %+v, %v", r, err)
	}
}

// The limits that a rehearsal does not have are reckoned for the largest wave.
func TestWarningsOfARehearsal(t *testing.T) {
	lift := time.Date(2027, 3, 5, 12, 0, 0, 0, time.UTC)
	r := &rehearsal{slug: "alpha", config: &config.Config{}, suppressed: 2}
	for range 101 {
		r.copies = append(r.copies, press.Delivery{Recipient: press.Recipient{Address: "a@Big.example", Due: lift}})
	}
	r.copies = append(r.copies, press.Delivery{Recipient: press.Recipient{Address: "a@small.example", Due: lift.Add(time.Hour)}})
	r.config.Policies.DomainLimits = map[string]config.Rate{"big.example": {N: 60, Per: time.Minute}, "small.example": {N: 1, Per: time.Hour}, "none.example": {N: 1, Per: time.Hour}}
	r.config.Relays = []config.Relay{{PerSecond: 5}, {PerSecond: 15}}
	r.release.Control.Held = "a name"
	d := r.begun()
	d.Waves = []wave{{Due: lift, Summary: sink.Summary{Recipients: 101, Received: 100, Missing: 1}}}
	r.warn(&d)
	want := []string{
		"the release is held (a name): nothing leaves until it is resumed",
		"2 copies would be skipped: their mailboxes were suppressed after the approval",
		"of the copies due at 2027-03-05 12:00:00 UTC 0 came twice, 0 early, 1 not at all, 0 in another language",
		"the relays take 20 a second together (per_second): 101 copies at one instant want 5s",
		"big.example takes one copy every 1s (domain_limits): 101 copies at one instant want 1m40s",
	}
	if !slices.Equal(d.Warnings, want) {
		t.Errorf("warned\n%s\nwant\n%s", strings.Join(d.Warnings, "\n"), strings.Join(want, "\n"))
	}
	r.config.Relays[1].PerSecond = 0
	if got := r.slow(); len(got) != 1 {
		t.Errorf("with a relay that has no limit: %v", got)
	}
}

func TestSizesOfARehearsal(t *testing.T) {
	var d rehearsed
	d.measure([]sink.Receipt{{Size: 30}, {Size: 10}, {Size: 20}})
	if d.Sizes != (sizes{10, 20, 30, 60}) {
		t.Errorf("measured %+v", d.Sizes)
	}
	if d.measure(nil); d.Sizes.Total != 60 {
		t.Error("nothing that came changed the sizes")
	}
	if w := waveOf(time.Time{}, sink.Summary{Received: 500, LastAfter: 250}); w.PerSecond != 2000 {
		t.Errorf("500 in 250 ms are %.0f a second", w.PerSecond)
	}
}
