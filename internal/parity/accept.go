package parity

import (
	"cmp"
	"slices"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

// acceptance is a rule that an edition does not want to be told of, in all of
// its file or in one of its lines.
type acceptance struct {
	rule string
	line int // of the file; 0: all of it
	at   place
	used bool
}

// accept takes out of the findings what the editions accept, and adds the
// acceptances that nothing needed.
func (c *checker) accept() {
	accepted := map[string][]*acceptance{} // by file
	for _, e := range c.editions {
		accepted[c.path(e)] = e.acceptances()
	}
	c.found = slices.DeleteFunc(c.found, func(f press.Finding) bool {
		taken := false
		for _, a := range accepted[f.File] {
			if a.rule == f.Rule && (a.line == 0 || a.line == f.Line) {
				a.used, taken = true, true
			}
		}
		return taken
	})
	for _, e := range c.editions {
		for _, a := range accepted[c.path(e)] {
			if !a.used && c.Levels[a.rule] != press.LintOff {
				c.report("unused", e, a.at, "nothing is left here for `"+clip(a.rule)+"` to accept", "take the acceptance out")
			}
		}
	}
}

// acceptances lists what an edition accepts, in the order of its file.
func (e *edition) acceptances() []*acceptance {
	var all []*acceptance
	if n := e.front["lint"]; n.Kind() == yamlfile.List {
		for _, item := range n.List() {
			line, column := item.Place()
			all = append(all, &acceptance{rule: item.Text(), at: place{line, column}})
		}
	}
	first := max(e.BodyLine, 1) - 1
	marks := slices.SortedFunc(slices.Values(e.marks), func(a, b press.LintMark) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	for _, m := range marks {
		a := &acceptance{rule: m.Rule, line: -1, at: place{first + m.Line, m.Column}}
		if m.For > 0 {
			a.line = first + m.For
		}
		all = append(all, a)
	}
	return all
}
