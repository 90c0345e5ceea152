package desk_test

import (
	"testing"
	"time"

	"dateline/internal/desk"
	"dateline/internal/press"
)

// Each approval of a release is a version of its story, and the notice that it
// was killed is one too; the first one's instant stays.
func TestVersions(t *testing.T) {
	d, s := shortPages(t)
	first := plan(t, d)
	a, err := approve(t, d, first.Digest)
	if err != nil {
		t.Fatal(err)
	}
	version := func(a press.Approval) press.Version {
		t.Helper()
		f, err := s.Frozen(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		return f.Version
	}
	if v := version(a); v != (press.Version{Number: 1, First: now, Made: now}) {
		t.Errorf("the first version is %+v", v)
	}
	d.Config.Releases[0].Sources["en.md"] = append(d.Config.Releases[0].Sources["en.md"], '!')
	later := now.Add(time.Hour)
	p, err := d.Plan(t.Context(), slug, later, false)
	if err != nil {
		t.Fatal(err)
	}
	b, err := d.Approve(t.Context(), desk.Yes{Release: slug, Digest: p.Digest, By: "Anna"}, later, nil)
	if err != nil {
		t.Fatal(err)
	}
	if v := version(b); v != (press.Version{Number: 2, First: now, Made: later}) {
		t.Errorf("the second version is %+v", v)
	}
	sent(t, s, slug, dayEve, accept)
	if err := d.Kill(t.Context(), slug, "an error", "Anna", dayEve.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	told := dayEve.Add(time.Hour)
	n := notice(t, d, "")
	c, err := d.Approve(t.Context(), desk.Yes{Release: press.KillSlug(slug), Digest: n.Digest, By: "Anna"}, told, nil)
	if err != nil {
		t.Fatal(err)
	}
	if v := version(c); v != (press.Version{Number: 3, First: now, Made: told}) {
		t.Errorf("the notice is version %+v", v)
	}
}

// Whoever is in a list of `ninjs` has it written into the plan, and the notice of
// a kill goes to them with it too.
func TestNinjsIsPlanned(t *testing.T) {
	d, s := shortPages(t)
	without := plan(t, d)
	d.Config.Ninjs = []string{"wires"}
	p := plan(t, d)
	if p.Digest == without.Digest {
		t.Error("the plan with ninjs is the one without")
	}
	if _, err := approve(t, d, p.Digest); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, send := range p.Sends {
		for _, r := range send.Recipients {
			if r.Ninjs {
				n++
			}
			if r.Ninjs && r.OutletKind != press.Wire {
				t.Errorf("%s of a %s gets it", r.Address, r.OutletKind)
			}
		}
	}
	if n == 0 || n == p.Recipients() {
		t.Errorf("%d of %d get it", n, p.Recipients())
	}
	for _, c := range sent(t, s, slug, dayEve, accept) {
		if c.Ninjs != (c.OutletKind == press.Wire) {
			t.Errorf("the copy to %s of a %s has it: %v", c.Address, c.OutletKind, c.Ninjs)
		}
	}
	if err := d.Kill(t.Context(), slug, "an error", "Anna", dayEve.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	wires := 0
	for _, r := range notice(t, d, "").Sends[0].Recipients {
		if r.Ninjs {
			wires++
		}
	}
	if wires == 0 {
		t.Error("no notice withdraws the story from a newsroom's system")
	}
}
