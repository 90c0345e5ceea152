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
	out := string(appendWrapped(nil, []byte(s), n, layoutOfLines{eol: "\n"}))
	return strings.Split(strings.TrimSuffix(out, "\n"), "\n")
}

// layoutOfLines is what stands around each line of a text that is wrapped.
type layoutOfLines struct {
	stuff  bool   // a space more before each line
	before []byte // of each line
	soft   string // at a break that is not the text's own
	eol    string
}

func (l layoutOfLines) begin(dst []byte) []byte {
	if l.stuff {
		dst = append(dst, ' ')
	}
	return append(dst, l.before...)
}

// appendLine writes one line of a plain text as format=flowed has it (RFC 3676):
// a long line is wrapped, and where it is not indented its breaks are soft, so
// that who shows it may break it elsewhere. Those of an indented one keep the
// indent. A quotation keeps its mark.
func appendLine(dst, line []byte, eol string) []byte {
	if widthOf(line) <= lineWidth || isWord(line) {
		return append(append(stuffed(dst, line), line...), eol...)
	}
	rest := bytes.TrimLeft(line, " ")
	around := layoutOfLines{before: line[:len(line)-len(rest)], eol: eol}
	n := max(lineWidth-len(around.before), lineWidth/3)
	switch {
	case len(around.before) > 0:
		around.stuff = true
	case bytes.HasPrefix(line, []byte("> ")):
		around.before, rest, around.soft = line[:2], line[2:], " "
		n -= 2
	default:
		around.soft = " "
		dst = stuffed(dst, line)
	}
	return appendWrapped(dst, rest, n, around)
}

// stuffed writes the space that format=flowed wants before a line that begins
// with one, or with what mailboxes take for the start of a message.
func stuffed(dst, line []byte) []byte {
	if bytes.HasPrefix(line, []byte(" ")) || bytes.HasPrefix(line, []byte("From ")) {
		return append(dst, ' ')
	}
	return dst
}

// shown is a text in format=flowed as a reader sees it who breaks no line anew.
func shown(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(strings.TrimPrefix(line, " "), " ")
	}
	return strings.Join(lines, "\n")
}

// isWord tells a line of one word, such as a link, with its note's number.
func isWord(line []byte) bool {
	word, rest := firstWord(line)
	if len(word) > 2 && word[0] == '[' && word[len(word)-1] == ']' {
		word, rest = firstWord(rest)
	}
	more, _ := firstWord(rest)
	return len(word) > 0 && len(more) == 0
}

// appendWrapped wraps a text into lines of n columns.
func appendWrapped(dst, text []byte, n int, around layoutOfLines) []byte {
	for more := true; more; {
		var line, word []byte
		line, text, more = bytes.Cut(text, []byte{'\n'})
		dst = around.begin(dst)
		used := -1 // nothing yet; a word may take no column at all
		for {
			if word, line = firstWord(line); len(word) == 0 {
				break
			}
			w := widthOf(word)
			switch {
			case used < 0:
				used = w
			case used+1+w > n:
				dst = around.begin(append(append(dst, around.soft...), around.eol...))
				if len(around.before) == 0 && string(word) == "From" {
					dst = append(dst, ' ')
				}
				used = w
			default:
				dst = append(dst, ' ')
				used += 1 + w
			}
			dst = append(dst, word...)
		}
		dst = append(dst, around.eol...)
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
