package dispatch

import (
	"context"
	"time"

	"dateline/internal/press"
)

// claimUntil keeps the shelf filled, and the ledger swept, until the context
// ends. It sleeps until the next instant for which something must be made
// ready, and wakes for changes of the store.
func (d *Dispatcher) claimUntil(ctx context.Context) {
	var swept time.Time
	answering := time.Now() // since then the store has answered every time
	silent := false         // it does not; that is said once
	for {
		d.options.Told.Turned()
		d.rounds.claimer.turned()
		more, next, err := d.fill(ctx)
		if err == nil && time.Since(swept) >= sweepEvery {
			swept = time.Now()
			d.options.Told.Turned() // each may wait for the store
			err = d.sweep(ctx, answering)
		}
		if err != nil {
			answering = time.Now()
			d.stray.Store(true) // a claim may have been made whose answer was lost
		}
		if err != nil && ctx.Err() == nil && !silent {
			d.options.Log.Error("the store did not answer; nothing further is begun until it does", "error", err)
		}
		if silent && err == nil {
			d.options.Log.Info("the store answers again")
		}
		silent = err != nil
		if more && ctx.Err() == nil {
			continue
		}
		if !d.sleep(ctx, d.untilNext(next, silent)) {
			return
		}
	}
}

// untilNext is how long there is nothing to claim or to sweep.
func (d *Dispatcher) untilNext(next time.Time, silent bool) time.Duration {
	wait := lookAnyway
	n, _, _ := d.shelf.held(time.Time{})
	if silent || n > 0 || d.scribe.busy() {
		wait = sweepEvery
	}
	if d.options.Changes == nil {
		wait = lookEvery
	}
	if !next.IsZero() {
		wait = min(wait, max(time.Until(next.Add(-d.options.Prepare)), 10*time.Millisecond))
	}
	return wait
}

// sleep waits for a time, a change of the store or room on the shelf; false when
// the context is over.
func (d *Dispatcher) sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-d.options.Changes:
		signal(d.gate.look)
	case <-d.shelf.room:
	}
	return ctx.Err() == nil
}

// fill claims and composes one batch. It tells whether there may be more and
// there is room for it, and else when the next delivery is due.
func (d *Dispatcher) fill(ctx context.Context) (more bool, next time.Time, err error) {
	bounded, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	now := time.Now()
	if err := d.makeRoom(bounded, now); err != nil {
		return false, time.Time{}, err
	}
	_, due, size := d.shelf.held(now)
	by := now.Add(d.options.Prepare)
	if size >= d.options.PrepareMemory {
		by = now // what is due now finds room, however much waits for its lift
	}
	if due >= dueLimit {
		return false, time.Time{}, nil // room wakes us
	}
	if !d.full { // else there is more, as a rule, and one question is enough
		var some bool
		if next, some, err = d.ledger.NextDue(bounded); err != nil || !some {
			return false, time.Time{}, err
		}
	}
	if next.After(by) {
		if by.Equal(now) { // there is no room before something leaves
			next = time.Time{}
		}
		return false, next, nil
	}
	was := d.full
	d.full = false
	claimed, err := d.ledger.Claim(bounded, d.options.Daemon, by, now, claimBatch)
	if err != nil {
		return false, time.Time{}, err
	}
	d.full = len(claimed) == claimBatch
	ready := d.composeAll(ctx, claimed)
	d.shelf.add(ready)
	return was || len(ready) == claimBatch, time.Time{}, nil // after the last full one, when the next is due
}

// sweep settles what needs nobody's connection. Answering is since when the
// store has answered this daemon without a break: a daemon that could not reach
// it either must not be taken for dead.
func (d *Dispatcher) sweep(ctx context.Context, answering time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	if !d.gate.settleMoved(ctx) {
		return nil // nothing is judged by a clock that was moved before what waits is held
	}
	now := time.Now()
	d.shelf.fade()
	d.noteHealth(ctx)
	d.tidy(now)
	if err := d.releaseStray(ctx); err != nil {
		return err
	}
	if now.Sub(answering) > goneAfter {
		if err := d.takeOver(ctx, now); err != nil {
			return err
		}
	}
	if d.options.ResendUnknown {
		if err := d.replan(ctx, now); err != nil {
			return err
		}
	}
	return d.end(ctx, now)
}

// takeOver settles what a daemon that is gone left behind.
func (d *Dispatcher) takeOver(ctx context.Context, now time.Time) error {
	found, err := d.ledger.TakeOver(ctx, d.options.Daemon, goneAfter, now)
	if err == nil && found != (press.Recovered{}) {
		d.options.Log.Warn("took over from a daemon that is gone", "planned_again", found.Released, "unknown", found.Unknown)
	}
	return err
}

// replan sends what is unknown again.
func (d *Dispatcher) replan(ctx context.Context, now time.Time) error {
	n, err := d.ledger.Replan(ctx, now)
	if err == nil && n > 0 {
		d.options.Log.Warn("unknown deliveries are sent again, as the policy on_unknown: resend says", "deliveries", n)
	}
	return err
}

// end settles what will not be sent any more, a batch at a time; what it has no
// time for waits for the next sweep.
func (d *Dispatcher) end(ctx context.Context, now time.Time) error {
	total := 0
	for {
		n, err := d.ledger.Sweep(ctx, now)
		total += n
		if err != nil || n == 0 || time.Since(now) > sweepEvery/2 {
			if total > 0 {
				d.options.Log.Info("deliveries ended unsent; see the delivery log", "deliveries", total)
			}
			return err
		}
	}
}

// stuckWait is how long what no relay takes is left in the store, where more of
// it is due than the shelf should keep.
const stuckWait = 10 * time.Second

// tidy gives back what is past its deadline, for the sweep. Where something is
// left, its lanes are warm.
func (d *Dispatcher) tidy(now time.Time) {
	d.giveBack(d.shelf.takeLate(now))
	if n, _, _ := d.shelf.held(now); n > 0 {
		for _, l := range d.lanes {
			l.warm()
		}
	}
}

// makeRoom puts off what only keeps others from being claimed.
func (d *Dispatcher) makeRoom(ctx context.Context, now time.Time) error {
	stuck := d.shelf.takeStuck(now, beginBatch)
	if len(stuck) == 0 {
		return nil
	}
	ids := make([]press.ID, len(stuck))
	for i, p := range stuck {
		ids[i] = p.delivery.ID
		p.free()
	}
	return d.ledger.Postpone(ctx, d.options.Daemon, ids, now.Add(stuckWait), now) // a failure makes them strays
}

// inHand names every claim that this daemon knows of.
func (d *Dispatcher) inHand() []press.ID {
	ids := d.shelf.ids()
	d.scribe.mu.Lock()
	defer d.scribe.mu.Unlock()
	for id := range d.scribe.out {
		ids = append(ids, id)
	}
	return ids
}
