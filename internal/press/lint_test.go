package press

import (
	"slices"
	"strings"
	"testing"
)

func TestUnmarkLint(t *testing.T) {
	for name, c := range map[string]struct {
		body, text string
		lines      []int
		marks      []LintMark
	}{
		"none":            {"a\n\nb\n", "a\n\nb\n", []int{1, 2, 3, 4}, nil},
		"another comment": {"a <!-- b -->\n", "a <!-- b -->\n", []int{1, 2}, nil},
		"at the end":      {"é a <!-- lint: numbers, names -->\nb", "é a\nb", []int{1, 2}, []LintMark{{"numbers", 1, 16, 1}, {"names", 1, 25, 1}}},
		"before":          {"a\n<!-- lint: dates: as the ministry has it -->\nb\n", "a\nb\n", []int{1, 3, 4}, []LintMark{{"dates", 2, 12, 3}}},
		"far before":      {"<!-- lint: dates -->\n\nb", "\nb", []int{2, 3}, []LintMark{{"dates", 1, 12, 3}}},
		"two before":      {"<!-- lint: dates -->\n<!--lint: links—why-->\nb", "b", []int{3}, []LintMark{{"dates", 1, 12, 3}, {"links", 2, 11, 3}}},
		"both":            {"<!-- lint: dates -->\nb <!-- lint: links - no -->\n", "b\n", []int{2, 3}, []LintMark{{"dates", 1, 12, 2}, {"links", 2, 14, 2}}},
		"names with dash": {"b <!-- lint: look-alikes — a brand -->", "b", []int{1}, []LintMark{{"look-alikes", 1, 14, 1}}},
		"no text behind":  {"b\n<!-- lint: links -->\n", "b\n", []int{1, 3}, []LintMark{{"links", 2, 12, 0}}},
		"in a list":       {"- a\n<!-- lint: links -->\n- b\n", "- a\n- b\n", []int{1, 3, 4}, []LintMark{{"links", 2, 12, 3}}},
		"not closed":      {"b <!-- lint: links\n", "b <!-- lint: links\n", []int{1, 2}, nil},
		"no names":        {"b <!-- lint: -->", "b", []int{1}, nil},
	} {
		u := UnmarkLint(c.body)
		if u.Text != c.text || !slices.Equal(u.Lines, c.lines) || !slices.Equal(u.Marks, c.marks) {
			t.Errorf("%s: got %+v", name, u)
		}
	}
}

func FuzzUnmarkLint(f *testing.F) {
	f.Add("a <!-- lint: numbers -->\n<!-- lint: x -->\n\nb")
	f.Fuzz(func(t *testing.T, body string) {
		u := UnmarkLint(body)
		if got, want := len(u.Lines), strings.Count(u.Text, "\n")+1; got < want {
			t.Errorf("%d lines are placed, the text has %d", got, want)
		}
		all := strings.Count(body, "\n") + 1
		for _, l := range u.Lines {
			if l < 1 || l > all {
				t.Errorf("line %d of %d", l, all)
			}
		}
		for _, m := range u.Marks {
			if m.Line < 1 || m.Line > all || m.Column < 1 || m.For > all {
				t.Errorf("%+v, of %d lines", m, all)
			}
		}
	})
}

func TestEveryRuleHasALevel(t *testing.T) {
	levels := DefaultLint()
	for _, r := range LintRules() {
		if levels[r.Name] == "" || !slices.Contains(LintLevels(), r.Level) {
			t.Errorf("%s has the level %q", r.Name, r.Level)
		}
	}
	if slices.Contains(LintRuleNames(), "unused") {
		t.Error("a text can accept that it accepts nothing")
	}
}
