package console

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"dateline/internal/access"
	"dateline/internal/ledger"
	"dateline/internal/press"
)

// liftPage shows how a release left.
type liftPage struct {
	Slug      string
	Lift      *counted[ledger.Lift] // nil while it is read
	Picture   *liftPicture
	Countries []reached
	Languages []reached
}

// reached is when copies for some first and last arrived at their relays.
type reached struct {
	ledger.Reach
	Name        string
	First, Last string // after the lift
}

// liftPicture is the lift drawn: a bar for each bucket, and a line for all up to
// then. Its measures are those of its view box.
type liftPicture struct {
	Width, Height, Base int
	Bars                []bar
	Line                string
	Most                int // of a bucket
	Each                string
	Ticks               []tick
	Says                string
}

type bar struct {
	X, Y, W, H float64
	Says       string
}

type tick struct {
	X    float64
	Name string
}

func (c *Console) lift(w http.ResponseWriter, r *http.Request, by access.Person) error {
	slug := r.PathValue("slug")
	p := liftPage{Slug: slug}
	var err error
	p.Lift, err = c.lifts.at(slug, c.Now(), func(ctx context.Context) (ledger.Lift, error) { return ledger.ReadLift(ctx, c.Store, slug) })
	if err != nil {
		return err
	}
	if p.Lift != nil {
		l := p.Lift.Value
		p.Picture = drawn(l)
		p.Countries = reachedOf(l.Countries, l.Start, func(of string) string { return country(press.Country(of)) })
		p.Languages = reachedOf(l.Languages, l.Start, func(of string) string { return of })
	}
	c.show(w, r, by, http.StatusOK, "lift", "Lift of "+slug, p)
	return nil
}

func reachedOf(all []ledger.Reach, start time.Time, name func(string) string) []reached {
	rows := make([]reached, len(all))
	for i, r := range all {
		rows[i] = reached{r, name(r.Of), afterLift(r.First.Sub(start)), afterLift(r.Last.Sub(start))}
	}
	return rows
}

// afterLift tells milliseconds where they matter.
func afterLift(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("+%.3f s", d.Seconds())
	}
	return "+" + span(d)
}

const (
	liftWidth, liftHeight = 720, 170
	liftTop, liftBase     = 12, 148
	leastColumns          = 12 // however soon all was over
)

// drawn is the picture of a lift; nil where nothing was accepted yet.
func drawn(l ledger.Lift) *liftPicture {
	if len(l.Buckets) == 0 {
		return nil
	}
	p := &liftPicture{Width: liftWidth, Height: liftHeight, Base: liftBase, Each: "a second"}
	if l.Width > time.Second {
		p.Each = "in " + span(l.Width)
	}
	for _, b := range l.Buckets {
		p.Most = max(p.Most, b.N)
	}
	columns := max(leastColumns, len(l.Buckets))
	high, step := float64(liftBase-liftTop), float64(liftWidth)/float64(columns)
	var line strings.Builder
	fmt.Fprintf(&line, "0,%d", liftBase)
	for i, b := range l.Buckets {
		x, h := float64(i)*step, high*float64(b.N)/float64(p.Most)
		if b.N > 0 {
			at := time.Duration(i) * l.Width
			p.Bars = append(p.Bars, bar{x, float64(liftBase) - h, max(1, step-min(2, step/4)), h, fmt.Sprintf("%s after the lift: %s", span(at), few(b.N, "copy", "copies"))})
		}
		fmt.Fprintf(&line, " %.1f,%.1f", x+step, float64(liftBase)-high*float64(b.Sum)/float64(max(1, l.Total)))
	}
	if columns > len(l.Buckets) {
		fmt.Fprintf(&line, " %d,%d", liftWidth, liftTop)
	}
	p.Line = line.String()
	whole := time.Duration(columns) * l.Width
	for i := range 5 {
		p.Ticks = append(p.Ticks, tick{float64(liftWidth) * float64(i) / 4, span(whole * time.Duration(i) / 4)})
	}
	p.Says = fmt.Sprintf("%s accepted, the first %s and the last %s after the lift; at most %s %s.", few(l.Total, "copy", "copies"), afterLift(l.First.Sub(cmp.Or(l.Lift, l.Start))), afterLift(l.Last.Sub(cmp.Or(l.Lift, l.Start))), thousands(p.Most), p.Each)
	return p
}
