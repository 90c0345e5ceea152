package console

import (
	"net/http"
	"slices"
	"time"

	"dateline/internal/access"
	"dateline/internal/ledger"
	"dateline/internal/press"
)

// today is what the first page tells: what is next, what runs, what wants a
// person, and what was.
type today struct {
	Now     time.Time
	As      string // of when it is
	Trouble string
	Next    []upcoming
	Running []running
	Waiting []ledger.Wait
	Last    []lastRelease
	Drafts  []draft
	Daemons []press.DaemonState
	Empty   bool // nothing was ever approved
}

// upcoming is what waits for its instant.
type upcoming struct {
	Release, Headline string
	Due               time.Time
	Zone              string
	Copies            int
	Held              string
}

// running is what is under way now.
type running struct {
	Release, Headline string
	States            map[press.State]int
	Done, Total       int
	Held              string
	Due               time.Time
}

type lastRelease struct {
	Release, Headline string
	States            map[press.State]int
	Control           press.Control
	Approved          press.Approval
	Copies            int
}

// draft is a release of the folder that nobody has approved.
type draft struct {
	Release, Headline string
	Lift              press.Moment
	Kind              press.ReleaseKind
	Sent              bool // no embargo: on approval
}

func (c *Console) today(w http.ResponseWriter, r *http.Request, by access.Person) error {
	seen, office := c.Board.Look(), c.Office()
	t := today{Now: c.Now(), Waiting: seen.Waiting, Daemons: seen.Daemons, Empty: len(seen.Releases) == 0}
	t.As = utc(seen.At)
	if seen.Trouble != nil {
		t.Trouble = "The store does not answer; what stands here is of " + utc(seen.At) + "."
	}
	heads := headlines(office, t.Now)
	for _, rel := range slices.Backward(seen.Releases) {
		t.add(rel, heads[rel.Approval.Release], t.Now)
	}
	slices.SortFunc(t.Next, func(a, b upcoming) int { return a.Due.Compare(b.Due) })
	t.Drafts = drafts(office, seen.Status, t.Now)
	c.show(w, r, by, http.StatusOK, "today", "Today", t)
	return nil
}

// lastShown is how many releases that have ended are shown.
const lastShown = 12

func (t *today) add(r ledger.Release, h head, now time.Time) {
	slug, waiting := r.Approval.Release, 0
	under := false
	total := 0
	for s, n := range r.States {
		total += n
		if s.Unsent() {
			waiting += n
		}
		under = under || s == press.Sending
	}
	switch {
	case r.Control.Killed != "" || waiting == 0 && !under:
		if len(t.Last) < lastShown {
			t.Last = append(t.Last, lastRelease{slug, h.Headline, r.States, r.Control, r.Approval, total})
		}
	case under || !r.FirstDue.IsZero() && !r.FirstDue.After(now):
		t.Running = append(t.Running, running{slug, h.Headline, r.States, total - waiting, total, r.Control.Held, r.FirstDue})
	default:
		t.Next = append(t.Next, upcoming{slug, h.Headline, r.FirstDue, h.Zone, waiting, r.Control.Held})
	}
}

// head is what a page calls a release by.
type head struct{ Headline, Zone string }

// headlines are those of the folder's releases, in English or their first
// language.
func headlines(o Office, now time.Time) map[string]head {
	all := map[string]head{}
	for _, f := range o.Desk.Folders(now) {
		all[f.Slug] = headOf(f.Release)
	}
	return all
}

func headOf(r press.Release) head {
	h := head{Zone: r.Dateline.Zone}
	if h.Zone == "" {
		h.Zone = r.Embargo.Lift.Zone
	}
	for i, e := range r.Editions {
		if i == 0 || e.Lang == "en" {
			h.Headline = e.Headline
		}
	}
	return h
}

// drafts are the releases of the folder that have no approval, the next first.
func drafts(o Office, s ledger.Status, now time.Time) []draft {
	approved := map[string]bool{}
	for _, r := range s.Releases {
		approved[r.Approval.Release] = true
	}
	var all []draft
	for _, f := range o.Desk.Folders(now) {
		if !approved[f.Slug] {
			all = append(all, draft{f.Slug, headOf(f.Release).Headline, f.Embargo.Lift, f.Kind, f.Embargo.None})
		}
	}
	slices.SortStableFunc(all, func(a, b draft) int { return a.Lift.At.Compare(b.Lift.At) })
	return all
}
