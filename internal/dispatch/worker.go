package dispatch

import (
	"context"
	"math/rand/v2"
	"time"

	"dateline/internal/press"
)

// worker drives one connection to one relay.
type worker struct {
	dispatcher *Dispatcher
	lane       *lane
	session    Session
	sent       int         // over this connection
	failures   int         // in a row
	uncut      func() bool // ends the watch over what hangs
	opened     *prepared   // the next message, whose transaction went out with the last one
}

// Rhythms of a connection.
const (
	keepAlive   = 30 * time.Second // NOOP on a session that waits for its instant
	redialFirst = 500 * time.Millisecond
	redialLast  = 15 * time.Second
)

func (w *worker) run(ctx context.Context) {
	defer w.hangUp()
	for w.lane.awaitWork(ctx) {
		if w.connect(ctx) {
			w.serve(ctx)
		}
	}
}

// connect makes sure that there is a session, waiting after a failure; false
// where it must be tried again.
func (w *worker) connect(ctx context.Context) bool {
	if w.session != nil && w.session.Broken() == nil {
		return true
	}
	w.hangUp()
	session, err := w.lane.relay.Dial(ctx)
	if err == nil {
		w.session, w.sent = session, 0
		w.uncut = context.AfterFunc(w.dispatcher.cutting, session.Cut)
		w.lane.dialled(w.dispatcher)
		w.lane.connected(w.dispatcher)
		return true
	}
	if ctx.Err() == nil {
		w.putAside(ctx, err, false)
	}
	return false
}

// putAside notes the relay's trouble and waits before the next try.
func (w *worker) putAside(ctx context.Context, trouble error, refuses bool) {
	w.lane.putAside(w.dispatcher, trouble.Error(), refuses)
	w.lane.yield(w.dispatcher)
	wait := min(redialFirst<<min(w.failures, 10), redialLast)
	w.failures++
	pause(ctx, jitter(wait))
}

func (w *worker) hangUp() {
	if w.session != nil {
		w.uncut()
		_ = w.session.Close() // it is given up; what matters was recorded
		w.session = nil
		w.lane.disconnected()
	}
}

// serve sends messages through the session until it breaks, idles with nothing
// to come, has had its number of messages, or the context ends.
func (w *worker) serve(ctx context.Context) {
	for w.session != nil && w.session.Broken() == nil {
		if most := w.lane.relay.PerConnection; most > 0 && w.sent >= most {
			w.hangUp()
			return
		}
		p := w.next(ctx)
		if p == nil {
			if ctx.Err() != nil {
				return
			}
			continue
		}
		if !w.send(ctx, p) {
			return
		}
	}
}

// next takes a message that has begun; nil where there is none. While it waits
// it keeps the session alive.
func (w *worker) next(ctx context.Context) *prepared {
	if p := w.opened; p != nil {
		w.opened = nil
		return p
	}
	select {
	case p := <-w.lane.begun:
		w.wakeStarter()
		return p
	default:
	}
	w.wakeStarter()
	idle := time.NewTimer(keepAlive)
	defer idle.Stop()
	select {
	case p := <-w.lane.begun:
		return p
	case <-ctx.Done():
		return nil
	case <-idle.C:
	}
	if n, _, _ := w.dispatcher.shelf.held(time.Time{}); n == 0 {
		w.lane.want(false)
		w.hangUp()
	} else {
		_ = w.session.Noop() // one that fails has broken the session, which connect sees
	}
	return nil
}

// wakeStarter asks for more in time: while it begins the next batch, what is left
// in the lane keeps the connections busy.
func (w *worker) wakeStarter() {
	if 2*int64(len(w.lane.begun)) < w.lane.target.Load() {
		signal(w.dispatcher.starter.wake)
	}
}

// send brings one message to its end, whatever that is; false where the session
// is not to be used further.
func (w *worker) send(ctx context.Context, p *prepared) bool {
	d := w.dispatcher
	if w.lane.pace != nil && w.lane.pace.Wait(ctx) != nil {
		return w.letGo(p, "the daemon stops")
	}
	if why := d.gate.pass(ctx, p); why != "" {
		return w.letGo(p, why)
	}
	if err := d.options.Journal.Begin(p.delivery.ID); err != nil {
		d.options.Log.Error("nothing begins while the journal cannot be written", "error", err)
		more := w.letGo(p, "the journal could not be written")
		pause(ctx, redialFirst)
		return more
	}
	outcome := w.session.Send(p.envelope, p.message, w.ahead(ctx))
	w.sent++
	d.finished(p, outcome)
	w.lane.sent.Add(1)
	if err := w.session.Broken(); err != nil {
		if next := w.opened; next != nil {
			w.opened = nil
			d.scribe.unsent(next, "the connection was lost before its data")
		}
		w.hangUp()
		if outcome.State != press.Accepted && ctx.Err() == nil {
			w.putAside(ctx, err, true)
		}
		return false
	}
	w.failures = 0
	w.lane.putAside(d, "", false)
	return true
}

// letGo gives back a message that has not left. A transaction that was opened
// for it ends with the connection.
func (w *worker) letGo(p *prepared, why string) bool {
	w.session.Abandon()
	w.dispatcher.scribe.unsent(p, why)
	if w.session.Broken() != nil {
		w.hangUp()
		return false
	}
	return true
}

// ahead takes the message that comes next, if it is there and this connection
// may send it; its transaction can be opened together with this one's data.
func (w *worker) ahead(ctx context.Context) *press.Envelope {
	most := w.lane.relay.PerConnection
	if w.lane.pace != nil || ctx.Err() != nil || (most > 0 && w.sent+1 >= most) {
		return nil
	}
	select {
	case w.opened = <-w.lane.begun:
		w.wakeStarter()
		return &w.opened.envelope
	default:
		return nil
	}
}

// finished hands an outcome on: to the journal at once, to the ledger with the
// next batch.
func (d *Dispatcher) finished(p *prepared, o press.Outcome) {
	if err := d.options.Journal.End(p.delivery.ID, o); err != nil {
		// The ledger will have it; only if the process ends before is it unknown.
		d.options.Log.Error("a result could not be written into the journal", "delivery", p.delivery.ID, "error", err)
	}
	d.options.Told.Outcome(p.delivery, o)
	d.scribe.result(d.result(p.delivery, o))
	p.free()
}

// result turns an outcome into the ledger's line: when a deferred delivery is
// tried again, and a short wait for one that the relay could not take.
func (d *Dispatcher) result(x press.Delivery, o press.Outcome) press.Result {
	r := press.Result{Delivery: x.ID, Outcome: o}
	switch o.State {
	case press.Deferred:
		waits := d.options.Retry
		r.Next = o.At.Add(jitter(waits[min(x.Attempts, len(waits)-1)]))
	case press.Planned:
		r.Next = o.At.Add(jitter(redialFirst << min(x.Attempts, 5)))
	default: // it is settled
	}
	return r
}

// jitter spreads a wait by a fifth either way, so that what failed together is
// not tried together.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}
