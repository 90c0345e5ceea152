package receipt

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"dateline/internal/press"
)

// Store is what a receipt is read from.
type Store interface {
	VerifyStore
	ReleaseHeads(ctx context.Context, only string) ([]press.ReleaseState, error)
	Approvals(ctx context.Context, release string) ([]press.Approval, error)
	Frozen(ctx context.Context, approval press.ID) (press.Frozen, error)
	Acts(ctx context.Context, release string, limit int) ([]press.Act, error)
	Counts(ctx context.Context, a press.Approval) ([]press.Count, error)
	Accepted(ctx context.Context, release string, tell func(press.AcceptedPart)) error
	Failures(ctx context.Context, release string) ([]press.Failed, error)
	Unsent(ctx context.Context, release string) ([]press.Unsent, error)
	Tested(ctx context.Context, release string, until time.Time) ([]press.Tested, error)
	Notices(ctx context.Context, about string) ([]string, error)
	Steps(ctx context.Context, release string, tell func(press.Step)) error
	LastSeal(ctx context.Context) (press.Seal, bool, error)
}

// Ask is what is to be told of a release, beside what became of it.
type Ask struct {
	Release   string
	HeldAt    time.Time // who held a copy then; zero: it is not asked
	Addresses bool      // with their addresses
	Verify    bool      // whether the trail of its time is whole
	All       bool      // whether all of the trail is
}

// Draw draws up the receipt of a release.
func Draw(ctx context.Context, s Store, keys press.Keyring, ask Ask, now time.Time) (Receipt, error) {
	if ask.HeldAt.After(now) {
		return Receipt{}, errors.New("telling who held a copy at " + ask.HeldAt.UTC().Format("2006-01-02 15:04:05 UTC") + ": that is yet to come; name an instant that has passed")
	}
	heads, err := s.ReleaseHeads(ctx, ask.Release)
	if err != nil {
		return Receipt{}, err
	}
	if len(heads) == 0 || ask.Release == "" {
		return Receipt{}, press.ErrNeverApproved{Release: ask.Release}
	}
	head := heads[0]
	frozen, err := s.Frozen(ctx, head.Approval.ID)
	if err != nil {
		return Receipt{}, err
	}
	r := Receipt{At: now.UTC(), Release: ask.Release, Control: head.Control}
	for _, read := range []func(context.Context, Store) error{
		func(ctx context.Context, s Store) error { return r.story(ctx, s, head.Approval, frozen.Release) },
		func(ctx context.Context, s Store) error { return r.copies(ctx, s, head.Approval, frozen.Release.Sends) },
		r.reasons,
		r.notices,
		func(ctx context.Context, s Store) error { return r.seal(ctx, s, keys, ask) },
		func(ctx context.Context, s Store) error { return r.held(ctx, s, ask) },
	} {
		if err := read(ctx, s); err != nil {
			return Receipt{}, err
		}
	}
	return r, nil
}

// story is what was approved, by whom, and what was done to it.
func (r *Receipt) story(ctx context.Context, s Store, inForce press.Approval, release press.Release) error {
	r.Kind, r.About, r.Lift = release.Kind, release.About, release.Embargo.Lift
	r.Titles = make([]Title, len(release.Editions))
	for i, e := range release.Editions {
		r.Titles[i] = Title{e.Lang, e.Headline}
	}
	approvals, err := s.Approvals(ctx, r.Release)
	if err != nil {
		return err
	}
	r.Approvals = make([]Approval, len(approvals))
	for i, a := range approvals {
		r.Approvals[i] = Approval{a, a.ID == inForce.ID}
	}
	acts, err := s.Acts(ctx, r.Release, 0)
	r.Acts = slices.DeleteFunc(acts, func(a press.Act) bool { return a.Act == "approve" || a.Act == "test" })
	return err
}

// copies counts how the copies stand, and when they were accepted.
func (r *Receipt) copies(ctx context.Context, s Store, inForce press.Approval, sent []press.Send) error {
	counts, err := s.Counts(ctx, inForce)
	if err != nil {
		return err
	}
	sends, countries, languages := parts{}, parts{}, parts{}
	r.States = map[press.State]int{}
	for _, c := range counts {
		r.Copies += c.N
		r.States[c.State] += c.N
		sends.of(c.Send).count(c)
		countries.of(string(c.Country)).count(c)
		languages.of(string(c.Edition)).count(c)
	}
	late := lateness{lift: r.Lift.At, advance: map[string]bool{}, seconds: map[time.Duration]int{}}
	for _, send := range sent {
		late.advance[send.Name] = send.Kind == press.Advance
	}
	err = s.Accepted(ctx, r.Release, func(p press.AcceptedPart) {
		sends.of(p.Send).accept(p)
		countries.of(string(p.Country)).accept(p)
		languages.of(string(p.Edition)).accept(p)
		late.accept(p)
	})
	r.Sends, r.Countries, r.Languages, r.Lateness = sends.inOrder(), countries.inOrder(), languages.inOrder(), late.sum()
	return err
}

// reasons tells why copies failed or did not leave, and who has test copies.
func (r *Receipt) reasons(ctx context.Context, s Store) error {
	var err error
	if r.Failed, err = s.Failures(ctx, r.Release); err != nil {
		return err
	}
	if r.Unsent, err = s.Unsent(ctx, r.Release); err != nil {
		return err
	}
	r.Tests, err = s.Tested(ctx, r.Release, r.At)
	return err
}

// notices tells of what was sent to those who hold a copy.
func (r *Receipt) notices(ctx context.Context, s Store) error {
	slugs, err := s.Notices(ctx, r.Release)
	if err != nil {
		return err
	}
	r.Notices = []Notice{}
	for _, slug := range slugs {
		heads, err := s.ReleaseHeads(ctx, slug)
		if err != nil {
			return err
		}
		for _, head := range heads {
			counts, err := s.Counts(ctx, head.Approval)
			if err != nil {
				return err
			}
			_, kind, _, _ := press.SplitNotice(slug)
			n := Notice{Release: slug, Kind: kind, Approval: head.Approval, States: map[press.State]int{}}
			for _, c := range counts {
				n.States[c.State] += c.N
			}
			r.Notices = append(r.Notices, n)
		}
	}
	return nil
}

// seal shows the newest seal, and verifies the trail where that is asked for.
func (r *Receipt) seal(ctx context.Context, s Store, keys press.Keyring, ask Ask) error {
	last, ok, err := s.LastSeal(ctx)
	if err != nil {
		return err
	}
	if ok {
		shown := last.Shown()
		r.Seal = &shown
	}
	if !ask.Verify && !ask.All {
		return nil
	}
	release := r.Release
	if ask.All {
		release = ""
	}
	v, err := Verify(ctx, s, keys, release)
	r.Verified = &v
	return err
}

// parts are counted by what they are of.
type parts map[string]*Part

func (p parts) of(what string) *Part {
	if p[what] == nil {
		p[what] = &Part{Of: what, States: map[press.State]int{}}
	}
	return p[what]
}

func (p parts) inOrder() []Part {
	all := []Part{}
	for _, one := range slices.SortedFunc(maps.Values(p), func(a, b *Part) int { return strings.Compare(a.Of, b.Of) }) {
		all = append(all, *one)
	}
	return all
}

func (p *Part) count(c press.Count) {
	p.Copies += c.N
	p.States[c.State] += c.N
}

func (p *Part) accept(a press.AcceptedPart) {
	if p.Accepted == 0 || a.First.Before(p.First) {
		p.First = a.First
	}
	if a.Last.After(p.Last) {
		p.Last = a.Last
	}
	p.Accepted += a.N
}

// lateness gathers when what leaves at the lift or later was accepted.
type lateness struct {
	lift    time.Time
	advance map[string]bool // sends that leave before it
	n       Lateness
	seconds map[time.Duration]int
}

func (l *lateness) accept(p press.AcceptedPart) {
	if l.lift.IsZero() || l.advance[p.Send] {
		return
	}
	first, last := p.First.Sub(l.lift), p.Last.Sub(l.lift)
	if l.n.Accepted == 0 {
		l.n.First, l.n.Last = first, last
	}
	l.n.First, l.n.Last = min(l.n.First, first), max(l.n.Last, last)
	l.n.Accepted += p.N
	if first < 0 {
		l.n.Early += p.N
	}
	l.seconds[last.Truncate(time.Second)+time.Second] += p.N
}

func (l *lateness) sum() Lateness {
	so := 0
	for _, by := range slices.Sorted(maps.Keys(l.seconds)) {
		before := so
		so += l.seconds[by]
		reached := func(share float64) bool {
			want := share * float64(l.n.Accepted)
			return float64(before) < want && float64(so) >= want
		}
		if reached(0.5) {
			l.n.Half = by
		}
		if reached(0.99) {
			l.n.Most = by
		}
	}
	l.n.Half, l.n.Most = min(l.n.Half, cmp.Or(l.n.Last, l.n.Half)), min(l.n.Most, cmp.Or(l.n.Last, l.n.Most))
	return l.n
}
