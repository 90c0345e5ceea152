package parity

import (
	"fmt"
	"slices"
	"testing"

	"dateline/internal/locale"
	"dateline/internal/press"
)

// alone gives what the rules say of one edition of a release whose embargo lifts
// at 18:00 in Tashkent, 13:00 in UTC: the rule, the place, in their order.
func alone(t *testing.T, words map[press.Lang]*locale.Language, lang press.Lang, body string) []string {
	t.Helper()
	e := press.Edition{Lang: lang, File: string(lang) + ".md", Body: body, BodyLine: 1, Cities: []string{"Tashkent", "Vienna"}}
	in := Input{Words: words, Levels: press.DefaultLint()}
	in.Release = press.Release{Slug: "made-up", Editions: []press.Edition{e}, Dateline: press.Dateline{Date: press.Date{Year: 2027, Month: 3, Day: 4}, Zone: "Asia/Tashkent"}}
	lift, err := press.ParseMoment("2027-03-04 18:00 Asia/Tashkent")
	if err != nil {
		t.Fatal(err)
	}
	in.Release.Embargo.Lift = lift
	var found []string
	for _, f := range Check(in) {
		found = append(found, fmt.Sprintf("%s %d:%d", f.Rule, f.Line, f.Column))
	}
	return found
}

func TestWhatIsWrongInOneEdition(t *testing.T) {
	words := shippedWords(t)
	for _, c := range []struct {
		lang press.Lang
		body string
		want []string
	}{
		// quotation marks
		{"en", "“He said ‘no’ to it.”", nil},
		{"en", "The states’ 'own' rock 'n' roll, 5' 10", nil},
		{"en", "“One paragraph.\n\n“And its end.”", nil},
		{"en", "“One paragraph.\n\nAnd its end.”", []string{"quote-marks 1:1", "quote-marks 3:13"}},
		{"en", "Say \"this\"", []string{"quote-marks 1:5"}},
		{"en", "Say «this»", []string{"quote-marks 1:5"}},
		{"en", "`\"code\"` and [text](https://example.org \"a title\")", nil},
		{"ru", "«Он сказал „нет“ и ушёл»", nil},
		{"ru", "Он сказал “нет”", []string{"quote-marks 1:11"}},
		{"ru", "«Один", []string{"quote-marks 1:1"}},
		{"ru", "Один»", []string{"quote-marks 1:5"}},
		{"ru", "«Один”", []string{"quote-marks 1:6"}},
		{"ar", "قال «نعم»", nil},
		{"ja", "「はい」", nil}, // a language without phrases
		// links
		{"en", "See http://example.org/a and [b](ftp://example.org), <mailto:a@b.example>, [c](tel:+998710000000)", []string{"link-https 1:5", "link-https 1:30"}},
		{"en", "See www.example.org", []string{"link-https 1:5"}},
		// spaces
		{"en", "One  two", []string{"spaces 1:4"}},
		{"en", "One\ntwo ,\nthree", []string{"spaces 2:4"}},
		{"en", "One   \ntwo", nil}, // a line break
		{"en", "- one\n-  two\n1.  three", nil},
		{"en", "| a  |  b |\n|----|----|\n| 1  |  2 |", nil},
		{"en", "it is .5, 3 : 1, and … so", nil},
		{"en", "2 :", nil},
		// look-alikes
		{"ru", "COVID-19 и COVIDа", []string{"look-alikes 1:17"}},
		{"ru", "Интернет-магазин IT-компании, Wi‑Fi-сеть", nil},
		{"ru", "пришёл и сел c нами", []string{"look-alikes 1:14"}},
		{"ru", "витамин C и план «Б»", nil},
		{"uz-Latn", "oʻzbek, o‘zbek, oʼzbek, g'alaba, maʼno", nil},
		{"en", "5 µm, 3 Ω, α-helix", nil},
		{"tg", "ҷаҳон, ӯ, ғ", nil},
		// weekdays
		{"en", "On Thursday, March 4, 2027, and on Friday 4 March", []string{"weekday 1:36"}},
		{"en", "Thursday and Friday, 4–5 March 2027", nil},
		{"en", "By Sunday the talks had ended. On 4 March 2027 they began.", nil},
		{"en", "From Monday, 30 February 2027", nil}, // no such day: nothing is said of its weekday
		{"uz-Latn", "2027-yil 4-mart, juma kuni", []string{"weekday 1:18"}},
		{"tk", "Anna 4-nji martda geldi", nil},
		// an embargo
		{"en", "EMBARGOED until 18:00 Tashkent time (13:00 UTC), 4 March 2027", nil},
		{"en", "EMBARGOED until 18:00 Tashkent time (14:00 UTC), 4 March 2027", []string{"embargo-typed 1:38"}},
		{"en", "Embargo: 4 March 2027, 2 p.m. in Vienna", nil},
		{"en", "Embargo: 4 March 2027, 3 p.m. in Vienna", []string{"embargo-typed 1:10"}},
		{"en", "Embargo until 18:00 (UTC+5), or 08:00 EST.", nil},
		{"en", "Embargo until 24:00 on 4 March 2027", []string{"embargo-typed 1:15"}},
		{"en", "Under embargo until 5 March 2027", []string{"embargo-typed 1:21"}},
		{"en", "The arms embargo of 4 March 2011 was lifted on 5 March 2027.", nil},
		{"en", "The embargo on arms began on 4 March 2011 at 10:00.", nil},
		{"en", "The conference opens at 10:00 on 4 March 2027.", nil},
		{"en", "It was 18:00 UTC on 4 March 2027.", []string{"embargo-typed 1:8"}},
		{"ru", "Эмбарго до 18.00 (по Ташкенту) 4 марта 2027 г.", nil},
		{"ru", "Эмбарго до 18.30 (по Ташкенту) 4 марта 2027 г.", []string{"embargo-typed 1:12"}},
		{"ru", "Эмбарго до 15 часов по Москве", []string{"embargo-typed 1:12"}},
		{"ru", "Эмбарго до 16 часов по Москве", nil},
		{"ky", "Эмбарго: 2027-жылдын 4-марты, саат 19:00, Бишкек убактысы", nil},
		{"uz-Latn", "Embargo: 2027-yil 4-mart, soat 18:00 (Toshkent vaqti)", nil},
		{"uz-Latn", "Embargo: 2027-yil 5-mart, soat 18:00 (Toshkent vaqti)", []string{"embargo-typed 1:10"}},
		// a dateline
		{"en", "TASHKENT, Vienna, 4 March 2027 — Five states agreed.", []string{"dateline 1:1"}},
		{"en", "**Tashkent** – Five states agreed.", []string{"dateline 1:3"}},
		{"en", "Tashkent – the capital – was the host.", nil},
		{"en", "Five states – Kazakhstan, Kyrgyzstan and others – agreed.", nil},
		{"en", "The UN — United Nations — agreed.", nil},
		{"en", "Text.\n\nTASHKENT — Five states agreed.", nil},
		{"en", "SAMARKAND, March 4 — Five states agreed.", []string{"dateline 1:1"}},
	} {
		if got := alone(t, words, c.lang, c.body); !slices.Equal(got, c.want) {
			t.Errorf("%s, %q:\n got %q\nwant %q", c.lang, c.body, got, c.want)
		}
	}
}
