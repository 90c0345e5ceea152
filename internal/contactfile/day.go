package contactfile

import (
	"fmt"
	"regexp"

	"dateline/internal/press"
)

// parseDate reads a day as people and spreadsheets write it: 2026-11-30, with a
// time behind it or not, 20261130, 30.11.2026, and 30/11/2026 where the order
// of day and month cannot be mistaken.
func parseDate(s string) (press.Date, error) {
	d, err := press.ParseDate(isoDay(s))
	if err != nil {
		return press.Date{}, fmt.Errorf("%s is no date; year-month-day is wanted, such as 2027-03-04", short(s))
	}
	if d.Year < 1900 {
		return press.Date{}, fmt.Errorf("%s is too long ago; year-month-day is wanted, such as 2027-03-04", short(s))
	}
	return d, nil
}

var (
	dottedDay  = regexp.MustCompile(`^(\d{1,2})\.(\d{1,2})\.(\d{4})$`)
	slashedDay = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})/(\d{4})$`)
	packedDay  = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`)
	timedDay   = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2}|\d{8})[T ]\d{2}:?\d{2}`)
)

// isoDay gives a day in the order year, month, day; what it does not know it
// leaves alone.
func isoDay(s string) string {
	if m := timedDay.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	if m := packedDay.FindStringSubmatch(s); m != nil {
		return m[1] + "-" + m[2] + "-" + m[3]
	}
	two := func(s string) string { return fmt.Sprintf("%02s", s) }
	if m := dottedDay.FindStringSubmatch(s); m != nil {
		return m[3] + "-" + two(m[2]) + "-" + two(m[1])
	}
	if m := slashedDay.FindStringSubmatch(s); m != nil {
		switch first, second := two(m[1]), two(m[2]); {
		case first > "12":
			return m[3] + "-" + second + "-" + first
		case second > "12":
			return m[3] + "-" + first + "-" + second
		}
	}
	return s
}
