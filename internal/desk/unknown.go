package desk

import (
	"context"
	"slices"
	"time"

	"dateline/internal/press"
)

// Unknowns is the store's side of what people do about unknown copies.
type Unknowns interface {
	Heed(ctx context.Context, p press.Pick, w press.Word, now time.Time) (press.Heeded, error)
}

// Heed does what a person says of copies of which nobody knows whether they
// left: sent again, with the same Message-ID, or settled as what became of them.
// What the word cannot hold for is told, and keeps nothing else back: a copy is
// not sent again of a release that was killed or has another approval by now,
// past its deadline, or to a mailbox that was suppressed. A held release's copy
// waits with the rest.
func (d *Desk) Heed(ctx context.Context, p press.Pick, w press.Word, now time.Time) (press.Heeded, error) {
	if w.By == "" || w.Why == "" {
		return press.Heeded{}, Refused{"the trail of an unknown copy keeps who said what is to become of it, and why: both are wanted"}
	}
	// The other states that may follow are for the reports that come back.
	if !slices.Contains([]press.State{press.Planned, press.Accepted, press.Cancelled}, w.State) {
		return press.Heeded{}, Refused{"nobody can say of an unknown copy that it is " + string(w.State) + "; it is sent again, or settled as accepted or cancelled"}
	}
	if p.Release != "" {
		states, err := d.Store.Releases(ctx, p.Release)
		if err != nil {
			return press.Heeded{}, err
		}
		if len(states) == 0 {
			return press.Heeded{}, press.ErrNeverApproved{Release: p.Release}
		}
	}
	return d.Store.Heed(ctx, p, w, now)
}
