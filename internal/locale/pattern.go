package locale

import (
	"fmt"
	"slices"
	"strings"
)

// pattern is text with placeholders in braces, such as "{day} {month}".
type pattern []piece

// piece is a stretch of plain text, or the name of a placeholder.
type piece struct{ text, name string }

// parsePattern takes a text apart. A brace that belongs to no placeholder is
// an error: it would reach the reader as it stands.
func parsePattern(s string) (pattern, error) {
	var p pattern
	for s != "" {
		open := strings.IndexAny(s, "{}")
		if open < 0 {
			return append(p, piece{text: s}), nil
		}
		if open > 0 {
			p = append(p, piece{text: s[:open]})
		}
		end := strings.IndexByte(s[open:], '}')
		if s[open] == '}' || end < 0 || !placeholderName(s[open+1:open+end]) {
			return nil, fmt.Errorf("a brace stands alone near %q; braces are for placeholders, such as {date}", clip(s[open:]))
		}
		p = append(p, piece{name: s[open+1 : open+end]})
		s = s[open+end+1:]
	}
	return p, nil
}

func placeholderName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") == ""
}

// clip cuts a text that is quoted in a fault to a length that can be read.
func clip(s string) string {
	if runes := []rune(s); len(runes) > 20 {
		return string(runes[:20]) + "…"
	}
	return s
}

// names lists the pattern's placeholders, each once, in their order.
func (p pattern) names() []string {
	var names []string
	for _, x := range p {
		if x.name != "" && !slices.Contains(names, x.name) {
			names = append(names, x.name)
		}
	}
	return names
}

// fill puts the values in. What stands in a value is never read as a
// placeholder itself.
func (p pattern) fill(value func(name string) string) string {
	var b strings.Builder
	for _, x := range p {
		b.WriteString(x.text)
		if x.name != "" {
			b.WriteString(value(x.name))
		}
	}
	return b.String()
}

// braced lists placeholders for people.
func braced(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return "{" + strings.Join(names, "}, {") + "}"
}
