package parity

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pairs are quotation marks that open, each with those that may close it. Single
// commas are left out: they are apostrophes, too.
func closers(open rune) string {
	switch open {
	case '«':
		return "»"
	case '»':
		return "«"
	case '“':
		return "”"
	case '„':
		return "“”"
	case '”':
		return "”"
	case '‹':
		return "›"
	case '›':
		return "‹"
	case '「':
		return "」"
	case '『':
		return "』"
	case '《':
		return "》"
	case '"':
		return "\""
	}
	return ""
}

const quoteMarks = "«»“”„‹›「」『』《》\""

// quotation is one that was opened.
type quotation struct {
	open rune
	at   int
}

// checkQuotes reads the quotations of a passage, and finds marks that are not
// the language's or that stand alone.
func (c *checker) checkQuotes(e *edition, p *passage) {
	var open []quotation
	for i, r := range p.text {
		if !strings.ContainsRune(quoteMarks, r) {
			continue
		}
		switch n := len(open); {
		case n > 0 && strings.ContainsRune(closers(open[n-1].open), r) && !(r == '"' && opensHere(p.text, i)):
			open = open[:n-1]
		case e.opens(p.text, i, r, n):
			if n == 0 {
				p.quotes = append(p.quotes, i)
			}
			c.checkOpening(e, p, i, r, n)
			open = append(open, quotation{r, i})
		case n > 0:
			q := open[n-1]
			open = open[:n-1]
			if own := e.opening(); n > 1 || strings.HasPrefix(own, string(q.open)) { // else told of where it opens
				c.report("quote-marks", e, p.place(i), "the quotation mark "+string(r)+" closes what "+string(q.open)+" opens", e.closing(q.open)+" is wanted")
			}
		default:
			p.torn = true
			c.report("quote-marks", e, p.place(i), "the quotation mark "+string(r)+" closes nothing", "one that opens the quotation is wanted before it: "+e.opening())
		}
	}
	for _, q := range open {
		if !c.goesOn(e, p, q) {
			p.torn = true
			c.report("quote-marks", e, p.place(q.at), "the quotation mark "+string(q.open)+" is not closed", "one that closes it is wanted: "+e.closing(q.open))
		}
	}
}

// opens tells whether a mark may open a quotation where it stands.
func (e *edition) opens(text string, at int, r rune, depth int) bool {
	switch r {
	case '"':
		return opensHere(text, at) || depth == 0
	case '»', '”', '›':
		return e.words != nil && []rune(e.words.Quotes[0])[0] == r && opensHere(text, at)
	case '」', '』', '》':
		return false
	}
	return true
}

// opensHere tells whether a mark stands where a quotation begins: what is
// quoted begins right behind it, and nothing ends right before it.
func opensHere(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	_, size := utf8.DecodeRuneInString(text[at:])
	after, _ := utf8.DecodeRuneInString(text[at+size:])
	return (at == 0 || unicode.IsSpace(before) || unicode.Is(unicode.Ps, before) || unicode.Is(unicode.Pd, before)) &&
		after != utf8.RuneError && !unicode.IsSpace(after)
}

// checkOpening holds a mark against those of the language. Within a quotation
// any but straight ones may stand.
func (c *checker) checkOpening(e *edition, p *passage, at int, r rune, depth int) {
	want := "the language's are " + e.opening() + "…" + e.closing(0)
	switch {
	case r == '"':
		c.report("quote-marks", e, p.place(at), "a straight quotation mark opens a quotation", want)
	case depth == 0 && e.words != nil && !strings.HasPrefix(e.words.Quotes[0], string(r)):
		c.report("quote-marks", e, p.place(at), fmt.Sprintf("the quotation mark %c is not that of %s", r, e.words.Tag), want)
	}
}

func (e *edition) opening() string {
	if e.words == nil {
		return "“"
	}
	return strings.TrimSpace(e.words.Quotes[0])
}

// closing is the mark that closes a quotation opened by r, or by the
// language's own.
func (e *edition) closing(r rune) string {
	own := "”"
	if e.words != nil {
		own = strings.TrimSpace(e.words.Quotes[1])
	}
	if r == 0 || string(r) == e.opening() || r == '"' {
		return own
	}
	first, _ := utf8.DecodeRuneInString(closers(r))
	return string(first)
}

// goesOn tells whether a quotation goes on in the next paragraph, which then
// begins with a mark that opens it once more.
func (c *checker) goesOn(e *edition, p *passage, q quotation) bool {
	if p.kind != "paragraph" {
		return false
	}
	here := e.parts[p.section].passages
	return p.ordinal+1 < len(here) && here[p.ordinal+1].kind == p.kind && strings.HasPrefix(here[p.ordinal+1].text, string(q.open))
}

// compareQuotes compares how many quotations each section has, and the parts
// before it.
func (c *checker) compareQuotes() {
	count := func(passages func(*edition) []*passage) func(*edition) ([]mention, int) {
		return func(e *edition) (found []mention, n int) {
			for _, p := range passages(e) {
				for _, at := range p.quotes {
					found = append(found, mention{key: "quotation", shown: "quotation", passage: p, at: at})
				}
			}
			return found, len(found)
		}
	}
	for _, kind := range []string{"headline", "event"} {
		c.compareCount("quotes", "quotation", func(*edition) string { return "the " + kind }, -1, c.editions, count(func(e *edition) []*passage { return e.fronted(kind) }))
	}
	alike := c.alikeInSections()
	for section := range alike[0].sections + 1 {
		alike := slices.DeleteFunc(slices.Clone(alike), func(e *edition) bool { return e.tornIn(section) })
		c.compareCount("quotes", "quotation", func(e *edition) string { return e.sectionName(section) }, section, alike, count(func(e *edition) []*passage { return e.parts[section].passages }))
	}
}

// fronted gives a passage of the front matter, if there is one.
func (e *edition) fronted(kind string) []*passage {
	for i, p := range e.passages {
		if p.inBody() {
			break
		}
		if p.kind == kind {
			return e.passages[i : i+1]
		}
	}
	return nil
}

// tornIn tells whether a section has a quotation of which a mark is missing:
// that is told, and how many there are is not known.
func (e *edition) tornIn(section int) bool {
	return slices.ContainsFunc(e.parts[section].passages, func(p *passage) bool { return p.torn })
}
