package receipt

import (
	"context"
	"fmt"

	"dateline/internal/press"
)

// VerifyStore is what verifying reads.
type VerifyStore interface {
	Seals(ctx context.Context) ([]press.Seal, error)
	SumUp(ctx context.Context, after, to press.ID) (press.Sum, error)
	Entries(ctx context.Context, after press.ID) (n int, first press.ID, err error)
	ReleaseSpan(ctx context.Context, release string) (first, last press.ID, err error)
}

// Verify walks along all seals, and computes anew those that cover anything of
// the time of a release; all of them where none is named. It tells each break.
func Verify(ctx context.Context, s VerifyStore, keys press.Keyring, release string) (Verification, error) {
	v := Verification{All: release == "", Breaks: []Break{}}
	seals, err := s.Seals(ctx)
	if err != nil {
		return v, err
	}
	var first, last press.ID
	if !v.All {
		if first, last, err = s.ReleaseSpan(ctx, release); err != nil {
			return v, err
		}
	}
	var before press.Seal // the zero seal comes before the first
	for _, seal := range seals {
		v.Breaks = append(v.Breaks, chain(before, seal, keys)...)
		v.Seals++
		if v.All || (seal.To.Compare(first) >= 0 && seal.After.Compare(last) < 0) {
			sum, err := s.SumUp(ctx, seal.After, seal.To)
			if err != nil {
				return v, err
			}
			v.Computed++
			v.Events, v.Acts, v.Tests = v.Events+sum.Events, v.Acts+sum.Acts, v.Tests+sum.Tests
			v.Breaks = append(v.Breaks, compare(seal, sum)...)
		}
		before = seal
	}
	n, oldest, err := s.Entries(ctx, before.To)
	if v.Unsealed = n; n > 0 {
		v.Since = oldest.Made().UTC()
	}
	return v, err
}

// Contains tells whether a mark that was written down elsewhere, such as on an
// earlier receipt, is in the chain.
func Contains(ctx context.Context, s VerifyStore, mark press.Digest) (bool, error) {
	seals, err := s.Seals(ctx)
	for _, seal := range seals {
		if seal.Mark == mark {
			return true, err
		}
	}
	return false, err
}

// chain tells where a seal does not follow from the one before it.
func chain(before, seal press.Seal, keys press.Keyring) []Break {
	var breaks []Break
	found := func(what string) { breaks = append(breaks, broken(seal, what)) }
	switch missing := seal.N - before.N - 1; {
	case missing == 1:
		found(fmt.Sprintf("seal %d, which comes before it, is missing", seal.N-1))
	case missing > 1:
		found(fmt.Sprintf("seals %d to %d, which come before it, are missing", before.N+1, seal.N-1))
	case missing < 0:
		found("it has a number that no seal has; the first is 1")
	case seal.Previous != before.Mark:
		found("it does not follow from the seal before it: one of the two was changed, or put in the other's place")
	case seal.After != before.To:
		found("it does not begin where the seal before it ends")
	}
	if keys.Mark(seal) != seal.Mark {
		found("the seal itself was changed, or was made without the keys file")
	}
	return breaks
}

// compare tells how what a seal covers differs from what it covered. Which
// entry was changed nobody can tell: a seal has no more than their sum.
func compare(seal press.Seal, now press.Sum) []Break {
	if now == seal.Sum {
		return nil
	}
	var breaks []Break
	for _, c := range []struct {
		was, is int
		what    string
	}{{seal.Events, now.Events, "event"}, {seal.Acts, now.Acts, "act"}, {seal.Tests, now.Tests, "test copy"}} {
		switch n := c.is - c.was; {
		case n < 0:
			breaks = append(breaks, broken(seal, fmt.Sprintf("%s that it covered %s gone", few(-n, c.what), is(-n))))
		case n > 0:
			breaks = append(breaks, broken(seal, fmt.Sprintf("%s %s there that it did not cover", few(n, c.what), is(n))))
		}
	}
	if breaks == nil {
		breaks = []Break{broken(seal, "what it covers was changed: at least one event, act or test copy")}
	}
	return breaks
}

func broken(seal press.Seal, what string) Break {
	b := Break{Seal: seal.N, To: seal.To.Made().UTC(), What: what}
	if !seal.After.IsZero() {
		b.From = seal.After.Made().UTC()
	}
	return b
}

func few(n int, thing string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case thing == "test copy":
		return fmt.Sprintf("%d test copies", n)
	default:
		return fmt.Sprintf("%d %ss", n, thing)
	}
}

func is(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
