package press

import (
	"sort"
	"time"
)

// FirstAt is the first instant at which the zone's clocks show the wall time
// (given in UTC, in whole seconds) or a later one: of a wall time that comes
// twice the first, and of one that the zone skips the first instant after the
// gap. A later wall time never has an earlier instant.
//
// It walks by the hour and looks for changes of the offset, since the bounds
// that time.ZoneBounds gives are wrong on the last day of a leap year.
func FirstAt(wall time.Time, loc *time.Location) time.Time {
	at := wall.Add(-16 * time.Hour) // no zone was ever further ahead, so its clocks show less
	for {
		offset := offsetAt(at, loc)
		missing := wall.Sub(at) - offset
		step := min(missing, time.Hour)
		if after := offsetAt(at.Add(step), loc); after == offset {
			if at = at.Add(step); step == missing {
				return at.UTC()
			}
			continue
		}
		seconds := sort.Search(int(step/time.Second), func(s int) bool {
			return offsetAt(at.Add(time.Duration(s)*time.Second), loc) != offset
		})
		change := time.Duration(seconds) * time.Second
		if missing < change {
			return at.Add(missing).UTC()
		}
		at = at.Add(change)
		if wall.Sub(at) <= offsetAt(at, loc) { // put forward over it, or just to it
			return at.UTC()
		}
	}
}

func offsetAt(at time.Time, loc *time.Location) time.Duration {
	_, offset := at.In(loc).Zone()
	return time.Duration(offset) * time.Second
}
