package model

import (
	"os"
	"strings"
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
			t.Logf("%s: %d states, %d steps, %d ends, depth %d, %s", sc.name, f.states, f.steps, f.ends, f.depth, time.Since(began).Round(time.Millisecond))
		})
	}
}

// Each fault, put into the model, must be found: in the history that is made for
// it, and as what it is.
func TestEachFaultIsFound(t *testing.T) {
	named := map[string]scenario{}
	for _, sc := range scenarios() {
		named[sc.name] = sc
	}
	tried := map[fault]bool{}
	for _, c := range []struct {
		fault fault
		in    string
		as    string
	}{
		{noGate, "a kill", "rule 4"},
		{noGate, "a hold", "rule 4"},
		{noGate, "a new approval, and a late reply", "rule 2"},
		{noGate, "an advance copy, and a clock that is moved", "rule 1"},
		{staleView, "a kill", "rule 4"},
		{epochUnseen, "a lease that is lost", "rule 3"},
		{judgedBefore, "a kill", "rule 4: a copy began after the kill"},
		{judgedBefore, "a new approval, and a late reply", "rule 2: a copy began"},
		{instantUnchecked, "crashes", "rule 1"},
		{clockUnwatched, "an advance copy, and a clock that is moved", "rule 1"},
		{takeoverPlansSending, "a machine that is lost", "rule 3: a mailbox got a copy twice"},
		{ownerUnchecked, "a relay that refuses", "rule 3"},
		{lateUnheard, "a lease that is lost", "rule 3: 2 copies are unknown, where 0 may be"},
		{lateOfAnybody, "a new approval, and an answer that is lost", "rule 3: a mailbox got a copy twice"},
		{journalUnread, "crashes", "rule 3: a kill left more than one copy a connection unknown"},
		{journalAfterData, "crashes", "rule 3: a mailbox got a copy twice"},
		{forgetsFirst, "crashes", "rule 3: a mailbox got a copy twice"},
		{bootUnseen, "a machine that fails", "rule 3: a mailbox got a copy twice"},
		{unbegunLeaves, "a kill", "rule 3: a copy left that the ledger does not say to be on its way"},
		{askedOnce, "a kill", "rule 3: a copy is lost: it stays sending"},
		{twinsUnseen, "a relay that refuses", "rule 3"},
		{twinsOfOthers, "a new approval, and an answer that is lost", "rule 3: a copy is lost: it stays claimed"},
		{strayUnseen, "a kill", "rule 3: a copy is lost: it stays claimed"},
		{releaseSending, "a new approval, and an answer that is lost", "rule 3"},
		{secondCopy, "a new approval, and a late reply", "rule 3: two copies for one mailbox"},
		{onItsWayUnseen, "a new approval, and a late reply", "rule 3: two copies for one mailbox"},
		{takenIsLeft, "a new approval, and a late reply", "rule 3: a mailbox got nothing"},
	} {
		tried[c.fault] = true
		t.Run(c.fault.String()+", "+c.in, func(t *testing.T) {
			t.Parallel()
			sc, known := named[c.in]
			if !known {
				t.Fatalf("there is no history %q", c.in)
			}
			sc.fault = c.fault
			f := explore(&sc)
			if !strings.HasPrefix(f.broke, c.as) {
				t.Fatalf("it broke %q, want %q\n%s", f.broke, c.as, f.story(&sc))
			}
			t.Logf("%d states\n%s", f.states, f.story(&sc))
		})
	}
	for f := noFault + 1; f < lastFault; f++ {
		if !tried[f] {
			t.Errorf("nobody looks whether this is found: %s", f)
		}
	}
}
