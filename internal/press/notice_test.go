package press

import (
	"testing"
	"time"
)

func TestNoticeSlugs(t *testing.T) {
	for _, c := range []struct {
		slug, about string
		kind        ReleaseKind
		n           int
	}{
		{"water-2027@kill", "water-2027", KillNotice, 1},
		{"water-2027@embargo-1", "water-2027", EmbargoNotice, 1},
		{"water-2027@embargo-12", "water-2027", EmbargoNotice, 12},
		{"advisory@2027-03-08@kill", "advisory@2027-03-08", KillNotice, 1},
		{"advisory@2027-03-08T0900@embargo-2", "advisory@2027-03-08T0900", EmbargoNotice, 2},
	} {
		about, kind, n, ok := SplitNotice(c.slug)
		if !ok || about != c.about || kind != c.kind || n != c.n {
			t.Errorf("%s: %q, %q, %d, %v", c.slug, about, kind, n, ok)
		}
		made := KillSlug(c.about)
		if c.kind == EmbargoNotice {
			made = EmbargoSlug(c.about, c.n)
		}
		if made != c.slug {
			t.Errorf("made is %s, not %s", made, c.slug)
		}
		if CheckOccurrence(c.slug) == nil || CheckSlug(c.slug) == nil {
			t.Errorf("%s is taken for an occurrence or for a release of the folder", c.slug)
		}
	}
	for _, slug := range []string{
		"", "@kill", "kill", "water", "water@", "water@kill2", "water@KILL", "water@embargo", "water@embargo-", "water@embargo-0",
		"water@embargo-01", "water@embargo--1", "water@embargo-+1", "advisory@2027-03-08", "advisory@2027-03-08T0900",
	} {
		if about, kind, n, ok := SplitNotice(slug); ok {
			t.Errorf("%q is taken for notice %d (%s) of %q", slug, n, kind, about)
		}
	}
}

func TestWhetherAnEmbargoIsTheSame(t *testing.T) {
	at := time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)
	lift := Embargo{Lift: Moment{At: at, Zone: "Asia/Tashkent"}}
	elsewhere := Embargo{Lift: Moment{At: at.In(time.FixedZone("", 3600)), Zone: "Europe/Vienna"}}
	later := Embargo{Lift: Moment{At: at.Add(time.Second), Zone: "Asia/Tashkent"}}
	none := Embargo{None: true}
	if !lift.Same(elsewhere) || !none.Same(none) || lift.Same(later) || lift.Same(none) || none.Same(lift) {
		t.Error("an embargo is moved by its instant alone")
	}
	if !lift.UnderEmbargo(at.Add(-time.Microsecond)) || lift.UnderEmbargo(at) || none.UnderEmbargo(at) {
		t.Error("a copy is under embargo while it is due before the lift")
	}
	if lift.String() != "until 2027-03-04 18:00 Asia/Tashkent" || none.String() != "none" {
		t.Errorf("%s; %s", lift, none)
	}
}
