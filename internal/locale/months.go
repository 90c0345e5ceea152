package locale

import (
	"maps"
	"slices"
)

// Months gives the names of the twelve months as they stand in a date, and as
// they stand alone; the latter are none where the language has no such form.
func (l *Language) Months() (inDate, alone []string) {
	return slices.Clone(l.months), slices.Clone(l.monthsAlone)
}

// Zones gives the cities by which the language names zones, by the zone.
func (l *Language) Zones() map[string]string { return maps.Clone(l.zones) }
