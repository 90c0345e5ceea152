package parity

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// clockSpan is a time of day in a passage.
type clockSpan struct {
	hour, minute int
	from, to     int
}

// clockForm is a way to write a time of day; it begins with the hour.
type clockForm struct {
	form  *regexp.Regexp
	half  int // the group that tells the half of the day; 0 where 24 hours are counted
	point bool
}

// The times of day that are read.
var (
	clockOfHalf  = regexp.MustCompile(`^(\d{1,2})(?:[:.](\d{2}))?[ \x{a0}\x{202f}]?([aApP])\.?[mM]\b\.?`)
	clockColon   = regexp.MustCompile(`^(\p{Nd}{1,2})[:：](\p{Nd}{2})`)
	clockPoint   = regexp.MustCompile(`^(\d{2})\.([0-5][05])`)
	clockFrench  = regexp.MustCompile(`^(\d{1,2})[ \x{a0}\x{202f}]?h(?:[ \x{a0}\x{202f}]?(\d{2}))?\b`)
	clockGerman  = regexp.MustCompile(`^(\d{1,2})()[ \x{a0}]Uhr\b`)
	clockRussian = regexp.MustCompile(`^(\d{1,2})()[ \x{a0}]час(?:ов|а|ам)?(?:[ \x{a0},.;)]|$)`)
)

// clockForms lists them. A point between hours and minutes is a decimal one
// where the language has it.
func clockForms() []clockForm {
	return []clockForm{
		{form: clockOfHalf, half: 3},
		{form: clockColon},
		{form: clockPoint, point: true},
		{form: clockFrench},
		{form: clockGerman},
		{form: clockRussian},
	}
}

// longestFigures is how many bytes a time of day, or a date in figures, may have.
const longestFigures = 48

// figuresAt calls a function with every place where a run of digits begins, and
// what stands from there on, as much as may matter.
func figuresAt(text string, f func(at int, rest string)) {
	before := rune(0)
	for i, r := range text {
		if isDigit(r) && !isDigit(before) {
			rest := text[i:]
			for end := longestFigures; end < len(rest); end++ {
				if utf8.RuneStart(rest[end]) {
					rest = rest[:end]
					break
				}
			}
			f(i, rest)
		}
		before = r
	}
}

// readClocks reads the times of day of a passage. They count as numbers that
// are alike however they are written. The letters and the offset of a zone are
// no name and no number.
func (e *edition) readClocks(p *passage) {
	if !strings.ContainsFunc(p.text, isDigit) {
		return
	}
	for _, at := range zonesMarked(p.text) {
		p.take(at[0], at[1])
	}
	forms := clockForms()
	figuresAt(p.text, func(from int, rest string) {
		for _, f := range forms {
			if f.point && e.decimalMark() == '.' {
				continue
			}
			c, ok := readClock(p, f, from, f.form.FindStringSubmatch(rest))
			if !ok {
				continue
			}
			p.take(c.from, c.to)
			p.clocks = append(p.clocks, c)
			e.addNumber(p, fmt.Sprintf("%d:%02d", c.hour, c.minute), c.from, c.to)
			return
		}
	})
}

func readClock(p *passage, f clockForm, from int, parts []string) (clockSpan, bool) {
	if parts == nil {
		return clockSpan{}, false
	}
	c := clockSpan{hour: valueOf(parts[1]), from: from, to: from + len(parts[0])}
	if parts[2] != "" {
		c.minute = valueOf(parts[2])
	}
	before, _ := utf8.DecodeLastRuneInString(p.text[:c.from])
	after, _ := utf8.DecodeRuneInString(p.text[c.to:])
	if isDigit(before) || isDigit(after) || strings.ContainsRune(":.,/", before) || strings.ContainsRune(":/%", after) || !p.free(c.from, c.to) {
		return c, false
	}
	if f.half == 0 {
		return c, c.hour <= 24 && c.minute < 60
	}
	if c.hour < 1 || c.hour > 12 || c.minute > 59 {
		return c, false
	}
	c.hour %= 12
	if strings.ContainsAny(parts[f.half], "pP") {
		c.hour += 12
	}
	return c, true
}
