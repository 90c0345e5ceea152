package desk_test

import (
	"strings"
	"testing"
	"time"

	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/internal/store"
)

// weekly is a desk whose sample release recurs each Monday at nine in Berlin.
// These tests happen on a Monday, at ten.
func weekly(t *testing.T) (*desk.Desk, *store.Store) {
	t.Helper()
	d, s := newDesk(t)
	f := &d.Config.Releases[0]
	f.Embargo, f.Recurs = press.Embargo{}, press.Recurrence{Cron: "0 9 * * MON", Zone: "Europe/Berlin"}
	return d, s
}

const next = slug + "@2027-01-18"

func TestARecurringReleaseMeansItsNextOccurrence(t *testing.T) {
	d, s := weekly(t)
	lift := time.Date(2027, 1, 18, 8, 0, 0, 0, time.UTC)
	p := plan(t, d)
	if p.Release != next || !p.Lift.At.Equal(lift) || p.Lift.Zone != "Europe/Berlin" || !p.ToApprove() {
		t.Fatalf("%s lifts at %v, errors %q", p.Release, p.Lift, p.Errors)
	}
	for _, send := range p.Sends {
		for _, r := range send.Recipients {
			if send.Kind == press.General && !r.Due.Equal(lift) {
				t.Errorf("%s is due at %s", r.Address, r.Due)
			}
		}
	}
	a, err := approve(t, d, p.Digest) // of the release's own name
	if err != nil || a.Release != next {
		t.Fatalf("approved is %q, %v", a.Release, err)
	}
	if again := plan(t, d); !again.InForce || again.Release != next {
		t.Errorf("in force: %v", again.InForce)
	}
	if err := d.Hold(t.Context(), next, "a typo", "Anna", now); err != nil {
		t.Error(err)
	}
	rs, err := s.Releases(t.Context(), next)
	if err != nil || len(rs) != 1 || rs[0].Control.Held != "a typo" {
		t.Errorf("%v, %v", rs, err)
	}
}

// TestEachOccurrenceNeedsItsOwnYes: the same texts a week later are another
// plan, for the same people.
func TestEachOccurrenceNeedsItsOwnYes(t *testing.T) {
	d, _ := weekly(t)
	first := plan(t, d)
	if _, err := approve(t, d, first.Digest); err != nil {
		t.Fatal(err)
	}
	week := now.AddDate(0, 0, 7)
	p, err := d.Plan(t.Context(), slug, week, false)
	if err != nil || p.Release != slug+"@2027-01-25" || p.InForce || p.Digest == first.Digest || p.Recipients() != first.Recipients() {
		t.Fatalf("%s: in force %v, %d recipients, %v", p.Release, p.InForce, p.Recipients(), err)
	}
	named, err := d.Plan(t.Context(), next, now, false)
	if err != nil || !named.InForce || named.Digest != first.Digest {
		t.Errorf("the named occurrence: in force %v, %v", named.InForce, err)
	}
	past, err := d.Plan(t.Context(), slug+"@2027-01-11", now, false)
	if err != nil || len(past.Errors) == 0 || past.ToApprove() {
		t.Errorf("an occurrence of this morning: errors %q, %v", past.Errors, err)
	}
}

func TestOccurrencesThatThereAreNot(t *testing.T) {
	d, _ := weekly(t)
	for name, want := range map[string]string{
		slug + "@2027-01-19":      "the rule has no occurrence 2027-01-19; the next one is 2027-01-25",
		slug + "@":                "names no occurrence",
		slug + "@next":            "names no occurrence",
		"nothing@2027-01-18":      `no release "nothing"`,
		slug + "@2027-01-18T0900": "names no occurrence",
	} {
		if _, err := d.Plan(t.Context(), name, now, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	d.Config.Releases[0].Recurs = press.Recurrence{}
	if _, err := d.Plan(t.Context(), next, now, false); err == nil || !strings.Contains(err.Error(), "does not recur") {
		t.Errorf("an occurrence of what does not recur: %v", err)
	}
}

func TestDriftOfAnOccurrence(t *testing.T) {
	d, _ := weekly(t)
	if _, err := approve(t, d, plan(t, d).Digest); err != nil {
		t.Fatal(err)
	}
	drifts := func(at time.Time, want string) {
		t.Helper()
		found, err := d.WatchDrift(t.Context(), at)
		if err != nil || (len(found) == 1) != (want != "") || want != "" && (found[0].Release != next || !strings.Contains(found[0].Why, want)) {
			t.Errorf("drifts %+v, %v; want %q", found, err, want)
		}
	}
	drifts(now, "")
	drifts(now.AddDate(0, 0, 8), "") // also when another one is next
	d.Config.Releases[0].Recurs.Cron = "0 9 * * TUE"
	drifts(now, "its folder no longer has it")
	d.Config.Releases[0].Recurs.Cron = "0 9 * * MON"
	d.Config.Releases[0].Sources["en.md"] = append(d.Config.Releases[0].Sources["en.md"], '!')
	drifts(now, "its files are now")
}

func TestCheckOfARecurringRelease(t *testing.T) {
	d, _ := weekly(t)
	if faults := d.Check(); len(faults) > 0 {
		t.Error(faults)
	}
	if shown, err := d.Preview(t.Context(), desk.PreviewOf{Release: slug}, now); err != nil || len(shown) != 2 {
		t.Errorf("%d previews, %v", len(shown), err)
	}
}
