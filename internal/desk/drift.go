package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"dateline/internal/press"
)

// Drift is an approved release whose folder differs by now from what was
// approved. What is sent is still what was approved.
type Drift struct {
	Release string
	Why     string
	Held    bool // what is unsent was held for it just now
}

// WatchDrift compares the config folder with each approved release that has
// something unsent, and holds what drifted, if the policy says so. A drift that
// a person has resumed over is not held for again.
func (d *Desk) WatchDrift(ctx context.Context, now time.Time) ([]Drift, error) {
	states, err := d.Store.Releases(ctx, "")
	if err != nil {
		return nil, err
	}
	var found []Drift
	var faults []error // of one release; the others are judged all the same
	for _, s := range states {
		if _, _, _, notice := press.SplitNotice(s.Approval.Release); notice || s.Control.Killed != "" || s.FirstDue.IsZero() {
			continue // a notice has no folder that it could differ from
		}
		drift, err := d.judgeDrift(ctx, s, now)
		if drift.Why != "" {
			found = append(found, drift)
		}
		faults = append(faults, err)
	}
	return found, errors.Join(faults...)
}

func (d *Desk) judgeDrift(ctx context.Context, s press.ReleaseState, now time.Time) (Drift, error) {
	why, err := d.drifted(ctx, s.Approval, now)
	drift := Drift{Release: s.Approval.Release, Why: why}
	free := s.Control.Held == "" || s.Control.Held == approvalHold // that one ends by itself
	if err != nil || why == "" || d.Config.Policies.OnDrift == "ignore" || !free {
		return drift, err
	}
	drift.Held, err = d.holdOnce(ctx, drift, now)
	return drift, err
}

func (d *Desk) drifted(ctx context.Context, a press.Approval, now time.Time) (string, error) {
	frozen, err := d.Store.Frozen(ctx, a.ID)
	if err != nil {
		return "", err
	}
	f, err := d.folder(a.Release, now)
	if gone := (NoRelease{}); errors.As(err, &gone) {
		return fmt.Sprintf("drift: its folder is gone; approved was %.12s", frozen.Inputs), nil
	}
	if err != nil { // the folder is there, and has no such occurrence any more
		return fmt.Sprintf("drift: its folder no longer has it (%v); approved was %.12s", err, frozen.Inputs), nil
	}
	if have := d.frozen(f).Inputs; have != frozen.Inputs {
		return fmt.Sprintf("drift: its files are now %.12s, approved were %.12s%s", have, frozen.Inputs, otherEditions(f.Editions, frozen.Release.Editions)), nil
	}
	return "", nil
}

// otherEditions names the editions that appeared or went since an approval.
func otherEditions(now, approved []press.Edition) string {
	var told string
	tell := func(these, those []press.Edition, what string) {
		for _, e := range these {
			if !slices.ContainsFunc(those, func(o press.Edition) bool { return o.Lang == e.Lang }) {
				told += "; " + e.File + what
			}
		}
	}
	tell(now, approved, " was not there")
	tell(approved, now, " is gone")
	return told
}

func (d *Desk) holdOnce(ctx context.Context, drift Drift, now time.Time) (bool, error) {
	before, err := d.Store.HeldFor(ctx, drift.Release, drift.Why)
	if err != nil || before {
		return false, err
	}
	return true, d.Store.Hold(ctx, drift.Release, drift.Why, press.ByDateline, now)
}
