package console

import (
	"fmt"
	"html/template"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain is a stranger's text as a page may show it: what cannot be seen, and what
// turns the direction of the text behind it, is shown by its number. Line feeds
// and tabs stay.
func plain(s string) string {
	if !strings.ContainsFunc(s, unseen) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s { // what is no UTF-8 comes as U+FFFD
		if unseen(r) {
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// unseen tells of characters that change how others look, or look like nothing.
// The joiners and the plain direction marks belong to some languages' spelling.
func unseen(r rune) bool {
	switch {
	case r == '\n', r == '\t', r == '\u200c', r == '\u200d', r == '\u200e', r == '\u200f', r == '\u061c':
		return false
	default:
		return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp)
	}
}

// isolated is a stranger's text whose direction ends with it.
func isolated(s string) template.HTML {
	return template.HTML("<bdi>" + template.HTMLEscapeString(plain(s)) + "</bdi>") //nolint:gosec // escaped just here
}

// rawShown bounds how much of a mail a page shows.
const rawShown = 48 << 10

// rawText is a mail as text, with how many bytes of it are left out.
type rawText struct {
	Text string
	Left int
}

func rawOf(raw []byte) rawText {
	cut := raw[:min(rawShown, len(raw))]
	for len(cut) < len(raw) && len(cut) > 0 && !utf8.RuneStart(raw[len(cut)]) { // not within a character
		cut = cut[:len(cut)-1]
	}
	return rawText{plain(strings.ReplaceAll(string(cut), "\r\n", "\n")), len(raw) - len(cut)}
}
