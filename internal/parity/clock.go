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

// clockForm is a way to write a time of day.
type clockForm struct {
	needs string // what a text has, one of these characters, that has such a time
	form  *regexp.Regexp
	half  int // the group that tells the half of the day; 0 where 24 hours are counted
	point bool
}

// A point between hours and minutes is a decimal one where the language has it.
var clockForms = []clockForm{
	{needs: "mM", form: regexp.MustCompile(`(\d{1,2})(?:[:.](\d{2}))?[ \x{a0}\x{202f}]?([aApP])\.?[mM]\b\.?`), half: 3},
	{needs: ":：", form: regexp.MustCompile(`(\p{Nd}{1,2})[:：](\p{Nd}{2})`)},
	{needs: ".", form: regexp.MustCompile(`(\d{2})\.([0-5][05])`), point: true},
	{needs: "h", form: regexp.MustCompile(`(\d{1,2})[ \x{a0}\x{202f}]?h(?:[ \x{a0}\x{202f}]?(\d{2}))?\b`)},
	{needs: "U", form: regexp.MustCompile(`(\d{1,2})()[ \x{a0}]Uhr\b`)},
	{needs: "ч", form: regexp.MustCompile(`(\d{1,2})()[ \x{a0}]час(?:ов|а|ам)?(?:[ \x{a0},.;)]|$)`)},
}

// readClocks reads the times of day of a passage. They count as numbers that
// are alike however they are written. The letters and the offset of a zone are
// no name and no number.
func (e *edition) readClocks(p *passage) {
	for _, at := range zoneMark.FindAllStringIndex(p.text, -1) {
		p.take(at[0], at[1])
	}
	for _, f := range clockForms {
		if !strings.ContainsAny(p.text, f.needs) || f.point && decimalMark(e.Lang) == '.' {
			continue
		}
		for _, at := range f.form.FindAllStringSubmatchIndex(p.text, -1) {
			if c, ok := readClock(p, f, at); ok {
				p.take(c.from, c.to)
				p.clocks = append(p.clocks, c)
				e.addNumber(p, fmt.Sprintf("%d:%02d", c.hour, c.minute), c.from, c.to)
			}
		}
	}
}

func readClock(p *passage, f clockForm, at []int) (clockSpan, bool) {
	c := clockSpan{hour: valueOf(p.text[at[2]:at[3]]), from: at[0], to: at[1]}
	if at[4] >= 0 && at[5] > at[4] {
		c.minute = valueOf(p.text[at[4]:at[5]])
	}
	before, _ := utf8.DecodeLastRuneInString(p.text[:c.from])
	after, _ := utf8.DecodeRuneInString(p.text[c.to:])
	if isDigit(before) || isDigit(after) || strings.ContainsRune(":.,-/", before) || strings.ContainsRune(":/%", after) || !p.free(c.from, c.to) {
		return c, false
	}
	if f.half == 0 {
		return c, c.hour <= 24 && c.minute < 60
	}
	if c.hour < 1 || c.hour > 12 || c.minute > 59 {
		return c, false
	}
	c.hour %= 12
	if strings.ContainsAny(p.text[at[2*f.half]:at[2*f.half+1]], "pP") {
		c.hour += 12
	}
	return c, true
}
