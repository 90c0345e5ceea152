package parity

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
)

// The worst texts are read in a time that grows with their length, and do not
// bury a person in findings: a bound of so many seconds is far beyond what any of
// these takes, and far below what it takes to hold everything against everything.
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
			t.Parallel()
			body := strings.Repeat(piece, 128<<10/len(piece))
			in := twoEditions(press.Edition{Lang: "en", File: "en.md", Body: body, BodyLine: 1}, press.Edition{Lang: "ru", File: "ru.md", Body: body + " 77", BodyLine: 1}, words)
			in.Release.Editions = append(in.Release.Editions, press.Edition{Lang: "kk", File: "kk.md", Body: "a", BodyLine: 1})
			in.Release.Embargo = press.Embargo{Lift: lift}
			start := time.Now()
			found := Check(in)
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
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
