package parity

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// comparison is one thing in which editions may differ.
type comparison struct {
	rule, noun string
	of         func(*edition) []mention
	once       bool // that it stands there counts, not how often
	// spare takes out of an edition's mentions, those too many or those that are
	// missing, what only looks like a difference; nil takes none.
	spare func(e *edition, ms []mention) []mention
}

// difference is what one edition has too much of, or too little.
type difference struct {
	extra, missing []mention // the missing ones as another edition has them
}

// tally is how often editions mention one thing.
type tally struct {
	eds    []*edition
	counts []int
	right  int        // the count that is held to be right
	wrong  []*edition // those to be told of it
	shown  map[*edition][]mention
}

// compare reports, for each thing mentioned, the editions that differ from most
// others, and gives all that it found to differ.
func (c *checker) compare(k comparison, eds []*edition) map[*edition]*difference {
	all := map[*edition]*difference{}
	for _, e := range eds {
		all[e] = &difference{}
	}
	tallies := tallied(k, eds)
	for _, key := range slices.Sorted(maps.Keys(tallies)) {
		t := tallies[key]
		for _, e := range t.wrong {
			t.addTo(all[e], e)
		}
	}
	for _, e := range eds {
		d := all[e]
		told := *d
		if k.spare != nil {
			told.extra, told.missing = k.spare(e, d.extra), k.spare(e, d.missing)
		}
		if k.rule == "numbers" {
			told = withoutWords(told)
		}
		c.reportDifference(k, e, told, tallies)
	}
	return all
}

// tallied counts everything that the editions mention, and judges each.
func tallied(k comparison, eds []*edition) map[string]*tally {
	tallies := map[string]*tally{}
	for i, e := range eds {
		for _, m := range k.of(e) {
			t := tallies[m.key]
			if t == nil {
				t = &tally{eds: eds, counts: make([]int, len(eds)), shown: map[*edition][]mention{}}
				tallies[m.key] = t
			}
			if t.counts[i] > 0 && k.once {
				continue
			}
			t.counts[i]++
			t.shown[e] = append(t.shown[e], m)
		}
	}
	for _, t := range tallies {
		t.right, t.wrong = judge(eds, t.counts)
	}
	return tallies
}

// judge gives the count that most editions have, and the editions that have
// another. Where as many have one as another, the first edition is told of it.
func judge(eds []*edition, counts []int) (right int, wrong []*edition) {
	votes := map[int]int{}
	for _, n := range counts {
		votes[n]++
	}
	most := 0
	for _, v := range votes {
		most = max(most, v)
	}
	var leading []int
	for _, n := range counts {
		if votes[n] == most && !slices.Contains(leading, n) {
			leading = append(leading, n)
		}
	}
	right = leading[0]
	if len(leading) > 1 && right == counts[0] {
		right = leading[1]
	}
	for i, n := range counts {
		if n != right && (i == 0 || !slices.Contains(leading, n)) {
			wrong = append(wrong, eds[i])
		}
	}
	return right, wrong
}

// addTo adds what an edition has too much of, or too little: those mentions
// that nothing stands against in the first edition that is right.
func (t *tally) addTo(d *difference, e *edition) {
	ref := t.eds[slices.Index(t.counts, t.right)]
	n := t.counts[slices.Index(t.eds, e)] - t.right
	own, others := unmatched(e, t.shown[e], ref, t.shown[ref])
	if n > 0 {
		d.extra = append(d.extra, own[:min(n, len(own))]...)
	} else {
		d.missing = append(d.missing, others[:min(-n, len(others))]...)
	}
}

// unmatched pairs mentions in passages that stand in the same place, and gives
// what is left of both.
func unmatched(e *edition, own []mention, ref *edition, others []mention) (a, b []mention) {
	there := map[*passage]int{} // how many of the others are still to be paired
	for _, o := range others {
		there[o.passage]++
	}
	for _, m := range own {
		if p := e.counterpart(m.passage, ref); p != nil && there[p] > 0 {
			there[p]--
		} else {
			a = append(a, m)
		}
	}
	for _, o := range slices.Backward(others) {
		if there[o.passage] > 0 {
			there[o.passage]--
			b = append(b, o)
		}
	}
	slices.Reverse(b)
	return a, b
}

// reportDifference tells of each mention that is too much or missing, and of one
// that stands in another's place once for the two.
func (c *checker) reportDifference(k comparison, e *edition, d difference, tallies map[string]*tally) {
	missing := slices.Clone(d.missing[:min(len(d.missing), mostTold+1)])
	for _, m := range d.extra[:min(len(d.extra), mostTold+1)] {
		t, told := tallies[m.key], m.passage.isTold(m.at)
		i := slices.IndexFunc(missing, func(o mention) bool {
			return o.passage.edition.counterpart(o.passage, e) == m.passage
		})
		if i >= 0 {
			there := tallies[missing[i].key]
			if !told {
				c.report(k.rule, e, m.place(), fmt.Sprintf("the %s %s stands here; %s in its place in %s", k.noun, clip(m.shown), clip(missing[i].shown), langs(there.with(there.right))),
					"the same is wanted in every edition")
			}
			missing = slices.Delete(missing, i, i+1)
			continue
		}
		if told {
			continue
		}
		c.report(k.rule, e, m.place(), fmt.Sprintf("the %s %s %s", k.noun, clip(m.shown), t.where(e)), "take it out, or put it into every edition")
	}
	for _, m := range missing {
		t := tallies[m.key]
		owner := m.passage.edition
		at := e.sectionPlace(0)
		if there := owner.counterpart(m.passage, e); there != nil {
			at = there.place(0)
		} else if owner.sections == e.sections && m.passage.inBody() {
			at = e.sectionPlace(m.passage.section)
		}
		c.report(k.rule, e, at, fmt.Sprintf("the %s %s %s", k.noun, clip(m.shown), t.where(e)), "put it in here, or take it out of every edition")
	}
}

// where says in which editions something stands, and in which it does not.
func (t *tally) where(e *edition) string {
	own := t.counts[slices.Index(t.eds, e)]
	others := t.with(t.right)
	switch {
	case own == 0:
		return fmt.Sprintf("stands in %s; not in %s", langs(others), langs(t.with(0)))
	case t.right == 0:
		return fmt.Sprintf("stands in %s; not in %s", langs(t.with(own)), langs(others))
	default:
		return fmt.Sprintf("stands %s in %s; %s in %s", times(own), e.Lang, times(t.right), langs(others))
	}
}

// with lists the editions that have a count.
func (t *tally) with(n int) []*edition {
	var found []*edition
	for i, have := range t.counts {
		if have == n {
			found = append(found, t.eds[i])
		}
	}
	return found
}

func langs(eds []*edition) string {
	names := make([]string, len(eds))
	for i, e := range eds {
		names[i] = string(e.Lang)
	}
	return strings.Join(names, ", ")
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}
