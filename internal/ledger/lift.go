package ledger

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"dateline/internal/press"
)

// LiftStore is what the picture of a lift is read from.
type LiftStore interface {
	Approved(ctx context.Context, release string) (press.Approval, bool, error)
	Frozen(ctx context.Context, approval press.ID) (press.Frozen, error)
	Accepted(ctx context.Context, release string, tell func(press.AcceptedPart)) error
}

// Lift is how the copies of a release were accepted by relays, from its lift on;
// of one without an embargo from its approval on. The buckets stand side by side,
// at most maxBuckets, and cover the time within which nearly all was accepted; what
// came later, hours after a relay's trouble say, is told by a number, and does
// not press the rest into one column.
type Lift struct {
	Release   string        `json:"release"`
	Lift      time.Time     `json:"lift,omitzero"` // zero: there is no embargo
	Start     time.Time     `json:"start"`         // of the first bucket: a full second
	Width     time.Duration `json:"width"`         // of each bucket: full seconds
	Buckets   []Bucket      `json:"buckets"`
	Before    int           `json:"before"` // accepted before the start: advance copies
	After     int           `json:"after"`  // accepted after the last bucket
	Total     int           `json:"total"`  // of all that was accepted, from the start on
	First     time.Time     `json:"first,omitzero"`
	Last      time.Time     `json:"last,omitzero"`
	Countries []Reach       `json:"countries"` // in the order in which the first copy was accepted
	Languages []Reach       `json:"languages"`
}

// Bucket is how many copies were accepted within it, and up to its end since the start.
type Bucket struct {
	N   int `json:"n"`
	Sum int `json:"sum"`
}

// Reach is when copies for one country, or in one language, were accepted, from
// the start on.
type Reach struct {
	Of    string    `json:"of"` // a country's code, or a language's tag
	N     int       `json:"n"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

const (
	maxBuckets = 240
	nearlyAll  = 0.99 // of what was accepted
)

// ReadLift reads how the copies of a release were accepted.
func ReadLift(ctx context.Context, s LiftStore, release string) (Lift, error) {
	approval, ok, err := s.Approved(ctx, release)
	if err != nil {
		return Lift{}, err
	}
	if !ok {
		return Lift{}, press.ErrNeverApproved{Release: release}
	}
	frozen, err := s.Frozen(ctx, approval.ID)
	if err != nil {
		return Lift{}, err
	}
	l := Lift{Release: release, Lift: frozen.Release.Embargo.Lift.At, Start: approval.At}
	if !l.Lift.IsZero() {
		l.Start = l.Lift
	}
	c := newCollector(l.Start)
	if err := s.Accepted(ctx, release, c.take); err != nil {
		return Lift{}, err
	}
	l.Start = l.Start.Truncate(time.Second)
	c.fill(&l)
	return l, nil
}

// collector gathers what was accepted from a start on.
type collector struct {
	start     time.Time
	before    int
	seconds   map[int64]int // since 1970
	countries map[string]Reach
	languages map[string]Reach
	all       Reach
}

func newCollector(start time.Time) *collector {
	return &collector{start: start, seconds: map[int64]int{}, countries: map[string]Reach{}, languages: map[string]Reach{}}
}

func (c *collector) take(p press.AcceptedPart) {
	if p.First.Before(c.start) {
		c.before += p.N
		return
	}
	c.seconds[p.First.Unix()] += p.N
	c.all = c.all.with(p, "")
	c.countries[string(p.Country)] = c.countries[string(p.Country)].with(p, string(p.Country))
	c.languages[string(p.Edition)] = c.languages[string(p.Edition)].with(p, string(p.Edition))
}

// with is a reach with a part more.
func (r Reach) with(p press.AcceptedPart, of string) Reach {
	if r.N == 0 || p.First.Before(r.First) {
		r.First = p.First
	}
	if p.Last.After(r.Last) {
		r.Last = p.Last
	}
	r.Of = of
	r.N += p.N
	return r
}

func (c *collector) fill(l *Lift) {
	l.Before, l.Total, l.First, l.Last = c.before, c.all.N, c.all.First, c.all.Last
	l.Countries, l.Languages = inOrder(c.countries), inOrder(c.languages)
	from := l.Start.Unix()
	length := c.nearlyAllBy() - from + 1
	width := widthFor(length)
	l.Width, l.Buckets = time.Duration(width)*time.Second, []Bucket{}
	if c.all.N == 0 {
		return
	}
	l.Buckets = make([]Bucket, (length+width-1)/width)
	for second, n := range c.seconds {
		if i := (second - from) / width; i < int64(len(l.Buckets)) {
			l.Buckets[i].N += n
		} else {
			l.After += n
		}
	}
	sum := 0
	for i := range l.Buckets {
		sum += l.Buckets[i].N
		l.Buckets[i].Sum = sum
	}
}

// nearlyAllBy is the second by which nearly all was accepted.
func (c *collector) nearlyAllBy() int64 {
	sum := 0
	for _, second := range slices.Sorted(maps.Keys(c.seconds)) {
		if sum += c.seconds[second]; float64(sum) >= nearlyAll*float64(c.all.N) {
			return second
		}
	}
	return c.start.Unix()
}

// widthFor is how many seconds a bucket has, so that there are not too many: a
// number that a clock's face knows, or full days.
func widthFor(seconds int64) int64 {
	for _, width := range []int64{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200} {
		if (seconds+width-1)/width <= maxBuckets {
			return width
		}
	}
	const day = 86400
	return (seconds/maxBuckets + day) / day * day
}

// inOrder puts whoever was reached first first.
func inOrder(reached map[string]Reach) []Reach {
	all := slices.AppendSeq([]Reach{}, maps.Values(reached))
	slices.SortFunc(all, func(a, b Reach) int {
		return cmp.Or(a.First.Compare(b.First), cmp.Compare(a.Of, b.Of))
	})
	return all
}
