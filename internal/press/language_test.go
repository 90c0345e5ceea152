package press

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseLang(t *testing.T) {
	for in, want := range map[string]Lang{
		"en":         "en",
		"RU":         "ru",
		"uz-Cyrl":    "uz-Cyrl",
		"UZ-cyrl":    "uz-Cyrl",
		"uz_Latn":    "uz-Latn",
		"kk-KZ":      "kk-KZ",
		"sr-latn-rs": "sr-Latn-RS",
		"zh-Hant-TW": "zh-Hant-TW",
		"tg":         "tg",
		// Codes that BCP 47 has replaced.
		"iw":        "he",
		"zh-cmn":    "cmn",
		"i-klingon": "tlh",
	} {
		if got, err := ParseLang(in); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", " ", "e", "xx", "english", "русский", "en ru", " en", "en\r\n", "en\x00", "ru-", "-ru", "\xff", "en-ZZZZZZZZZ", "und", "und-Latn", "UND-RU", "x-house", "419", "*"} {
		if got, err := ParseLang(in); err == nil || got != "" || !strings.Contains(err.Error(), "BCP 47") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

// TestLangIsCanonical: what was parsed parses to itself, so that equal tags are
// equal strings.
func TestLangIsCanonical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringMatching(`[a-zA-Z]{2,3}([-_][a-zA-Z]{4})?([-_]([a-zA-Z]{2}|[0-9]{3}))?([-_][a-z0-9]{1,8}){0,2}`).Draw(t, "tag")
		l, err := ParseLang(in)
		if err != nil {
			return
		}
		if again, err := ParseLang(string(l)); err != nil || again != l {
			t.Fatalf("%q: %q, then %q, %v", in, l, again, err)
		}
	})
}

// officially has every code that ISO 3166-1 assigns.
const officially = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
	"CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR " +
	"GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
	"KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ " +
	"NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
	"SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
	"UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"

// TestParseCountryKnowsEveryCode goes through all pairs of letters.
func TestParseCountryKnowsEveryCode(t *testing.T) {
	known := map[string]bool{"XK": true}
	for code := range strings.FieldsSeq(officially) {
		known[code] = true
	}
	if len(known) != 250 {
		t.Fatalf("the test knows %d codes", len(known))
	}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			for _, in := range []string{code, strings.ToLower(code)} {
				got, err := ParseCountry(in)
				switch {
				case known[code] && (err != nil || got != Country(code)):
					t.Errorf("%s: %q, %v", in, got, err)
				case !known[code] && (err == nil || got != ""):
					t.Errorf("%s is no country, and was accepted as %s", in, got)
				}
			}
		}
	}
}

func TestParseCountryRefuses(t *testing.T) {
	for in, want := range map[string]string{ // a part of the error
		"UK":         "the United Kingdom's is GB",
		"uk":         "the United Kingdom's is GB",
		"SU":         "RU, UZ, KZ and the codes of the other successor states followed it",
		"AN":         "BQ, CW and SX followed it",
		"YU":         "ME and RS followed it",
		"CS":         "ME and RS followed it",
		"DD":         "DE followed it",
		"TP":         "TL followed it",
		"ZR":         "CD followed it",
		"EU":         "is no country",
		"UN":         "is no country", // an organisation
		"IC":         "is no country", // reserved for postal use
		"":           "is no country",
		"U":          "is no country",
		"UZB":        "is no country",
		"860":        "is no country",
		"12":         "is no country",
		"U\t":        "is no country",
		"Uzbekistan": "is no country",
		"\xff\xff":   "is no country",
		"\x00\x00":   "is no country",
		"é":          "is no country", // two bytes
	} {
		got, err := ParseCountry(in)
		if err == nil || got != "" || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestTextIn(t *testing.T) {
	both := Text{"": "for all", "ru": "по-русски", "kk": ""}
	for l, want := range map[Lang]string{"ru": "по-русски", "en": "for all", "kk": "", "": "for all"} {
		if got := both.In(l); got != want {
			t.Errorf("%q: %q, want %q", l, got, want)
		}
	}
	if got := (Text{"ru": "по-русски"}).In("en"); got != "" {
		t.Errorf("a text without an English one gives %q", got)
	}
	if got := Text(nil).In("en"); got != "" {
		t.Errorf("no text gives %q", got)
	}
}
