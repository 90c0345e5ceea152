package cli

import (
	"context"
	"time"

	"dateline/internal/receipt"
)

// How often a daemon looks for what of the trail can be sealed, and how long it
// leaves the store to others between two seals.
const (
	sealEvery = time.Minute
	sealPause = time.Second
)

// keepSealing seals the trail as it grows. The log tells each seal's mark, so
// that a log kept elsewhere vouches for the chain, too.
func (d *daemon) keepSealing(ctx context.Context) {
	timer := time.NewTimer(sealEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		seal, more, err := receipt.SealNext(ctx, d.office.store, d.office.keys, time.Now())
		switch {
		case err != nil && ctx.Err() == nil:
			d.log.Error("the trail could not be sealed; it is tried again", "error", err)
			timer.Reset(sealEvery)
		case more:
			d.log.Info("the trail is sealed", "seal", seal.N, "events", seal.Events, "acts", seal.Acts, "mark", seal.Mark.String())
			timer.Reset(sealPause)
		default:
			timer.Reset(sealEvery)
		}
	}
}
