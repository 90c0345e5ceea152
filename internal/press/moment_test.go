package press

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine that has none

	"pgregory.net/rapid"
)

func TestParseMoment(t *testing.T) {
	for in, want := range map[string]string{ // in UTC
		"2027-03-04 18:00 Asia/Tashkent":      "2027-03-04T13:00:00Z",
		"2027-03-04T18:00 Asia/Tashkent":      "2027-03-04T13:00:00Z",
		"2027-03-04 18:00:05 Asia/Tashkent":   "2027-03-04T13:00:05Z",
		"2027-03-04T18:00:05 Asia/Tashkent":   "2027-03-04T13:00:05Z",
		"  2027-03-04 18:00   Asia/Tashkent ": "2027-03-04T13:00:00Z",
		"2028-02-29 00:00 Asia/Kathmandu":     "2028-02-28T18:15:00Z",
		"2027-01-01 00:00 Pacific/Kiritimati": "2026-12-31T10:00:00Z",
		"2027-12-31 23:59 Pacific/Pago_Pago":  "2028-01-01T10:59:00Z",
		"2027-03-04 18:00 UTC":                "2027-03-04T18:00:00Z",
		"2027-03-04 18:00 Etc/UTC":            "2027-03-04T18:00:00Z",
		// The hours beside the two that Berlin's clocks skip and repeat.
		"2027-03-28 01:59:59 Europe/Berlin": "2027-03-28T00:59:59Z",
		"2027-03-28 03:00 Europe/Berlin":    "2027-03-28T01:00:00Z",
		"2027-10-31 01:59:59 Europe/Berlin": "2027-10-30T23:59:59Z",
		"2027-10-31 03:00 Europe/Berlin":    "2027-10-31T02:00:00Z",
		// Cuba's clocks change at midnight: no 00:00 in spring, two in autumn.
		"2027-03-13 23:59 America/Havana": "2027-03-14T04:59:00Z",
		"2027-03-14 01:00 America/Havana": "2027-03-14T05:00:00Z",
		"2027-11-07 01:00 America/Havana": "2027-11-07T06:00:00Z",
		// Egypt's spring change is at midnight, its autumn one an hour before it ends a day.
		"2024-04-26 01:00 Africa/Cairo": "2024-04-25T22:00:00Z",
		"2024-10-31 22:59 Africa/Cairo": "2024-10-31T19:59:00Z",
		"2024-11-01 00:00 Africa/Cairo": "2024-10-31T22:00:00Z",
		// Half an hour, and a change of offset without summer time.
		"2027-04-04 01:29 Australia/Lord_Howe": "2027-04-03T14:29:00Z",
		"2024-03-01 00:30 Asia/Qyzylorda":      "2024-02-29T19:30:00Z",
	} {
		m, err := ParseMoment(in)
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		if got := m.At.Format(time.RFC3339Nano); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
		fields := strings.Fields(in)
		if zone := fields[len(fields)-1]; m.Zone != zone || m.Local().Location().String() != zone {
			t.Errorf("%q: the zone is %q", in, m.Zone)
		}
		if m.At.Location() != time.UTC || m.IsZero() {
			t.Errorf("%q: %v is not in UTC, or zero", in, m.At)
		}
	}
}

func TestParseMomentRefuses(t *testing.T) {
	for in, want := range map[string]string{ // a part of the error
		"":                                      "is no instant",
		"soon":                                  "is no instant",
		"lift Asia/Tashkent":                    "is no instant",
		"2027-03-04":                            "is no instant",
		"2027-03-04 Asia/Tashkent":              "is no instant",
		"18:00 Asia/Tashkent":                   "is no instant",
		"04.03.2027 18:00 Asia/Tashkent":        "is no instant",
		"2027-03-04 6:00pm Asia/Tashkent":       "is no instant",
		"2027-02-29 18:00 Asia/Tashkent":        "is no instant",
		"2027-13-01 18:00 Asia/Tashkent":        "is no instant",
		"2027-03-04 24:00 Asia/Tashkent":        "is no instant",
		"2027-03-04 18:60 Asia/Tashkent":        "is no instant",
		"2027-03-04 18:00:60 Asia/Tashkent":     "is no instant",
		"2027-03-04\x0018:00 Asia/Tashkent":     "is no instant",
		"2027-03-04 18:00\r\nAsia/Tashkent":     "is no instant",
		"2027-03-04 18:00+05:00 Asia/Tashkent":  "is no instant",
		"2027-03-04 18:00":                      "names no zone",
		"2027-03-04T18:00:05":                   "names no zone",
		"2027-03-04 18:00+05:00":                "an offset and no zone",
		"2027-03-04 18:00 +05:00":               "an offset and no zone",
		"2027-03-04 18:00 +0500":                "an offset and no zone",
		"2027-03-04T18:00:00+05":                "an offset and no zone",
		"2027-03-04T18:00:00-05:00":             "an offset and no zone",
		"2027-03-04T18:00Z":                     "an offset and no zone",
		"2027-03-04T18:00:00Z":                  "an offset and no zone",
		"2027-03-04 18:00 Z":                    `"Z" is no time zone`,
		"2027-03-04 18:00 Local":                `"Local" is no time zone`,
		"2027-03-04 18:00 Asia":                 "is no time zone",
		"2027-03-04 18:00 Asia/Taschkent":       "is no time zone",
		"2027-03-04 18:00 Asia/Tashkent\x00":    "is no time zone",
		"2027-03-04 18:00 Asia/../UTC":          "is no time zone",
		"2027-03-04 18:00 localtime":            "is no time zone", // of the machine, on Debian
		"2027-03-04 18:00 posixrules":           "is no time zone",
		"2027-03-04 18:00 right/Europe/Berlin":  "is no time zone", // counts leap seconds
		"2027-03-04 18:00 posix/Europe/Berlin":  "is no time zone",
		"2027-03-04 18:00 Factory":              "is no time zone",
		"2027-03-04 18:00:05.5 Asia/Tashkent":   "fraction of a second",
		"2027-03-04 18:00:05,25 Asia/Tashkent":  "fraction of a second",
		"0001-01-01 00:00 UTC":                  "outside of 1970 to 9998",
		"1969-12-31 23:59 UTC":                  "outside of 1970 to 9998",
		"9999-12-31 23:59 America/New_York":     "outside of 1970 to 9998",
		"2027-03-28 02:00 Europe/Berlin":        "2027-03-28 02:00 does not exist in Europe/Berlin",
		"2027-03-28 02:59:59 Europe/Berlin":     "does not exist",
		"2027-10-31 02:00 Europe/Berlin":        "comes twice in Europe/Berlin: its clocks are put back over it; name the instant in UTC, such as 2027-10-31 00:00 UTC",
		"2027-10-31 02:59:59 Europe/Berlin":     "comes twice",
		"2027-03-14 00:00 America/Havana":       "does not exist",
		"2027-11-07 00:00 America/Havana":       "comes twice",
		"2024-04-26 00:00 Africa/Cairo":         "does not exist",
		"2024-10-31 23:30 Africa/Cairo":         "comes twice",
		"2027-04-04 01:45 Australia/Lord_Howe":  "comes twice",
		"2027-10-03 02:15 Australia/Lord_Howe":  "does not exist",
		"2024-02-29 23:30 Asia/Almaty":          "comes twice", // Kazakhstan went to one zone
		"2011-12-30 12:00 Pacific/Apia":         "does not exist",
		"1972-01-07 00:30 Africa/Monrovia":      "does not exist", // by 44 minutes 30 seconds
		"2027-03-04 18:00 Asia/Tashkent please": "is no instant",
	} {
		m, err := ParseMoment(in)
		if err == nil || !strings.Contains(err.Error(), want) || m != (Moment{}) {
			t.Errorf("%q: %v, %v; want %q", in, m, err, want)
		}
	}
}

// zonesToTry have all the ways in which clocks have been changed.
var zonesToTry = []string{
	"UTC", "Asia/Tashkent", "Asia/Almaty", "Asia/Qyzylorda", "Asia/Bishkek", "Asia/Ashgabat", "Asia/Tehran", "Asia/Gaza", "Asia/Pyongyang",
	"Europe/Berlin", "Europe/Vienna", "Europe/Moscow", "Europe/London", "Europe/Dublin", "Europe/Istanbul", "America/New_York", "America/Havana",
	"America/Caracas", "America/Nuuk", "America/Santiago", "America/St_Johns", "Africa/Cairo", "Africa/Casablanca", "Africa/Juba", "Africa/Monrovia",
	"Antarctica/Troll", "Antarctica/Casey", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kwajalein", "Pacific/Chatham", "Pacific/Kiritimati",
}

// anInstant draws a zone and an instant of whole seconds, half of them near a
// change of the zone's clocks.
func anInstant(t *rapid.T) (time.Time, *time.Location) {
	loc, err := LoadZone(rapid.SampledFrom(zonesToTry).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	// To 2035: past 2037 time.ZoneBounds errs on the last day of a leap year.
	at := time.Unix(rapid.Int64Range(3*86400, 2_080_000_000).Draw(t, "at"), 0)
	if rapid.Bool().Draw(t, "near a change") {
		if _, end := at.In(loc).ZoneBounds(); !end.IsZero() {
			at = end.Add(time.Duration(rapid.Int64Range(-100_000, 100_000).Draw(t, "off")) * time.Second)
		}
	}
	return at, loc
}

// instantsByBounds finds the instants of a wall time in another way than the
// code: in each period between two changes of the clocks it looks for the one.
func instantsByBounds(wall time.Time, loc *time.Location) []time.Time {
	var found []time.Time
	for at := wall.Add(-50 * time.Hour); at.Before(wall.Add(50 * time.Hour)); {
		start, end := at.In(loc).ZoneBounds()
		_, offset := at.In(loc).Zone()
		candidate := wall.Add(-time.Duration(offset) * time.Second)
		if !candidate.Before(start) && (end.IsZero() || candidate.Before(end)) {
			found = append(found, candidate)
		}
		if end.IsZero() {
			break
		}
		at = end
	}
	return found
}

// wallOf is what the zone's clocks show, as OnceAt wants it.
func wallOf(at time.Time, loc *time.Location) time.Time {
	l := at.In(loc)
	return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), l.Nanosecond(), time.UTC)
}

// TestOnceAtGivesBackEveryInstant: the wall time of any instant gives that
// instant, or is refused because another instant shows it too.
func TestOnceAtGivesBackEveryInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at, loc := anInstant(t)
		wall := wallOf(at, loc)
		got, err := OnceAt(wall, loc)
		switch all := instantsByBounds(wall, loc); {
		case err == nil && !got.Equal(at):
			t.Fatalf("%s shows %s at %s and at %s", loc, wall, at, got)
		case err == nil && len(all) != 1:
			t.Fatalf("%s in %s comes at %v, and was not refused", wall, loc, all)
		case err != nil && (len(all) < 2 || !strings.Contains(err.Error(), "comes twice")):
			t.Fatalf("%s in %s comes at %v: %v", wall, loc, all, err)
		}
		m, parseErr := ParseMoment(wall.Format("2006-01-02 15:04:05 ") + loc.String())
		if (parseErr == nil) != (err == nil) || err == nil && !m.At.Equal(at) {
			t.Fatalf("ParseMoment gives %v, %v; OnceAt %v, %v", m, parseErr, got, err)
		}
	})
}

// TestOnceAtAgreesOnEveryWallTime takes walls that no clock may ever show.
func TestOnceAtAgreesOnEveryWallTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at, loc := anInstant(t)
		wall := at.UTC()
		want := instantsByBounds(wall, loc)
		if got := instantsOf(wall, loc); !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Fatalf("%s in %s: %v, want %v", wall, loc, got, want)
		}
		got, err := OnceAt(wall, loc)
		if (err == nil) != (len(want) == 1) || err == nil && !got.Equal(want[0]) {
			t.Fatalf("%s in %s: %v, %v; want one of %v", wall, loc, got, err, want)
		}
		if len(want) == 0 && !strings.Contains(err.Error(), "does not exist") {
			t.Fatal(err)
		}
	})
}

// TestAdviceForDoubleTimesHolds: what the error proposes is accepted, and is
// one of the instants that were meant.
func TestAdviceForDoubleTimesHolds(t *testing.T) {
	_, err := ParseMoment("2027-10-31 02:30 Europe/Berlin")
	if err == nil {
		t.Fatal("a double time was accepted")
	}
	_, advice, _ := strings.Cut(err.Error(), "such as ")
	m, err := ParseMoment(advice)
	if err != nil || In(m.At, "Europe/Berlin").Format("15:04") != "02:30" {
		t.Errorf("%q: %v, %v", advice, m, err)
	}
}

func TestIn(t *testing.T) {
	at := time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)
	for zone, want := range map[string]string{"Asia/Tashkent": "18:00", "America/New_York": "08:00", "": "13:00", "Local": "13:00", "Nowhere/Land": "13:00"} {
		if got := In(at, zone).Format("15:04"); got != want {
			t.Errorf("%q: %s, want %s", zone, got, want)
		}
	}
	if !(Moment{}).IsZero() {
		t.Error("no moment is one")
	}
}

func TestDate(t *testing.T) {
	for in, want := range map[string]Date{
		"2027-03-04":     {2027, time.March, 4},
		"\t2028-02-29\t": {2028, time.February, 29},
		"2027-12-31\n":   {2027, time.December, 31},
	} {
		d, err := ParseDate(in)
		if err != nil || d != want || d.String() != strings.TrimSpace(in) || d.IsZero() {
			t.Errorf("%q: %v, %v", in, d, err)
		}
		if DateOf(d.Time()) != d || d.Time().Location() != time.UTC {
			t.Errorf("%q: its midnight is %v", in, d.Time())
		}
	}
	for _, in := range []string{"", "2027-3-4", "2027-02-29", "2027-13-01", "2027-00-01", "04.03.2027", "2027-03-04T00:00", "2027-03-04 x", "２０２７-03-04", "2027-03-04\x00"} {
		if d, err := ParseDate(in); err == nil || !d.IsZero() || !strings.Contains(err.Error(), "such as 2027-03-04") {
			t.Errorf("%q: %v, %v", in, d, err)
		}
	}
	// A day is the one that the clock at hand shows.
	if d := DateOf(In(time.Date(2027, 3, 4, 20, 0, 0, 0, time.UTC), "Asia/Tashkent")); d != (Date{2027, time.March, 5}) {
		t.Errorf("in Tashkent it is %s", d)
	}
}

func TestDateAsText(t *testing.T) {
	type agreed struct {
		On  Date `json:"on,omitzero"`
		Too Date `json:"too"`
	}
	for text, want := range map[string]agreed{
		`{"on":"2027-03-04","too":"2028-02-29"}`: {Date{2027, time.March, 4}, Date{2028, time.February, 29}},
		`{"too":""}`:                             {},
	} {
		var got agreed
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
		if back, err := json.Marshal(want); err != nil || string(back) != text {
			t.Errorf("%v: %s, %v", want, back, err)
		}
	}
	if err := json.Unmarshal([]byte(`{"on":"2027-02-30"}`), &agreed{}); err == nil {
		t.Error("30 February was read")
	}
}
