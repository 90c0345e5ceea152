package press

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestWallTimes(t *testing.T) {
	for in, want := range map[string]string{
		"2027-03-05T09:00":       "2027-03-05T09:00",
		" 2027-03-05 09:00 ":     "2027-03-05T09:00",
		"2028-02-29T00:00:05":    "2028-02-29T00:00:05",
		"2027-03-05T23:59:00":    "2027-03-05T23:59",
		"2027-03-28 02:30":       "2027-03-28T02:30", // a wall time is in no zone's gap
		"1970-01-01T00:00":       "1970-01-01T00:00",
		"9998-12-31 23:59:59":    "9998-12-31T23:59:59",
		"2027-03-05T09:00:00":    "2027-03-05T09:00",
		"\t2027-12-31T12:30\r\n": "2027-12-31T12:30",
	} {
		w, err := ParseWallTime(in)
		if err != nil || w.String() != want || w.IsZero() {
			t.Errorf("%q: %s, %v", in, w, err)
		}
	}
	for in, want := range map[string]string{
		"":                               "is no date with a time",
		"09:00":                          "is no date with a time",
		"2027-03-05":                     "is no date with a time",
		"2027-02-29T09:00":               "is no date with a time",
		"2027-03-05T24:00":               "is no date with a time",
		"2027-03-05T09:00 Asia/Tashkent": "names a zone",
		"2027-03-05T09:00Z":              "has an offset",
		"2027-03-05 09:00 +05:00":        "has an offset",
		"2027-03-05T09:00:00.5":          "fraction of a second",
		"1969-12-31T09:00":               "outside of 1970 to 9998",
	} {
		if w, err := ParseWallTime(in); err == nil || !strings.Contains(err.Error(), want) || !w.IsZero() {
			t.Errorf("%q: %s, %v; want %q", in, w, err, want)
		}
	}
}

func TestScheduleAsJSON(t *testing.T) {
	for want, s := range map[string]Schedule{
		`{}`:                           {},
		`{"local":"2027-03-05T09:00"}`: {Local: WallTime{Date: Date{2027, time.March, 5}, Hour: 9}},
		`{"before":60000000000}`:       {Before: time.Minute},
	} {
		b, err := json.Marshal(s)
		if err != nil || string(b) != want {
			t.Errorf("%s, %v; want %s", b, err, want)
		}
		var back Schedule
		if err := json.Unmarshal(b, &back); err != nil || back != s {
			t.Errorf("%s comes back as %+v, %v", b, back, err)
		}
	}
}

func TestQuietHoursAfter(t *testing.T) {
	for _, c := range []struct{ hours, zone, at, want string }{
		{"22:00-07:00", "Asia/Tashkent", "2027-03-04T16:59:59Z", "2027-03-04T16:59:59Z"},
		{"22:00-07:00", "Asia/Tashkent", "2027-03-04T17:00:00Z", "2027-03-05T02:00:00Z"},
		{"22:00-07:00", "Asia/Tashkent", "2027-03-04T23:00:00Z", "2027-03-05T02:00:00Z"},
		{"22:00-07:00", "Asia/Tashkent", "2027-03-05T01:59:59Z", "2027-03-05T02:00:00Z"},
		{"22:00-07:00", "Asia/Tashkent", "2027-03-05T02:00:00Z", "2027-03-05T02:00:00Z"},
		{"12:30-13:30", "Asia/Tashkent", "2027-03-05T08:00:00Z", "2027-03-05T08:30:00Z"},
		{"00:00-06:00", "Asia/Tashkent", "2027-03-04T19:00:00Z", "2027-03-05T01:00:00Z"},
		{"22:00-07:00", "Europe/Berlin", "2027-03-28T00:30:00Z", "2027-03-28T05:00:00Z"}, // a night of eight hours
		{"22:00-07:00", "Europe/Berlin", "2027-10-31T00:30:00Z", "2027-10-31T06:00:00Z"}, // and of ten
		{"22:00-02:30", "Europe/Berlin", "2027-03-28T00:59:00Z", "2027-03-28T01:00:00Z"}, // their end is skipped
		{"22:00-02:30", "Europe/Berlin", "2027-10-31T01:10:00Z", "2027-10-31T01:10:00Z"}, // they have ended the first time
		{"02:30-07:00", "Europe/Berlin", "2027-03-28T01:00:00Z", "2027-03-28T05:00:00Z"}, // their beginning is skipped
		{"00:15-08:00", "America/Santiago", "2027-09-05T04:05:00Z", "2027-09-05T11:00:00Z"},
	} {
		q, err := ParseQuietHours(c.hours)
		if err != nil || q.String() != c.hours {
			t.Fatalf("%s: %s, %v", c.hours, q, err)
		}
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := q.After(at, In(at, c.zone).Location()).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%s in %s at %s: %s, want %s", c.hours, c.zone, c.at, got, c.want)
		}
	}
}

// TestQuietHoursEnd: what they give is no earlier, at most a day later, and not
// within them any more.
func TestQuietHoursEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at, loc := anInstant(t)
		q := QuietHours{From: rapid.IntRange(0, 1439).Draw(t, "from"), To: rapid.IntRange(0, 1439).Draw(t, "to")}
		if (q.From-q.To+1440)%1440 < 180 || q.From == q.To {
			return // what a change of clocks may leave nothing of
		}
		got := q.After(at, loc)
		if got.Before(at) || got.Sub(at) > 50*time.Hour {
			t.Fatalf("%s in %s: %s gives %s", q, loc, at, got)
		}
		if again := q.After(got, loc); !again.Equal(got) {
			t.Fatalf("%s in %s: %s gives %s, and that %s", q, loc, at, got, again)
		}
	})
}

func TestOccurrenceSlugs(t *testing.T) {
	for _, s := range []string{"advisory@2027-03-08", "water-2027@2027-03-08T0900"} {
		release, occurrence := SplitOccurrence(s)
		if err := CheckOccurrence(s); err != nil || OccurrenceSlug(release, occurrence) != s || CheckSlug(release) != nil {
			t.Errorf("%s: %q, %q, %v", s, release, occurrence, err)
		}
		if CheckSlug(s) == nil {
			t.Errorf("%s may be the name of a folder", s)
		}
	}
	for _, s := range []string{"", "advisory", "advisory@", "@2027-03-08", "advisory@2027-3-8", "advisory@2027-03-08T09:00", "advisory@2027-03-08@2027-03-08", "../x@2027-03-08", "advisory@2027-03-08\n"} {
		if err := CheckOccurrence(s); err == nil || !strings.Contains(err.Error(), "such as advisory@2027-03-08") {
			t.Errorf("%q: %v", s, err)
		}
	}
	if release, occurrence := SplitOccurrence("advisory"); release != "advisory" || occurrence != "" {
		t.Errorf("no occurrence: %q, %q", release, occurrence)
	}
}

func TestParseDomain(t *testing.T) {
	for in, want := range map[string]string{"Mail.RU": "mail.ru", "bk.ru\n": "bk.ru", "почта.рф": "xn--80a1acny.xn--p1ai"} {
		if got, err := ParseDomain(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "mail", "@mail.ru", "a@mail.ru", "mail..ru", "mail.ru.", "127.0.0.1", "ma il.ru"} {
		if got, err := ParseDomain(in); err == nil || got != "" || !strings.Contains(err.Error(), "such as mail.ru") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

// FuzzWalls: what is read as a wall time or as quiet hours is given back as the
// same, and lies within a day.
func FuzzWalls(f *testing.F) {
	for _, s := range []string{"2027-03-05T09:00", "22:00-07:00", "2027-03-05 09:00 +05", "9:5-7:00", "-", "22:00-07:00-", "２２:00-07:00", "T"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if w, err := ParseWallTime(s); err == nil {
			if again, err := ParseWallTime(w.String()); err != nil || again != w {
				t.Errorf("%q is read as %s, and that as %s, %v", s, w, again, err)
			}
		}
		if q, err := ParseQuietHours(s); err == nil {
			if again, err := ParseQuietHours(q.String()); err != nil || again != q || q.From == q.To || max(q.From, q.To) >= 1440 || min(q.From, q.To) < 0 {
				t.Errorf("%q are read as %s, and those as %s, %v", s, q, again, err)
			}
		}
	})
}
