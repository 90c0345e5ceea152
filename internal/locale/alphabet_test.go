package locale

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/bidi"
)

// A text in the wrong alphabet is a letter from a keyboard in the wrong
// layout, or a line that nobody translated.
func TestEveryLanguageKeepsToItsAlphabet(t *testing.T) {
	for _, tag := range shipped() {
		l := load(t, tag)
		may := alphabets()[tag] + " .,:;!?–—-()[]" + l.Quotes[0] + l.Quotes[1]
		texts := append([]string{l.Name, l.last}, append(l.months, l.monthsAlone...)...)
		for _, city := range l.zones {
			texts = append(texts, city)
		}
		for _, p := range l.phrases {
			texts = append(texts, p.texts()...)
		}
		for _, p := range l.dates {
			texts = append(texts, p.texts()...)
		}
		for _, text := range texts {
			for _, r := range strings.ToLower(text) {
				if !strings.ContainsRune(may, r) && !(tag == "zh" && unicode.Is(unicode.Han, r)) {
					t.Errorf("%s: %q (%U) stands in %q", tag, r, r, text)
				}
			}
		}
	}
}

// alphabets are the letters of each language in lower case, and the signs that
// it has of its own.
func alphabets() map[string]string {
	const (
		latin    = "abcdefghijklmnopqrstuvwxyz"
		cyrillic = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
		arabic   = "ابتثجحخدذرزسشصضطظعغفقلمنهوءآأؤئ،؛؟"
	)
	return map[string]string{
		"ar":      arabic + "كيإىة",
		"de":      latin + "äöüß",
		"en":      latin,
		"es":      latin + "áéíñóúü",
		"fa":      arabic + "پچژگکی\u0654\u064b\u200c\u2068\u2069", // hamza, tanwin, the joiner that joins nothing, isolates
		"fr":      latin + "àâæçéèêëîïôœùûüÿ’\u00a0\u202f",
		"uz-Latn": latin + "ʻʼ",
		"tk":      "abcçdeäfghijžklmnňoöprsştuüwyýz",
		"tr":      "abcçdefgğhıijklmnoöprsştuüvwyz", // w for New York
		"ru":      cyrillic,
		"uk":      "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя’",
		"uz-Cyrl": cyrillic + "ўқғҳ",
		"kk":      cyrillic + "әіңғүұқөһ",
		"ky":      cyrillic + "ңөү",
		"tg":      cyrillic + "ғӣқӯҳҷ",
		"zh":      "0123456789、，。：；！（）［］", // of full width, but for months
	}
}

// texts are what stands around the placeholders.
func (p pattern) texts() []string {
	var texts []string
	for _, x := range p {
		texts = append(texts, x.text)
	}
	return texts
}

// French has a space before what is made of two parts, and one that does not
// break; Chinese has none at all, nor punctuation of half width.
func TestPunctuationOfFrenchAndChinese(t *testing.T) {
	french, chinese := load(t, "fr"), load(t, "zh")
	for key, p := range french.phrases {
		text := []rune(" " + p.fill(func(string) string { return "x" }))
		for i, r := range text {
			before, behind := text[max(i-1, 0)], append(text, ' ')[i+1]
			if strings.ContainsRune(":»", r) && before != '\u00a0' || strings.ContainsRune(";!?", r) && before != '\u202f' || r == '«' && behind != '\u00a0' {
				t.Errorf("%s: %q stands between %U and %U", key, r, before, behind)
			}
		}
	}
	for key, p := range chinese.phrases {
		for _, text := range p.texts() {
			if strings.ContainsAny(text, " ,.:;!?()[]") {
				t.Errorf("%s has punctuation of half width: %q", key, text)
			}
		}
	}
}

// A Latin name that begins with a number reads from the left, whole, in a line
// from the right.
func TestPersianSetsNamesApart(t *testing.T) {
	const name = "24.kg"
	for key, p := range load(t, "fa").phrases {
		if strings.HasPrefix(key, "notice.") {
			continue // cleaned of isolates
		}
		for _, value := range p.names() {
			if !slices.Contains([]string{"organisation", "outlet", "name", "topic", "address"}, value) {
				continue
			}
			text := p.fill(func(string) string { return name })
			if runs := runsFromLeft(t, text); !slices.Contains(runs, name) {
				t.Errorf("%s breaks {%s} into %q", key, value, runs)
			}
		}
	}
}

// runsFromLeft are the stretches of a line from the right that read from the
// left.
func runsFromLeft(t *testing.T, line string) []string {
	t.Helper()
	var p bidi.Paragraph
	if _, err := p.SetString(line, bidi.DefaultDirection(bidi.RightToLeft)); err != nil {
		t.Fatal(err)
	}
	order, err := p.Order()
	if err != nil {
		t.Fatal(err)
	}
	var runs []string
	for i := range order.NumRuns() {
		if run := order.Run(i); run.Direction() == bidi.LeftToRight {
			runs = append(runs, run.String())
		}
	}
	return runs
}
