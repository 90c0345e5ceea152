package press

import (
	"fmt"
	"strings"

	"golang.org/x/text/language"
)

// Lang is a canonical BCP 47 language tag; script subtags are kept, because
// uz-Latn and uz-Cyrl are two editions.
type Lang string

// ParseLang reads a language tag and gives its canonical form.
func ParseLang(s string) (Lang, error) {
	tag, err := language.Parse(s)
	if base, _, _ := tag.Raw(); err != nil || base.String() == "und" {
		return "", fmt.Errorf("%q is no language; a BCP 47 tag is wanted, such as en, ru or uz-Cyrl", s)
	}
	return Lang(tag.String()), nil
}

// Country is an ISO 3166-1 alpha-2 code in use, in capitals, or XK, by which
// Kosovo goes until it has one.
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
	code := strings.ToUpper(s)
	if code == "UK" {
		return "", fmt.Errorf("%q is no ISO 3166-1 code; the United Kingdom's is GB", s)
	}
	switch after, reserved := notInUse(code); {
	case reserved:
		return "", wrong
	case after != "":
		return "", fmt.Errorf("the country code %q is no longer in use; %s followed it", s, after)
	}
	if now := region.Canonicalize(); now != region {
		return "", fmt.Errorf("the country code %q is no longer in use; %s followed it", s, now)
	}
	return Country(region.String()), nil
}

// notInUse knows the codes that x/text takes for countries and ISO 3166-1 does
// not assign: what followed those withdrawn, and those that are only reserved.
func notInUse(code string) (after string, reserved bool) {
	switch code {
	case "AN":
		return "BQ, CW and SX", false
	case "FQ":
		return "AQ and TF", false
	case "NT":
		return "IQ and SA", false
	case "PC":
		return "FM, MH, MP and PW", false
	case "CS", "YU":
		return "ME and RS", false
	case "SU":
		return "RU, UZ, KZ and the codes of the other successor states", false
	case "AC", "CP", "CQ", "DG", "EA", "EZ", "IC", "TA", "UN":
		return "", true
	default:
		return "", false
	}
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
