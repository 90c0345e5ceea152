package parity

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkSpaces finds spaces that are surely wrong: doubled ones, and those in
// front of a mark that wants none. French wants one that does not break in
// front of high marks and within guillemets.
func (c *checker) checkSpaces(e *edition, p *passage) {
	french := strings.HasPrefix(string(e.Lang)+"-", "fr-")
	for i := 0; i < len(p.text); {
		r, size := utf8.DecodeRuneInString(p.text[i:])
		end := i + size
		if isSpace(r) {
			for end < len(p.text) {
				next, size := utf8.DecodeRuneInString(p.text[end:])
				if !isSpace(next) {
					break
				}
				end += size
			}
			c.checkSpace(e, p, i, end, french)
		} else if french {
			c.checkFrench(e, p, r, i)
		}
		i = end
	}
}

// checkSpace looks at a run of spaces.
func (c *checker) checkSpace(e *edition, p *passage, from, to int, french bool) {
	before, _ := utf8.DecodeLastRuneInString(p.text[:from])
	mark, size := utf8.DecodeRuneInString(p.text[to:])
	after, _ := utf8.DecodeRuneInString(p.text[min(to+size, len(p.text)):])
	switch {
	case utf8.RuneCountInString(p.text[from:to]) > 1:
		c.report("spaces", e, p.place(from), fmt.Sprintf("%d spaces stand in a row", utf8.RuneCountInString(p.text[from:to])), "one is wanted")
	case french && strings.ContainsRune(":;!?»", mark) || french && before == '«':
		if p.text[from:to] == " " {
			c.report("spaces", e, p.place(from), "the space beside "+french2(before, mark)+" may end a line", "a no-break space (U+00A0 or U+202F) is wanted")
		}
	case strings.ContainsRune(",;.:!?", mark) && endsMark(before, mark, after):
		c.report("spaces", e, p.place(from), "a space stands before "+string(mark), "none is wanted there")
	}
}

func french2(before, mark rune) string {
	if before == '«' {
		return "«"
	}
	return string(mark)
}

// endsMark tells a mark that ends a word or a sentence from those of .5, …,
// :-) and 3 : 1.
func endsMark(before, mark, after rune) bool {
	if before == utf8.RuneError || isDigit(before) && mark == ':' {
		return false
	}
	return after == utf8.RuneError || unicode.IsSpace(after) || strings.ContainsRune("»”\"", after)
}

// checkFrench finds marks that have no space where French wants one.
func (c *checker) checkFrench(e *edition, p *passage, mark rune, at int) {
	before, _ := utf8.DecodeLastRuneInString(p.text[:at])
	after, _ := utf8.DecodeRuneInString(p.text[at+utf8.RuneLen(mark):])
	const want = "a no-break space (U+00A0 or U+202F) is wanted"
	switch {
	case mark == '«' && !isSpace(after) && after != utf8.RuneError:
		c.report("spaces", e, p.place(at), "no space stands behind «", want)
	case mark == '»' && !isSpace(before) && before != utf8.RuneError,
		strings.ContainsRune(":;!?", mark) && unicode.IsLetter(before) && (unicode.IsSpace(after) || after == utf8.RuneError):
		c.report("spaces", e, p.place(at), "no space stands before "+string(mark), want)
	}
}
