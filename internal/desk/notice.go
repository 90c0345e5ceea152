package desk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"dateline/internal/compose"
	"dateline/internal/locale"
	"dateline/internal/plan"
	"dateline/internal/press"
)

// Holdings is the store's side of notices: who holds what, and was told what.
type Holdings interface {
	EarlierHolders(ctx context.Context, release string, approval press.ID) (map[string]map[press.AddressKey]bool, error)
	HeldCopies(ctx context.Context, release string) ([]press.Delivery, error)
	Told(ctx context.Context, notice string) ([]press.Told, error)
	Approvals(ctx context.Context, release string) ([]press.Approval, error)
	Notices(ctx context.Context, about string) ([]string, error)
	TestCopies(ctx context.Context, release string) (int, error)
}

// Notice works out the notice that a release was killed: it goes to those who
// hold a copy and were not told yet, in the edition of their copy. Its words are
// the phrases that were frozen with the release; a reason is told if one is given.
func (d *Desk) Notice(ctx context.Context, about, reason string, now time.Time) (Planned, error) {
	approval, under, err := d.Store.Approved(ctx, about)
	if err != nil {
		return Planned{}, err
	}
	if !under {
		return Planned{}, press.ErrNeverApproved{Release: about}
	}
	control, err := d.control(ctx, about)
	if err != nil {
		return Planned{}, err
	}
	if control.Killed == "" {
		return Planned{}, Refused{fmt.Sprintf("release %s is not killed, so there is no notice to send; `dateline kill %s` comes first", about, about)}
	}
	slug := press.KillSlug(about)
	p := Planned{}
	if p.Tests, err = d.Store.TestCopies(ctx, about); err != nil {
		return Planned{}, err
	}
	left, copies, err := d.toBeTold(ctx, about, slug)
	if err != nil {
		return Planned{}, err
	}
	if earlier, was, err := d.Store.Approved(ctx, slug); err != nil {
		return Planned{}, err
	} else if was {
		p.Approved = &earlier
		if p.Control, err = d.control(ctx, slug); err != nil {
			return Planned{}, err
		}
		if p.InForce = len(left) == 0; p.InForce {
			left = copies
		}
	}
	origins, err := d.origins(ctx, about)
	if err != nil {
		return Planned{}, err
	}
	n := noticeOf{copies: copies, to: left, origins: origins, first: approval.ID}
	n.Slug, n.Kind, n.Reason = slug, press.KillNotice, reason
	notice, frozen, err := d.write(ctx, n)
	if err != nil {
		return Planned{}, err
	}
	p.Plan, p.Frozen = notice.Plan, frozen
	if p.InForce {
		p.Digest = p.Approved.Digest
	} else if n := beingSent(copies); n > 0 && now.Before(control.KillAt.Add(untilSettled)) {
		p.Errors = append(p.Errors, fmt.Sprintf("of %d copies it is not known yet whether the kill has stopped them; ask again in a few seconds", n))
	}
	return p, nil
}

// untilSettled is how long after a kill the daemons may take to tell what they
// had handed over by then. One that is silent for longer is gone, and whoever it
// was sending to may have a copy.
const untilSettled = 20 * time.Second

func beingSent(copies []press.Delivery) int {
	n := 0
	for _, c := range copies {
		if c.State == press.Sending {
			n++
		}
	}
	return n
}

// planNotice is the plan behind a notice's slug.
func (d *Desk) planNotice(ctx context.Context, slug, reason string, now time.Time) (Planned, error) {
	about, kind, _, _ := press.SplitNotice(slug)
	if kind == press.KillNotice {
		return d.Notice(ctx, about, reason, now)
	}
	p, err := d.Plan(ctx, about, now, true)
	if err != nil {
		return Planned{}, err
	}
	for _, n := range p.Notices {
		if n.Release == slug {
			return Planned{}, Refused{fmt.Sprintf("%s is approved together with %s; see `dateline plan %s`", slug, about, about)}
		}
	}
	return Planned{}, Refused{fmt.Sprintf("there is nothing to plan of %s: either everybody was told, or the embargo of %s was not moved", slug, about)}
}

// toBeTold gives the newest copies of a killed release that are held, one a
// mailbox: those whose holders a notice has not gone to, nor will, and all.
func (d *Desk) toBeTold(ctx context.Context, about, notice string) (left, all []press.Delivery, err error) {
	held, err := d.Store.HeldCopies(ctx, about)
	if err != nil {
		return nil, nil, err
	}
	told, err := d.Store.Told(ctx, notice)
	if err != nil {
		return nil, nil, err
	}
	pending := map[press.AddressKey]bool{}
	for _, t := range told {
		pending[t.AddressKey] = t.Pending
	}
	all = newest(held)
	untold := false
	for _, c := range all {
		waits, known := pending[c.AddressKey]
		if untold = untold || !known; !known || waits {
			left = append(left, c) // what waits is superseded together with its approval
		}
	}
	if !untold {
		left = nil
	}
	return left, all, nil
}

// newest gives the last copy of each mailbox, in their order.
func newest(held []press.Delivery) []press.Delivery {
	last := make(map[press.AddressKey]press.ID, len(held))
	for i := range held {
		last[held[i].AddressKey] = held[i].ID
	}
	return slices.DeleteFunc(slices.Clone(held), func(c press.Delivery) bool { return last[c.AddressKey] != c.ID })
}

// origin is what an approval of a release froze.
type origin struct {
	id     press.ID
	frozen press.Frozen
}

// origins reads every approval of a release that can be read back, oldest first.
func (d *Desk) origins(ctx context.Context, slug string) ([]origin, error) {
	approvals, err := d.Store.Approvals(ctx, slug)
	if err != nil {
		return nil, err
	}
	var all []origin
	for _, a := range approvals {
		frozen, err := d.Store.Frozen(ctx, a.ID)
		if damaged := (press.Damaged{}); errors.As(err, &damaged) {
			continue // the copies tell who holds them; only their text is lost
		}
		if err != nil {
			return nil, err
		}
		all = append(all, origin{a.ID, frozen})
	}
	return all, nil
}

// noticeOf is a notice that is to be written.
type noticeOf struct {
	compose.Notice
	copies  []press.Delivery // those that it speaks of, one a mailbox
	to      []press.Delivery // those of them whose holders it goes to
	origins []origin         // approvals of the release, oldest first
	first   press.ID         // the approval whose sender and templates it takes; zero where now has them
	now     press.Frozen
}

// frozen are the releases that it takes its words from, the first one first.
func (n noticeOf) frozen() []press.Frozen {
	all := []press.Frozen{}
	if n.first.IsZero() {
		all = append(all, n.now)
	}
	for _, o := range n.origins {
		if o.id == n.first {
			all = append(all, o.frozen)
		}
	}
	for _, o := range slices.Backward(n.origins) {
		all = append(all, o.frozen)
	}
	return all
}

// write writes a notice and plans it.
func (d *Desk) write(ctx context.Context, n noticeOf) (plan.Notice, press.Frozen, error) {
	from := n.frozen()
	if len(from) == 0 {
		return plan.Notice{}, press.Frozen{}, press.Damaged{Err: errors.New("no approval of the release can be read")}
	}
	for _, s := range from[0].Release.Sends {
		n.LateAfter = max(n.LateAfter, s.LateAfter)
	}
	for i, c := range n.copies {
		if !slices.Contains(n.Languages, c.Edition) {
			n.Languages = append(n.Languages, c.Edition)
		}
		if i == 0 || c.Due.Before(n.First) {
			n.First = c.Due
		}
		if i == 0 || c.Due.After(n.Last) {
			n.Last = c.Due
		}
	}
	slices.Sort(n.Languages)
	frozen, err := n.Freeze(from...)
	if err != nil {
		return plan.Notice{}, press.Frozen{}, err
	}
	frozen.Zones = locale.ZonesFingerprint(frozen.Release.ZonesAt())
	frozen.Inputs = hashOf(frozen)
	if frozen, _, err = probed(frozen); err != nil {
		return plan.Notice{}, press.Frozen{}, err
	}
	recipients, skips, err := d.readers(ctx, n, frozen.Release)
	if err != nil {
		return plan.Notice{}, press.Frozen{}, err
	}
	return plan.MakeNotice(plan.NoticeInput{
		Release: frozen.Release, Before: n.Before, Recipients: recipients, Skips: skips,
		Inputs: frozen.Inputs, Renderer: frozen.Renderer, Zones: frozen.Zones,
	}), frozen, nil
}

// readers are those whom a notice goes to, at the address that their copy went
// to, and those who hold one and are not written to.
func (d *Desk) readers(ctx context.Context, n noticeOf, r press.Release) ([]press.Recipient, []plan.Skip, error) {
	suppressed, err := d.Store.Suppressions(ctx, r.Sender, r.Topic)
	if err != nil {
		return nil, nil, err
	}
	froze := map[press.ID]press.Frozen{}
	for _, o := range n.origins {
		froze[o.id] = o.frozen
	}
	var recipients []press.Recipient
	var skips []plan.Skip
	for _, c := range n.to {
		skip := func(why string) {
			skips = append(skips, plan.Skip{Send: press.NoticeSend, Contact: c.Contact, Address: c.Address, Country: c.Country, Why: why})
		}
		if c.Address == "" {
			skip("their address was erased")
			continue
		}
		if why, ok := suppressed[c.AddressKey]; ok {
			skip("suppressed: " + why)
			continue
		}
		to := c.Recipient
		to.Due, to.Deadline, to.After = time.Time{}, time.Time{}, ""
		if o, ok := froze[c.Approval]; ok {
			to.InReplyTo = o.MessageID(c.ID)
		}
		to.Why = cmp.Or(map[press.State]string{press.Accepted: "has", press.Delivered: "has", press.Complained: "has"}[c.State], "may have") + " the copy of " + c.Send
		recipients = append(recipients, to)
	}
	return recipients, skips, nil
}

// hashOf is SHA-256 over all that a notice's text is made of.
func hashOf(f press.Frozen) string {
	all, err := json.Marshal(f)
	if err != nil {
		panic(err) // texts, instants and maps of texts: always encodable
	}
	sum := sha256.Sum256(all)
	return hex.EncodeToString(sum[:])
}
