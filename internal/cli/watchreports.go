package cli

import (
	"context"
	"time"

	"dateline/internal/bounce"
)

// refusalsEvery is how often what relays refused is read.
const refusalsEvery = 2 * time.Second

// watchReports reads what relays refuse, until the context ends.
func (d *daemon) watchReports(ctx context.Context, intake *bounce.Intake) {
	refusals := time.NewTicker(refusalsEvery)
	defer refusals.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-refusals.C:
		}
		if _, err := intake.TakeRefusals(ctx, time.Now()); err != nil && ctx.Err() == nil {
			d.log.Error("what came back could not be looked through; it is tried again", "error", err)
		}
	}
}
