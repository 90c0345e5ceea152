package desk

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"dateline/internal/press"
)

// Yes is what a person says to a plan.
type Yes struct {
	Release    string
	Digest     string
	By         string
	ReleaseNow bool
}

// Approve freezes the plan whose digest a person approved: text, recipients and
// instants go into the store, all at once. Approving what is approved already
// changes nothing. Progress is told in deliveries written.
func (d *Desk) Approve(ctx context.Context, y Yes, now time.Time, progress func(total, n int)) (press.Approval, error) {
	if y.By == "" {
		return press.Approval{}, Refused{"an approval needs the name of the person who gives it"}
	}
	y.Release = d.called(y.Release, now)
	before, under, err := d.Store.Approved(ctx, y.Release)
	if err != nil {
		return press.Approval{}, err
	}
	if under && before.Digest == y.Digest {
		return before, d.again(ctx, y, now)
	}
	release, err := d.holdMeanwhile(ctx, y.Release, under, now)
	if err != nil {
		return press.Approval{}, err
	}
	approval, err := d.approve(ctx, y, now, progress)
	if err != nil {
		return press.Approval{}, release(err)
	}
	return approval, nil
}

// again is a second yes to the plan that is in force. Whoever gives it means
// what was frozen, whatever the folder says by now, so it ends a hold that the
// program made; a person's hold stays.
func (d *Desk) again(ctx context.Context, y Yes, now time.Time) error {
	control, err := d.control(ctx, y.Release)
	switch {
	case err != nil:
		return err
	case control.Killed != "":
		return killed(y.Release, control)
	case control.HeldBy == press.ByDateline:
		return d.Store.Resume(ctx, y.Release, y.By, now)
	default:
		return nil
	}
}

func killed(slug string, c press.Control) error {
	return Refused{fmt.Sprintf("release %s was killed (%s); a killed release stays killed, and its name is not used again", slug, c.Killed)}
}

// control is what people have said of a release; zero where it was never approved.
func (d *Desk) control(ctx context.Context, slug string) (press.Control, error) {
	states, err := d.Store.Releases(ctx, slug)
	if err != nil || len(states) == 0 {
		return press.Control{}, err
	}
	return states[0].Control, nil
}

// holdMeanwhile holds a release that is under way, so that the new approval's
// recipients stay true; the function that it gives undoes that after a refusal.
func (d *Desk) holdMeanwhile(ctx context.Context, slug string, under bool, now time.Time) (func(error) error, error) {
	asItWas := func(err error) error { return err }
	if !under {
		return asItWas, nil
	}
	control, err := d.control(ctx, slug)
	if err != nil {
		return nil, err
	}
	if control.Killed != "" {
		return nil, killed(slug, control)
	}
	if control.Held != "" {
		return asItWas, nil
	}
	if err := d.Store.Hold(ctx, slug, approvalHold, press.ByDateline, now); err != nil {
		return nil, err
	}
	return func(err error) error {
		// Also when the approval was broken off.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if undo := d.endApprovalHold(ctx, slug, now); undo != nil {
			return fmt.Errorf("%w; the release stays held, because: %w", err, undo)
		}
		return err
	}, nil
}

// approvalHold is why a release is held while its new approval is written.
const approvalHold = "a new approval is being written"

// endApprovalHold resumes, unless the release is held for another reason by now.
func (d *Desk) endApprovalHold(ctx context.Context, slug string, now time.Time) error {
	control, err := d.control(ctx, slug)
	if err != nil || control.Held != approvalHold {
		return err
	}
	return d.Store.Resume(ctx, slug, press.ByDateline, now)
}

func (d *Desk) approve(ctx context.Context, y Yes, now time.Time, progress func(total, n int)) (press.Approval, error) {
	if err := d.nothingSending(ctx, y.Release); err != nil {
		return press.Approval{}, err
	}
	p, err := d.Plan(ctx, y.Release, now, y.ReleaseNow)
	if err != nil {
		return press.Approval{}, err
	}
	if err := judge(p, y); err != nil {
		return press.Approval{}, err
	}
	// What a crashed approval left behind is invisible; an hour is longer than any takes.
	if err := d.Store.SweepStaged(ctx, now.Add(-time.Hour)); err != nil {
		return press.Approval{}, err
	}
	a := press.Approval{ID: d.NewID(), Release: y.Release, Digest: p.Digest, By: y.By, At: now, Recipients: p.Recipients()}
	if err := d.Store.Stage(ctx, a, p.Frozen); err != nil {
		return press.Approval{}, err
	}
	tell := func(n int) {
		if progress != nil {
			progress(a.Recipients, n)
		}
	}
	if err := d.Store.StageDeliveries(ctx, d.deliveries(p, a, now), now, tell); err != nil {
		return press.Approval{}, err
	}
	return a, d.Store.Approve(ctx, a, p.Frozen.Release)
}

// nothingSending refuses while copies are being handed over: whether their
// receivers need another one is not known before the relay has answered.
func (d *Desk) nothingSending(ctx context.Context, slug string) error {
	states, err := d.Store.Releases(ctx, slug)
	if err != nil || len(states) == 0 {
		return err
	}
	n := 0
	for _, c := range states[0].Counts {
		if c.State == press.Sending {
			n += c.N
		}
	}
	if n > 0 {
		return Refused{fmt.Sprintf("%d copies of %s are being handed to the relay at this moment; hold the release, and say it again once they are through", n, slug)}
	}
	return nil
}

// judge refuses a yes to a plan that is not the one of today, or must not be.
func judge(p Planned, y Yes) error {
	if len(p.Errors) > 0 {
		return Refused{fmt.Sprintf("the plan of %s cannot be approved: %s", y.Release, strings.Join(p.Errors, "; "))}
	}
	if p.Recipients() == 0 {
		return Refused{fmt.Sprintf("the plan of %s reaches nobody who does not have it already", y.Release)}
	}
	if p.Digest != y.Digest {
		return Refused{fmt.Sprintf("the plan of %s is now %s, not %s: something changed since (text, recipients, instants or templates); look at `dateline plan %s` again and approve what it shows", y.Release, p.Digest, y.Digest, y.Release)}
	}
	return nil
}

// deliveries lays down the order in which copies leave: by instant, and within
// one instant shuffled by a hash seeded with the digest, so that no outlet,
// country or language is served before the others.
func (d *Desk) deliveries(p Planned, a press.Approval, now time.Time) []press.Delivery {
	type ordered struct {
		press.Delivery
		rank [sha256.Size]byte
	}
	all := make([]ordered, 0, a.Recipients)
	for _, s := range p.Sends {
		for _, r := range s.Recipients {
			r = s.OnApproval(r, now)
			x := press.Delivery{Approval: a.ID, Recipient: r, Release: a.Release, Send: s.Name, AddressKey: d.Keys.AddressKey(r.Address), State: press.Planned}
			all = append(all, ordered{x, sha256.Sum256([]byte(a.Digest + " " + r.Address.Key()))})
		}
	}
	slices.SortFunc(all, func(a, b ordered) int {
		return cmp.Or(a.Due.Compare(b.Due), bytes.Compare(a.rank[:], b.rank[:]))
	})
	out := make([]press.Delivery, len(all))
	for i, o := range all {
		out[i] = o.Delivery
	}
	return out
}
