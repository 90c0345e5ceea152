package store_test

import (
	"testing"
	"time"

	"dateline/internal/press"
)

func TestGateTellsHowReleasesStand(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		free := h.approve("free", copies(1)...)
		held := h.approve("held", copies(1)...)
		h.must(h.Hold(t.Context(), "held", "legal", "Olim", noon))
		killed := h.approve("killed", copies(1)...)
		h.must(h.Kill(t.Context(), "killed", "wrong", "Gulnora", noon.Add(time.Second)))
		h.approve("renewed", copies(1)...)
		renewed := h.approve("renewed", copies(1)...)
		h.stage("staged", copies(1)...)
		h.approve("not asked for", copies(1)...)

		got := h.gate(berta, "free", "held", "killed", "renewed", "staged", "unknown", "' OR ''='").Releases
		want := map[string]press.Standing{
			"free":    {Approval: free.ID},
			"held":    {Approval: held.ID, Control: press.Control{Held: "legal", HeldBy: "Olim", HeldAt: noon}},
			"killed":  {Approval: killed.ID, Control: press.Control{Killed: "wrong", KillBy: "Gulnora", KillAt: noon.Add(time.Second)}},
			"renewed": {Approval: renewed.ID},
		}
		if len(got) != len(want) {
			t.Errorf("%d releases stand in the gate, want %d: %+v", len(got), len(want), got)
		}
		for slug, standing := range want {
			if got[slug] != standing {
				t.Errorf("%s stands as %+v, want %+v", slug, got[slug], standing)
			}
		}
		if none := h.gate(berta); none.Releases == nil || len(none.Releases) != 0 {
			t.Errorf("nothing was asked, and it tells %v", none.Releases)
		}
	})
}

// The epoch is the daemon's own, and 0 for one that the store has not heard of.
func TestGateTellsTheEpoch(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		for _, daemon := range []press.ID{berta, carla} {
			h.must(h.RecordDaemon(t.Context(), daemon, "here", 1, noon, noon, ""))
		}
		h.must(h.exec(`UPDATE daemons SET epoch = 3 WHERE id = ?`, carla))
		for daemon, want := range map[press.ID]int64{berta: 0, carla: 3, {0xd}: 0} {
			if got := h.gate(daemon, "unknown").Epoch; got != want {
				t.Errorf("the epoch of %s is %d, want %d", daemon, got, want)
			}
		}
	})
}

// PostgreSQL's clock is here this machine's; SQLite has none of its own.
func TestGateTellsTheDatabasesClock(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		before := time.Now()
		got := h.gate(berta).Clock
		after := time.Now()
		if h.File() != "" {
			if !got.IsZero() {
				t.Errorf("SQLite has the clock %v", got)
			}
			return
		}
		if got.Before(before.Add(-time.Second)) || got.After(after.Add(time.Second)) {
			t.Errorf("it says %v, between %v and %v", got, before, after)
		}
		if got.Location() != time.UTC {
			t.Errorf("it says %v", got.Location())
		}
	})
}
