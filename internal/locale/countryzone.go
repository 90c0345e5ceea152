package locale

import (
	_ "embed"
	"slices"
	"strings"
	_ "time/tzdata" // the zone database, for machines that have none of their own

	"dateline/internal/press"
)

// zoneTable is the tz database's table of the zones that each country's clocks
// have followed since 1970; in the public domain.
//
//go:embed zone1970.tab
var zoneTable string

// tableLine is one line of the table: between tabs, country codes with commas,
// coordinates, the zone and a comment.
func tableLine(line string) (codes, zone string, ok bool) {
	if strings.HasPrefix(line, "#") {
		return "", "", false
	}
	codes, rest, _ := strings.Cut(line, "\t")
	_, rest, _ = strings.Cut(rest, "\t") // the coordinates
	zone, _, _ = strings.Cut(strings.TrimSpace(rest), "\t")
	return codes, zone, zone != ""
}

// zoneNames lists the table's zones, in its order.
func zoneNames() []string {
	var zones []string
	for line := range strings.Lines(zoneTable) {
		if _, zone, ok := tableLine(line); ok {
			zones = append(zones, zone)
		}
	}
	return zones
}

// zonesOf lists the zones of a country, in the table's order.
func zonesOf(c press.Country) []string {
	var zones []string
	for line := range strings.Lines(zoneTable) {
		if codes, zone, ok := tableLine(line); ok && slices.Contains(strings.Split(codes, ","), string(c)) {
			zones = append(zones, zone)
		}
	}
	return zones
}

// SoleZone is the one zone of a country. A country that has several, or that
// the table does not know, has none that could be told without asking.
func SoleZone(c press.Country) (string, bool) {
	zones := zonesOf(c)
	if len(zones) != 1 {
		return "", false
	}
	return zones[0], true
}

// ContactZone is the zone that a contact lives by: the contact's own, else
// that of the first outlet that has one, else the one configured for the
// contact's country ("": none), else the country's sole zone. Not ok means that nobody
// has said and nothing decides it.
func ContactZone(c press.Contact, configured map[press.Country]string) (zone string, ok bool) {
	if c.Zone != "" {
		return c.Zone, true
	}
	for _, o := range c.Outlets {
		if o.Zone != "" {
			return o.Zone, true
		}
	}
	if zone, said := configured[c.Country]; said {
		return zone, zone != ""
	}
	return SoleZone(c.Country)
}
