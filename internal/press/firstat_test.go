package press

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestFirstAt(t *testing.T) {
	for in, want := range map[string]string{
		"2027-03-05T09:00 Asia/Tashkent":       "2027-03-05T04:00:00Z",
		"2027-03-28T01:59 Europe/Berlin":       "2027-03-28T00:59:00Z",
		"2027-03-28T02:00 Europe/Berlin":       "2027-03-28T01:00:00Z", // in the gap: just after it
		"2027-03-28T02:59:59 Europe/Berlin":    "2027-03-28T01:00:00Z",
		"2027-03-28T03:00 Europe/Berlin":       "2027-03-28T01:00:00Z",
		"2027-10-31T02:30 Europe/Berlin":       "2027-10-31T00:30:00Z", // twice: the first
		"2027-10-31T03:00 Europe/Berlin":       "2027-10-31T02:00:00Z",
		"2027-03-28T00:00 Asia/Beirut":         "2027-03-27T22:00:00Z",
		"2027-09-05T00:15 America/Santiago":    "2027-09-05T04:00:00Z",
		"2024-04-26T00:30 Africa/Cairo":        "2024-04-25T22:00:00Z",
		"2027-10-03T02:15 Australia/Lord_Howe": "2027-10-02T15:30:00Z",
		"2027-04-04T01:45 Australia/Lord_Howe": "2027-04-03T14:45:00Z",
		"2011-12-30T12:00 Pacific/Apia":        "2011-12-30T10:00:00Z", // a day that Samoa skipped
		"2040-12-31T10:00 Europe/Berlin":       "2040-12-31T09:00:00Z", // time.ZoneBounds errs on this day
		"2040-12-31T23:59 America/New_York":    "2041-01-01T04:59:00Z",
	} {
		wall, zone, _ := cutLast(in)
		w, err := ParseWallTime(wall)
		if err != nil {
			t.Fatal(err)
		}
		loc, err := LoadZone(zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.FirstIn(loc); got.Format(time.RFC3339) != want || got.Location() != time.UTC {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func cutLast(s string) (before, after string, ok bool) {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == ' ' {
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

// TestFirstAtAgreesWithOnceAt on wall times that come once, and elsewhere gives
// what it promises.
func TestFirstAtAgreesWithOnceAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at, loc := anInstant(t)
		wall := wallOf(at, loc).Add(time.Duration(rapid.IntRange(-8000, 8000).Draw(t, "seconds")) * time.Second)
		got := FirstAt(wall, loc)
		switch found := instantsOf(wall, loc); {
		case len(found) > 0 && !got.Equal(found[0]):
			t.Fatalf("%s in %s: %s, want the first of %v", wall, loc, got, found)
		case len(found) == 0 && (!wallOf(got, loc).After(wall) || !wallOf(got.Add(-time.Second), loc).Before(wall)):
			t.Fatalf("%s is in a gap of %s; %s is not just after it", wall, loc, got)
		}
		if later := FirstAt(wall.Add(time.Second), loc); later.Before(got) {
			t.Fatalf("%s in %s is at %s, and a second later is at %s", wall, loc, got, later)
		}
	})
}
