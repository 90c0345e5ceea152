package cli

import (
	"context"
	"time"
)

// sessionsEvery is how often sessions that have expired are removed: no hurry,
// since they open nothing any more.
const sessionsEvery = 10 * time.Minute

// sweepSessions removes sessions that have expired, until the daemon ends.
func (d *daemon) sweepSessions(ctx context.Context) {
	tick := time.NewTicker(sessionsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := d.office.store.SweepSessions(ctx, time.Now()); err != nil && ctx.Err() == nil {
			d.log.Error("sessions that have expired could not be removed; it is tried again", "error", err)
		}
	}
}
