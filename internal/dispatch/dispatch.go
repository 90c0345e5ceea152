package dispatch

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"dateline/internal/press"
)

// Dispatcher sends what is due. Make it with New.
type Dispatcher struct {
	ledger  Ledger
	options Options
	kits    *kits
	shelf   *shelf
	lanes   []*lane
	gate    *gate
	starter *starter
	scribe  *scribe
	rounds  rounds
	cutting ending      // what is on its way is not waited for any longer
	leaving ending      // nor is the store
	stray   atomic.Bool // claims may stand in the store that are in no hand
	full    bool        // the last claim was as large as it may be; the claimer's own
}

// New makes a dispatcher; Run starts it.
func New(ledger Ledger, o Options) *Dispatcher {
	o.Told = o.Told.complete()
	d := &Dispatcher{ledger: ledger, options: o, kits: newKits(ledger), cutting: newEnding(), leaving: newEnding()}
	byName := map[string]*lane{}
	for _, r := range o.Relays {
		l := newLane(r)
		d.lanes = append(d.lanes, l)
		byName[r.Name] = l
	}
	d.shelf = newShelf(d.lanes, byName, o.Route)
	d.gate = newGate(d)
	d.starter = newStarter(d)
	d.scribe = newScribe(d)
	return d
}

// Run sends until the context ends; then it lets each message that is on its
// way come to its end, writes the results down and gives back the rest. Hurry
// bounds how long that may take.
func (d *Dispatcher) Run(ctx context.Context) {
	defer d.cutting.end()
	defer d.leaving.end()
	if !d.recover(ctx) {
		return
	}
	d.rounds.begin()
	var scribing, working sync.WaitGroup
	scribing.Go(d.scribe.run)
	handing, stop := context.WithCancel(ctx)
	working.Go(func() { d.gate.run(handing) })
	working.Go(func() { d.starter.run(handing) })
	for _, l := range d.lanes {
		for range l.relay.Connections {
			w := &worker{dispatcher: d, lane: l}
			working.Go(func() { w.run(handing) })
		}
	}
	d.claimUntil(ctx)
	d.rounds.expected.Store(false)
	stop()
	working.Wait()
	for _, l := range d.lanes {
		l.giveBack(d, "the daemon stops")
	}
	d.scribe.stop()
	d.giveBack(d.shelf.drain())
	scribing.Wait()
	last, cancel := d.leaving.within(stopWait)
	defer cancel()
	if err := d.releaseStray(last); err != nil {
		d.options.Log.Error("claims could not be given back; the next start does it", "error", err)
	}
	d.noteHealth(last)
}

// giveBack returns claims that were not begun. The context of Run may be over,
// so it has one of its own, bounded.
func (d *Dispatcher) giveBack(left []*prepared) {
	if len(left) == 0 {
		return
	}
	ids := make([]press.ID, len(left))
	for i, p := range left {
		ids[i] = p.delivery.ID
		p.free()
	}
	ctx, cancel := d.leaving.within(stopWait)
	defer cancel()
	if err := d.ledger.Release(ctx, d.options.Daemon, ids, time.Now()); err != nil {
		d.stray.Store(true) // the next sweep gives them back
		d.options.Log.Error("claims could not be given back", "deliveries", len(ids), "error", err)
	}
}

// releaseStray gives back the claims that may stand in the store and are in no
// hand.
func (d *Dispatcher) releaseStray(ctx context.Context) error {
	if !d.stray.Swap(false) {
		return nil
	}
	_, err := d.ledger.ReleaseOthers(ctx, d.options.Daemon, d.inHand(), time.Now())
	if err != nil {
		d.stray.Store(true)
	}
	return err
}

// withdraw takes what waits of a release out of every hand.
func (d *Dispatcher) withdraw(release, why string) {
	for _, l := range d.lanes {
		l.giveBackOf(d, release, why)
	}
	d.giveBack(d.shelf.take(release))
}

// pause waits, unless the context ends first.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// signal wakes whoever waits, once.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
