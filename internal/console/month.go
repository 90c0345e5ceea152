package console

import (
	"cmp"
	"context"
	"slices"
	"time"

	"dateline/internal/press"
)

// The span that the picture of what comes back shows, and how many domains the
// table beside it has.
const (
	monthDays    = 30
	domainsShown = 15
)

// dayCount is what came back on a day, by what it means.
type dayCount struct {
	Day        press.Date
	Hard       int // bounces of dead addresses
	Complaints int
	Soft       int // other bounces
	Other      int // replies, delays, reports of success
	X          int // of its bar, in the picture
	Bars       []daybar
}

// All is all of it.
func (d dayCount) All() int { return d.Hard + d.Complaints + d.Soft + d.Other }

// daybar is a stretch of a day's bar.
type daybar struct {
	Tone press.Tone
	Y, H float64
}

// reasonCount is how many reports gave a reason.
type reasonCount struct {
	Reason press.Reason
	Class  press.Class
	N      int
}

// monthOf counts what a filter picks of the last thirty days.
func (c *Console) monthOf(f press.ReportFilter) (*counted[month], error) {
	today := press.DateOf(c.Now().UTC())
	f.Since = today.Time().AddDate(0, 0, 1-monthDays)
	return c.months.at(f, c.Now(), func(ctx context.Context) (month, error) {
		counts, err := c.Store.ReportDays(ctx, f)
		if err != nil {
			return month{}, err
		}
		m := monthFrom(counts, f.Since)
		m.Domains, err = c.Store.ReportDomains(ctx, f, domainsShown)
		return m, err
	})
}

func monthFrom(counts []press.ReportCount, first time.Time) month {
	m := month{Days: make([]dayCount, monthDays)}
	for i := range m.Days {
		m.Days[i].Day = press.DateOf(first.AddDate(0, 0, i))
	}
	reasons := map[reasonCount]int{}
	for _, c := range counts {
		i := int(c.Day.Time().Sub(first).Hours() / 24)
		if i < 0 || i >= monthDays { // a mail with a clock that is ahead
			continue
		}
		m.Days[i].add(c)
		if c.Kind == press.ReportBounce || c.Kind == press.ReportComplaint {
			reasons[reasonCount{Reason: c.Reason, Class: c.Class}] += c.N
		}
	}
	for r, n := range reasons {
		r.N = n
		m.Reasons = append(m.Reasons, r)
	}
	slices.SortFunc(m.Reasons, func(a, b reasonCount) int {
		return cmp.Or(b.N-a.N, cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Class, b.Class))
	})
	for _, d := range m.Days {
		m.Most = max(m.Most, d.All())
	}
	for i := range m.Days {
		m.Days[i].draw(i, m.Most)
	}
	return m
}

func (d *dayCount) add(c press.ReportCount) {
	switch {
	case c.Kind == press.ReportComplaint:
		d.Complaints += c.N
	case c.Kind == press.ReportBounce && c.Class == press.Hard:
		d.Hard += c.N
	case c.Kind == press.ReportBounce:
		d.Soft += c.N
	default:
		d.Other += c.N
	}
}

// The picture's measures: a day's bar with the gap behind it, and its height.
const (
	dayWidth   = 10
	dayHeight  = 100
	leastShown = 1.5 // of what is there
)

// draw lays a day's bar out, from its foot up: what is worst stands lowest.
func (d *dayCount) draw(i, most int) {
	d.X = i * dayWidth
	y := float64(dayHeight)
	for _, part := range []struct {
		tone press.Tone
		n    int
	}{{press.Alarming, d.Hard + d.Complaints}, {press.Patience, d.Soft}, {press.Over, d.Other}} {
		if part.n == 0 {
			continue
		}
		h := leastShown + float64(part.n)/float64(most)*(dayHeight-3*leastShown) // so that all three have room
		y -= h
		d.Bars = append(d.Bars, daybar{part.tone, y, h})
	}
}
