package config

import (
	"maps"
	"slices"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

const holidaysFile = "holidays.yaml"

// Holiday is a day on which a country's newsrooms are thinly staffed.
type Holiday struct {
	Country press.Country
	Date    press.Date
	Name    string
}

// holidayDays is what stands for one country: a map from a date to a name.
func (r *reader) holidayDays(country press.Country, n yamlfile.Node) []Holiday {
	var days []Holiday
	for _, e := range n.Pairs() {
		date, ok := parsed(e.Key, e.Key.Text(), press.ParseDate)
		name, named := r.line(e.Value)
		if ok && named {
			days = append(days, Holiday{country, date, name})
		}
	}
	return days
}

// holidaysFile reads holidays.yaml; without one no day is one.
func (r *reader) holidaysFile(c *Config) {
	if !r.exists(holidaysFile) {
		return
	}
	n, _ := r.document(holidaysFile)
	byCountry := map[press.Country][]Holiday{}
	for _, e := range n.Pairs() {
		if country, ok := parsed(e.Key, e.Key.Text(), press.ParseCountry); ok {
			byCountry[country] = append(byCountry[country], r.holidayDays(country, e.Value)...)
		}
	}
	for _, country := range slices.Sorted(maps.Keys(byCountry)) {
		c.Holidays = append(c.Holidays, byCountry[country]...)
	}
	slices.SortStableFunc(c.Holidays, func(a, b Holiday) int { return a.Date.Time().Compare(b.Date.Time()) })
}

const referenceHolidays = `
## holidays.yaml

Days on which a country's newsrooms are thinly staffed; the console's calendar marks them. The file may be missing. It is a map from a country to a map from a date to the day's name:

    UZ:
      2027-03-08: International Women's Day
      2027-03-21: Navruz
    KZ:
      2027-03-08: International Women's Day
`
