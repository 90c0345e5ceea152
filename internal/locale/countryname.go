package locale

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/norm"

	"dateline/internal/press"
)

// Countries knows countries by their names. Make it once; it is safe for
// concurrent use.
type Countries struct {
	names func() map[string][]press.Country // folded name -> those that it may mean
}

// NewCountries makes one; the names are gathered when the first is asked for.
func NewCountries() *Countries { return &Countries{sync.OnceValue(countryNames)} }

// Named finds a country by its code of two or three letters (ISO 3166-1), or by
// its name: the common one in any of some languages, the official one in
// English, and what it was called before. Case, accents, spaces and punctuation
// do not matter. Nothing is guessed: what names no country, several, or one that
// is no more and has several successors, is an error that says what to write.
func (c *Countries) Named(s string) (press.Country, error) {
	s = strings.TrimSpace(s)
	code, err := press.ParseCountry(s)
	if err == nil {
		return code, nil
	}
	if len(s) == 2 && !strings.EqualFold(s, "uk") {
		if one := soleSuccessors()[strings.ToUpper(s)]; one != "" {
			return one, nil
		}
		return "", err
	}
	if len(s) == 3 {
		if region, wrong := language.ParseRegion(s); wrong == nil && region.IsCountry() && strings.EqualFold(region.ISO3(), s) {
			return press.ParseCountry(region.String())
		}
	}
	switch found := c.names()[foldCountry(s)]; len(found) {
	case 0:
		return "", fmt.Errorf("%q is no country; a code of two letters is wanted, such as UZ, or its name", s)
	case 1:
		return found[0], nil
	default:
		return "", fmt.Errorf("%q may be any of several countries; the code of the one that is meant is wanted: %s", s, joinCodes(found))
	}
}

func joinCodes(all []press.Country) string {
	codes := make([]string, len(all))
	for i, c := range all {
		codes[i] = string(c)
	}
	return strings.Join(codes, ", ")
}

// soleSuccessors are codes that ended and became one other country.
func soleSuccessors() map[string]press.Country {
	return map[string]press.Country{
		"BU": "MM", "DD": "DE", "DY": "BJ", "FX": "FR", "HV": "BF", "NH": "VU", "RH": "ZW", "TP": "TL", "VD": "VN", "YD": "YE", "ZR": "CD",
	}
}

// foldCountry is a name without what does not matter in it.
func foldCountry(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		switch {
		case r == '&':
			b.WriteString("and")
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return strings.TrimPrefix(b.String(), "the")
}

// countryNames gathers the names.
func countryNames() map[string][]press.Country {
	names := map[string][]press.Country{}
	add := func(name string, to ...press.Country) {
		key := foldCountry(name)
		for _, c := range to {
			if key != "" && !slices.Contains(names[key], c) {
				names[key] = append(names[key], c)
			}
		}
	}
	for _, n := range commonCountryNames() {
		add(n.name, n.country)
	}
	for code, others := range otherCountryNames() {
		for _, name := range others {
			key := foldCountry(name)
			names[key] = []press.Country{code} // said by hand, it is sure
		}
	}
	for name, heirs := range endedCountries() {
		delete(names, foldCountry(name))
		add(name, heirs...)
	}
	return names
}

type countryName struct {
	name    string
	country press.Country
}

// commonCountryNames are CLDR's, in the languages of newsrooms.
func commonCountryNames() []countryName {
	var regions []language.Region
	var all []countryName
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if c, err := press.ParseCountry(string([]rune{a, b})); err == nil {
				regions = append(regions, language.MustParseRegion(string(c)))
			}
		}
	}
	for _, tag := range []string{"en", "ru", "uz", "uz-Cyrl", "kk", "ky", "tg", "tk", "de", "fr", "es", "it", "pt", "tr", "uk", "ar", "fa", "zh"} {
		namer := display.Regions(language.MustParse(tag))
		for _, r := range regions {
			if namer != nil {
				all = append(all, countryName{namer.Name(r), press.Country(r.String())})
			}
		}
	}
	for _, r := range regions {
		all = append(all, countryName{display.Self.Name(language.Make("und-" + r.String())), press.Country(r.String())})
	}
	return all
}

// otherCountryNames are names that CLDR's do not have, or has under another
// country.
func otherCountryNames() map[press.Country][]string {
	return map[press.Country][]string{
		"BA": {"Bosnia and Herzegovina", "Bosnia"},
		"BN": {"Brunei Darussalam"},
		"BO": {"Plurinational State of Bolivia"},
		"BY": {"Belorussia", "Republic of Belarus", "Белоруссия", "Республика Беларусь"},
		"CD": {"Democratic Republic of the Congo", "DR Congo", "DRC", "Zaire"},
		"CG": {"Republic of the Congo", "Congo-Brazzaville"},
		"CI": {"Côte d'Ivoire", "Ivory Coast"},
		"CN": {"People's Republic of China", "PRC"},
		"CV": {"Cabo Verde", "Cape Verde"},
		"CZ": {"Czech Republic", "Czechia", "Чехия"},
		"DE": {"Federal Republic of Germany", "BRD", "ФРГ"},
		"FM": {"Federated States of Micronesia"},
		"GB": {"UK", "U.K.", "United Kingdom", "Great Britain", "Britain", "United Kingdom of Great Britain and Northern Ireland", "Великобритания"},
		"IR": {"Islamic Republic of Iran"},
		"KG": {"Kyrgyz Republic", "Kirghizia", "Kirgizstan", "Киргизия", "Киргизская Республика", "Кыргызская Республика", "Кыргыз Республикасы", "Qirg'iziston", "Qirgʻiziston"},
		"KP": {"Democratic People's Republic of Korea", "DPRK", "North Korea", "КНДР"},
		"KR": {"Republic of Korea", "South Korea", "Korea, Republic of"},
		"KZ": {"Republic of Kazakhstan", "Республика Казахстан", "Қазақстан Республикасы", "Qozog'iston"},
		"LA": {"Lao People's Democratic Republic", "Lao PDR"},
		"MD": {"Republic of Moldova", "Moldavia", "Молдавия", "Республика Молдова"},
		"MK": {"North Macedonia", "Republic of North Macedonia", "Macedonia"},
		"MM": {"Burma", "Myanmar"},
		"NL": {"Holland", "The Netherlands"},
		"PS": {"State of Palestine", "Palestine"},
		"RU": {"Russian Federation", "Российская Федерация", "РФ", "Россия"},
		"SY": {"Syrian Arab Republic"},
		"SZ": {"Eswatini", "Swaziland"},
		"TJ": {"Republic of Tajikistan", "Tadjikistan", "Республика Таджикистан", "Ҷумҳурии Тоҷикистон", "Tojikiston"},
		"TL": {"Timor-Leste", "East Timor"},
		"TM": {"Turkmenia", "Туркмения", "Туркменистан", "Turkmaniston"},
		"TR": {"Türkiye", "Turkey", "Republic of Türkiye", "Republic of Turkey"},
		"TZ": {"United Republic of Tanzania"},
		"US": {"USA", "U.S.A.", "U.S.", "United States", "United States of America", "США"},
		"UZ": {"Republic of Uzbekistan", "Республика Узбекистан", "O'zbekiston", "Oʻzbekiston Respublikasi", "Ўзбекистон Республикаси"},
		"VA": {"Holy See", "Vatican"},
		"VE": {"Bolivarian Republic of Venezuela"},
		"VN": {"Viet Nam", "Socialist Republic of Viet Nam"},
		"XK": {"Kosovo"},
	}
}

// endedCountries are countries that are no more, or names of several, with
// those that one of them may be now.
func endedCountries() map[string][]press.Country {
	soviet := []press.Country{"AM", "AZ", "BY", "EE", "GE", "KG", "KZ", "LT", "LV", "MD", "RU", "TJ", "TM", "UA", "UZ"}
	yugoslav := []press.Country{"BA", "HR", "ME", "MK", "RS", "SI"}
	return map[string][]press.Country{
		"USSR": soviet, "U.S.S.R.": soviet, "Soviet Union": soviet, "СССР": soviet, "Советский Союз": soviet,
		"Yugoslavia": yugoslav, "Югославия": yugoslav, "Serbia and Montenegro": {"ME", "RS"},
		"Czechoslovakia": {"CZ", "SK"}, "Чехословакия": {"CZ", "SK"}, "Netherlands Antilles": {"BQ", "CW", "SX"},
		"Korea": {"KP", "KR"}, "Congo": {"CD", "CG"}, "Конго": {"CD", "CG"}, "East Germany": {"DE"}, "GDR": {"DE"}, "ГДР": {"DE"},
		"America": {"US"}, "Central Asia": {"KG", "KZ", "TJ", "TM", "UZ"},
	}
}
