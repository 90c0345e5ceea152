package receipt

import (
	"cmp"
	"context"
	"slices"
	"time"

	"dateline/internal/press"
)

// held tells who had a copy at a moment, or may have had one.
func (r *Receipt) held(ctx context.Context, s Store, ask Ask) error {
	if ask.HeldAt.IsZero() {
		return nil
	}
	at := ask.HeldAt.UTC()
	g := gathered{at: at, addresses: ask.Addresses, held: map[holding]*Holder{}}
	var copied possession
	var last press.Step
	if err := s.Steps(ctx, r.Release, func(step press.Step) {
		if step.Delivery != last.Delivery {
			g.add(last, copied.settle(last, at))
			copied = possession{}
		}
		copied.take(step, at)
		last = step
	}); err != nil {
		return err
	}
	g.add(last, copied.settle(last, at))
	tests, err := s.Tested(ctx, r.Release, at)
	if err != nil {
		return err
	}
	h := g.sum()
	h.Tests = slices.DeleteFunc(tests, func(t press.Tested) bool { return !t.State.MayHaveLeft() })
	r.Held = &h
	return nil
}

// possession is whether a copy was with its recipient by a moment, as its trail
// tells step by step.
type possession struct {
	held  bool
	state press.State
	since time.Time // when it may have been there first
}

// take takes in the next entry of the trail.
func (p *possession) take(s press.Step, at time.Time) {
	switch {
	case s.At.IsZero():
	case s.At.After(at):
		// What became unknown later may have left at any time since it was due.
		if s.To == press.Unknown && !p.held && !s.Due.After(at) {
			*p = possession{true, press.Sending, s.Due}
		}
	case s.From == press.Unknown && unsaid(s):
		*p = possession{}
	case s.To == press.Unknown:
		p.begin(press.Unknown, s.Due)
	case s.To == press.Accepted:
		p.begin(press.Accepted, s.At)
	case p.held && s.To.MayHaveLeft(): // delivered, bounced, complained
		p.state = s.To
	case s.To.MayHaveLeft():
		p.begin(s.To, s.At)
	}
}

func (p *possession) begin(s press.State, since time.Time) {
	if !p.held {
		p.since = since
	}
	p.held, p.state = true, s
}

// settle is what is known at the end of the trail: a copy that is being sent
// stands in no entry.
func (p possession) settle(s press.Step, at time.Time) possession {
	if s.Now == press.Sending && !p.held && !s.NowSince.After(at) {
		return possession{true, press.Sending, s.NowSince}
	}
	return p
}

// unsaid tells of an unknown copy that it was proved not to have left: a person
// said so, or the daemon that was sending it. What a person or a policy sends once
// more is still in doubt.
func unsaid(s press.Step) bool {
	_, err := press.ParseID(s.By)
	return s.To == press.Cancelled || (s.To == press.Planned && err == nil)
}

// holding is by what copies are put together.
type holding struct {
	outlet  string
	kind    press.OutletKind
	country press.Country
	send    string
	state   press.State
}

type gathered struct {
	at        time.Time
	addresses bool
	copies    int
	unsure    int
	held      map[holding]*Holder
}

func (g *gathered) add(s press.Step, p possession) {
	if !p.held {
		return
	}
	g.copies++
	if p.state == press.Unknown || p.state == press.Sending {
		g.unsure++
	}
	key := holding{s.Outlet, s.OutletKind, s.Country, s.Send, p.state}
	if s.OutletKind == press.Freelance && !g.addresses {
		key.outlet = "" // the outlet of a freelancer is the person
	}
	h := g.held[key]
	if h == nil {
		h = &Holder{Outlet: key.outlet, OutletKind: key.kind, Country: key.country, Send: key.send, State: key.state, Since: p.since}
		g.held[key] = h
	}
	h.Copies++
	if p.since.Before(h.Since) {
		h.Since = p.since
	}
	if g.addresses && s.Address != "" {
		h.Addresses = append(h.Addresses, s.Address)
	}
}

func (g *gathered) sum() Held {
	all := Held{At: g.at, Copies: g.copies, Unsure: g.unsure, Holders: make([]Holder, 0, len(g.held))}
	for _, h := range g.held {
		slices.Sort(h.Addresses)
		all.Holders = append(all.Holders, *h)
	}
	slices.SortFunc(all.Holders, func(a, b Holder) int {
		return cmp.Or(cmp.Compare(a.Country, b.Country), cmp.Compare(a.Outlet, b.Outlet), cmp.Compare(a.OutletKind, b.OutletKind), a.Since.Compare(b.Since), cmp.Compare(a.Send, b.Send), cmp.Compare(a.State, b.State))
	})
	return all
}
