package parity

import (
	"strings"
	"testing"

	"dateline/internal/press"
)

// Whatever two editions have in them, the findings stand within their files, and
// say what is wrong and what would be right.
func FuzzCheck(f *testing.F) {
	words := shippedWords(f)
	for _, e := range folderInput(f, sampleFolder, sampleSlug, words).Release.Editions {
		f.Add(e.Headline, e.Body, "# A\n\n“It is” 5 March 2027, 18:00 UTC\n\n|a|b|\n|-|-|\n|1|<!-- lint: numbers -->|")
	}
	f.Add("", "", "")
	f.Add("x", "Embargo: 24:00 on 4 March 2027 <!-- lint: spaces -->", "\"Monday, 31 February\" 0.5.5 1 000 000,00 ٣٤٥ 99:99")
	f.Fuzz(func(t *testing.T, headline, first, second string) {
		in := twoEditions(
			press.Edition{Lang: "en", File: "en.md", Headline: headline, Subject: headline, Body: first, BodyLine: 6, Cities: []string{"Tashkent"}},
			press.Edition{Lang: "ru", File: "ru.md", Headline: headline, Subject: second, Body: second, BodyLine: 1}, words)
		in.Release.Embargo.None = false
		if lift, err := press.ParseMoment("2027-03-04 18:00 Asia/Tashkent"); err == nil {
			in.Release.Embargo.Lift = lift
		}
		last := map[string]int{"releases/made-up/en.md": 5 + 1 + strings.Count(first, "\n"), "releases/made-up/ru.md": 1 + strings.Count(second, "\n")}
		for _, x := range Check(in) {
			if x.Line < 1 || x.Column < 1 || x.Line > last[x.File] || x.What == "" || x.Want == "" || x.Level == "" {
				t.Errorf("%+v", x)
			}
		}
	})
}

// A release of the size that offices send, in eight editions of a thousand
// words.
func BenchmarkCheck(b *testing.B) {
	in := folderInput(b, sampleFolder, sampleSlug, shippedWords(b))
	for i, e := range in.Release.Editions {
		for len(strings.Fields(in.Release.Editions[i].Body)) < 1000 {
			in.Release.Editions[i].Body += "\n\n" + e.Body
		}
	}
	b.ResetTimer()
	for b.Loop() {
		Check(in)
	}
}
