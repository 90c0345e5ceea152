package doctor

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

var tagName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// tags reads a list of tags as RFC 6376, 3.2 has them: a tag that stands twice
// makes the whole list worth nothing.
func tags(s string) (map[string]string, error) {
	all := map[string]string{}
	for part := range strings.SplitSeq(s, ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		if !ok || !tagName.MatchString(name) {
			return nil, fmt.Errorf("%q is no tag", shown(strings.TrimSpace(part)))
		}
		if _, twice := all[name]; twice {
			return nil, fmt.Errorf("`%s=` stands twice", name)
		}
		all[name] = strings.TrimSpace(value)
	}
	return all, nil
}

// shown is a stranger's text as a finding may quote it: short, and printable.
func shown(s string) string {
	const longest = 80
	if runes := []rune(printable(s)); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return printable(s)
}

// printable is a text without what would steer a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}
