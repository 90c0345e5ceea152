package model

import (
	"os"
	"testing"
	"time"

	"dateline/internal/press"
)

// everything asks for the deep scenarios, too; `make model` sets it.
var everything = os.Getenv("DATELINE_MODEL") == "deep"

func TestPhasesArePresses(t *testing.T) {
	states := press.States()
	if len(states) != int(expired) {
		t.Fatalf("press has %d states, the model %d", len(states), expired)
	}
	for p, want := range map[phase]press.State{
		planned: press.Planned, claimed: press.Claimed, sending: press.Sending, accepted: press.Accepted, deferred: press.Deferred, rejected: press.Rejected,
		unknown: press.Unknown, delivered: press.Delivered, bounced: press.Bounced, complained: press.Complained, skipped: press.Skipped, cancelled: press.Cancelled, expired: press.Expired,
	} {
		if p.state() != want {
			t.Errorf("phase %d is %s, want %s", p, p, want)
		}
	}
}

// Rules 1 to 4 hold in every state that can be reached, and every copy comes to
// its end.
func TestTheRulesHoldUnderEveryInterleaving(t *testing.T) {
	all := scenarios()
	if everything {
		all = append(all, deep()...)
	}
	for _, sc := range all {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			f := explore(&sc)
			if f.broke != "" {
				t.Fatal(f.story(&sc))
			}
			if f.ends == 0 {
				t.Error("no end was found")
			}
			t.Logf("%d states, %d steps, %d ends, depth %d, %s", f.states, f.steps, f.ends, f.depth, time.Since(began).Round(time.Millisecond))
		})
	}
}
