package parity

import (
	"regexp"
	"strings"
	"time"

	"dateline/internal/press"
)

// embargoWord is what languages call an embargo, or the order that it gives.
var embargoWord = regexp.MustCompile(`(?i)\b(?:embargo|sperrfrist)|эмбарго|ембарго|حظر النشر|تحریم خبری|ممنوعیت انتشار|禁发|禁止发布`)

// embargoesIn finds where an embargo is spoken of.
func embargoesIn(text string) [][]int {
	for _, part := range []string{"mbargo", "MBARGO", "мбарго", "МБАРГО", "perrfrist", "PERRFRIST", "حظر", "تحریم", "ممنوعیت", "禁"} {
		if strings.Contains(text, part) {
			return embargoWord.FindAllStringIndex(text, -1)
		}
	}
	return nil
}

// mostTimes is how many times of day of a paragraph are held against the lift.
const mostTimes = 500

// checkEmbargo holds instants in the text against the lift: those that are said
// to be the embargo, and those that show its day and clock in another zone.
func (c *checker) checkEmbargo(e *edition, p *passage) {
	unset := c.Release.Embargo.Lift.IsZero() && !c.Release.Embargo.None
	if unset || len(p.clocks) == 0 && len(p.dates) == 0 {
		return
	}
	for _, at := range embargoesIn(p.text) {
		s := p.sentenceAt(e, at[0])
		switch {
		case len(s.clocks) > 0:
			c.checkLift(e, p, s)
		case len(s.dates) > 0 && len(strings.Fields(p.text[s.from:at[0]])) < 2:
			c.checkLiftDay(e, p, s.dates[0])
		default:
			continue
		}
		return // told once in a passage
	}
	for _, clock := range p.clocks[:min(len(p.clocks), mostTimes)] {
		c.checkSeeming(e, p, clock)
	}
}

// checkLift holds every clock of a sentence on the embargo against the lift.
func (c *checker) checkLift(e *edition, p *passage, s sentence) {
	for i, clock := range s.clocks[:min(len(s.clocks), mostTimes)] {
		date, dated := s.dateOf(clock)
		if dated && !c.closeToLift(date) {
			continue
		}
		from, to := clock.from, clock.to
		if dated && i == 0 {
			from, to = min(from, date.from), max(to, date.to)
		}
		if c.Release.Embargo.None {
			c.tellEmbargo(e, p, from, to, "the text tells of an embargo, "+clip(p.text[from:to])+"; the release has none", "take it out, or give the release its embargo")
			return
		}
		zones := c.zones
		if z, ok := s.zoneOf(i); ok {
			zones = []*time.Location{z.loc}
		}
		if !c.anyIsLift(date, clock, zones) {
			c.tellEmbargo(e, p, from, to, "the embargo is typed as "+clip(p.text[from:to])+"; the release's is "+c.liftIn(zones[0]),
				"take it out, or write the release's: every message tells it anyway")
		}
	}
}

// tellEmbargo reports an instant. That it differs from those of other editions
// is not told beside.
func (c *checker) tellEmbargo(e *edition, p *passage, from, to int, what, want string) {
	p.told = append(p.told, stretch{from, to})
	c.report("embargo-typed", e, p.place(from), what, want)
}

// checkLiftDay holds a day without a clock against the lift.
func (c *checker) checkLiftDay(e *edition, p *passage, d dateSpan) {
	if c.Release.Embargo.None || d.day == 0 || !c.closeToLift(d) {
		return
	}
	for _, z := range c.zones {
		if sameDay(d, c.Release.Embargo.Lift.At.In(z)) {
			return
		}
	}
	c.tellEmbargo(e, p, d.from, d.to, "the embargo is typed as "+clip(p.text[d.from:d.to])+"; the release's is "+c.liftIn(c.zones[0]),
		"take it out, or write the release's: every message tells it anyway")
}

// checkSeeming finds an instant that shows the lift's own day and clock, but in
// a zone where that is another instant, or in another year.
func (c *checker) checkSeeming(e *edition, p *passage, clock clockSpan) {
	if c.Release.Embargo.None {
		return
	}
	s := p.sentenceAt(e, clock.from)
	date, dated := s.dateOf(clock)
	if !dated || date.day == 0 {
		return
	}
	i := 0
	for i < len(s.clocks)-1 && s.clocks[i] != clock {
		i++
	}
	named, zoned := s.zoneOf(i)
	for _, z := range c.zones {
		lift := c.Release.Embargo.Lift.At.In(z)
		if clock.hour%24 != lift.Hour() || clock.minute != lift.Minute() || date.month != int(lift.Month()) || date.day != lift.Day() {
			continue
		}
		otherZone := zoned && !c.anyIsLift(date, clock, []*time.Location{named.loc}) && (date.year == 0 || date.year == lift.Year())
		otherYear := date.year != 0 && (date.year == lift.Year()-1 || date.year == lift.Year()+1) && (!zoned || sameOffset(lift, named.loc))
		if otherZone || otherYear {
			from, to := min(clock.from, date.from), max(clock.to, date.to)
			c.tellEmbargo(e, p, from, to, clip(p.text[from:to])+" looks like the embargo's lift; the lift is "+c.liftIn(c.zones[0]), "the release's instant and zone are wanted")
		}
		return
	}
}

func sameOffset(at time.Time, loc *time.Location) bool {
	_, a := at.Zone()
	_, b := at.In(loc).Zone()
	return a == b
}

// closeToLift tells days that could be meant for the lift's from those of what
// else is called an embargo, such as one on arms.
func (c *checker) closeToLift(d dateSpan) bool {
	if c.Release.Embargo.None || d.year == 0 {
		return true
	}
	year := c.Release.Embargo.Lift.At.Year()
	return d.year >= year-1 && d.year <= year+1
}

// zonesOf are those in which a release itself tells its embargo.
func zonesOf(r press.Release) []*time.Location {
	var locs []*time.Location
	for _, name := range []string{r.Embargo.Lift.Zone, r.Dateline.Zone} {
		if loc, err := press.LoadZone(name); err == nil {
			locs = append(locs, loc)
		}
	}
	if len(locs) == 0 {
		locs = append(locs, time.UTC)
	}
	return locs
}

func (c *checker) anyIsLift(d dateSpan, clock clockSpan, zones []*time.Location) bool {
	for _, z := range zones {
		lift := c.Release.Embargo.Lift.At.In(z)
		hour, day := clock.hour, lift
		if hour == 24 { // the day before ends where the lift's begins
			hour, day = 0, lift.Add(-24*time.Hour)
		}
		if hour == lift.Hour() && clock.minute == lift.Minute() && (d.day == 0 || sameDay(d, day)) {
			return true
		}
	}
	return false
}

func sameDay(d dateSpan, at time.Time) bool {
	return d.day == at.Day() && d.month == int(at.Month()) && (d.year == 0 || d.year == at.Year())
}

func (c *checker) liftIn(z *time.Location) string {
	return c.Release.Embargo.Lift.At.In(z).Format("2006-01-02 15:04 ") + z.String()
}
