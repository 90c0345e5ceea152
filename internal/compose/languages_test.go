package compose

import (
	"slices"
	"strings"
	"testing"

	"dateline/internal/press"
)

// in is a short release in one language.
func in(t testing.TB, lang press.Lang) press.Frozen {
	t.Helper()
	f := small(t)
	e := &f.Release.Editions[0]
	e.Lang, e.File = lang, string(lang)+".md"
	return f
}

// An advance copy in each language that ships renders, as any kind of release,
// and tells the instants in its own words and digits.
func TestEveryLanguageRenders(t *testing.T) {
	lines := map[press.Lang][]string{
		"ar": {"محظور النشر حتى 4 مارس 2027، 18:00 (طشقند، UTC+5)"},
		"de": {"Sperrfrist bis 4. März 2027, 18:00 Uhr (Taschkent, UTC+5)", "  4. März 2027, 13:00 Uhr (UTC)"},
		"es": {"Embargado hasta el 4 de marzo de 2027 a las 18:00 (Taskent, UTC+5)"},
		"fa": {"انتشار ممنوع تا ۴ مارس ۲۰۲۷، ساعت ۱۸:۰۰ (تاشکند، UTC+۵)", "  ۴ مارس ۲۰۲۷، ساعت ۱۳:۰۰ (زمان هماهنگ جهانی، UTC)"},
		"fr": {"Sous embargo jusqu’au 4 mars 2027 à 18:00 (Tachkent, UTC+5)", "  4 mars 2027 à 14:00 (Vienne, UTC+1)"},
		"tr": {"Ambargonun bitişi: 4 Mart 2027, saat 18:00 (Taşkent, UTC+5)"},
		"uk": {"Ембарго до 4 березня 2027 року, 18:00 (Ташкент, UTC+5)"},
		"zh": {"禁发期至2027年3月4日18:00（塔什干，UTC+5）", "  2027年3月4日13:00（协调世界时，UTC）"},
	}
	for _, tag := range phraseLanguages(shipped(t)) {
		lang := press.Lang(tag)
		f := in(t, lang)
		if faults := Check(f); len(faults) > 0 {
			t.Errorf("%s: %v", lang, faults)
			continue
		}
		r, err := newKit(t, f).Render(advance(lang))
		must(t, err)
		for _, line := range lines[lang] {
			if !slices.Contains(strings.Split(r.Text, "\n"), line) {
				t.Errorf("%s lacks the line\n%s\nin\n%s", lang, line, r.Text)
			}
		}
		if dir := map[bool]string{true: "rtl", false: "ltr"}[tag == "ar" || tag == "fa"]; !strings.Contains(r.HTML, `<html lang="`+tag+`" dir="`+dir+`"`) {
			t.Errorf("the page in %s begins with %.100s", lang, r.HTML)
		}
	}
}
