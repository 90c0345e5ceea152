package locale

import (
	"slices"
	"strings"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

// The shapes of a date, by the key in the phrase file, and what each tells.
// The earlier day of a span has the placeholders that begin with from_.
func dateShapes() []phraseKey {
	return []phraseKey{
		{"long", []string{"day", "month", "year"}},
		{"same_month", []string{"from_day", "day", "month", "year"}},
		{"same_year", []string{"from_day", "from_month", "day", "month", "year"}},
		{"other", []string{"from_day", "from_month", "from_year", "day", "month", "year"}},
	}
}

// dateVariants are the other forms of a date's parts: the number with its
// ordinal ending, and the month as it stands where no year follows it.
func dateVariants() map[string]string {
	return map[string]string{
		"day_ordinal": "day", "year_ordinal": "year", "month_alone": "month",
		"from_day_ordinal": "from_day", "from_year_ordinal": "from_year", "from_month_alone": "from_month",
	}
}

func (l *Language) readDates(top yamlfile.Map) {
	const twelve = "the months from January to December"
	months := top.Need("months").Map("long", "alone")
	l.months = readTexts(months.Need("long"), yamlfile.Node.Line, 12, twelve)
	if alone := months.Get("alone"); alone.Present() {
		l.monthsAlone = readTexts(alone, yamlfile.Node.Line, 12, twelve)
	}
	l.readDays(top.Get("days"))
	l.readOrdinals(top.Get("ordinals"))

	var keys []string
	for _, shape := range dateShapes() {
		keys = append(keys, shape.key)
	}
	dates := top.Need("dates").Map(keys...)
	l.dates = map[string]pattern{}
	for _, shape := range dateShapes() {
		n := dates.Need(shape.key)
		p := readPattern(n, shape.placeholders, dateVariants())
		uses := func(ending string) bool {
			return slices.ContainsFunc(p.names(), func(name string) bool { return strings.HasSuffix(name, ending) })
		}
		if uses("_ordinal") && !top.Get("ordinals").Present() {
			n.Fault("an ordinal number is wanted, but the file has no endings for it", "a table `ordinals` is wanted")
		}
		if uses("_alone") && !months.Get("alone").Present() {
			n.Fault("a month that stands alone is wanted, but the file has no such forms", "a list `alone` under `months` is wanted")
		}
		l.dates[shape.key] = p
	}
}

// LongDate writes a day out: `4 March 2022`. The zero date is "".
func (l *Language) LongDate(d press.Date) string {
	if d.IsZero() {
		return ""
	}
	return l.date("long", d, d)
}

// DateRange writes a span of days out, both days included, as short as the
// language allows: `3–4 March 2022`, `30 March – 2 April 2022`. A zero or equal
// end gives the one day; an end before the beginning is turned round.
func (l *Language) DateRange(from, to press.Date) string {
	if to.IsZero() || from == to {
		return l.LongDate(from)
	}
	if to.Time().Before(from.Time()) {
		from, to = to, from
	}
	shape := "other"
	switch {
	case from.IsZero():
		return l.LongDate(to)
	case from.Year == to.Year && from.Month == to.Month:
		shape = "same_month"
	case from.Year == to.Year:
		shape = "same_year"
	}
	return l.date(shape, from, to)
}

func (l *Language) date(shape string, from, to press.Date) string {
	return l.dates[shape].fill(func(name string) string {
		d := to
		if rest, ok := strings.CutPrefix(name, "from_"); ok {
			name, d = rest, from
		}
		d = press.DateOf(d.Time()) // a day that no month has rolls over
		switch name {
		case "day":
			return l.day(d.Day)
		case "day_ordinal":
			return l.ordinal(d.Day)
		case "month":
			return l.months[d.Month-1]
		case "month_alone":
			return l.monthsAlone[d.Month-1]
		case "year_ordinal":
			return l.ordinal(d.Year)
		default:
			return l.figures(d.Year)
		}
	})
}

// readDays reads the days of the month that are not written as their number
// alone, such as the first in French.
func (l *Language) readDays(n yamlfile.Node) {
	if !n.Present() {
		return
	}
	l.days = map[int]string{}
	for _, p := range n.Pairs() {
		l.days[p.Key.Int(1, 31)] = p.Value.Line()
	}
}

func (l *Language) day(n int) string {
	if text, ok := l.days[n]; ok {
		return text
	}
	return l.figures(n)
}

func (l *Language) ordinal(n int) string { return l.figures(n) + l.ordinals[lastSpoken(n)] }

// spokenNumerals are the numerals that a number can end in when it is spoken.
func spokenNumerals() []int {
	return []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 1000}
}

// lastSpoken is the last numeral of a number when it is spoken.
func lastSpoken(n int) int {
	n = max(n, -n)
	switch {
	case n%10 != 0:
		return n % 10
	case n%100 != 0:
		return n % 100
	case n%1000 != 0:
		return 100
	default:
		return 1000
	}
}
