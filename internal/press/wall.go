package press

import (
	"fmt"
	"strings"
	"time"
)

// WallTime is what a clock on the wall shows on a day, in no zone: each person
// has it at an instant of their own.
type WallTime struct {
	Date                 Date
	Hour, Minute, Second int
}

// ParseWallTime reads `2027-03-05T09:00`, seconds optional, a T or a space
// between date and time. A zone or an offset beside it is refused.
func ParseWallTime(s string) (WallTime, error) {
	const want = "a date and a time without a zone are wanted, such as 2027-03-05T09:00"
	s = strings.TrimSpace(s)
	t, err := parseWall(s)
	switch {
	case err != nil && hasOffset(s):
		return WallTime{}, fmt.Errorf("%q has an offset, and each contact has a zone of their own; %s", s, want)
	case err != nil:
		if _, isMoment := ParseMoment(s); isMoment == nil {
			return WallTime{}, fmt.Errorf("%q names a zone, and each contact has one of their own; %s", s, want)
		}
		return WallTime{}, fmt.Errorf("%q is no date with a time; %s", s, want)
	case t.Nanosecond() != 0:
		return WallTime{}, fmt.Errorf("%q has a fraction of a second; %s", s, want)
	case t.Year() < 1970 || t.Year() > 9998: // as for a Moment
		return WallTime{}, fmt.Errorf("the year of %q is outside of 1970 to 9998; %s", s, want)
	}
	return WallOf(t), nil
}

// WallOf is what a clock shows, without fractions of a second.
func WallOf(t time.Time) WallTime {
	return WallTime{Date: DateOf(t), Hour: t.Hour(), Minute: t.Minute(), Second: t.Second()}
}

// IsZero tells whether no wall time was set.
func (w WallTime) IsZero() bool { return w == WallTime{} }

// Time is the wall time as if it were UTC's, for reckoning and for FirstAt.
func (w WallTime) Time() time.Time {
	return time.Date(w.Date.Year, w.Date.Month, w.Date.Day, w.Hour, w.Minute, w.Second, 0, time.UTC)
}

// FirstIn is the instant of the wall time in a zone, as FirstAt has it.
func (w WallTime) FirstIn(loc *time.Location) time.Time { return FirstAt(w.Time(), loc) }

// String gives `2027-03-05T09:00`, with seconds where there are any.
func (w WallTime) String() string {
	if w.Second != 0 {
		return w.Time().Format("2006-01-02T15:04:05")
	}
	return w.Time().Format("2006-01-02T15:04")
}

// MarshalText gives the text form; the zero wall time has none.
func (w WallTime) MarshalText() ([]byte, error) {
	if w.IsZero() {
		return nil, nil
	}
	return []byte(w.String()), nil
}

// UnmarshalText reads the text form.
func (w *WallTime) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*w = WallTime{}
		return nil
	}
	got, err := ParseWallTime(string(b))
	*w = got
	return err
}
