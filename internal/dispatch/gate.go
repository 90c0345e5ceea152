package dispatch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"dateline/internal/press"
)

// gate is the daemon's view of how its releases stand. Every message passes it
// right before its data.
type gate struct {
	dispatcher *Dispatcher
	look       chan struct{} // somebody wants a fresh view

	mu    sync.Mutex
	clock clock
	moved string    // how the wall clock was moved, while nothing is held for it
	asked time.Time // when the view was asked for; what came later it may lack
	view  press.Gate
	known bool
	fresh chan struct{} // closed with the next view
}

// Rhythms of the gate.
const (
	gateEvery = 200 * time.Millisecond // a view is asked for, while something waits to leave
	gateIdle  = 5 * time.Second        // and while nothing does
	gateStale = time.Second            // a view of that age lets nothing pass
	clockSlip = time.Second            // by so much clocks may differ
)

func newGate(d *Dispatcher) *gate {
	return &gate{dispatcher: d, look: make(chan struct{}, 1), fresh: make(chan struct{})}
}

// start takes the epoch under which the daemon begins.
func (g *gate) start(view press.Gate) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.view, g.known = view, true // asked for at no time, so that nothing passes by it
	g.clock = clock{time.Now()}
}

// watch looks whether the wall clock was moved: then no view counts before what
// waits is held. With the lock.
func (g *gate) watch(now time.Time) {
	if slip := g.clock.slip(now); slip != 0 {
		g.moved = press.ClockHold + fmt.Sprintf("this machine's clock was moved by %s at %s", slip.Round(time.Millisecond), now.UTC().Format(time.DateTime))
		g.asked = time.Time{}
		g.dispatcher.options.Told.Clock("elapsed", slip)
	}
}

// epoch is the one that the daemon knows of.
func (g *gate) epoch() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.view.Epoch
}

// pass waits for a fresh view and says why a message may not leave; "" lets it.
func (g *gate) pass(ctx context.Context, p *prepared) string {
	for {
		g.mu.Lock()
		g.watch(time.Now())
		known, view, asked, fresh := g.known, g.view, g.asked, g.fresh
		g.mu.Unlock()
		standing, listed := view.Releases[p.delivery.Release]
		switch {
		case ctx.Err() != nil:
			return "the daemon stops"
		case known && listed && time.Since(asked) < gateStale:
			return barred(p, standing, view.Epoch, time.Now())
		}
		signal(g.look)
		select {
		case <-ctx.Done():
		case <-fresh:
		}
	}
}

// barred says why a message may not leave, as its release stands and the
// daemon's claims do. It may have waited for long since it was begun.
func barred(p *prepared, s press.Standing, epoch int64, now time.Time) string {
	switch {
	case p.epoch != epoch:
		return "its claim was taken over before it had left"
	case s.Control.Killed != "":
		return "the release was killed before it had left"
	case s.Control.Held != "":
		return "the release was held before it had left"
	case s.Approval != p.delivery.Approval:
		return "another approval took its place before it had left"
	case !p.delivery.Deadline.After(now):
		return "its time had passed before it had left"
	default:
		return ""
	}
}

// run keeps the view fresh until the context ends.
func (g *gate) run(ctx context.Context) {
	timer := time.NewTimer(gateEvery)
	defer timer.Stop()
	for ctx.Err() == nil {
		g.dispatcher.rounds.gate.turned()
		slugs := g.slugs()
		g.refresh(ctx, slugs)
		wait := gateEvery
		if len(slugs) == 0 {
			wait = gateIdle
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-g.look:
		}
	}
}

// slugs names the releases that something waits to leave of.
func (g *gate) slugs() []string {
	found := map[string]bool{}
	g.dispatcher.shelf.releases(found)
	g.dispatcher.scribe.releases(found)
	slugs := make([]string, 0, len(found))
	for slug := range found {
		slugs = append(slugs, slug)
	}
	return slugs
}

// refresh asks for a view. What it bars is taken out of every hand. A view from
// before a clock was distrusted does not tell of the hold that followed, and is
// not taken.
func (g *gate) refresh(ctx context.Context, slugs []string) {
	d := g.dispatcher
	if !g.settleMoved(ctx) {
		pause(ctx, firstWait)
		return
	}
	asked := time.Now()
	bounded, cancel := context.WithTimeout(ctx, gateStale)
	view, err := d.ledger.Gate(bounded, d.options.Daemon, slugs)
	cancel()
	if err != nil {
		if ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
			d.options.Log.Debug("the gate's view could not be read", "error", err)
		}
		pause(ctx, firstWait)
		return
	}
	took := time.Since(asked)
	off := view.Clock.Sub(asked.Add(took / 2))
	if !view.Clock.IsZero() {
		d.options.Told.Clock("database", off)
	}
	if !view.Clock.IsZero() && off.Abs() > clockSlip+took/2 {
		why := press.ClockHold + fmt.Sprintf("the clocks of the database and of daemon %s differ by more than %s", d.options.Daemon, clockSlip)
		if held, err := d.distrust(ctx, why); held > 0 || err != nil {
			signal(g.look)
			return
		}
	}
	if g.take(view, asked) {
		d.dispossess()
	}
	for slug, s := range view.Releases {
		if s.Control.Held != "" || s.Control.Killed != "" {
			d.withdraw(slug, "the release was held or killed before it had left")
		}
	}
}

// settleMoved holds what waits if the wall clock was moved; false where the
// store did not take it.
func (g *gate) settleMoved(ctx context.Context) bool {
	g.mu.Lock()
	g.watch(time.Now())
	moved := g.moved
	g.mu.Unlock()
	if moved == "" {
		return true
	}
	if _, err := g.dispatcher.distrust(ctx, moved); err != nil {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.moved == moved {
		g.moved = ""
	}
	return g.moved == ""
}

// take makes a view the one that counts. It tells whether the daemon's claims
// were taken over since the last one.
func (g *gate) take(view press.Gate, asked time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	taken := g.known && view.Epoch != g.view.Epoch
	if g.watch(time.Now()); g.moved != "" {
		return false // the next one will tell, and of the hold, too
	}
	g.view, g.asked, g.known = view, asked, true
	close(g.fresh)
	g.fresh = make(chan struct{})
	return taken
}

// dispossess lets go of everything, because another daemon took this one for
// dead and its claims with it.
func (d *Dispatcher) dispossess() {
	d.options.Log.Warn("another daemon took over what this one had claimed; it claims anew")
	for _, l := range d.lanes {
		l.giveBack(d, "its claim was taken over before it had left")
	}
	d.giveBack(d.shelf.drain())
	d.stray.Store(true)
}

// distrust holds every release that waits, because an instant cannot be told
// for sure, and counts them. Where a person has resumed over the same reason it
// stays resumed.
func (d *Dispatcher) distrust(ctx context.Context, why string) (int, error) {
	bounded, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	held := 0
	slugs, err := d.ledger.Waiting(bounded)
	for _, slug := range slugs {
		var before bool
		if before, err = d.ledger.HeldFor(bounded, slug, why); err == nil && !before {
			d.options.Log.Error("a release is held; a person decides", "release", slug, "reason", why)
			held++
			err = d.ledger.Hold(bounded, slug, why, press.ByDateline, time.Now())
		}
		if err != nil {
			break
		}
	}
	if err != nil && ctx.Err() == nil {
		d.options.Log.Error("what waits could not be held for its clock", "reason", why, "error", err)
	}
	return held, err
}

// clock compares the wall clock with the time that passed.
type clock struct{ last time.Time }

// slip tells by how much the wall clock was moved since the last call; 0 for
// less than clockSlip.
func (c *clock) slip(now time.Time) time.Duration {
	passed := now.Sub(c.last)                 // by the monotonic clock
	wall := now.Round(0).Sub(c.last.Round(0)) // by the wall's
	c.last = now
	if slip := wall - passed; slip.Abs() > clockSlip {
		return slip
	}
	return 0
}
