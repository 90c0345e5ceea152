package cli

import (
	"context"
	"time"

	"dateline/internal/bounce"
)

// Rhythms of what watches over reports.
const (
	refusalsEvery = 2 * time.Second
	alarmsEvery   = time.Minute
)

// watchReports reads what relays refuse, and tells of domains that refuse our
// mail, each once, until the context ends.
func (d *daemon) watchReports(ctx context.Context, intake *bounce.Intake) {
	refusals, alarms := time.NewTicker(refusalsEvery), time.NewTicker(alarmsEvery)
	defer refusals.Stop()
	defer alarms.Stop()
	told := map[string]bool{}
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-refusals.C:
			_, err = intake.TakeRefusals(ctx, time.Now())
		case <-alarms.C:
			err = d.tellAlarms(ctx, told)
		}
		if err != nil && ctx.Err() == nil {
			d.log.Error("what came back could not be looked through; it is tried again", "error", err)
		}
	}
}

func (d *daemon) tellAlarms(ctx context.Context, told map[string]bool) error {
	alarms, err := bounce.Alarms(ctx, d.office.store, time.Now())
	for _, b := range alarms {
		if key := b.Release + " " + b.Domain; !told[key] {
			told[key] = true
			d.log.Error("a domain refuses our mail; no contact suffers, look into the sending", "release", b.Release, "domain", b.Domain, "reason", b.Reason, "refused", b.Blocked, "sent", b.Sent)
		}
	}
	return err
}
