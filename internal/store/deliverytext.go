package store

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// gap parts the columns that a text is looked for in.
const gap = "\n"

// contains is the condition that a text has what a pattern says. What the
// databases call lower case hangs on how they were built and set up; a set of
// spellings for each letter means the same to both, in every script.
func (s *Store) contains(text string) string {
	if s.postgres {
		return "(" + text + ") ~ ?"
	}
	return "(" + text + ") GLOB ?"
}

// pattern finds a part of a text, in either case.
func (s *Store) pattern(part string) string {
	var b strings.Builder
	for _, r := range part {
		switch spellings := spellings(r); {
		case len(spellings) > 1:
			b.WriteString("[" + string(spellings) + "]")
		case s.postgres && r < utf8.RuneSelf && (unicode.IsPunct(r) || unicode.IsSymbol(r)):
			b.WriteString(`\` + string(r))
		case !s.postgres && strings.ContainsRune("*?[", r):
			b.WriteString("[" + string(r) + "]")
		default:
			b.WriteRune(r)
		}
	}
	if s.postgres {
		return b.String()
	}
	return "*" + b.String() + "*"
}

// spellings are a letter's cases.
func spellings(r rune) []rune {
	all := []rune{r}
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		all = append(all, next)
	}
	return all
}
