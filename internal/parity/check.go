package parity

import (
	"fmt"
	"slices"
	"time"

	"dateline/internal/locale"
	"dateline/internal/markdown"
	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

// Input is a release with what its editions are read by.
type Input struct {
	Release press.Release
	Words   map[press.Lang]*locale.Language // of the editions' languages
	Fronts  map[press.Lang]yamlfile.Node    // each edition's front matter
	Sources map[string][]byte               // each edition's file
	Levels  map[string]press.LintLevel      // of every rule
}

// checker gathers the findings of one release.
type checker struct {
	Input
	editions []*edition
	zones    []*time.Location // in which the release tells its embargo
	found    []press.Finding
}

// Check looks through a release's editions. The findings are those that no
// edition accepts, in the order of their places.
func Check(in Input) []press.Finding {
	c := &checker{Input: in, zones: zonesOf(in.Release)}
	md := markdown.New()
	for _, e := range in.Release.Editions {
		c.editions = append(c.editions, readEdition(md, in, e))
	}
	for _, e := range c.editions {
		c.checkEdition(e)
	}
	c.compareEditions()
	c.accept()
	slices.SortStableFunc(c.found, press.Finding.Compare)
	return c.found
}

// checkEdition finds what is wrong with an edition whatever the others say.
// What is read out of a passage first is not read again as something else: the
// day of a date is no number of its own.
func (c *checker) checkEdition(e *edition) {
	months, days := monthsOf(e.words), weekOf(e.Lang)
	for _, p := range e.passages {
		e.readClocks(p)
		e.readNames(p)
		e.readDates(p, months)
		e.readNumbers(p)
		c.checkWeekdays(e, p, days)
		c.checkEmbargo(e, p)
		c.checkQuotes(e, p)
		c.checkLookAlikes(e, p)
		c.checkSpaces(e, p)
	}
	c.checkDateline(e)
	c.checkLinks(e)
}

// compareEditions finds in what the editions differ.
func (c *checker) compareEditions() {
	if len(c.editions) < 2 {
		return
	}
	dates := c.compare(comparison{rule: "dates", noun: "date", of: func(e *edition) []mention { return e.dates }}, c.editions)
	numbers := comparison{rule: "numbers", noun: "number", of: func(e *edition) []mention { return e.numbers }}
	numbers.spare = func(e *edition, ms []mention) []mention { return notOfDates(ms, dates[e]) }
	c.compare(numbers, c.editions)
	c.compareNames()
	c.compare(comparison{rule: "links", noun: "link to", of: func(e *edition) []mention { return e.links }}, c.editions)
	c.compareQuotes()
	c.compareBlocks()
}

// mostTold is how many findings of one rule an edition may have. Whoever has
// more has one reason for them.
const mostTold = 100

// report notes a finding, unless its rule is off.
func (c *checker) report(rule string, e *edition, at place, what, want string) {
	level := c.Levels[rule]
	if level == press.LintOff {
		return
	}
	e.told[rule]++
	switch n := e.told[rule]; {
	case n == mostTold+1:
		what, want = fmt.Sprintf("more than %d places have what this rule finds; the others are left out", mostTold), "mend those above, or accept the rule for the whole edition"
	case n > mostTold:
		return
	}
	c.found = append(c.found, press.Finding{
		Fault: press.Fault{
			File: c.path(e), Line: at.line, Column: at.column, What: what, Want: want,
		},
		Rule: rule, Level: level,
	})
}

// path is an edition's file within the config folder.
func (c *checker) path(e *edition) string { return "releases/" + c.Release.Slug + "/" + e.File }
