package contactfile

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"dateline/internal/press"
)

// cleanText folds spaces and brings a text into form NFC. It gives the first
// character that a one-line text must not have, if there is one.
func cleanText(s string) (clean string, bad rune, ok bool) {
	if tidy(s) {
		return s, 0, true
	}
	for _, r := range s {
		if forbidden(r) {
			return "", r, false
		}
	}
	return strings.Join(strings.Fields(norm.NFC.String(s)), " "), 0, true
}

// tidy tells of most texts, quickly, that nothing needs to be done to them.
func tidy(s string) bool {
	space := true // as if one stood before
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= 0x7f || (c == ' ' && space) {
			return false
		}
		space = c == ' '
	}
	return s == "" || !space
}

// forbidden tells which characters a name must not have: those that end a line
// or a string somewhere, that turn the direction of what stands behind them,
// that cannot be seen, and the mark of a text that was decoded wrongly. The
// joiners and the plain direction marks belong to some languages' spelling.
func forbidden(r rune) bool {
	switch r {
	case '\u200c', '\u200d', '\u200e', '\u200f', '\u061c':
		return false
	case utf8.RuneError:
		return true
	}
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7f
	}
	return r&0xfffe == 0xfffe || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point)
}

// describe names a character for people, without printing it.
func describe(r rune) string {
	switch {
	case r == '\n' || r == '\r':
		return "a line break"
	case r == '\t':
		return "a tab"
	case r == 0:
		return "a NUL character"
	case r == utf8.RuneError:
		return "U+FFFD, the mark of a text that was decoded wrongly"
	case press.TurnsText(r):
		return fmt.Sprintf("U+%04X, which turns the direction of the text behind it", r)
	default:
		return fmt.Sprintf("the invisible character U+%04X", r)
	}
}

// A spreadsheet takes a cell that begins with one of these for a formula.
const formulaStart = "=+-@\t\r"

// guarded tells whether a cell, apostrophes before it aside, looks like a
// formula.
func guarded(s string) bool {
	rest := strings.TrimLeft(s, "'")
	return rest != "" && strings.IndexByte(formulaStart, rest[0]) >= 0
}

// Guard puts an apostrophe before what a spreadsheet would run. A text that
// has apostrophes there already gets one more, so that unguard is exact.
func Guard(s string) string {
	if guarded(s) {
		return "'" + s
	}
	return s
}

// unguard takes off the one apostrophe that Guard put there.
func unguard(s string) string {
	if strings.HasPrefix(s, "'") && guarded(s) {
		return s[1:]
	}
	return s
}

// short quotes a value for a message, cut to what fits on a line.
func short(s string) string {
	const most = 60
	n := 0
	for i := range s {
		if n++; n > most {
			return fmt.Sprintf("%q…", s[:i])
		}
	}
	return fmt.Sprintf("%q", s)
}
