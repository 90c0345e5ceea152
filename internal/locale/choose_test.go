package locale

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dateline/internal/press"
)

func langs(s string) []press.Lang {
	var ls []press.Lang
	for _, tag := range strings.Fields(s) {
		ls = append(ls, press.Lang(tag))
	}
	return ls
}

func TestChoose(t *testing.T) {
	fallbacks := map[press.Lang][]press.Lang{
		"uz-Cyrl": langs("uz-Latn ru en"),
		"uz-Latn": langs("uz-Cyrl"),
		"kk":      langs("ru"),
		"be":      langs("uz-Latn"),
	}
	for _, c := range []struct {
		want, have string
		lang       press.Lang
		why        string
	}{
		{"ru", "en ru", "ru", "first language"},
		{"kk ru", "en ru", "ru", "2nd language; no edition in kk"},
		{"kk tr ru", "en ru", "ru", "3rd language; no edition in kk, tr"},
		{"uz-Cyrl", "en ru", "ru", "fallback of uz-Cyrl"},
		{"uz-Cyrl", "ru uz-Latn", "uz-Latn", "fallback of uz-Cyrl"},
		{"tr kk", "ru", "ru", "fallback of kk"},
		{"kk uz-Cyrl", "uz-Latn", "uz-Latn", "fallback of uz-Cyrl"},
		{"uz-Cyrl en", "en ru", "en", "2nd language; no edition in uz-Cyrl"}, // one's own languages outweigh a chain
		{"be", "uz-Cyrl", "", "no edition in be or its fallbacks"},           // a chain's own chain is not followed
		{"uz", "uz-Latn", "", "no edition in uz or its fallbacks"},           // tags are exact
		{"tr", "en ru", "", "no edition in tr or its fallbacks"},
		{"tr az", "en ru", "", "no edition in tr, az or their fallbacks"},
		{"ru", "", "", "no edition in ru or its fallbacks"},
		{"", "en ru", "", "no language on file"},
		{"", "", "", "no language on file"},
	} {
		lang, why, ok := Choose(langs(c.want), langs(c.have), fallbacks)
		if lang != c.lang || why != c.why || ok != (c.lang != "") {
			t.Errorf("%q of %q: %q, %q, %v; want %q, %q", c.want, c.have, lang, why, ok, c.lang, c.why)
		}
	}
}

func TestNth(t *testing.T) {
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 112: "112th"} {
		if got := nth(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

// What is chosen is there, and whoever reads a language that is there gets one
// that they read; the order of the editions changes nothing.
func TestChooseKeepsItsPromise(t *testing.T) {
	pool := langs("en ru kk ky uz-Latn uz-Cyrl tg tk")
	some := rapid.SliceOfNDistinct(rapid.SampledFrom(pool), 0, 5, rapid.ID[press.Lang])
	rapid.Check(t, func(t *rapid.T) {
		want, have := some.Draw(t, "want"), some.Draw(t, "have")
		fallbacks := rapid.MapOfN(rapid.SampledFrom(pool), some, 0, 4).Draw(t, "fallbacks")
		lang, why, ok := Choose(want, have, fallbacks)
		if ok != slices.Contains(have, lang) || why == "" {
			t.Fatalf("%q, %q, %v", lang, why, ok)
		}
		own := slices.ContainsFunc(want, func(l press.Lang) bool { return slices.Contains(have, l) })
		if own && !slices.Contains(want, lang) {
			t.Errorf("%q is none of the person's own", lang)
		}
		turned := slices.Clone(have)
		slices.Reverse(turned)
		if again, _, _ := Choose(want, turned, fallbacks); again != lang {
			t.Errorf("%q, and %q with the editions turned round", lang, again)
		}
	})
}
