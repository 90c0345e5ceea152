package ledger_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"dateline/internal/ledger"
	"dateline/internal/press"
)

var now = time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)

// book answers what the test wrote into it; each look at the log turns a page.
type book struct {
	releases []press.ReleaseState
	troubles press.Troubles
	pages    [][]press.LogEntry
	asked    []press.LogFilter
}

func (b *book) Releases(context.Context, string) ([]press.ReleaseState, error) {
	return b.releases, nil
}

func (b *book) Troubles(context.Context, time.Time) (press.Troubles, error) { return b.troubles, nil }

func (b *book) BouncePolicy(context.Context) (press.BouncePolicy, error) {
	return press.DefaultBouncePolicy(), nil
}

func (b *book) ToDecide(context.Context) (press.ToDecide, error) { return press.ToDecide{}, nil }

func (b *book) Daemons(_ context.Context, after time.Time) ([]press.DaemonState, error) {
	if !after.Equal(now.Add(-ledger.DaemonGone)) {
		return nil, errors.New("asked for daemons of another time")
	}
	return nil, nil
}

func (b *book) Log(_ context.Context, f press.LogFilter) ([]press.LogEntry, error) {
	b.asked = append(b.asked, f)
	page := b.pages[min(len(b.asked)-1, len(b.pages)-1)]
	return page, nil
}

func TestNowSumsUpTheStates(t *testing.T) {
	b := &book{releases: []press.ReleaseState{{Counts: []press.Count{
		{Country: "UZ", State: press.Accepted, N: 3}, {Country: "KZ", State: press.Accepted, N: 4}, {Country: "KZ", State: press.Unknown, N: 1},
	}}}}
	s, err := ledger.Now(t.Context(), b, "", now)
	if err != nil || s.Releases[0].States[press.Accepted] != 7 || s.Releases[0].States[press.Unknown] != 1 || s.Daemons == nil {
		t.Errorf("%+v, %v", s, err)
	}
	var never press.ErrNeverApproved
	if _, err := ledger.Now(t.Context(), &book{}, "tashkent-2022", now); !errors.As(err, &never) {
		t.Errorf("a release that is not there: %v", err)
	}
}

func entry(n byte, at time.Duration) press.LogEntry {
	return press.LogEntry{ID: press.ID{n}, At: now.Add(at)}
}

// An entry that becomes visible late, behind one that is newer, is told all the
// same, and none is told twice.
func TestFollowTellsEachEntryOnce(t *testing.T) {
	b := &book{pages: [][]press.LogEntry{
		{entry(1, 0), entry(3, 2*time.Second)},
		{entry(1, 0), entry(2, time.Second), entry(3, 2*time.Second)},
		{entry(3, 2*time.Second), entry(4, 9*time.Second)},
		{entry(4, 9*time.Second)},
	}}
	ctx, cancel := context.WithCancel(t.Context())
	tick := make(chan time.Time)
	go func() {
		for range b.pages {
			tick <- now
		}
		cancel()
	}()
	var told []byte
	if err := ledger.Follow(ctx, b, press.LogFilter{Limit: 5}, now, tick, func(e press.LogEntry) { told = append(told, e.ID[0]) }); err != nil {
		t.Fatal(err)
	}
	if string(told) != string([]byte{1, 3, 2, 4}) {
		t.Errorf("told %v", told)
	}
	if last := b.asked[len(b.asked)-1]; !last.Since.Equal(now.Add(7*time.Second)) || last.Limit != 0 {
		t.Errorf("the last look was %+v", last)
	}
}
