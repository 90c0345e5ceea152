package desk

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"dateline/internal/plan"
	"dateline/internal/press"
)

// embargoNotice is a notice that a release's embargo was moved, as it stands.
type embargoNotice struct {
	press.ReleaseState
	number int
}

// embargoNotices reads the notices about a release's embargo, in their order.
func (d *Desk) embargoNotices(ctx context.Context, about string) ([]embargoNotice, error) {
	slugs, err := d.Store.Notices(ctx, about)
	if err != nil {
		return nil, err
	}
	var all []embargoNotice
	for _, slug := range slugs {
		_, kind, n, _ := press.SplitNotice(slug)
		if kind != press.EmbargoNotice {
			continue
		}
		states, err := d.Store.Releases(ctx, slug)
		if err != nil {
			return nil, err
		}
		for _, s := range states {
			all = append(all, embargoNotice{s, n})
		}
	}
	slices.SortFunc(all, func(a, b embargoNotice) int { return cmp.Compare(a.number, b.number) })
	return all, nil
}

// addNotices puts notices beside a plan: to those who hold a copy that tells an
// embargo, and were told last that it ends at another instant than the plan has.
func (d *Desk) addNotices(ctx context.Context, p *Planned) error {
	if p.Control.Killed != "" {
		return nil
	}
	origins, err := d.origins(ctx, p.Release)
	if err != nil {
		return err
	}
	earlier, err := d.embargoNotices(ctx, p.Release)
	if err != nil {
		return err
	}
	now := p.Frozen.Release.Embargo
	moved := len(earlier) > 0
	for _, o := range origins {
		moved = moved || !o.frozen.Release.Embargo.Same(now)
	}
	if !moved {
		return nil
	}
	told, err := d.whatWasTold(ctx, p.Release, now, origins, earlier)
	if err != nil {
		return err
	}
	next := 1
	if n := len(earlier); n > 0 {
		next = earlier[n-1].number + 1
	}
	p.notices = map[string]press.Frozen{}
	var notices []plan.Notice
	for _, group := range outdated(told, now) {
		n := noticeOf{copies: group.copies, to: group.copies, origins: origins, now: p.Frozen}
		n.Slug, n.Kind, n.Before = press.EmbargoSlug(p.Release, next), press.EmbargoNotice, group.embargo.Lift
		notice, frozen, err := d.write(ctx, n)
		if err != nil {
			return err
		}
		if notice.Recipients() == 0 {
			continue // all of them are suppressed
		}
		notices = append(notices, notice)
		p.notices[n.Slug] = frozen
		next++
	}
	p.Add(notices)
	return nil
}

// lastTold is a copy under embargo, with the embargo that its holder was told last.
type lastTold struct {
	copy    press.Delivery
	by      press.ID // the delivery that told it
	embargo press.Embargo
}

// whatWasTold gives, for each mailbox whose newest copy was sent under embargo,
// what it was told last: by the copy, or by a notice since. A notice that still
// waits counts if it tells what is true now; the others will not be sent.
func (d *Desk) whatWasTold(ctx context.Context, slug string, now press.Embargo, origins []origin, earlier []embargoNotice) (map[press.AddressKey]lastTold, error) {
	held, err := d.Store.HeldCopies(ctx, slug)
	if err != nil {
		return nil, err
	}
	embargoes := map[press.ID]press.Embargo{}
	for _, o := range origins {
		embargoes[o.id] = o.frozen.Release.Embargo
	}
	told := map[press.AddressKey]lastTold{}
	for _, c := range newest(held) {
		if e, known := embargoes[c.Approval]; known && e.UnderEmbargo(c.Due) {
			told[c.AddressKey] = lastTold{c, c.ID, e}
		}
	}
	for _, n := range earlier {
		frozen, err := d.Store.Frozen(ctx, n.Approval.ID)
		if err != nil {
			return nil, err
		}
		went, err := d.Store.Told(ctx, n.Approval.Release)
		if err != nil {
			return nil, err
		}
		for _, w := range went {
			t, holds := told[w.AddressKey]
			if e := frozen.Release.Embargo; holds && bytes.Compare(w.Delivery[:], t.by[:]) > 0 && (!w.Pending || e.Same(now)) {
				told[w.AddressKey] = lastTold{t.copy, w.Delivery, e}
			}
		}
	}
	return told, nil
}

// outdatedGroup are copies whose holders were all told the same embargo.
type outdatedGroup struct {
	embargo press.Embargo
	copies  []press.Delivery
}

// outdated groups those who were told another embargo than the one of now. Who
// was told that there is none any more may have published.
func outdated(told map[press.AddressKey]lastTold, now press.Embargo) []outdatedGroup {
	groups := map[int64]outdatedGroup{}
	for _, t := range told {
		if t.embargo.None || t.embargo.Same(now) {
			continue
		}
		at := t.embargo.Lift.At.UnixMicro()
		g := groups[at]
		g.copies = append(g.copies, t.copy)
		if g.embargo.Lift.Zone == "" || t.embargo.Lift.Zone < g.embargo.Lift.Zone {
			g.embargo = t.embargo
		}
		groups[at] = g
	}
	var all []outdatedGroup
	for _, g := range groups {
		slices.SortFunc(g.copies, func(a, b press.Delivery) int { return bytes.Compare(a.ID[:], b.ID[:]) })
		all = append(all, g)
	}
	slices.SortFunc(all, func(a, b outdatedGroup) int { return a.embargo.Lift.At.Compare(b.embargo.Lift.At) })
	return all
}

// stopNotices kills what is unsent of notices about an embargo that is not true
// any more.
func (d *Desk) stopNotices(ctx context.Context, about, why string, now time.Time, which func(press.Embargo) bool) error {
	earlier, err := d.embargoNotices(ctx, about)
	if err != nil {
		return err
	}
	for _, n := range earlier {
		if n.Control.Killed != "" || n.FirstDue.IsZero() {
			continue
		}
		frozen, err := d.Store.Frozen(ctx, n.Approval.ID)
		if err != nil {
			return err
		}
		if !which(frozen.Release.Embargo) {
			continue
		}
		if err := d.Store.Kill(ctx, n.Approval.Release, why, press.ByDateline, now); err != nil {
			return err
		}
	}
	return nil
}

// notices approves the notices that stand beside a plan. Notices that would
// tell an earlier instant are stopped before.
func (w writing) notices(ctx context.Context, p Planned, which []plan.Notice) error {
	if _, _, _, isNotice := press.SplitNotice(p.Release); isNotice {
		return nil
	}
	embargo := p.Frozen.Release.Embargo
	err := w.desk.stopNotices(ctx, p.Release, "the embargo was moved again: "+embargo.String(), w.now, func(e press.Embargo) bool { return !e.Same(embargo) })
	for _, n := range which {
		if err == nil {
			_, err = w.approval(ctx, n.Plan, p.notices[n.Release])
		}
	}
	if err != nil {
		return fmt.Errorf("release %s is approved, but not every holder of the old embargo will be told; say the same again to complete it: %w", p.Release, err)
	}
	return nil
}

// completeNotices approves what is missing of the notices that a plan in force
// was approved with.
func (d *Desk) completeNotices(ctx context.Context, before press.Approval, y Yes, now time.Time, progress func(total, n int)) error {
	frozen, err := d.Store.Frozen(ctx, before.ID)
	if err != nil || len(frozen.Notices) == 0 {
		return err
	}
	slugs, err := d.Store.Notices(ctx, y.Release)
	if err != nil {
		return err
	}
	missing := slices.Clone(frozen.Notices)
	done := func(digest string) {
		missing = slices.DeleteFunc(missing, func(m string) bool { return m == digest })
	}
	for _, slug := range slugs {
		approvals, err := d.Store.Approvals(ctx, slug)
		if err != nil {
			return err
		}
		for _, a := range approvals {
			done(a.Digest)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	p, err := d.Plan(ctx, y.Release, now, y.ReleaseNow)
	if err != nil {
		return err
	}
	if !p.InForce {
		return Refused{fmt.Sprintf("not every holder of the old embargo of %s was told, and its folder has changed since; look at `dateline plan %s` and approve what it shows", y.Release, y.Release)}
	}
	var rest []plan.Notice
	total := 0
	for _, n := range p.Notices {
		if slices.Contains(missing, n.Digest) {
			rest = append(rest, n)
			total += n.Recipients()
			done(n.Digest)
		}
	}
	if err := (writing{desk: d, by: y.By, now: now, total: total, progress: progress}).notices(ctx, p, rest); err != nil {
		return err
	}
	if len(missing) > 0 {
		return Refused{fmt.Sprintf("who is to be told that the embargo of %s was moved has changed since; look at `dateline plan %s` and approve what it shows", y.Release, y.Release)}
	}
	return nil
}

// NoticesApproved gives the notices about a release that were approved at an
// instant.
func (d *Desk) NoticesApproved(ctx context.Context, about string, at time.Time) ([]press.Approval, error) {
	slugs, err := d.Store.Notices(ctx, about)
	if err != nil {
		return nil, err
	}
	var all []press.Approval
	for _, slug := range slugs {
		a, ok, err := d.Store.Approved(ctx, slug)
		if err != nil {
			return nil, err
		}
		if ok && a.At.UnixMicro() == at.UnixMicro() {
			all = append(all, a)
		}
	}
	return all, nil
}
