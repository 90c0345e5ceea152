package press

import (
	"fmt"

	"golang.org/x/text/language"
)

// Lang is a canonical BCP 47 language tag; script subtags are kept, because
// uz-Latn and uz-Cyrl are two editions.
type Lang string

// ParseLang reads a language tag and gives its canonical form.
func ParseLang(s string) (Lang, error) {
	tag, err := language.Parse(s)
	if err != nil || tag == language.Und {
		return "", fmt.Errorf("%q is no language; a BCP 47 tag is wanted, such as en, ru or uz-Cyrl", s)
	}
	return Lang(tag.String()), nil
}

// Country is an ISO 3166-1 alpha-2 code in use, in capitals.
type Country string

// ParseCountry reads a two-letter country code, in either case.
func ParseCountry(s string) (Country, error) {
	wrong := fmt.Errorf("%q is no country; an ISO 3166-1 code of two letters is wanted, such as UZ or AT", s)
	if len(s) != 2 {
		return "", wrong
	}
	region, err := language.ParseRegion(s)
	if err != nil || !region.IsCountry() {
		return "", wrong
	}
	if now := region.Canonicalize(); now != region {
		return "", fmt.Errorf("the country code %q is no longer in use; %s has followed it", s, now)
	}
	return Country(region.String()), nil
}

// Text is a text that may differ by language; the key "" holds for every
// language that has none of its own.
type Text map[Lang]string

// In gives the text in a language, or the one for all.
func (t Text) In(l Lang) string {
	if s, ok := t[l]; ok {
		return s
	}
	return t[""]
}
