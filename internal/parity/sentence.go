package parity

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentence is a stretch of a passage with the times in it.
type sentence struct {
	from, to int
	dates    []dateSpan
	clocks   []clockSpan
	zones    []zoneSpan
}

// sentenceAt finds the sentence around a byte.
func (p *passage) sentenceAt(e *edition, at int) sentence {
	if p.sentences == nil {
		p.sentences = p.readSentences(e)
	}
	return *p.sentenceOf(at)
}

func (p *passage) sentenceOf(at int) *sentence {
	i := sort.Search(len(p.sentences), func(i int) bool { return p.sentences[i].to > at })
	return &p.sentences[min(i, len(p.sentences)-1)]
}

// readSentences parts a passage into its sentences, with the times in each.
func (p *passage) readSentences(e *edition) []sentence {
	p.sentences = []sentence{{to: len(p.text)}}
	within := p.withinTimes()
	for i, r := range p.text {
		last := &p.sentences[len(p.sentences)-1]
		if end := i + utf8.RuneLen(r); !within[i] && endsSentence(p.text, r, end) {
			last.to = end
			p.sentences = append(p.sentences, sentence{from: end, to: len(p.text)})
		}
	}
	for _, d := range p.dates {
		s := p.sentenceOf(d.from)
		s.dates = append(s.dates, d)
	}
	for _, k := range p.clocks {
		s := p.sentenceOf(k.from)
		s.clocks = append(s.clocks, k)
	}
	for _, z := range zonesIn(e, p) {
		s := p.sentenceOf(z.from)
		s.zones = append(s.zones, z)
	}
	return p.sentences
}

// endsSentence tells whether a mark ends one: a new one begins behind it.
func endsSentence(text string, mark rune, end int) bool {
	switch mark {
	case '\n', '。':
	case '.', '!', '?', '؟':
		if next, _ := utf8.DecodeRuneInString(text[end:]); !strings.ContainsRune(" \u00a0\n»”", next) {
			return false
		}
	default:
		return false
	}
	for _, r := range text[end:] {
		if !strings.ContainsRune(" \u00a0\n»”", r) {
			return !unicode.IsLower(r)
		}
	}
	return true
}

// withinTimes tells of each byte whether it is part of a time or a date: a point
// there ends no sentence.
func (p *passage) withinTimes() []bool {
	within := make([]bool, len(p.text)+1)
	mark := func(from, to int) {
		for i := from; i < to; i++ {
			within[i] = true
		}
	}
	for _, d := range p.dates {
		mark(d.from, d.to)
	}
	for _, k := range p.clocks {
		mark(k.from, k.to)
	}
	return within
}

// dateOf is the date nearest to a clock.
func (s sentence) dateOf(k clockSpan) (dateSpan, bool) {
	var near dateSpan
	best := -1
	for _, d := range s.dates {
		away := max(k.from-d.to, d.from-k.to, 0)
		if best < 0 || away < best {
			near, best = d, away
		}
	}
	return near, best >= 0
}

// zoneOf is the zone of the i-th clock: the first that is named behind it and
// before the next, or the one that a sentence with a single clock names.
func (s sentence) zoneOf(i int) (zoneSpan, bool) {
	end := s.to
	if i+1 < len(s.clocks) {
		end = s.clocks[i+1].from
	}
	for _, z := range s.zones {
		if z.from >= s.clocks[i].to && z.from < end || len(s.clocks) == 1 {
			return z, true
		}
	}
	return zoneSpan{}, false
}
