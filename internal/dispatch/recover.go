package dispatch

import (
	"context"
	"slices"
	"time"

	"dateline/internal/press"
)

// recover settles what an earlier life of this daemon left behind, by its
// journal, and waits for a store that does not answer; false where the context
// ended first.
func (d *Dispatcher) recover(ctx context.Context) bool {
	for ctx.Err() == nil {
		d.options.Told.Turned()
		err := d.settleEarlier(ctx)
		if err == nil {
			return true
		}
		d.options.Log.Error("what an earlier run left behind could not be settled; it is tried again", "error", err)
		pause(ctx, lastWait)
	}
	return false
}

func (d *Dispatcher) settleEarlier(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	now := time.Now()
	view, err := d.ledger.Gate(ctx, d.options.Daemon, nil)
	if err != nil {
		return err
	}
	d.gate.start(view)
	sending, err := d.ledger.Sending(ctx, d.options.Daemon)
	if err != nil {
		return err
	}
	earlier := d.options.Earlier
	if earlier.Damage != "" {
		d.options.Log.Error("the journal is damaged; what it does not tell is taken for unknown", "damage", earlier.Damage)
	}
	counts := map[press.State]int{}
	var results []press.Result
	for _, id := range sending {
		r := d.earlierResult(id, now)
		counts[r.Outcome.State]++
		results = append(results, r)
	}
	for id := range earlier.Ended { // another daemon may have marked these unknown meanwhile
		if !slices.Contains(sending, id) {
			results = append(results, d.earlierResult(id, now))
		}
	}
	for batch := range slices.Chunk(results, beginBatch) {
		if _, err := d.ledger.Record(ctx, d.options.Daemon, batch, nil, now); err != nil {
			return err
		}
	}
	released, err := d.ledger.ReleaseOthers(ctx, d.options.Daemon, nil, now)
	if err != nil {
		return err
	}
	if len(sending)+released > 0 {
		d.options.Log.Warn("recovered an earlier run", "claims_given_back", released, "by_journal", len(sending)-counts[press.Unknown], "unknown", counts[press.Unknown])
	}
	return d.options.Journal.Forget()
}

// earlierResult is what the journal tells of a delivery that stood in sending.
func (d *Dispatcher) earlierResult(id press.ID, now time.Time) press.Result {
	earlier := d.options.Earlier
	if o, ended := earlier.Ended[id]; ended {
		return d.result(press.Delivery{ID: id}, o)
	}
	o := press.Outcome{State: press.Unknown, At: now, Text: "the daemon died after it had begun to send, before the reply was on disk"}
	if earlier.SameBoot && !earlier.Begun[id] {
		o = press.Outcome{State: press.Planned, At: now, Text: "the daemon died before this had begun to leave, as its journal proves"}
	}
	return press.Result{Delivery: id, Outcome: o}
}
