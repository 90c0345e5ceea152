package parity

import (
	"fmt"
	"slices"
	"testing"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

func TestWhatAnEditionAccepts(t *testing.T) {
	words := shippedWords(t)
	for _, c := range []struct {
		name, front, body string
		off               string
		want              []string
	}{
		{"nothing", "{}", "a  b\n\nc  d", "", []string{"spaces 9:2", "spaces 11:2"}},
		{"at the end of the line", "{}", "a  b <!-- lint: spaces -->\n\nc  d", "", []string{"spaces 11:2"}},
		{"on the line before", "{}", "<!-- lint: spaces: so it is -->\na  b\n\nc  d", "", []string{"spaces 12:2"}},
		{"on the line before that, with one between", "{}", "<!-- lint: spaces — so it is -->\n\na  b\n\nc  d", "", []string{"spaces 13:2"}},
		{"within a paragraph", "{}", "a  b\n<!-- lint: spaces -->\nc  d\ne  f", "", []string{"spaces 9:2", "spaces 12:2"}},
		{"in a list", "{}", "- a  b\n<!-- lint: spaces -->\n- c  d\n- e  f <!-- lint: spaces -->\n- g  h", "", []string{"spaces 9:4", "spaces 13:4"}},
		{"in a table", "{}", "|a|\n|-|\n|c \"d\"|<!-- lint: quote-marks -->\n", "", nil},
		{"two rules, one not needed", "{}", "a  b <!-- lint: spaces, links -->", "", []string{"unused 9:25"}},
		{"the same twice", "{}", "a  b <!-- lint: spaces --> <!-- lint: spaces -->", "", nil},
		{"the whole file", "{lint: [spaces]}", "a  b\n\nc  d", "", nil},
		{"the whole file, and a line", "{lint: [spaces]}", "a  b <!-- lint: spaces -->", "", nil},
		{"the whole file, for nothing", "{lint: [spaces, links]}", "a  b", "", []string{"unused 1:17"}},
		{"what is off", "{lint: [spaces]}", "a  b <!-- lint: spaces -->", "spaces", nil},
		{"no line behind it", "{}", "a b\n\n<!-- lint: spaces -->\n", "", []string{"unused 11:12"}},
		{"unused, and off", "{}", "a b <!-- lint: spaces -->", "unused", nil},
	} {
		front, faults := yamlfile.Parse("en.md", []byte(c.front))
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		in := Input{Words: words, Levels: press.DefaultLint(), Fronts: map[press.Lang]yamlfile.Node{"en": front}}
		in.Release = press.Release{Slug: "made-up", Editions: []press.Edition{{Lang: "en", File: "en.md", Body: c.body, BodyLine: 9}}}
		if c.off != "" {
			in.Levels[c.off] = press.LintOff
		}
		var got []string
		for _, f := range Check(in) {
			got = append(got, fmt.Sprintf("%s %d:%d", f.Rule, f.Line, f.Column))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
