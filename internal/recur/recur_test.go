package recur

import (
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine that has none

	"pgregory.net/rapid"

	"dateline/internal/press"
)

func rule(t interface {
	Helper()
	Fatal(...any)
}, spec, zone string,
) Rule {
	t.Helper()
	r, err := Parse(spec, zone)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestNext lists the occurrences behind an instant, each with its name.
func TestNext(t *testing.T) {
	for name, c := range map[string]struct {
		spec, zone, after string
		want              []string
	}{
		"each Monday": {"0 9 * * MON", "Europe/Berlin", "2027-03-03T12:00:00Z", []string{
			"2027-03-08 2027-03-08T08:00:00Z", "2027-03-15 2027-03-15T08:00:00Z", "2027-03-22 2027-03-22T08:00:00Z", "2027-03-29 2027-03-29T07:00:00Z",
		}},
		"on the dot is past":   {"0 9 * * MON", "Europe/Berlin", "2027-03-08T08:00:00Z", []string{"2027-03-15 2027-03-15T08:00:00Z"}},
		"a microsecond before": {"0 9 * * MON", "Europe/Berlin", "2027-03-08T07:59:59.999999Z", []string{"2027-03-08 2027-03-08T08:00:00Z"}},
		"Berlin skips 02:30": {"30 2 * * *", "Europe/Berlin", "2027-03-27T12:00:00Z", []string{
			"2027-03-28 2027-03-28T01:00:00Z", "2027-03-29 2027-03-29T00:30:00Z",
		}},
		"Berlin has 02:30 twice": {"30 2 * * *", "Europe/Berlin", "2027-10-30T12:00:00Z", []string{
			"2027-10-31 2027-10-31T00:30:00Z", "2027-11-01 2027-11-01T01:30:00Z",
		}},
		"from within the hour that comes twice": {"*/20 * * * *", "Europe/Berlin", "2027-10-31T01:05:00Z", []string{
			"2027-10-31T0300 2027-10-31T02:00:00Z", "2027-10-31T0320 2027-10-31T02:20:00Z",
		}},
		"half hours over Berlin's gap fall together": {"*/30 * * * *", "Europe/Berlin", "2027-03-28T00:15:00Z", []string{
			"2027-03-28T0130 2027-03-28T00:30:00Z", "2027-03-28T0300 2027-03-28T01:00:00Z", "2027-03-28T0330 2027-03-28T01:30:00Z",
		}},
		"Beirut skips midnight": {"0 0 * * *", "Asia/Beirut", "2027-03-27T12:00:00Z", []string{
			"2027-03-28 2027-03-27T22:00:00Z", "2027-03-29 2027-03-28T21:00:00Z",
		}},
		"Beirut has the hour before midnight twice": {"30 23 * * *", "Asia/Beirut", "2027-10-30T12:00:00Z", []string{
			"2027-10-30 2027-10-30T20:30:00Z", "2027-10-31 2027-10-31T21:30:00Z",
		}},
		"Santiago skips midnight": {"15 0 * * *", "America/Santiago", "2027-09-04T12:00:00Z", []string{
			"2027-09-05 2027-09-05T04:00:00Z", "2027-09-06 2027-09-06T03:15:00Z",
		}},
		"Santiago has the hour before midnight twice": {"15 23 * * *", "America/Santiago", "2027-04-03T12:00:00Z", []string{
			"2027-04-03 2027-04-04T02:15:00Z", "2027-04-04 2027-04-05T03:15:00Z",
		}},
		"Cairo skips midnight": {"0 0 * * FRI", "Africa/Cairo", "2024-04-24T12:00:00Z", []string{
			"2024-04-26 2024-04-25T22:00:00Z", "2024-05-03 2024-05-02T21:00:00Z",
		}},
		"Lord Howe skips half an hour": {"15 2 * * *", "Australia/Lord_Howe", "2027-10-02T00:00:00Z", []string{
			"2027-10-03 2027-10-02T15:30:00Z", "2027-10-04 2027-10-03T15:15:00Z",
		}},
		"Lord Howe has half an hour twice": {"45 1 * * *", "Australia/Lord_Howe", "2027-04-03T00:00:00Z", []string{
			"2027-04-04 2027-04-03T14:45:00Z", "2027-04-05 2027-04-04T15:15:00Z",
		}},
		"Apia skips a day, which falls together with the next": {"0 0 * * *", "Pacific/Apia", "2011-12-29T12:00:00Z", []string{
			"2011-12-31 2011-12-30T10:00:00Z", "2012-01-01 2011-12-31T10:00:00Z",
		}},
		"Apia skips a day, whose noon comes first": {"0 12 * * *", "Pacific/Apia", "2011-12-30T00:00:00Z", []string{
			"2011-12-30 2011-12-30T10:00:00Z", "2011-12-31 2011-12-30T22:00:00Z",
		}},
		"leap days": {"0 9 29 2 *", "Asia/Tashkent", "2027-01-01T00:00:00Z", []string{
			"2028-02-29 2028-02-29T04:00:00Z", "2032-02-29 2032-02-29T04:00:00Z",
		}},
		"leap days over 2100": {"0 9 29 2 *", "UTC", "2096-03-01T00:00:00Z", []string{"2104-02-29 2104-02-29T09:00:00Z"}},
		"a word":              {"@weekly", "UTC", "2027-03-03T12:00:00Z", []string{"2027-03-07 2027-03-07T00:00:00Z"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, at := rule(t, c.spec, c.zone), instant(t, c.after)
			for _, want := range c.want {
				o := r.NextOccurrence(at)
				if got := o.Name + " " + o.At.Format(time.RFC3339); got != want {
					t.Fatalf("after %s comes %s, want %s", at.Format(time.RFC3339Nano), got, want)
				}
				if named, err := r.Named(o.Name); err != nil || named != o {
					t.Errorf("Named(%s) gives %v, %v", o.Name, named, err)
				}
				at = o.At
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ spec, zone, want string }{
		{"", "UTC", "is no rule"},
		{"0 9 * *", "UTC", "five fields are wanted"},
		{"0 0 9 * * MON", "UTC", "has six fields, and seconds are not read; five fields"},
		{"0 9 * * MON", "Europe/Berlim", "is no time zone"},
		{"0 9 * * MON", "", "is no time zone"},
		{"0 9 * * MON", "Local", "is no time zone"},
		{"TZ=Europe/Berlin 0 9 * * MON", "UTC", "names a zone; the zone goes into `zone`"},
		{"TZ=", "UTC", "names a zone"},
		{"  CRON_TZ=UTC", "UTC", "names a zone"},
		{"@every 1h", "UTC", "has no fixed time of day"},
		{"@fortnightly", "UTC", "is no rule"},
		{"60 9 * * *", "UTC", "is no rule"},
		{"0 9 * * 7", "UTC", "is no rule"}, // Sunday is 0
		{"0 9 30 2 *", "UTC", "fits no day of any year"},
		{", 9 * * *", "UTC", "fits no day of any year"},
		{"0 9 * * MON\x00", "UTC", "is no rule"},
	} {
		if r, err := Parse(c.spec, c.zone); err == nil || !strings.Contains(err.Error(), c.want) || r != (Rule{}) {
			t.Errorf("%q in %q: %v, %v; want %q", c.spec, c.zone, r, err, c.want)
		}
	}
}

func TestNamedRefuses(t *testing.T) {
	for _, c := range []struct{ spec, name, want string }{
		{"0 9 * * MON", "2027-03-09", "the rule has no occurrence 2027-03-09; the next one is 2027-03-15"},
		{"0 9 * * MON", "2027-02-30", "names no occurrence; a day is wanted"},
		{"0 9 * * MON", "2027-03-08T0900", "names no occurrence; a day is wanted"},
		{"0 9 * * MON", "", "names no occurrence"},
		{"0 9,18 * * MON", "2027-03-08", "names no occurrence; a day and a time are wanted"},
		{"0 9,18 * * MON", "2027-03-08T1000", "the next one is 2027-03-08T1800"},
		{"*/30 * * * *", "2027-03-28T0230", "2027-03-28T0230 falls together with 2027-03-28T0300"},
	} {
		if o, err := rule(t, c.spec, "Europe/Berlin").Named(c.name); err == nil || !strings.Contains(err.Error(), c.want) || o != (Occurrence{}) {
			t.Errorf("%s of %s: %v, %v; want %q", c.name, c.spec, o, err, c.want)
		}
	}
}

var (
	someRules = []string{"30 2 * * *", "0 0 * * *", "15 23 * * SUN", "*/30 0-3,23 * * *", "0 9 * * MON", "5,35 0-3 * * *", "0 12 29 2 *", "59 23 31 * *", "30 1,2 * 3,4,9,10,11 SAT,SUN"}
	someZones = []string{"UTC", "Europe/Berlin", "Asia/Beirut", "America/Santiago", "Africa/Cairo", "Australia/Lord_Howe", "America/Nuuk", "Africa/Casablanca", "Asia/Gaza", "Pacific/Apia", "Asia/Tashkent", "America/Havana", "Antarctica/Troll"}
)

// TestEachWallTimeOfAYearHasOneInstant: what Next gives over a year is just
// the instants of the year's wall times, each once and in order.
func TestEachWallTimeOfAYearHasOneInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec, zone := rapid.SampledFrom(someRules).Draw(t, "rule"), rapid.SampledFrom(someZones).Draw(t, "zone")
		year := rapid.IntRange(1990, 2036).Draw(t, "year")
		r := rule(t, spec, zone)
		var want []time.Time
		for wall := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); wall.Year() == year; wall = wall.Add(time.Minute) {
			if r.walls.Hour&(1<<uint(wall.Hour())) == 0 {
				wall = wall.Add(59 * time.Minute) // to the hour's end
				continue
			}
			if !fits(r, wall) {
				continue
			}
			if at := press.FirstAt(wall, r.loc); len(want) == 0 || !want[len(want)-1].Equal(at) {
				want = append(want, at)
			}
		}
		var got []time.Time
		names := map[string]bool{}
		for o := r.NextOccurrence(press.FirstAt(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), r.loc).Add(-time.Nanosecond)); ; o = r.NextOccurrence(o.At) {
			if len(want) == 0 || o.At.After(want[len(want)-1]) {
				break
			}
			if names[o.Name] {
				t.Fatalf("two occurrences are named %s", o.Name)
			}
			names[o.Name] = true
			got = append(got, o.At)
		}
		if !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Fatalf("%s in %s in %d: %d instants, want %d", spec, zone, year, len(got), len(want))
		}
	})
}

// fits tells whether a wall time is one of the rule's, by its bits and not by
// the search: the two fields for days hold together where both are stars, and
// else either of them is enough that is none.
func fits(r Rule, wall time.Time) bool {
	s, has := r.walls, func(field uint64, v int) bool { return field&(1<<uint(v)) != 0 }
	const star = 1 << 63
	dom, dow := has(s.Dom, wall.Day()), has(s.Dow, int(wall.Weekday()))
	days := dom && dow
	if s.Dom&star == 0 && s.Dow&star == 0 {
		days = dom || dow
	}
	return days && has(s.Minute, wall.Minute()) && has(s.Hour, wall.Hour()) && has(s.Month, int(wall.Month()))
}

// TestNextIsBehindAndFirst takes any instant, most of them near a change.
func TestNextIsBehindAndFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rule(t, rapid.SampledFrom(someRules).Draw(t, "rule"), rapid.SampledFrom(someZones).Draw(t, "zone"))
		at := time.Unix(rapid.Int64Range(600_000_000, 3_000_000_000).Draw(t, "at"), 0)
		if _, end := at.In(r.loc).ZoneBounds(); !end.IsZero() && rapid.IntRange(0, 3).Draw(t, "near") > 0 {
			at = end.Add(time.Duration(rapid.Int64Range(-10_000, 10_000).Draw(t, "off")) * time.Second)
		}
		next := r.Next(at)
		if !next.After(at) {
			t.Fatalf("after %s comes %s", at, next)
		}
		if between := at.Add(next.Sub(at) / 2); !r.Next(between).Equal(next) {
			t.Fatalf("after %s comes %s, and after %s comes %s", at, next, between, r.Next(between))
		}
	})
}

// FuzzParse: any text is a rule or refused, and a rule always has a next time
// that it can name.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"0 9 * * MON", "TZ= ", "@every 1s", "@daily", "*/0 * * * *", "1-0 * * * *", "0 0 31 2 ?", ",,, 1 1 1 1", "5/99999999999999999999 * * * *"} {
		f.Add(s, "Europe/Berlin")
	}
	f.Add("0 9 * * MON", "../UTC")
	f.Fuzz(func(t *testing.T, spec, zone string) {
		r, err := Parse(spec, zone)
		if err != nil {
			return
		}
		from := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
		o := r.NextOccurrence(from)
		named, err := r.Named(o.Name)
		if !o.At.After(from) || err != nil || named != o {
			t.Errorf("%q in %q: %v, named %v, %v", spec, zone, o, named, err)
		}
	})
}
