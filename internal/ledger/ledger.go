package ledger

import (
	"context"
	"time"

	"dateline/internal/press"
)

// Store is what the ledger reads.
type Store interface {
	Releases(ctx context.Context, only string) ([]press.ReleaseState, error)
	Daemons(ctx context.Context, after time.Time) ([]press.DaemonState, error)
	Log(ctx context.Context, f press.LogFilter) ([]press.LogEntry, error)
	ToDecide(ctx context.Context) (press.ToDecide, error)
	Judges
}

// Judges are what is read of how releases go, and of how much the team lets pass.
type Judges interface {
	Troubles(ctx context.Context, now time.Time) (press.Troubles, error)
	BouncePolicy(ctx context.Context) (press.BouncePolicy, error)
}

// Status is how everything stands.
type Status struct {
	At       time.Time           `json:"at"`
	Daemons  []press.DaemonState `json:"daemons"`
	Releases []Release           `json:"releases"`
	ToDecide press.ToDecide      `json:"to_decide"`
	Waiting  []Wait              `json:"waiting"` // for a person
}

// Release is one approved release with its deliveries by state.
type Release struct {
	press.ReleaseState
	States map[press.State]int `json:"states"`
}

// DaemonGone is how long after its last sign of life a daemon counts as gone.
const DaemonGone = 15 * time.Second

// Now reads how everything stands, or one release does.
func Now(ctx context.Context, s Store, only string, now time.Time) (Status, error) {
	status := Status{At: now, Daemons: []press.DaemonState{}, Releases: []Release{}, Waiting: []Wait{}}
	releases, err := s.Releases(ctx, only)
	if err != nil {
		return status, err
	}
	if only != "" && len(releases) == 0 {
		return status, press.ErrNeverApproved{Release: only}
	}
	if status.ToDecide, err = s.ToDecide(ctx); err != nil {
		return status, err
	}
	judged, err := judge(ctx, s, now)
	if err != nil {
		return status, err
	}
	daemons, err := s.Daemons(ctx, now.Add(-DaemonGone))
	return compile(releases, daemons, status.ToDecide, judged, now), err
}

func judge(ctx context.Context, s Judges, now time.Time) (j Judged, err error) {
	if j.Policy, err = s.BouncePolicy(ctx); err == nil {
		j.Troubles, err = s.Troubles(ctx, now)
	}
	return j, err
}

// compile makes a status of what was read.
func compile(releases []press.ReleaseState, daemons []press.DaemonState, todo press.ToDecide, j Judged, now time.Time) Status {
	status := Status{At: now, Daemons: []press.DaemonState{}, Releases: []Release{}, ToDecide: todo}
	for _, r := range releases {
		states := map[press.State]int{}
		for _, c := range r.Counts {
			states[c.State] += c.N
		}
		status.Releases = append(status.Releases, Release{ReleaseState: r, States: states})
	}
	if daemons != nil {
		status.Daemons = daemons
	}
	status.Waiting = waiting(status, j)
	return status
}

// overlap is how far back Follow looks again: an entry that another process
// wrote may become visible after a later one.
const overlap = 2 * time.Second

// Follow tells each log entry that is written after a start, once, in about the
// order of writing, until the context ends.
func Follow(ctx context.Context, s Store, f press.LogFilter, start time.Time, tick <-chan time.Time, tell func(press.LogEntry)) error {
	seen := map[press.ID]time.Time{}
	f.Since, f.Limit = start, 0
	for {
		entries, err := s.Log(ctx, f)
		if err != nil && ctx.Err() == nil { // after the end it only says that this was the end
			return err
		}
		for _, e := range entries {
			if _, again := seen[e.ID]; !again {
				seen[e.ID] = e.At
				tell(e)
			}
		}
		if n := len(entries); n > 0 && entries[n-1].At.Add(-overlap).After(f.Since) {
			f.Since = entries[n-1].At.Add(-overlap)
		}
		for id, at := range seen {
			if at.Before(f.Since) {
				delete(seen, id)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick:
		}
	}
}
