package parity

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestDateline is how many characters of a paragraph may be a dateline.
const longestDateline = 120

// checkDateline finds a dateline that is typed where the text begins. The
// release has one of its own, which every message shows.
func (c *checker) checkDateline(e *edition) {
	for _, p := range e.passages {
		if !p.inBody() {
			continue
		}
		if typed := p.typedDateline(); p.kind == "paragraph" && typed != "" {
			c.checkTyped(e, p, typed)
		}
		return
	}
}

func (c *checker) checkTyped(e *edition, p *passage, typed string) {
	cities := p.citiesOf(typed)
	known := len(cities) > 0 && containsFold(e.Cities, cities[0])
	dated := len(p.dates) > 0 && p.dates[0].from < len(typed)
	if !known && !(len(cities) > 0 && (dated || shouted(cities))) {
		return
	}
	what := "repeats that of the release"
	for i, city := range cities {
		if i >= len(e.Cities) || !strings.EqualFold(city, e.Cities[i]) {
			what = "contradicts that of the release, " + strings.Join(e.Cities, ", ")
		}
	}
	c.report("dateline", e, p.place(0), fmt.Sprintf("the text begins with a dateline of its own, %s, which %s", clip(typed), what),
		"take it out: the release's stands above the text")
}

// typedDateline is what stands before the first dash, where a sentence begins
// behind it.
func (p *passage) typedDateline() string {
	for i, r := range p.text {
		if i > longestDateline || strings.ContainsRune("!?\n«“\"", r) {
			return ""
		}
		if !strings.ContainsRune("—–-", r) || !strings.HasSuffix(p.text[:i], " ") && r != '—' && !strings.HasSuffix(p.text[:i], "\u00a0") {
			continue
		}
		rest := strings.TrimLeft(p.text[i+utf8.RuneLen(r):], " \u00a0—–-")
		next, _ := utf8.DecodeRuneInString(rest)
		if unicode.IsUpper(next) || strings.ContainsRune("«“„\"", next) || unicode.Is(unicode.Lo, next) {
			return strings.TrimSpace(p.text[:i])
		}
		return ""
	}
	return ""
}

// citiesOf lists the names before a date.
func (p *passage) citiesOf(typed string) []string {
	end := len(typed)
	for _, d := range p.dates {
		end = min(end, d.from)
	}
	var cities []string
	for _, name := range strings.FieldsFunc(typed[:end], func(r rune) bool { return strings.ContainsRune(",/;()،、", r) }) {
		name = strings.TrimFunc(name, func(r rune) bool { return !isLetter(r) })
		first, _ := utf8.DecodeRuneInString(name)
		if name == "" {
			continue
		}
		if unicode.IsLower(first) || len(strings.Fields(name)) > 3 {
			return nil
		}
		cities = append(cities, name)
	}
	return cities
}

func containsFold(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// shouted tells names in capitals, as agencies write their datelines.
func shouted(names []string) bool {
	letters := 0
	for _, name := range names {
		for _, r := range name {
			if unicode.IsLower(r) || unicode.Is(unicode.Lo, r) {
				return false
			}
			if unicode.IsUpper(r) {
				letters++
			}
		}
	}
	return letters > 3
}
