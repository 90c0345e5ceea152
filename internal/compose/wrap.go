package compose

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// lineWidth is the plain text's measure, in columns.
const lineWidth = 72

// width is how many columns a text takes. It must not depend on the locale of
// the machine, as the library's default does.
func width(s string) int { return widthOf([]byte(s)) }

func widthOf(s []byte) int {
	if n, ok := singleWidth(s); ok {
		return n
	}
	c := runewidth.Condition{StrictEmojiNeutral: true}
	return c.StringWidth(string(s))
}

// singleWidth is the quick way to the width of a text in Latin or Cyrillic
// letters, each of which takes one column whatever stands beside it.
func singleWidth(s []byte) (int, bool) {
	n := 0
	for ; len(s) > 0; n++ {
		r, size := utf8.DecodeRune(s)
		if !single(r) {
			return 0, false
		}
		s = s[size:]
	}
	return n, true
}

// single tells whether a character always takes one column: letters, digits,
// spaces, dashes and quotation marks, nothing that combines.
func single(r rune) bool {
	switch {
	case r < 0xA0:
		return r >= ' ' && r <= '~'
	case r < 0x300:
		return r != 0xAD // the soft hyphen
	default:
		return r >= 0x400 && r <= 0x482 || r >= 0x48A && r <= 0x52F || // Cyrillic
			r >= 0x2010 && r <= 0x2027 || r == 0x2116 // dashes, quotation marks, №
	}
}

// wrap breaks a text at its spaces into lines of at most n columns; a line
// break in it stays. A word that is longer has a line of its own, whole: it is
// most likely a link. No-break spaces do not break.
func wrap(s string, n int) []string {
	out := string(appendWrapped(nil, []byte(s), n, nil, "\n"))
	return strings.Split(strings.TrimSuffix(out, "\n"), "\n")
}

// wrapIndented wraps one line whose leading spaces are kept on every line.
func wrapIndented(line string) []string {
	out := string(appendIndented(nil, []byte(line), "\n"))
	return strings.Split(strings.TrimSuffix(out, "\n"), "\n")
}

// appendIndented wraps one line like wrapIndented, with eol behind each line.
func appendIndented(dst, line []byte, eol string) []byte {
	if widthOf(line) <= lineWidth {
		return append(append(dst, line...), eol...)
	}
	rest := bytes.TrimLeft(line, " ")
	indent := line[:len(line)-len(rest)]
	return appendWrapped(dst, rest, max(lineWidth-len(indent), lineWidth/3), indent, eol)
}

// appendWrapped wraps a text, with indent before and eol behind each line.
func appendWrapped(dst, text []byte, n int, indent []byte, eol string) []byte {
	for more := true; more; {
		var line, word []byte
		line, text, more = bytes.Cut(text, []byte{'\n'})
		dst = append(dst, indent...)
		used := 0
		for {
			if word, line = firstWord(line); len(word) == 0 {
				break
			}
			w := widthOf(word)
			switch {
			case used == 0:
				used = w
			case used+1+w > n:
				dst = append(append(dst, eol...), indent...)
				used = w
			default:
				dst = append(dst, ' ')
				used += 1 + w
			}
			dst = append(dst, word...)
		}
		dst = append(dst, eol...)
	}
	return dst
}

// firstWord takes the first word off a line; it is empty at the line's end.
func firstWord(line []byte) (word, rest []byte) {
	space := func(c byte) bool { return c == ' ' || c == '\t' }
	start := 0
	for start < len(line) && space(line[start]) {
		start++
	}
	end := start
	for end < len(line) && !space(line[end]) {
		end++
	}
	return line[start:end], line[end:]
}
