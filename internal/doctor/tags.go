package doctor

import (
	"fmt"
	"regexp"
	"strings"
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

// shown is a stranger's text as a finding may quote it: short, and on one line.
func shown(s string) string {
	const longest = 80
	s = strings.ToValidUTF8(s, "?")
	if runes := []rune(s); len(runes) > longest {
		s = string(runes[:longest]) + "…"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
}
