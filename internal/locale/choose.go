package locale

import (
	"fmt"
	"slices"
	"strings"

	"dateline/internal/press"
)

// Choose picks the edition for a person who reads the languages of want, in
// the order of preference, from the editions that there are. First come the
// languages themselves, by exact tag; then, for each of them in order, the
// chain that is configured for it (chains are not followed further). The
// string says why this edition, or why none.
func Choose(want, have []press.Lang, fallbacks map[press.Lang][]press.Lang) (press.Lang, string, bool) {
	if len(want) == 0 {
		return "", "no language on file", false
	}
	for i, l := range want {
		if !slices.Contains(have, l) {
			continue
		}
		if i == 0 {
			return l, "first language", true
		}
		return l, fmt.Sprintf("%s language; no edition in %s", nth(i+1), join(want[:i])), true
	}
	for _, l := range want {
		for _, next := range fallbacks[l] {
			if slices.Contains(have, next) {
				return next, "fallback of " + string(l), true
			}
		}
	}
	whose := "its"
	if len(want) > 1 {
		whose = "their"
	}
	return "", fmt.Sprintf("no edition in %s or %s fallbacks", join(want), whose), false
}

func join(langs []press.Lang) string {
	tags := make([]string, len(langs))
	for i, l := range langs {
		tags[i] = string(l)
	}
	return strings.Join(tags, ", ")
}

// nth writes an ordinal number in English.
func nth(n int) string {
	ending := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			ending = "st"
		case 2:
			ending = "nd"
		case 3:
			ending = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, ending)
}
