package roster

import (
	"context"
	"fmt"
	"iter"
	"regexp"
	"strconv"
	"time"

	"dateline/internal/press"
)

// Updates is the store's contacts with when they last changed.
type Updates interface {
	ContactUpdates(ctx context.Context) (map[press.ID]time.Time, error)
	Contacts(ctx context.Context) iter.Seq2[press.Contact, error]
}

// Old is a contact whose data nobody has confirmed for long.
type Old struct {
	Contact press.Contact `json:"contact"`
	Since   press.Date    `json:"since"` // confirmed, or else last changed
}

// Stale gives the contacts whose data were confirmed, or where that was never
// said last changed, before a day.
func Stale(ctx context.Context, s Updates, before press.Date) ([]Old, error) {
	updated, err := s.ContactUpdates(ctx)
	if err != nil {
		return nil, err
	}
	var all []Old
	for c, err := range s.Contacts(ctx) {
		if err != nil {
			return nil, err
		}
		since := c.Confirmed
		if since.IsZero() {
			since = press.DateOf(updated[c.ID].UTC())
		}
		if since.Before(before) {
			all = append(all, Old{c, since})
		}
	}
	return all, nil
}

var ageForm = regexp.MustCompile(`^([1-9][0-9]{0,3})(d|w|mo|y)$`)

// DayBefore reads a span such as 18mo, and gives the day that lies so far back.
func DayBefore(span string, today press.Date) (press.Date, error) {
	parts := ageForm.FindStringSubmatch(span)
	if parts == nil {
		return press.Date{}, fmt.Errorf("%q is no span; a whole number with d, w, mo or y is wanted, such as 18mo", span)
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		return press.Date{}, err
	}
	t := today.Time()
	switch parts[2] {
	case "d":
		t = t.AddDate(0, 0, -n)
	case "w":
		t = t.AddDate(0, 0, -7*n)
	case "mo":
		t = t.AddDate(0, -n, 0)
	default:
		t = t.AddDate(-n, 0, 0)
	}
	return press.DateOf(t), nil
}
