package recur

import (
	"fmt"
	"math/bits"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"dateline/internal/press"
)

const want = "five fields are wanted (minute, hour, day of month, month, day of week), such as 0 9 * * MON"

// Rule is when something recurs.
type Rule struct {
	walls *cron.SpecSchedule // on a clock that never changes
	loc   *time.Location
	daily bool // at most once a day
}

// Occurrence is one time that a rule has. Its Name is the day on the zone's
// clocks (2027-03-08), with the time (2027-03-08T0900) where the rule may come
// more than once a day.
type Occurrence struct {
	Name string
	At   time.Time
}

// Parse reads a rule in cron's form, in an IANA zone.
func Parse(spec, zone string) (Rule, error) {
	loc, err := press.LoadZone(zone)
	if err != nil {
		return Rule{}, err
	}
	spec = strings.TrimSpace(spec)
	if err := checkForm(spec); err != nil {
		return Rule{}, err
	}
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		return Rule{}, fmt.Errorf("%q is no rule: %w; %s", spec, err, want)
	}
	walls, ok := schedule.(*cron.SpecSchedule)
	if !ok { // a delay and no rule
		return Rule{}, fmt.Errorf("%q is no rule of days and times; %s", spec, want)
	}
	walls.Location = time.UTC // whose clocks never change
	r := Rule{walls: walls, loc: loc, daily: count(walls.Minute)*count(walls.Hour) <= 1}
	if r.nextWall(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return Rule{}, fmt.Errorf("the rule %q fits no day of any year; %s", spec, want)
	}
	return r, nil
}

// checkForm refuses what robfig/cron reads beyond a rule, and what it stumbles
// over.
func checkForm(spec string) error {
	switch {
	case strings.HasPrefix(spec, "TZ=") || strings.HasPrefix(spec, "CRON_TZ="):
		return fmt.Errorf("the rule %q names a zone; the zone goes into `zone`, such as Europe/Berlin", spec)
	case strings.HasPrefix(spec, "@every"):
		return fmt.Errorf("%q has no fixed time of day; %s", spec, want)
	case !strings.HasPrefix(spec, "@") && len(strings.Fields(spec)) == 6:
		return fmt.Errorf("the rule %q has six fields, and seconds are not read; %s", spec, want)
	}
	return nil
}

// count is how many values a field of the schedule has; the highest bit only
// says that a star stood there.
func count(field uint64) int { return bits.OnesCount64(field &^ (1 << 63)) }

// nextWall is the first wall time of the rule behind another one, or zero. The
// schedule looks five years ahead and no further; over 2100 two leap days are
// eight apart.
func (r Rule) nextWall(after time.Time) time.Time {
	for tries := 0; tries < 3 && after.Year() < 9999; tries++ {
		if w := r.walls.Next(after); !w.IsZero() {
			return w
		}
		after = after.AddDate(5, 0, 0)
	}
	return time.Time{}
}

// Next is the first instant of the rule behind another one.
func (r Rule) Next(after time.Time) time.Time { return r.NextOccurrence(after).At }

// NextOccurrence is the first occurrence behind an instant.
func (r Rule) NextOccurrence(after time.Time) Occurrence {
	// Where the clocks have been put back, wall times from here on may have
	// happened already; none before this one is still to come.
	wall := r.nextWall(press.WallOf(after.In(r.loc)).Time())
	for ; !wall.IsZero(); wall = r.nextWall(wall) {
		if at := press.FirstAt(wall, r.loc); at.After(after) {
			return r.lastAt(wall, at)
		}
	}
	return Occurrence{}
}

// lastAt is the occurrence at an instant that a wall time of the rule has: the
// last such wall time names it.
func (r Rule) lastAt(wall, at time.Time) Occurrence {
	for {
		next := r.nextWall(wall)
		if next.IsZero() || !press.FirstAt(next, r.loc).Equal(at) {
			return Occurrence{Name: r.name(wall), At: at}
		}
		wall = next
	}
}

const (
	day        = "2006-01-02"
	dayAndTime = "2006-01-02T1504"
)

func (r Rule) name(wall time.Time) string {
	if r.daily {
		return wall.Format(day)
	}
	return wall.Format(dayAndTime)
}

// Named is the occurrence of a name.
func (r Rule) Named(name string) (Occurrence, error) {
	form, like := day, "a day is wanted, such as 2027-03-08"
	if !r.daily {
		form, like = dayAndTime, "a day and a time are wanted, such as 2027-03-08T0900"
	}
	t, err := time.Parse(form, name)
	if err != nil {
		return Occurrence{}, fmt.Errorf("%q names no occurrence; %s", name, like)
	}
	wall := r.nextWall(t.Add(-time.Second))
	if wall.IsZero() || r.name(wall) != name {
		return Occurrence{}, fmt.Errorf("the rule has no occurrence %s; the next one is %s", name, r.NextOccurrence(press.FirstAt(t, r.loc)).Name)
	}
	o := r.lastAt(wall, press.FirstAt(wall, r.loc))
	if o.Name != name {
		return Occurrence{}, fmt.Errorf("%s falls together with %s, since the clocks are put forward over it; the latter is wanted", name, o.Name)
	}
	return o, nil
}
