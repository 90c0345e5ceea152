package locale

import (
	"fmt"
	"strings"
	"time"
)

// Clock writes the time that the clocks of t's own location show, in 24 hours
// and without seconds: `18:00`.
func (l *Language) Clock(t time.Time) string {
	return l.clock.fill(func(name string) string {
		if name == "hour" {
			return l.own(fmt.Sprintf("%02d", t.Hour()))
		}
		return l.own(fmt.Sprintf("%02d", t.Minute()))
	})
}

// Offset writes how far the clocks of t's own location are from UTC at t:
// `UTC+5`, `UTC+5:30`, `UTC−4` (with a minus sign, U+2212), `UTC`. Seconds,
// which no zone of today has, are left out.
func (l *Language) Offset(t time.Time) string {
	_, seconds := t.Zone()
	minutes := seconds / 60
	if minutes == 0 {
		return "UTC"
	}
	sign := "+"
	if minutes < 0 {
		sign, minutes = "−", -minutes
	}
	if minutes%60 == 0 {
		return l.own(fmt.Sprintf("UTC%s%d", sign, minutes/60))
	}
	return l.own(fmt.Sprintf("UTC%s%d:%02d", sign, minutes/60, minutes%60))
}

// ZoneCity names the city of an IANA zone: as the phrase file has it, else the
// last part of the zone's name.
func (l *Language) ZoneCity(zone string) string {
	if city, ok := l.zones[zone]; ok {
		return city
	}
	return strings.ReplaceAll(zone[strings.LastIndexByte(zone, '/')+1:], "_", " ")
}
