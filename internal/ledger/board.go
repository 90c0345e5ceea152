package ledger

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"dateline/internal/press"
)

// BoardStore is what a board reads.
type BoardStore interface {
	ReleaseHeads(ctx context.Context, only string) ([]press.ReleaseState, error)
	Counts(ctx context.Context, a press.Approval) ([]press.Count, error)
	Daemons(ctx context.Context, after time.Time) ([]press.DaemonState, error)
	ToDecide(ctx context.Context) (press.ToDecide, error)
	Judges
}

// Board has at hand how everything stands, for many who look at once: whoever
// looks waits for nothing, and is told of when it is. To count the copies of a
// release takes the longer the larger it is, so that one is counted the less
// often; the store is never busy with it for more than a twentieth of the time.
type Board struct {
	store BoardStore

	mu      sync.Mutex
	now     Status
	trouble error
	version int
	changed chan struct{} // closed at the next change
	counted map[press.ID]counted
	judged  judged // Read's own
}

// judged is when troubles were looked for.
type judged struct {
	Judged
	at   time.Time
	took time.Duration
}

// counted is when an approval's copies were counted.
type counted struct {
	counts []press.Count
	at     time.Time
	took   time.Duration
	open   bool // something waited then
}

// Seen is the board as somebody saw it.
type Seen struct {
	Status
	Version int
	Trouble error           // why it could not be read anew; what is seen is older then
	Changed <-chan struct{} // closed when there is something new to see
}

// NewBoard is a board that has not been read yet.
func NewBoard(s BoardStore) *Board {
	return &Board{store: s, changed: make(chan struct{}), counted: map[press.ID]counted{}}
}

// Look tells how everything stands, as it was last read.
func (b *Board) Look() Seen {
	b.mu.Lock()
	defer b.mu.Unlock()
	return Seen{b.now, b.version, b.trouble, b.changed}
}

// How often copies are counted: of what is under way, and of what has ended and
// can only change by what comes back.
const (
	liveEvery  = time.Second
	endedEvery = time.Minute
	judgeEvery = 5 * time.Second
	rest       = 20 // times as long as the counting took
)

// Read reads everything anew that is due to be, and what was asked for by its
// slug.
func (b *Board) Read(ctx context.Context, now time.Time, clock func() time.Time, also ...string) {
	status, err := b.read(ctx, now, clock, also)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		if ctx.Err() != nil {
			return
		}
		status = b.now
	}
	same := err == nil && b.trouble == nil && b.version > 0 && sameButTime(status, b.now)
	b.now, b.trouble = status, err
	if !same {
		b.version++
		close(b.changed)
		b.changed = make(chan struct{})
	}
}

// sameButTime tells whether two readings tell the same, but for when they were.
func sameButTime(a, b Status) bool {
	at := func(s Status) Status {
		s.At = time.Time{}
		s.Daemons = append([]press.DaemonState{}, s.Daemons...)
		for i := range s.Daemons {
			s.Daemons[i].Seen = time.Time{}
		}
		return s
	}
	return reflect.DeepEqual(at(a), at(b))
}

func (b *Board) read(ctx context.Context, now time.Time, clock func() time.Time, also []string) (Status, error) {
	heads, err := b.store.ReleaseHeads(ctx, "")
	if err != nil {
		return Status{}, err
	}
	listed, all := map[press.ID]bool{}, time.Duration(0)
	for _, c := range b.counted {
		all += c.took
	}
	for i, h := range heads {
		c := b.counted[h.Approval.ID]
		if c.due(now, !h.FirstDue.IsZero(), all) || slices.Contains(also, h.Approval.Release) {
			begun := clock()
			counts, err := b.store.Counts(ctx, h.Approval)
			if err != nil {
				return Status{}, err
			}
			c = counted{counts, now, clock().Sub(begun), !h.FirstDue.IsZero()}
			// At once: whoever has no time for all of them goes on there the next time.
			b.counted[h.Approval.ID] = c // only Read touches it, and only one reads at a time
		}
		listed[h.Approval.ID], heads[i].Counts = true, c.counts
	}
	maps.DeleteFunc(b.counted, func(id press.ID, _ counted) bool { return !listed[id] })
	todo, err := b.store.ToDecide(ctx)
	if err != nil {
		return Status{}, err
	}
	if j := b.judged; j.at.IsZero() || now.Sub(j.at) >= max(judgeEvery, rest*j.took) {
		begun := clock()
		found, err := judge(ctx, b.store, now)
		if err != nil {
			return Status{}, err
		}
		b.judged = judged{found, now, clock().Sub(begun)}
	}
	daemons, err := b.store.Daemons(ctx, now.Add(-DaemonGone))
	return compile(heads, daemons, todo, b.judged.Judged, now), err
}

// due tells whether copies are to be counted: while some wait, and once after.
// What has ended shares its time with all that has, which may be years of it; all
// is how long it takes to count everything.
func (c counted) due(now time.Time, open bool, all time.Duration) bool {
	each := max(endedEvery, rest*all)
	if open || c.open {
		each = max(liveEvery, rest*c.took)
	}
	return c.at.IsZero() || now.Sub(c.at) >= each
}
