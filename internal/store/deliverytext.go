package store

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// gap parts the columns that a text is looked for in.
const gap = "\n"

// contains is the condition that a text has a part, in either case, and its
// argument. What the databases call lower case hangs on how they were built and
// set up. Of ASCII all agree, once PostgreSQL is told so; for every other script
// a letter becomes the set of its cases, which takes thrice as long.
func (s *Store) contains(text, part string) (condition, arg string) {
	ascii := !strings.ContainsFunc(part, func(r rune) bool { return r >= utf8.RuneSelf })
	switch {
	case ascii && s.postgres:
		return `strpos(LOWER((` + text + `) COLLATE "C"), ?) > 0`, strings.ToLower(part)
	case ascii:
		return `instr(LOWER(` + text + `), ?) > 0`, strings.ToLower(part)
	case s.postgres:
		return "(" + text + ") ~ ?", s.pattern(part)
	default:
		return "(" + text + ") GLOB ?", "*" + s.pattern(part) + "*"
	}
}

// pattern is a regular expression for PostgreSQL, and what GLOB takes for SQLite.
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
	return b.String()
}

// spellings are a letter's cases; of ASCII, those within ASCII.
func spellings(r rune) []rune {
	all := []rune{r}
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		if r >= utf8.RuneSelf || next < utf8.RuneSelf {
			all = append(all, next)
		}
	}
	return all
}
