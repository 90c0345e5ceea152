package compose

import (
	"strings"

	"github.com/mattn/go-runewidth"
)

// lineWidth is the plain text's measure, in columns.
const lineWidth = 72

// width is how many columns a text takes. It must not depend on the locale of
// the machine, as the library's default does.
func width(s string) int {
	c := runewidth.Condition{StrictEmojiNeutral: true}
	return c.StringWidth(s)
}

// wrap breaks a text at its spaces into lines of at most n columns; a line
// break in it stays. A word that is longer has a line of its own, whole: it is
// most likely a link. No-break spaces do not break.
func wrap(s string, n int) []string {
	var lines []string
	for _, line := range strings.Split(s, "\n") {
		var b strings.Builder
		used := 0
		for _, word := range strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' }) {
			w := width(word)
			switch {
			case used == 0:
				used = w
			case used+1+w > n:
				lines = append(lines, b.String())
				b.Reset()
				used = w
			default:
				b.WriteByte(' ')
				used += 1 + w
			}
			b.WriteString(word)
		}
		lines = append(lines, b.String())
	}
	return lines
}

// wrapIndented wraps one line whose leading spaces are kept on every line.
func wrapIndented(line string) []string {
	if width(line) <= lineWidth {
		return []string{line}
	}
	rest := strings.TrimLeft(line, " ")
	indent := line[:len(line)-len(rest)]
	lines := wrap(rest, max(lineWidth-len(indent), lineWidth/3))
	for i := range lines {
		lines[i] = indent + lines[i]
	}
	return lines
}
