package receipt

import (
	"context"
	"time"

	"dateline/internal/press"
)

// SealStore is what sealing needs.
type SealStore interface {
	LastSeal(ctx context.Context) (press.Seal, bool, error)
	Settled(ctx context.Context, before time.Time) (time.Time, error)
	Stretch(ctx context.Context, after press.ID, before time.Time, events int) (press.ID, error)
	SumUp(ctx context.Context, after, to press.ID) (press.Sum, error)
	AddSeal(ctx context.Context, s press.Seal) (bool, error)
}

const (
	sealAge    = time.Minute // how old an entry is when it is sealed
	sealEvents = 50_000      // at most, in one seal
)

// SealNext seals the next stretch of the trail that is old enough. It tells
// false where there is none, or where another daemon has just sealed it.
func SealNext(ctx context.Context, s SealStore, keys press.Keyring, now time.Time) (press.Seal, bool, error) {
	last, _, err := s.LastSeal(ctx) // before the first the zero seal, which covers nothing
	if err != nil {
		return press.Seal{}, false, err
	}
	settled, err := s.Settled(ctx, now.Add(-sealAge))
	if err != nil {
		return press.Seal{}, false, err
	}
	to, err := s.Stretch(ctx, last.To, settled, sealEvents)
	if err != nil || to.IsZero() {
		return press.Seal{}, false, err
	}
	next := press.Seal{N: last.N + 1, After: last.To, To: to, At: now.UTC().Truncate(time.Microsecond), Previous: last.Mark}
	if next.Sum, err = s.SumUp(ctx, next.After, next.To); err != nil {
		return press.Seal{}, false, err
	}
	next.Mark = keys.Mark(next)
	added, err := s.AddSeal(ctx, next)
	return next, added && err == nil, err
}
