package compose

import (
	"cmp"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"slices"

	"dateline/internal/press"
)

// maxFaults bounds how many faults are told of one template.
const maxFaults = 20

// trial runs the templates for everything that can come up: each edition, kind
// of release, kind of send and contact. What fails is told once, taken out of
// the template, and the rest goes on, so that one trial finds all there is.
func (k *Kit) trial(kinds []press.ReleaseKind) press.Faults {
	other := newTokens(k.tokens.prefix)
	var faults press.Faults
	for _, s := range []*source{k.html, k.text} {
		found := 0
		for _, e := range k.ordered() {
			for s != nil {
				f, at := s.tryEdition(e, kinds, k.tokens, other)
				if f == nil {
					break
				}
				faults = append(faults, *f)
				smaller, ok := s.without(at)
				if found++; !ok || found == maxFaults || at < 0 {
					s = nil
					break
				}
				s = smaller
			}
		}
	}
	faults.Sort()
	return slices.CompactFunc(faults, func(a, b press.Fault) bool { return a == b })
}

// tryEdition runs a source over everything for one edition, up to the first
// fault; at is the fault's offset, below 0 where nothing can be taken out.
func (s *source) tryEdition(e *edition, kinds []press.ReleaseKind, a, b tokens) (fault *press.Fault, at int) {
	run, err := s.bind(e.words)
	if err != nil {
		f := s.fault(err)
		return &f, s.offset(f)
	}
	for i, kind := range kinds {
		sets := []tokens{a, b}
		if i > 0 {
			sets = sets[:1] // the second set is for the release's own kind, which comes first
		}
		for _, v := range trialVariants() {
			err := s.try(run, e, v, kind, sets)
			if err == nil {
				continue
			}
			f := s.fault(err)
			f.What += fmt.Sprintf(" (edition %s)", e.Lang)
			if escape := (*htmltemplate.Error)(nil); errors.As(err, &escape) {
				return &f, -1
			}
			if f.Line > 0 {
				return &f, s.offset(f)
			}
			at, ok := s.culprit(err, e, v, kind, sets)
			if ok {
				f.Line, f.Column = s.place(at)
			}
			return &f, at
		}
	}
	return nil, 0
}

// try runs a source with each set of tokens, which must make no difference but
// themselves.
func (s *source) try(run func(Data) (string, error), e *edition, v variant, kind press.ReleaseKind, sets []tokens) error {
	var first pieces
	for i, t := range sets {
		d, err := e.data(v, kind, t)
		if err != nil {
			return err
		}
		if s.html {
			d = e.htmlData(d)
		} else {
			d = e.textData(d)
		}
		out, err := run(d)
		if err != nil {
			return err
		}
		if s.html && i == 0 {
			if err := t.checkPlaces(out); err != nil {
				return err
			}
		}
		cut, err := t.cut(out)
		if err != nil {
			return err
		}
		if i == 0 {
			first = cut
		} else if !slices.Equal(first.texts, cut.texts) || !slices.Equal(first.slots, cut.slots) {
			return errPeeks
		}
	}
	return nil
}

// culprit finds the action behind an error that carries no place: the first
// one without which the error does not come.
func (s *source) culprit(err error, e *edition, v variant, kind press.ReleaseKind, sets []tokens) (int, bool) {
	for _, at := range s.actions() {
		smaller, ok := s.without(at)
		if !ok {
			continue
		}
		run, bindErr := smaller.bind(e.words)
		if bindErr != nil {
			continue
		}
		if !errors.Is(smaller.try(run, e, v, kind, sets), err) {
			return at, true
		}
	}
	return 0, false
}

// trialVariants are the copies that a trial makes: for each kind of send, held
// and not, test and not, the contacts with and without name, outlet and zone.
func trialVariants() []variant {
	sends := []variant{
		{kind: press.General},
		{kind: press.Advance, held: true},
		{kind: press.Advance},
		{kind: press.General, test: true},
		{kind: press.General, held: true, test: true},
		{kind: press.Advance, held: true, test: true},
	}
	var all []variant
	for _, v := range sends {
		for i := range 8 {
			v.name, v.outlet, v.zone = i&1 > 0, i&2 > 0, i&4 > 0
			v.out = v.name != v.zone // with and without, beside each of the others
			all = append(all, v)
		}
	}
	return all
}

// ordered are the editions by language.
func (k *Kit) ordered() []*edition {
	all := make([]*edition, 0, len(k.editions))
	for _, e := range k.editions {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b *edition) int { return cmp.Compare(a.Lang, b.Lang) })
	return all
}
