package desk_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/internal/store"
)

func say(t *testing.T, d *desk.Desk, y desk.Yes) (press.Approval, error) {
	t.Helper()
	y.Release = slug
	return d.Approve(t.Context(), y, now, nil)
}

func wantWaits(t *testing.T, err error, names string) {
	t.Helper()
	w := desk.Waits{}
	if !errors.As(err, &w) {
		t.Errorf("got %v, want Waits for %s", err, names)
		return
	}
	var said []string
	for _, y := range w.Said {
		said = append(said, y.By)
	}
	if got := strings.Join(said, ", "); got != names {
		t.Errorf("%s have said yes, want %s", got, names)
	}
}

func wantDeskRefused(t *testing.T, err error, part string) {
	t.Helper()
	if refused := (desk.Refused{}); !errors.As(err, &refused) || !strings.Contains(refused.Why, part) {
		t.Errorf("got %v, want a Refused with %q", err, part)
	}
}

// Three different people must say yes to one and the same plan.
func TestSeveralMustSayYes(t *testing.T) {
	d, s := newDesk(t)
	d.Config.Policies.Approvals = 3
	p := plan(t, d)
	olim := store.NewID()
	_, err := say(t, d, desk.Yes{Digest: strings.Repeat("0", 64), By: "Anna"})
	wantDeskRefused(t, err, "something changed")
	for range 2 { // saying it twice is saying it once
		_, err = say(t, d, desk.Yes{Digest: p.Digest, By: "Olim", Account: olim})
		wantWaits(t, err, "Olim")
	}
	_, err = say(t, d, desk.Yes{Digest: p.Digest, By: "olim"}) // nor by the command line
	wantWaits(t, err, "Olim")
	_, err = say(t, d, desk.Yes{Digest: p.Digest, By: "Anna"})
	wantWaits(t, err, "Anna, Olim")
	if rs, err := s.Releases(t.Context(), slug); err != nil || len(rs) != 0 {
		t.Errorf("there are %d releases before the last yes, %v", len(rs), err)
	}
	if now := plan(t, d); len(now.Said) != 2 || now.Wanted != 3 {
		t.Errorf("the plan tells that %d of %d have said yes", len(now.Said), now.Wanted)
	}
	a, err := say(t, d, desk.Yes{Digest: p.Digest, By: "Boris"})
	if err != nil || a.By != "Boris" || total(state(t, s)) == 0 {
		t.Errorf("the last yes gives %+v, %v", a, err)
	}
	acts, err := s.Acts(t.Context(), slug, 0)
	if err != nil {
		t.Fatal(err)
	}
	var trail []string
	for _, act := range acts {
		trail = append(trail, act.By+": "+act.Act)
	}
	if got, want := strings.Join(trail, ", "), "Olim: yes, Anna: yes, Boris: yes, Boris: approve"; got != want {
		t.Errorf("the trail says %s, want %s", got, want)
	}
	// What is approved is so for whoever says it again.
	if b, err := say(t, d, desk.Yes{Digest: p.Digest, By: "Clara"}); err != nil || b.ID != a.ID {
		t.Errorf("again: %+v, %v", b, err)
	}
}

// A plan that changes between two yeses wants all of them anew.
func TestAnotherPlanStartsAnew(t *testing.T) {
	d, s := newDesk(t)
	d.Config.Policies.Approvals = 2
	first := plan(t, d)
	_, err := say(t, d, desk.Yes{Digest: first.Digest, By: "Anna"})
	wantWaits(t, err, "Anna")
	for i := range d.Config.Releases {
		if d.Config.Releases[i].Slug == slug {
			sources := d.Config.Releases[i].Sources
			sources["release.yaml"] = append(sources["release.yaml"], '\n')
		}
	}
	second := plan(t, d)
	if first.Digest == second.Digest {
		t.Fatal("the plan did not change")
	}
	_, err = say(t, d, desk.Yes{Digest: first.Digest, By: "Boris"})
	wantDeskRefused(t, err, "something changed")
	_, err = say(t, d, desk.Yes{Digest: second.Digest, By: "Boris"})
	wantWaits(t, err, "Boris")
	if _, err := say(t, d, desk.Yes{Digest: second.Digest, By: "Anna"}); err != nil {
		t.Error(err)
	}
	if total(state(t, s)) == 0 {
		t.Error("nothing was approved")
	}
}

// Nobody approves what they last changed, unless the team says so.
func TestNobodyApprovesTheirOwn(t *testing.T) {
	for name, c := range map[string]struct {
		last   press.LastChange
		yes    desk.Yes
		own    bool
		refuse string
	}{
		"no git":                 {last: press.LastChange{}, yes: desk.Yes{By: "Olim"}},
		"somebody else":          {last: press.LastChange{Kept: true, Name: "Dilnoza", Email: "d@uza.example"}, yes: desk.Yes{By: "Olim", Email: "o@uza.example"}},
		"the same name":          {last: press.LastChange{Kept: true, Name: "OLIM Karimov ", Email: "x@home.example", At: now}, yes: desk.Yes{By: "Olim Karimov", Email: "o@uza.example"}, refuse: "Olim Karimov last changed " + slug + ", at 09:00 UTC on 2027-01-11"},
		"the same address":       {last: press.LastChange{Kept: true, Name: "ok", Email: "O@uza.example"}, yes: desk.Yes{By: "Olim", Email: "o@UZA.example"}, refuse: "somebody else has to approve"},
		"no address on either":   {last: press.LastChange{Kept: true, Name: "Dilnoza"}, yes: desk.Yes{By: "Olim"}},
		"not committed":          {last: press.LastChange{Kept: true, Uncommitted: true}, yes: desk.Yes{By: "Olim"}, refuse: "not committed"},
		"one's own, allowed":     {last: press.LastChange{Kept: true, Name: "Olim"}, yes: desk.Yes{By: "Olim"}, own: true},
		"not committed, allowed": {last: press.LastChange{Kept: true, Uncommitted: true}, yes: desk.Yes{By: "Olim"}, own: true},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := newDesk(t)
			d.Config.Policies.ApproveOwn = c.own
			d.LastChange = func(_ context.Context, dir string) (press.LastChange, error) {
				if want := filepath.Join(d.Config.Dir, "releases", slug); dir != want {
					t.Errorf("asked of %s, want %s", dir, want)
				}
				return c.last, nil
			}
			c.yes.Digest = plan(t, d).Digest
			_, err := say(t, d, c.yes)
			if c.refuse != "" {
				wantDeskRefused(t, err, c.refuse)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// A history that cannot be read keeps the approval back, and says why.
func TestHistoryThatCannotBeRead(t *testing.T) {
	d, _ := newDesk(t)
	broken := errors.New("git failed")
	d.LastChange = func(context.Context, string) (press.LastChange, error) { return press.LastChange{}, broken }
	if _, err := approve(t, d, plan(t, d).Digest); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
