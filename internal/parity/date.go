package parity

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// dateSpan is a date in a passage; what it does not say is 0.
type dateSpan struct {
	year, month, day int
	from, to         int
}

func (d dateSpan) key() string { return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day) }

// figures are dates that are written without a month's name. One with strokes
// is left alone: what is the month in it depends on the country.
type figures struct {
	form             *regexp.Regexp
	year, month, day int // the groups of the form
	until            int // that of the last day of a span; 0 where the form has none
}

var (
	dateOfISO     = regexp.MustCompile(`^(\p{Nd}{4})-(\p{Nd}{2})-(\p{Nd}{2})`)
	dateOfPoints  = regexp.MustCompile(`^(\p{Nd}{1,2})\.(\p{Nd}{1,2})\.(\p{Nd}{4})`)
	dateOfChinese = regexp.MustCompile(`^(\p{Nd}{4})\s?年\s?(\p{Nd}{1,2})\s?月(?:\s?(\p{Nd}{1,2})(?:\s?[–—~至-]\s?(\p{Nd}{1,2}))?\s?日)?`)
	dayOfChinese  = regexp.MustCompile(`^()(\p{Nd}{1,2})\s?月\s?(\p{Nd}{1,2})\s?日`)
	dateOfKorean  = regexp.MustCompile(`^(\p{Nd}{4})\s?년\s?(\p{Nd}{1,2})\s?월(?:\s?(\p{Nd}{1,2})\s?일)?`)
	dayOfKorean   = regexp.MustCompile(`^()(\p{Nd}{1,2})\s?월\s?(\p{Nd}{1,2})\s?일`)
)

// figureForms lists the dates in figures that are read.
func figureForms() []figures {
	return []figures{
		{dateOfISO, 1, 2, 3, 0},
		{dateOfPoints, 3, 2, 1, 0},
		{dateOfChinese, 1, 2, 3, 4},
		{dayOfChinese, 1, 2, 3, 0},
		{dateOfKorean, 1, 2, 3, 0},
		{dayOfKorean, 1, 2, 3, 0},
	}
}

// readDates reads the dates of a passage.
func (e *edition) readDates(p *passage, m months) {
	if !strings.ContainsFunc(p.text, isDigit) {
		return
	}
	forms := figureForms()
	figuresAt(p.text, func(from int, rest string) {
		for _, f := range forms {
			found := readFigures(p, f, from, f.form.FindStringSubmatch(rest))
			for _, d := range found {
				e.addDate(p, d)
			}
			if len(found) > 0 {
				return
			}
		}
	})
	words := p.words()
	var found []dateSpan
	for i, w := range words {
		if w.number || !numberNear(words, i) {
			continue
		}
		month := m.of(p.text[w.from:w.to])
		if month == 0 || !p.free(w.from, w.to) {
			continue
		}
		found = append(found, dateAround(p.text, words, i, month, m.year)...)
	}
	shareYears(p.text, found)
	for _, d := range found {
		e.addDate(p, d)
	}
	slices.SortStableFunc(p.dates, func(a, b dateSpan) int { return cmp.Compare(a.from, b.from) })
}

// numberNear tells whether a number stands so near to a word that it may be the
// day or the year of a month.
func numberNear(words []word, i int) bool {
	for _, w := range words[max(i-4, 0):min(i+4, len(words))] {
		if w.number {
			return true
		}
	}
	return false
}

// shareYears gives a date that is one end of a span the year of the other, such
// as the first of "from 30 March to 2 April 2022".
func shareYears(text string, dates []dateSpan) {
	for i := 1; i < len(dates); i++ {
		a, b := &dates[i-1], &dates[i]
		if a.to > b.from || a.day == 0 || b.day == 0 {
			continue
		}
		gap := text[a.to:b.from]
		if len(gap) > 12 || strings.ContainsAny(gap, ",،、.;؛:()") {
			continue
		}
		if a.year == 0 && b.month >= a.month {
			a.year = b.year
		}
		if b.year == 0 && b.month >= a.month {
			b.year = a.year
		}
	}
}

// readFigures reads the date in what a form has found, or the two ends of a span
// of days.
func readFigures(p *passage, f figures, from int, parts []string) []dateSpan {
	if parts == nil {
		return nil
	}
	group := func(n int) int {
		if parts[n] == "" {
			return 0
		}
		return valueOf(parts[n])
	}
	d := dateSpan{group(f.year), group(f.month), group(f.day), from, from + len(parts[0])}
	after, _ := utf8.DecodeRuneInString(p.text[d.to:])
	if d.month > 12 || d.month < 1 || d.day > 31 || isDigit(after) || !p.free(d.from, d.to) {
		return nil
	}
	if until := d; f.until > 0 && group(f.until) > d.day && group(f.until) <= 31 {
		until.day = group(f.until)
		return []dateSpan{d, until}
	}
	return []dateSpan{d}
}

func (e *edition) addDate(p *passage, d dateSpan) {
	p.take(d.from, d.to)
	p.dates = append(p.dates, d)
	if p.kind != "subject" {
		e.dates = append(e.dates, mention{key: d.key(), shown: p.text[d.from:d.to], passage: p, at: d.from})
	}
}

// dateAround reads the date, or the span of dates, that a month's name is part
// of. There is none where it has neither a day nor a year.
func dateAround(text string, words []word, month, number int, yearFirst bool) []dateSpan {
	d := dateSpan{month: number, from: words[month].from, to: words[month].to}
	first, last := month, month // the words that the date is made of
	earlier := 0
	if i := dayBefore(text, words, month); i >= 0 {
		d.day, d.from, first = words[i].value, words[i].from, i
		if j := earlierDay(text, words, i); j >= 0 {
			earlier, first, d.from = words[j].value, j, words[j].from
		}
	} else if i := month + 1; i < len(words) && isDay(words[i]) && gapIs(text, words, i, " \u00a0") && !yearFirst {
		d.day, d.to, last = words[i].value, words[i].to, i
		if j := i + 1; j < len(words) && isDay(words[j]) && dashed(text, words, j) {
			earlier, d.day, d.to, last = d.day, words[j].value, words[j].to, j
		}
	}
	if i := yearBefore(text, words, first); i >= 0 && yearFirst {
		d.year, d.from = words[i].value, words[i].from
	} else if i := yearBehind(text, words, last); i >= 0 && (!yearFirst || !strings.Contains(text[d.to:words[i].from], ",")) {
		d.year, d.to = words[i].value, words[i].to
	}
	if d.day == 0 && d.year == 0 {
		return nil
	}
	if earlier > 0 {
		other := d
		other.day = earlier
		return []dateSpan{other, d}
	}
	return []dateSpan{d}
}

func isDay(w word) bool { return w.number && w.value >= 1 && w.value <= 31 && w.to-w.from <= 4 }

func isYear(w word) bool { return w.number && w.value >= 1900 && w.value <= 2100 }

// gapIs tells whether between a word and the one before it stand only certain
// characters, and not nothing.
func gapIs(text string, words []word, i int, allowed string) bool {
	gap := text[words[i-1].to:words[i].from]
	return gap != "" && len(gap) <= 4 && strings.Trim(gap, allowed) == ""
}

// dashed tells whether a dash stands between a word and the one before it.
func dashed(text string, words []word, i int) bool {
	gap := text[words[i-1].to:words[i].from]
	return len(gap) <= 6 && strings.ContainsAny(gap, "–—-") && strings.Trim(gap, " \u00a0–—-.") == ""
}

// earlierDay finds the day that stands before another of the same month: "3–4
// March", "14-nji we 15-nji mart".
func earlierDay(text string, words []word, i int) int {
	j := i - 1
	if j > 0 && isAnd(text[words[j].from:words[j].to]) {
		j--
	} else if j < 0 || !dashed(text, words, i) {
		return -1
	}
	if j > 0 && glued(text, words, j) {
		j--
	}
	if isDay(words[j]) && words[j].value < words[i].value {
		return j
	}
	return -1
}

// isAnd tells a word for "and".
func isAnd(word string) bool {
	return slices.Contains([]string{"and", "и", "і", "й", "та", "және", "жана", "ва", "va", "we", "et", "und", "y", "ve", "و"}, strings.ToLower(word))
}

// glued tells a number's own ending, such as the "nji" of "4-nji".
func glued(text string, words []word, i int) bool {
	if i < 1 || words[i].number || !words[i-1].number {
		return false
	}
	gap := text[words[i-1].to:words[i].from]
	return gap == "" || gap == "-" || gap == "‑"
}

// dayBefore finds the day before a month's name.
func dayBefore(text string, words []word, month int) int {
	i := month - 1
	if i < 0 || !gapIs(text, words, month, " \u00a0-‑.") && text[words[i].to:words[month].from] != "" {
		return -1
	}
	if strings.Contains(text[words[i].to:words[month].from], ".") && !words[i].number {
		return -1
	}
	if i > 0 && dayLink(text[words[i].from:words[i].to]) && gapIs(text, words, i, " \u00a0") {
		i--
	}
	if i > 0 && glued(text, words, i) {
		i--
	}
	if isDay(words[i]) {
		return i
	}
	return -1
}

// dayLink tells the words that stand between a day and its month.
func dayLink(word string) bool {
	switch strings.ToLower(word) {
	case "de", "of", "di", "do":
		return true
	}
	return false
}

// yearBehind finds the year behind a month or a day, at most a short word away:
// "марти соли 2022", "marzo de 2022", "March 4, 2022".
func yearBehind(text string, words []word, last int) int {
	i := last + 1
	if i < len(words) && glued(text, words, i) && words[last].number {
		i++
	}
	if i < len(words) && !words[i].number && utf8.RuneCountInString(text[words[i].from:words[i].to]) <= 4 && gapIs(text, words, i, " \u00a0") {
		i++
	}
	if i < len(words) && isYear(words[i]) && gapIs(text, words, i, " \u00a0,\n") {
		return i
	}
	return -1
}

// yearBefore finds the year before a day or a month, with its own word or
// without: "2022-жылдын 4-мартында", "2022 жылғы 4 наурызда".
func yearBefore(text string, words []word, first int) int {
	i := first - 1
	if i < 0 || !gapIs(text, words, first, " \u00a0\n") {
		return -1
	}
	if i > 0 && !words[i].number && !glued(text, words, i) && gapIs(text, words, i, " \u00a0\n") {
		i--
	}
	if i > 0 && glued(text, words, i) {
		i--
	}
	if isYear(words[i]) {
		return i
	}
	return -1
}

// notOfDates leaves out the numbers that are part of a date in which the edition
// differs: that is told already.
func notOfDates(ms []mention, d *difference) []mention {
	parts := map[string]bool{}
	for _, date := range append(append([]mention{}, d.extra...), d.missing...) {
		for part := range strings.SplitSeq(date.key, "-") {
			parts[whole(part)] = true
		}
	}
	var kept []mention
	for _, m := range ms {
		if !parts[m.key] {
			kept = append(kept, m)
		}
	}
	return kept
}
