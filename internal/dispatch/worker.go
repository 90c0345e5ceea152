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
	relay      Relay
	health     *health
	session    Session
	failures   int
}

// Rhythms of a connection.
const (
	keepAlive   = 30 * time.Second // NOOP on a session that waits for its instant
	redialFirst = 500 * time.Millisecond
	redialLast  = 15 * time.Second
)

func (w *worker) run(ctx context.Context) {
	defer w.hangUp()
	for w.dispatcher.queue.awaitWork(ctx) {
		if !w.connect(ctx) {
			continue
		}
		w.serve(ctx)
	}
}

// connect makes sure that there is a session, waiting after a failure; false
// where it must be tried again.
func (w *worker) connect(ctx context.Context) bool {
	if w.session != nil && w.session.Broken() == nil {
		return true
	}
	w.hangUp()
	session, err := w.relay.Dial(ctx)
	if err == nil {
		w.session = session
		w.health.note(ctx, nil)
		return true
	}
	if ctx.Err() == nil {
		w.putAside(ctx, err)
	}
	return false
}

// putAside notes the relay's trouble and waits before the next try.
func (w *worker) putAside(ctx context.Context, trouble error) {
	w.health.note(ctx, trouble)
	wait := min(redialFirst<<min(w.failures, 10), redialLast)
	w.failures++
	pause(ctx, jitter(wait))
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

func (w *worker) hangUp() {
	if w.session != nil {
		_ = w.session.Close() // it is given up; what matters was recorded
		w.session = nil
	}
}

// serve sends messages through the session until it breaks, idles with nothing
// to come, or the context ends. Each result is on disk before the next message
// begins, both in one step.
func (w *worker) serve(ctx context.Context) {
	var last *press.Result
	for {
		next, ok := w.next(ctx, last != nil)
		if !ok {
			w.write(last, press.ID{})
			if last == nil || ctx.Err() != nil || w.session.Broken() != nil {
				return
			}
			last = nil
			continue
		}
		verdict := w.write(last, next.delivery.ID)
		last = nil
		if verdict != press.Go {
			w.dispatcher.putBack(next, verdict)
			continue
		}
		outcome := w.session.Send(next.envelope, next.message)
		last = w.dispatcher.result(next.delivery, outcome)
		if err := w.session.Broken(); err != nil {
			w.write(last, press.ID{})
			if outcome.State != press.Accepted {
				w.putAside(ctx, err)
			}
			return
		}
		w.failures = 0
		w.health.note(ctx, nil)
	}
}

func (w *worker) write(result *press.Result, begin press.ID) press.Verdict {
	if result == nil && begin.IsZero() {
		return ""
	}
	return w.dispatcher.scribe.step(result, begin)
}

// next takes a message that is due. With a result in hand it does not wait; and
// while it waits it keeps the session alive.
func (w *worker) next(ctx context.Context, atOnce bool) (prepared, bool) {
	if atOnce {
		select {
		case p := <-w.dispatcher.queue.out:
			return p, true
		case <-ctx.Done():
			return prepared{}, false
		default:
			return prepared{}, false
		}
	}
	idle := time.NewTimer(keepAlive)
	defer idle.Stop()
	select {
	case p := <-w.dispatcher.queue.out:
		return p, true
	case <-ctx.Done():
		return prepared{}, false
	case <-idle.C:
	}
	if w.dispatcher.queue.len() == 0 {
		w.hangUp()
	} else {
		_ = w.session.Noop() // one that fails has broken the session, which connect sees
	}
	return prepared{}, false
}

// result turns an outcome into the ledger's line: when a deferred delivery is
// tried again, and a short wait for one that the relay could not take.
func (d *Dispatcher) result(x press.Delivery, o press.Outcome) *press.Result {
	r := &press.Result{Delivery: x.ID, Outcome: o}
	switch o.State {
	case press.Deferred:
		waits := d.options.Retry
		r.Next = o.At.Add(jitter(waits[min(x.Attempts, len(waits)-1)]))
	case press.Planned:
		r.Next = o.At.Add(jitter(redialFirst))
	default: // it is settled
	}
	return r
}

// jitter spreads a wait by a fifth either way, so that what failed together is
// not tried together.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}
