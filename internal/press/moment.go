package press

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Moment is an instant with the IANA zone that it was written in. The instant
// is in UTC, to the microsecond.
type Moment struct {
	At   time.Time `json:"at"`
	Zone string    `json:"zone"`
}

// IsZero tells whether no moment was set.
func (m Moment) IsZero() bool { return m.At.IsZero() }

// Local is the instant on the clock of the moment's own zone.
func (m Moment) Local() time.Time { return In(m.At, m.Zone) }

// ParseMoment reads `2027-03-04 18:00 Asia/Tashkent`, seconds optional, a T
// or a space between date and time. A wall time that the zone skips or has
// twice is refused, as is one with an offset, without a zone, with a fraction
// of a second or outside of the years 1970 to 9998.
func ParseMoment(s string) (Moment, error) {
	const want = "a date, a time and an IANA zone are wanted, such as 2027-03-04 18:00 Asia/Tashkent"
	s = strings.TrimSpace(s)
	cut := strings.LastIndexByte(s, ' ')
	if cut < 0 || strings.IndexFunc(s[cut+1:], isLetter) != 0 {
		if _, err := parseWall(s); err == nil {
			return Moment{}, fmt.Errorf("%q names no zone; %s", s, want)
		}
		if hasOffset(s) {
			return Moment{}, fmt.Errorf("%q has an offset and no zone; %s", s, want)
		}
		return Moment{}, fmt.Errorf("%q is no instant; %s", s, want)
	}
	wall, err := parseWall(strings.TrimSpace(s[:cut]))
	if err != nil {
		return Moment{}, fmt.Errorf("%q is no instant; %s", s, want)
	}
	loc, err := LoadZone(s[cut+1:])
	if err != nil {
		return Moment{}, err
	}
	if wall.Nanosecond() != 0 {
		return Moment{}, fmt.Errorf("%q has a fraction of a second; %s", s, want)
	}
	// Zero instants mean "none" from here on, and no text form has a year above 9999.
	if wall.Year() < 1970 || wall.Year() > 9998 {
		return Moment{}, fmt.Errorf("the year of %q is outside of 1970 to 9998; %s", s, want)
	}
	at, err := OnceAt(wall, loc)
	if err != nil {
		return Moment{}, err
	}
	return Moment{At: at, Zone: loc.String()}, nil
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

func parseWall(s string) (time.Time, error) {
	for _, layout := range wallLayouts() {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("no date and time")
}

func wallLayouts() []string {
	return []string{"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02 15:04:05"}
}

// hasOffset tells a wall time with an offset from UTC, in any common spelling.
func hasOffset(s string) bool {
	for _, layout := range wallLayouts() {
		for _, offset := range []string{"Z07:00", "Z0700", "Z07", " Z07:00", " Z0700", " Z07"} {
			if _, err := time.Parse(layout+offset, s); err == nil {
				return true
			}
		}
	}
	return false
}

// OnceAt is the one instant at which the zone's clocks show the wall time
// (given in UTC). It refuses one that they never show, or show twice.
func OnceAt(wall time.Time, loc *time.Location) (time.Time, error) {
	shown := wall.Format("2006-01-02 15:04")
	switch found := instantsOf(wall, loc); len(found) {
	case 1:
		return found[0], nil
	case 0:
		return time.Time{}, fmt.Errorf("%s does not exist in %s: its clocks are put forward over it; name a time before or after the change", shown, loc)
	default:
		return time.Time{}, fmt.Errorf("%s comes twice in %s: its clocks are put back over it; name the instant in UTC, such as %s UTC", shown, loc, found[0].Format("2006-01-02 15:04"))
	}
}

// instantsOf finds every instant whose wall clock in loc shows wall, earliest
// first, by trying each offset that the zone has within a day around it.
func instantsOf(wall time.Time, loc *time.Location) []time.Time {
	var found []time.Time
	for h := -26; h <= 26; h++ {
		_, offset := wall.Add(time.Duration(h) * time.Hour).In(loc).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second)
		if !sameWall(at.In(loc), wall) {
			continue
		}
		if len(found) == 0 || !found[len(found)-1].Equal(at) {
			if len(found) == 0 || at.After(found[len(found)-1]) {
				found = append(found, at)
			}
		}
	}
	return found
}

func sameWall(a, b time.Time) bool {
	return a.Format("2006-01-02T15:04:05") == b.Format("2006-01-02T15:04:05")
}

// LoadZone finds an IANA zone by its name. "Local" and the empty name are
// refused, as is what some machines keep beside the zones, such as a link to
// their own: a release must not depend on the machine it is sent from.
func LoadZone(name string) (*time.Location, error) {
	folder, _, _ := strings.Cut(name, "/")
	switch folder {
	case "", "Local", "localtime", "posix", "posixrules", "right", "Factory":
	default:
		if loc, err := time.LoadLocation(name); err == nil {
			return loc, nil
		}
	}
	return nil, fmt.Errorf("%q is no time zone; an IANA name is wanted, such as Asia/Tashkent or Europe/Vienna", name)
}

// In shows an instant on the clock of a zone; an unknown zone shows UTC.
func In(at time.Time, zone string) time.Time {
	loc, err := LoadZone(zone)
	if err != nil {
		return at.UTC()
	}
	return at.In(loc)
}

// Date is a day of the calendar, in no zone.
type Date struct {
	Year  int        `json:"year"`
	Month time.Month `json:"month"`
	Day   int        `json:"day"`
}

// ParseDate reads `2027-03-04`.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, strings.TrimSpace(s))
	if err != nil {
		return Date{}, fmt.Errorf("%q is no date; year-month-day is wanted, such as 2027-03-04", s)
	}
	return DateOf(t), nil
}

// DateOf is the day that a clock shows.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// IsZero tells whether no date was set.
func (d Date) IsZero() bool { return d == Date{} }

// Before tells whether the day comes before another.
func (d Date) Before(other Date) bool { return d.Time().Before(other.Time()) }

// String gives `2027-03-04`.
func (d Date) String() string { return d.Time().Format(time.DateOnly) }

// Time is the day's midnight in UTC, for reckoning with days.
func (d Date) Time() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// MarshalText gives `2027-03-04`.
func (d Date) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return nil, nil
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads `2027-03-04`.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	got, err := ParseDate(string(b))
	*d = got
	return err
}
