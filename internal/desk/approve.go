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

	"dateline/internal/plan"
	"dateline/internal/press"
)

// Yes is what a person says to a plan.
type Yes struct {
	Release    string
	Digest     string
	By         string
	Email      string   // of the person; "" where it is not known
	Account    press.ID // the person's; zero for the command line
	ReleaseNow bool
	Reason     string // of a kill notice: the reason that it gives
}

// Approve freezes the plan whose digest a person approved: text, recipients and
// instants go into the store, all at once. Approving what is approved already
// changes nothing, but completes the notices that belong to it. Where several
// people must say yes, the last one's approves; before that the error is Waits.
// Progress is told in deliveries written.
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
		if err := d.completeNotices(ctx, before, y, now, progress); err != nil {
			return before, err
		}
		return before, d.again(ctx, y, now)
	}
	if err := d.enough(ctx, y, now); err != nil {
		return press.Approval{}, err
	}
	meanwhile, err := d.holdMeanwhile(ctx, y.Release, under, now)
	if err != nil {
		return press.Approval{}, err
	}
	approval, err := d.approve(ctx, y, &meanwhile, now, progress)
	if err := meanwhile.end(ctx, err, now); err != nil {
		return approval, err
	}
	if under && approval.ID == before.ID { // only notices were left to approve
		return approval, d.again(ctx, y, now)
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

func (d *Desk) approve(ctx context.Context, y Yes, meanwhile *holds, now time.Time, progress func(total, n int)) (press.Approval, error) {
	for _, slug := range meanwhile.all {
		if err := d.nothingSending(ctx, slug); err != nil {
			return press.Approval{}, err
		}
	}
	p, err := d.planFor(ctx, y, now)
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
	w := writing{desk: d, by: y.By, now: now, total: p.toWrite(), progress: progress}
	if p.InForce {
		return *p.Approved, w.notices(ctx, p, p.Notices)
	}
	if len(p.Notices) > 0 {
		p.Frozen.Alone = p.Alone
		for _, n := range p.Notices {
			p.Frozen.Notices = append(p.Frozen.Notices, n.Digest)
		}
	}
	a, err := w.approval(ctx, p.Plan, p.Frozen)
	if err != nil {
		return press.Approval{}, err
	}
	meanwhile.ended(y.Release)
	return a, w.notices(ctx, p, p.Notices)
}

// planFor plans what a person says yes to.
func (d *Desk) planFor(ctx context.Context, y Yes, now time.Time) (Planned, error) {
	if _, _, _, ok := press.SplitNotice(y.Release); ok {
		return d.planNotice(ctx, y.Release, y.Reason, now)
	}
	return d.Plan(ctx, y.Release, now, y.ReleaseNow)
}

// toWrite counts the deliveries that a yes writes.
func (p Planned) toWrite() int {
	n := 0
	if !p.InForce {
		n = p.Recipients()
	}
	for _, notice := range p.Notices {
		n += notice.Recipients()
	}
	return n
}

// writing is a yes on its way into the store.
type writing struct {
	desk     *Desk
	by       string
	now      time.Time
	total    int
	progress func(total, n int)
}

// approval stages a plan, and makes it the release's own.
func (w writing) approval(ctx context.Context, p plan.Plan, frozen press.Frozen) (press.Approval, error) {
	d := w.desk
	var err error
	if frozen.Version, err = d.version(ctx, frozen.Release, w.now); err != nil {
		return press.Approval{}, err
	}
	a := press.Approval{ID: d.NewID(), Release: p.Release, Digest: p.Digest, By: w.by, At: w.now, Recipients: p.Recipients()}
	if err := d.Store.Stage(ctx, a, frozen); err != nil {
		return press.Approval{}, err
	}
	tell := func(n int) {
		if w.progress != nil {
			w.progress(w.total, n)
		}
	}
	copies := d.deliveries(p, a, w.now)
	if err := d.thread(ctx, frozen, copies); err != nil {
		return press.Approval{}, err
	}
	if err := d.Store.StageDeliveries(ctx, copies, w.now, tell); err != nil {
		return press.Approval{}, err
	}
	return a, d.Store.Approve(ctx, a, frozen.Release)
}

// shownBy is the command that shows a plan.
func shownBy(slug string) string {
	if about, kind, _, ok := press.SplitNotice(slug); ok && kind == press.KillNotice {
		return "notice " + about
	}
	return "plan " + slug
}

// sendingPatience is how long an approval waits for copies that are on their
// way; a daemon gives back within a second what a hold has stopped.
const sendingPatience = 3 * time.Second

// nothingSending waits, and then refuses, while copies are being handed over:
// whether their receivers need another one is not known before the relay has
// answered.
func (d *Desk) nothingSending(ctx context.Context, slug string) error {
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for started := time.Now(); ; {
		n, err := d.sending(ctx, slug)
		if err != nil || n == 0 {
			return err
		}
		if time.Since(started) > sendingPatience {
			return Refused{fmt.Sprintf("%d copies of %s are being handed to the relay at this moment; hold the release, and say it again once they are through", n, slug)}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-again.C:
		}
	}
}

// sending counts the copies that are being handed over.
func (d *Desk) sending(ctx context.Context, slug string) (int, error) {
	states, err := d.Store.Releases(ctx, slug)
	if err != nil || len(states) == 0 {
		return 0, err
	}
	n := 0
	for _, c := range states[0].Counts {
		if c.State == press.Sending {
			n += c.N
		}
	}
	return n, nil
}

// judge refuses a yes to a plan that is not the one of today, or must not be.
func judge(p Planned, y Yes) error {
	if len(p.Errors) > 0 {
		return Refused{fmt.Sprintf("the plan of %s cannot be approved: %s", y.Release, strings.Join(p.Errors, "; "))}
	}
	if p.Recipients() == 0 && len(p.Notices) == 0 {
		return Refused{fmt.Sprintf("the plan of %s reaches nobody who does not have it already", y.Release)}
	}
	if p.Digest != y.Digest {
		return Refused{fmt.Sprintf("the plan of %s is now %s, not %s: something changed since (text, recipients, instants or templates); look at `dateline %s` again and approve what it shows", y.Release, p.Digest, y.Digest, shownBy(y.Release))}
	}
	return nil
}

// deliveries lays down the order in which copies leave: by instant, and within
// one instant shuffled by a hash seeded with the digest, so that no outlet,
// country or language is served before the others.
func (d *Desk) deliveries(p plan.Plan, a press.Approval, now time.Time) []press.Delivery {
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
