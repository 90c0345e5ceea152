package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dateline/internal/compose"
	"dateline/internal/press"
)

// Preview is one copy as it would arrive.
type Preview struct {
	Edition          press.Lang
	Send             string
	compose.Rendered        // its HTML with the message's pictures in it
	HTMLBytes        int    // of the HTML in the message
	Message          []byte // as it is handed over
}

// PreviewOf says which copies are to be shown: of one edition or all, to a
// contact (by id or address) or to nobody in particular.
type PreviewOf struct {
	Release string
	Lang    press.Lang
	Contact string
	Send    string // "": the first general one
}

// Preview renders copies of one send. A contact is shown its own
// edition, unless a language is asked for.
func (d *Desk) Preview(ctx context.Context, of PreviewOf, now time.Time) ([]Preview, error) {
	frozen, kit, err := d.toPreview(ctx, of.Release, now)
	if err != nil {
		return nil, err
	}
	r := frozen.Release
	editions, err := editionsOf(r, of.Lang)
	if err != nil {
		return nil, err
	}
	if len(r.Sends) == 0 {
		return nil, fmt.Errorf("release %s has no send", of.Release)
	}
	to := press.Recipient{Address: "journalist@newsroom.example", Zone: r.Dateline.Zone}
	if of.Contact != "" {
		if to, err = d.recipient(ctx, of, now); err != nil {
			return nil, err
		}
		if of.Lang == "" {
			editions, _ = editionsOf(r, to.Edition) // the plan took it from the release
		}
	}
	send, err := sendOf(r, of.Send)
	if err != nil {
		return nil, err
	}
	var shown []Preview
	for _, e := range editions {
		p, err := d.preview(kit, frozen, send, e, to, now)
		if err != nil {
			return nil, err
		}
		shown = append(shown, p)
	}
	return shown, nil
}

// toPreview is a release of the folder, or a notice, ready to compose.
func (d *Desk) toPreview(ctx context.Context, slug string, now time.Time) (press.Frozen, *compose.Kit, error) {
	about, kind, _, notice := press.SplitNotice(slug)
	if !notice {
		f, err := d.folder(slug, now)
		if err != nil {
			return press.Frozen{}, nil, err
		}
		return d.freeze(f)
	}
	var p Planned
	var err error
	if kind == press.KillNotice {
		p, err = d.Notice(ctx, about, "", now)
		p.notices = map[string]press.Frozen{slug: p.Frozen}
	} else {
		p, err = d.Plan(ctx, about, now, true)
	}
	if err != nil {
		return press.Frozen{}, nil, err
	}
	frozen, ok := p.notices[slug]
	if !ok {
		return press.Frozen{}, nil, fmt.Errorf("there is no notice %s to send; see `dateline plan %s`", slug, about)
	}
	kit, err := compose.New(frozen)
	return frozen, kit, err
}

// sendOf finds a send by name, or the first general one.
func sendOf(r press.Release, name string) (press.Send, error) {
	names := make([]string, len(r.Sends))
	for i, s := range r.Sends {
		if s.Name == name || (name == "" && s.Kind == press.General) {
			return s, nil
		}
		names[i] = s.Name
	}
	if name == "" {
		return r.Sends[0], nil
	}
	return press.Send{}, fmt.Errorf("release %s has no send %q; it has: %s", r.Slug, name, strings.Join(names, ", "))
}

func (d *Desk) preview(kit *compose.Kit, f press.Frozen, s press.Send, e press.Edition, to press.Recipient, now time.Time) (Preview, error) {
	to.Edition = e.Lang
	to.Due = dueAt(f.Release, s, to.Zone, now)
	p, err := d.compose(kit, f.Sender, compose.Letter{
		Recipient: to, SendKind: s.Kind, Date: to.Due,
		MessageID: "preview." + string(e.Lang) + "@" + f.Sender.From.Domain(),
		Held:      f.Release.Embargo.UnderEmbargo(to.Due),
		OptOut:    "preview",
	})
	p.Send = s.Name
	return p, err
}

// dueAt is when a send's copy is due to somebody in a zone: now, where that is on
// approval.
func dueAt(r press.Release, s press.Send, zone string, now time.Time) time.Time {
	if r.Embargo.None || r.About != "" {
		return now
	}
	return s.At.DueIn(r.Embargo.Lift.At, press.In(now, zone).Location())
}

// compose makes a copy, signed as it would be, and what there is to see of it.
func (d *Desk) compose(kit *compose.Kit, s press.Sender, l compose.Letter) (p Preview, err error) {
	p.Edition = l.Recipient.Edition
	if p.Rendered, err = kit.Render(l); err != nil {
		return p, err
	}
	p.HTMLBytes = len(p.HTML)
	if p.Message, err = kit.Message(l); err != nil {
		return p, err
	}
	if d.Sign != nil {
		if p.Message, err = d.Sign(nil, p.Message, s, l.Date); err != nil {
			return p, err
		}
	}
	p.HTML, err = withPictures(p.HTML, p.Message)
	return p, err
}

// recipient finds a contact in the release's plan.
func (d *Desk) recipient(ctx context.Context, of PreviewOf, now time.Time) (press.Recipient, error) {
	p, err := d.Plan(ctx, of.Release, now, true)
	if err != nil {
		return press.Recipient{}, err
	}
	for _, s := range p.Sends {
		for _, r := range s.Recipients {
			if r.Contact.String() == of.Contact || r.Address.Key() == press.Address(of.Contact).Key() {
				return r, nil
			}
		}
	}
	for _, s := range p.Skips {
		if s.Contact.String() == of.Contact || s.Address.Key() == press.Address(of.Contact).Key() {
			return press.Recipient{}, fmt.Errorf("contact %s gets no copy of %s: %s", of.Contact, of.Release, s.Why)
		}
	}
	return press.Recipient{}, fmt.Errorf("no contact %s in the plan of %s; an id or an address of one is wanted", of.Contact, of.Release)
}
