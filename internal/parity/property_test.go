package parity

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dateline/internal/locale"
	"dateline/internal/press"
)

// twoEditions is a release with two editions, of these texts.
func twoEditions(first, second press.Edition, words map[press.Lang]*locale.Language) Input {
	r := press.Release{Slug: "made-up", Editions: []press.Edition{first, second}, Dateline: press.Dateline{Date: press.Date{Year: 2022, Month: 3, Day: 4}, Zone: "Asia/Tashkent"}}
	r.Embargo.None = true
	return Input{Release: r, Words: words, Levels: press.DefaultLint()}
}

// comparisons are the rules that compare editions.
var comparisons = []string{"numbers", "dates", "names", "links", "quotes", "paragraphs"}

// Editions that are equal differ in nothing, whatever stands in them.
func TestEqualEditionsDifferInNothing(t *testing.T) {
	words := shippedWords(t)
	rapid.Check(t, func(t *rapid.T) {
		lang := rapid.SampledFrom([]press.Lang{"en", "ru", "kk", "uz-Latn", "tk"}).Draw(t, "language")
		e := press.Edition{Lang: lang, File: string(lang) + ".md", Body: body(t), BodyLine: 5}
		other := e
		other.File = "other.md"
		for _, f := range Check(twoEditions(e, other, words)) {
			if slices.Contains(comparisons, f.Rule) {
				t.Error(f)
			}
		}
	})
}

// A number that is in one text alone is found, wherever it stands, in figures of
// any script.
func TestANumberInOneEditionIsFound(t *testing.T) {
	words := shippedWords(t)
	rapid.Check(t, func(t *rapid.T) {
		paragraphs := rapid.SliceOfN(rapid.SampledFrom([]string{
			"One text.", "Two people in 2021.", "- a\n- b", "- a\n  - ö\n\n    ü", "> said", "> > s\n> t", "# A heading", "Under\n---", "1. **bold** *and*",
			"|a|ä|\n|-|-|\n|1|&amp; [x](https://example.org/2)", "A\\* &ndash; <b>b</b>", "a\t<!-- c -->", "<https://example.org> ñ", "<!-- lint: links -->\nц",
		}), 1, 6).Draw(t, "paragraphs")
		n := rapid.IntRange(3000, 99999).Draw(t, "number")
		zero := rapid.SampledFrom([]rune("0٠۰०")).Draw(t, "zero")
		figures := strings.Map(func(r rune) rune { return zero + r - '0' }, fmt.Sprint(n))
		at := rapid.IntRange(0, len(paragraphs)-1).Draw(t, "where")
		e := press.Edition{Lang: "en", File: "en.md", Body: strings.Join(paragraphs, "\n\n"), BodyLine: 3}
		paragraphs[at] += " and " + figures + " more"
		other := press.Edition{Lang: "tk", File: "tk.md", Body: strings.Join(paragraphs, "\n\n"), BodyLine: 3}
		found := Check(twoEditions(e, other, words))
		found = slices.DeleteFunc(found, notNumbers)
		if len(found) != 1 || !strings.Contains(found[0].What, figures) {
			t.Fatalf("%d findings: %v", len(found), found)
		}
		// In two editions the first is told: at the paragraph that lacks the number.
		in := twoEditions(other, e, words)
		found = slices.DeleteFunc(Check(in), notNumbers)
		if len(found) != 1 {
			t.Fatalf("%d findings: %v", len(found), found)
		}
		line := strings.Split(other.Body, "\n")[found[0].Line-3]
		if !strings.HasPrefix(string([]rune(line)[found[0].Column-1:]), figures) {
			t.Errorf("%v: there stands %q", found[0], line)
		}
	})
}

func notNumbers(f press.Finding) bool { return f.Rule != "numbers" }

func body(t *rapid.T) string {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{
			"\n\n", "\n", " ", "  ", "# ", "- ", "> ", "|a|b|\n|-|-|\n", "«", "»", "“", "”", "„", "\"", "[x](https://example.org/a)", "https://example.org", "a@b.example",
			"A/RES/60/288", "4 March 2022", "4 марта 2022 года", "2022-nji ýylyň 4-nji martynda", "Monday", "18:00 UTC", "6 p.m.", "embargo", "эмбарго", "1 250,5", "20%", "COVID-19",
			"<!-- lint: numbers -->", "<b>", "&nbsp;", "&#8212;", "\\*", "TASHKENT — A", "гоcударство", "```\n",
		}),
		rapid.String(),
		rapid.Map(rapid.IntRange(0, 99999), func(n int) string { return fmt.Sprint(n) }),
	)
	return strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "body"), "")
}
