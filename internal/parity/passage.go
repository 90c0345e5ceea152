package parity

import (
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// place is a line and a column in an edition's file, both from 1.
type place struct{ line, column int }

// source is a text as it stands in a file, with what finds places in it.
type source struct {
	text   string
	starts []int // the offset at which each line begins
	lines  []int // the number of each line in the file
	indent int   // how many characters stand before the first line's text
	// the last place that was asked for
	lastOffset, lastColumn int

	fixed bool // every offset is at the first line's place: the text is not as the file has it
}

func newSource(text string, lines []int) *source {
	s := &source{text: text, starts: []int{0}, lines: lines}
	for i := range len(text) {
		if text[i] == '\n' {
			s.starts = append(s.starts, i+1)
		}
	}
	return s
}

// place finds an offset's. What comes next in the same line is counted on from
// the last: a line may be long, and have much in it.
func (s *source) place(offset int) place {
	if s.fixed {
		offset = 0
	}
	offset = min(offset, len(s.text))
	i := sort.SearchInts(s.starts, offset+1) - 1
	from, column := s.starts[i], 1
	if s.lastOffset >= from && s.lastOffset <= offset && s.lastColumn > 0 {
		from, column = s.lastOffset, s.lastColumn
	}
	column += utf8.RuneCountInString(s.text[from:offset])
	if offset == len(s.text) || utf8.RuneStart(s.text[offset]) {
		s.lastOffset, s.lastColumn = offset, column
	}
	if i == 0 {
		column += s.indent
	}
	return place{s.lines[min(i, len(s.lines)-1)], column}
}

// passage is what a reader sees of a headline, a paragraph or the like: its
// text without markup, and where each byte of it comes from.
type passage struct {
	edition   *edition
	kind      string // headline, subject, event, or what stands in the body
	section   int    // of the body: how many headings stand before it, itself included
	ordinal   int    // within the section
	text      string
	offsets   []int // of each byte, in the source
	source    *source
	taken     []bool // bytes that belong to what was read out already; nil where none do
	dates     []dateSpan
	clocks    []clockSpan
	sentences []sentence // once they were asked for
	quotes    []int      // where the quotations begin that stand in no other
	torn      bool       // a mark closes what none has opened, or none closes what one has
	told      []stretch  // of which a rule has told already, and no comparison is to tell again
}

// inBody tells passages of the body from those of the front matter.
func (p *passage) inBody() bool {
	switch p.kind {
	case "headline", "subject", "event":
		return false
	}
	return true
}

// place finds where a byte of the text stands.
func (p *passage) place(at int) place {
	if at >= len(p.offsets) {
		if len(p.offsets) == 0 {
			return p.source.place(0)
		}
		return p.source.place(p.offsets[len(p.offsets)-1] + 1)
	}
	return p.source.place(p.offsets[at])
}

// stretch is a part of a passage's text.
type stretch struct{ from, to int }

// isTold tells whether a rule has told of what stands there.
func (p *passage) isTold(at int) bool {
	return slices.ContainsFunc(p.told, func(s stretch) bool { return s.from <= at && at < s.to })
}

// take marks bytes as read.
func (p *passage) take(from, to int) {
	if p.taken == nil {
		p.taken = make([]bool, len(p.text))
	}
	for i := from; i < to; i++ {
		p.taken[i] = true
	}
}

// free tells whether none of the bytes was read out already.
func (p *passage) free(from, to int) bool {
	for i := from; p.taken != nil && i < to; i++ {
		if p.taken[i] {
			return false
		}
	}
	return true
}

// mention is something that stands in a passage and is looked for in the other
// editions.
type mention struct {
	key     string // the same in every language
	shown   string // as it is written here
	passage *passage
	at      int // the byte of the passage's text; -1: see start
	start   int // offset in the source, of what is not in the text
}

func (m mention) place() place {
	if m.at < 0 {
		return m.passage.source.place(m.start)
	}
	return m.passage.place(m.at)
}

// word is a run of letters or of digits.
type word struct {
	from, to int
	number   bool
	value    int // of a number of at most six digits; else -1
}

// words takes a passage's text apart. What was read out already is left out.
func (p *passage) words() []word {
	var found []word
	for i := 0; i < len(p.text); {
		r, size := utf8.DecodeRuneInString(p.text[i:])
		w := word{from: i, number: isDigit(r)}
		if !w.number && !isLetter(r) {
			i += size
			continue
		}
		i = runEnd(p.text, i, w.number)
		w.to = i
		if !p.free(w.from, w.to) {
			continue
		}
		if w.value = -1; w.number {
			w.value = valueOf(p.text[w.from:w.to])
		}
		found = append(found, w)
	}
	return found
}

// runEnd is where a run of digits or of letters ends. An apostrophe within a
// word is part of it.
func runEnd(s string, i int, digits bool) int {
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case digits && isDigit(r), !digits && isLetter(r):
		case !digits && strings.ContainsRune("'’ʼʻ‘", r):
			if next, _ := utf8.DecodeRuneInString(s[i+size:]); !isLetter(next) {
				return i
			}
		default:
			return i
		}
		i += size
	}
	return i
}
