package parity

import (
	"fmt"
	"strings"
	"testing"

	"dateline/internal/press"
)

// The worst texts are read to their end, and bury nobody in findings.
func TestTheWorstTexts(t *testing.T) {
	words := shippedWords(t)
	lift, err := press.ParseMoment("2027-03-04 18:00 Asia/Tashkent")
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range []string{
		"18:00 on Monday 4 May 2027, ", "18:00 on 4 May 2027. Ab ", "Embargo 18:00. Bc ", "Embargo 4 May 2011. ", "18:00 on 4 March 2027\n\n", "“a\n\n", "«“„\"", "[a](http://x.example/",
		"1 234 567 8 ", "1.", "аa ", "  a ,", "# a 77\n\nb\n\n", "a@", "A/1", "a <!-- lint: links -->\n", "НАТО NATO1 ", "- a\n", "|a", "&#", "Tashkent ", "7 ",
	} {
		t.Run(fmt.Sprintf("%q", piece), func(t *testing.T) {
			body := strings.Repeat(piece, 12<<10/len(piece))
			in := twoEditions(press.Edition{Lang: "en", File: "en.md", Body: body, BodyLine: 1}, press.Edition{Lang: "ru", File: "ru.md", Body: body + " 77", BodyLine: 1}, words)
			in.Release.Editions = append(in.Release.Editions, press.Edition{Lang: "kk", File: "kk.md", Body: "a", BodyLine: 1})
			in.Release.Embargo = press.Embargo{Lift: lift}
			found := Check(in)
			told := map[string]int{}
			for _, f := range found {
				told[f.File+f.Rule]++
			}
			for what, n := range told {
				if n > mostTold+1 {
					t.Errorf("%d findings of %s", n, what)
				}
			}
		})
	}
}
