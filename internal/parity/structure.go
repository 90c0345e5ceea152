package parity

import (
	"fmt"
	"strings"
)

// alikeInSections gives the editions that have as many sections as most have:
// of the others it cannot be told which section stands for which.
func (c *checker) alikeInSections() []*edition {
	counts := make([]int, len(c.editions))
	for i, e := range c.editions {
		counts[i] = e.sections
	}
	right, _ := judge(c.editions, counts)
	var alike []*edition
	for _, e := range c.editions {
		if e.sections == right {
			alike = append(alike, e)
		}
	}
	return alike
}

// compareBlocks compares what the text is made of, section by section, and the
// headings of the whole.
func (c *checker) compareBlocks() {
	c.compareCount("paragraphs", "heading", func(*edition) string { return "the text" }, -1, c.editions, func(e *edition) ([]mention, int) {
		return e.mentionsOf("heading", -1)
	})
	alike := c.alikeInSections()
	for section := range alike[0].sections + 1 {
		for _, kind := range []string{"paragraph", "list item", "block quote", "table"} {
			c.compareCount("paragraphs", kind, func(e *edition) string { return e.sectionName(section) }, section, alike, func(e *edition) ([]mention, int) {
				return e.mentionsOf(kind, section)
			})
		}
	}
}

// mentionsOf gives the blocks of a kind, of a section or (-1) of the whole body.
func (e *edition) mentionsOf(kind string, section int) (found []mention, n int) {
	whole := &passage{edition: e, kind: kind, source: e.body}
	blocks := e.blocks
	if section >= 0 {
		blocks = e.parts[section].blocks
	}
	for _, b := range blocks {
		if b.kind == kind {
			found = append(found, mention{key: kind, passage: whole, at: -1, start: b.start})
		}
	}
	return found, len(found)
}

// compareCount reports the editions that have another number of something than
// most have: at the first that is too much, or where the section begins.
func (c *checker) compareCount(rule, noun string, where func(*edition) string, section int, eds []*edition, of func(*edition) ([]mention, int)) {
	if len(eds) < 2 {
		return
	}
	counts, found := make([]int, len(eds)), make([][]mention, len(eds))
	for i, e := range eds {
		found[i], counts[i] = of(e)
	}
	right, wrong := judge(eds, counts)
	t := tally{eds: eds, counts: counts}
	for _, e := range wrong {
		i := indexOf(eds, e)
		at := e.sectionPlace(max(section, 0))
		if counts[i] > right {
			at = found[i][right].place()
		}
		c.report(rule, e, at, fmt.Sprintf("%s has %s in %s; %s in %s", where(e), counted(counts[i], noun), e.Lang, figure(right), langs(t.with(right))),
			"the same number is wanted in every edition")
	}
}

func indexOf(eds []*edition, e *edition) int {
	for i, x := range eds {
		if x == e {
			return i
		}
	}
	return -1
}

func figure(n int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprint(n)
}

func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strings.Replace(figure(n), "none", "no", 1) + " " + noun
}
