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

// trial is what is tried: a layout, as of a kind of release, for variants.
type trial struct {
	layout   layout
	kind     press.ReleaseKind
	variants []variant
	peeks    bool // with other values too, which must make no difference
}

// ownTrials are those of the pages that the release itself may need.
func (k *Kit) ownTrials(followUps bool) []trial {
	trials := []trial{{k.own, k.release.Kind, trialVariants(press.General, press.Advance), true}}
	if followUps {
		trials = append(trials, trial{k.followUp, k.release.Kind, trialVariants(press.FollowUp), true})
	}
	return trials
}

// trial runs the templates for everything that can come up: each edition, kind
// of release, kind of send and contact. What fails is told once, taken out of
// the template, and the rest goes on, so that one trial finds all there is.
func (k *Kit) trial(trials []trial) press.Faults {
	var faults press.Faults
	for _, t := range trials {
		for _, s := range []*source{t.layout.html, t.layout.text} {
			faults = append(faults, k.trySource(s, t)...)
		}
	}
	faults.Sort()
	return slices.CompactFunc(faults, same)
}

func (k *Kit) trySource(s *source, t trial) press.Faults {
	var faults press.Faults
	sets := []tokens{k.tokens}
	if t.peeks {
		sets = append(sets, k.tokens.others())
	}
	for _, e := range k.ordered() {
		for s != nil {
			f, at := s.tryEdition(e, t, sets)
			if f == nil {
				break
			}
			faults = append(faults, s.located(*f))
			smaller, ok := s.without(at)
			if !ok || len(faults) == maxFaults || at < 0 {
				return faults
			}
			s = smaller
		}
	}
	return faults
}

// tryEdition runs a source over everything for one edition, up to the first
// fault; at is the fault's offset, below 0 where nothing can be taken out.
func (s *source) tryEdition(e *edition, t trial, sets []tokens) (fault *press.Fault, at int) {
	run, err := s.bind(e.words)
	if err != nil {
		f := s.inWhole(err)
		return &f, s.offset(f)
	}
	seen := map[string]bool{}
	for _, v := range t.variants {
		err := s.try(run, e, v, t.kind, sets, seen)
		if err == nil {
			continue
		}
		f := s.inWhole(err)
		f.What += fmt.Sprintf(" (edition %s)", e.Lang)
		if escape := (*htmltemplate.Error)(nil); errors.As(err, &escape) {
			return &f, -1
		}
		if f.Line > 0 {
			return &f, s.offset(f)
		}
		at, ok := s.culprit(err, e, v, t.kind, sets)
		if ok {
			f.Line, f.Column = s.place(at)
		}
		return &f, at
	}
	return nil, 0
}

// try runs a source with each set of tokens, which must make no difference but
// themselves. What was seen to be in order is not looked at again.
func (s *source) try(run func(Data) (string, error), e *edition, v variant, kind press.ReleaseKind, sets []tokens, seen map[string]bool) error {
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
		if s.html && i == 0 && !seen[out] {
			if err := t.checkPlaces(out); err != nil {
				return err
			}
			seen[out] = true
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
		if !errors.Is(smaller.try(run, e, v, kind, sets, map[string]bool{}), err) {
			return at, true
		}
	}
	return 0, false
}

// trialVariants are the copies that a trial makes: for each kind of send, held
// where that can be and not, test and not, the contacts with and without name,
// outlet and zone.
func trialVariants(kinds ...press.SendKind) []variant {
	var sends []variant
	for _, kind := range kinds {
		sends = append(sends, variant{kind: kind}, variant{kind: kind, held: true, test: true})
		if kind == press.Advance {
			sends = append(sends, variant{kind: kind, held: true})
		} else {
			sends = append(sends, variant{kind: kind, test: true})
		}
	}
	return toContacts(sends)
}

// fewVariants are those of a kind that the release is not: an advance copy with
// all that one can say, and one after the lift.
func fewVariants() []variant {
	return toContacts([]variant{{kind: press.Advance, held: true, test: true}, {kind: press.General}})
}

// toContacts gives each copy to contacts with and without name, outlet and zone.
func toContacts(sends []variant) []variant {
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
