package press

import (
	"fmt"
	"strings"
	"time"
)

// QuietHours are the hours of each day in which nothing is sent that can wait,
// in minutes since midnight: from From on, until To. Where To is earlier than
// From it is on the next day.
type QuietHours struct{ From, To int }

// ParseQuietHours reads `22:00-07:00`.
func ParseQuietHours(s string) (QuietHours, error) {
	from, to, _ := strings.Cut(strings.TrimSpace(s), "-")
	begin, err1 := time.Parse("15:04", strings.TrimSpace(from))
	end, err2 := time.Parse("15:04", strings.TrimSpace(to))
	switch {
	case err1 != nil || err2 != nil:
		return QuietHours{}, fmt.Errorf("%q are no hours; two times of day with a hyphen between them are wanted, such as 22:00-07:00", s)
	case begin.Equal(end):
		return QuietHours{}, fmt.Errorf("%q begin when they end; two different times are wanted, such as 22:00-07:00", s)
	}
	minutes := func(t time.Time) int { return t.Hour()*60 + t.Minute() }
	return QuietHours{From: minutes(begin), To: minutes(end)}, nil
}

// String gives `22:00-07:00`.
func (q QuietHours) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", q.From/60, q.From%60, q.To/60, q.To%60)
}

// After is the first instant from at on that is not within the quiet hours of
// a zone: at itself, or their end. They begin and end when the zone's clocks
// first show it, as FirstAt has it.
func (q QuietHours) After(at time.Time, loc *time.Location) time.Time {
	today := DateOf(at.In(loc)).Time()
	for day := -1; day <= 1; day++ { // in their order, since the end of one night may lie in the next
		midnight := today.AddDate(0, 0, day)
		begin := FirstAt(midnight.Add(time.Duration(q.From)*time.Minute), loc)
		if q.To < q.From {
			midnight = midnight.AddDate(0, 0, 1)
		}
		end := FirstAt(midnight.Add(time.Duration(q.To)*time.Minute), loc)
		if !at.Before(begin) && at.Before(end) {
			at = end
		}
	}
	return at
}
