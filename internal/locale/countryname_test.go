package locale

import (
	"strings"
	"testing"

	"dateline/internal/press"
)

func TestCountriesNamed(t *testing.T) {
	countries := NewCountries()
	for name, want := range map[string]press.Country{
		"UZ": "UZ", "uz": "UZ", "UZB": "UZ", "Uzbekistan": "UZ", "Republic of Uzbekistan": "UZ", "Узбекистан": "UZ", "Oʻzbekiston": "UZ", "O'zbekiston": "UZ", "Ўзбекистон": "UZ",
		"Türkiye": "TR", "TURKIYE": "TR", "Turkey": "TR", "Турция": "TR", "Kyrgyz Republic": "KG", "the Kyrgyz  Republic": "KG", "Kyrgyzstan": "KG", "Кыргызстан": "KG", "Киргизия": "KG",
		"Czech Republic": "CZ", "Czechia": "CZ", "Cote d'Ivoire": "CI", "Côte d’Ivoire": "CI", "Eswatini": "SZ", "North Macedonia": "MK", "Republic of Korea": "KR", "Viet Nam": "VN",
		"USA": "US", "U.S.A.": "US", "UK": "GB", "Great Britain": "GB", "Österreich": "AT", "Osterreich": "AT", "Austria": "AT", "AUT": "AT", "Autriche": "AT", "Австрия": "AT",
		"Россия": "RU", "Russian Federation": "RU", "Zaire": "CD", "ZR": "CD", "DD": "DE", "Burma": "MM", "BU": "MM", "Тоҷикистон": "TJ", "Қазақстан": "KZ", "Türkmenistan": "TM",
		"Trinidad & Tobago": "TT", "Trinidad and Tobago": "TT", "中国": "CN", "مصر": "EG",
	} {
		if got, err := countries.Named(name); err != nil || got != want {
			t.Errorf("%s is %s, %v; want %s", name, got, err, want)
		}
	}
}

func TestCountriesAsk(t *testing.T) {
	countries := NewCountries()
	for name, want := range map[string]string{
		"AN": "BQ, CW and SX", "SU": "successor", "YU": "ME and RS", "USSR": "UZ", "СССР": "KZ", "Yugoslavia": "RS", "Czechoslovakia": "CZ, SK", "Netherlands Antilles": "BQ, CW, SX",
		"Korea": "KP, KR", "Congo": "CD, CG", "Uzbekistn": "no country", "": "no country", "QQ": "no country", "England": "no country", "XX": "no country", "Europe": "no country", "Tashkent": "no country",
	} {
		if got, err := countries.Named(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %s, %v; want an error with %q", name, got, err, want)
		}
	}
}

// Every country is found by its own code, and by the name that English has for
// it.
func FuzzCountry(f *testing.F) {
	countries := NewCountries()
	for _, s := range []string{"UZ", "Türkiye", "СССР", "Congo", "\x00", "the"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := countries.Named(s)
		if err != nil {
			return
		}
		if again, err := press.ParseCountry(string(c)); err != nil || again != c {
			t.Errorf("%q is %q, which is no country: %v", s, c, err)
		}
	})
}
