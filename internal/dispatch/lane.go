package dispatch

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"dateline/internal/press"
)

// lane leads to one relay: what has begun in the ledger and waits for one of
// its connections.
type lane struct {
	relay Relay
	begun chan *prepared
	pace  *rate.Limiter // nil: as fast as it goes
	fed   time.Time     // when the last batch came; the starter's own
	given float64       // messages, those of longer ago counting less; the shelf's own

	mu      sync.Mutex
	wanted  sync.Cond // there is something to connect for
	coming  bool      // something is on the shelf
	live    int       // connections that stand
	trouble string    // why nothing can be handed over
	refuses bool      // the trouble came after a connection stood: a new one does not end it
	since   time.Time // of the trouble, or its end
	noted   bool      // the store knows
	sent    atomic.Int64
	target  atomic.Int64 // how many may wait here
}

func newLane(r Relay) *lane {
	l := &lane{relay: r, begun: make(chan *prepared, beginBatch)}
	l.wanted.L = &l.mu
	l.target.Store(int64(2 * r.Connections))
	if r.PerSecond > 0 {
		l.pace = rate.NewLimiter(rate.Limit(r.PerSecond), 1)
	}
	return l
}

// demand is how many more may begin: as many as the relay is likely to take
// within a quarter of a second, so that little has begun and not left.
func (l *lane) demand() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.live == 0 {
		return 0
	}
	return int(l.target.Load()) - len(l.begun)
}

// low tells whether the lane wants more before long.
func (l *lane) low() bool { return l.demand() > int(l.target.Load())/2 }

// hungry lets the lane have twice as much where it has drained what it was given
// before the next batch came, and in next to no time: what the relay can take
// shows in its rate only later.
func (l *lane) hungry(now time.Time) {
	if len(l.begun) == 0 && now.Sub(l.fed) < soon {
		l.target.Store(min(2*l.target.Load(), beginBatch))
	}
}

// soon is what a lane should have enough for.
const soon = 100 * time.Millisecond

// usable tells whether the relay takes mail, as far as is known.
func (l *lane) usable() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.live > 0 || l.trouble == ""
}

// measure sets the target by what was sent since it was last called.
func (l *lane) measure(since time.Duration) {
	perSecond := float64(l.sent.Swap(0)) / max(since.Seconds(), 0.01)
	want := int64(perSecond / 4)
	if was := l.target.Load(); want < was { // it falls slowly: a pause is no sign
		want = max(want, was/2)
	}
	l.target.Store(min(max(want, int64(2*l.relay.Connections)), beginBatch))
}

// warm says that something is to come.
func (l *lane) warm() { l.want(true) }

func (l *lane) want(coming bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.coming = coming
	l.wanted.Broadcast()
}

// awaitWork returns once there is something to connect for, or the context is
// over.
func (l *lane) awaitWork(ctx context.Context) bool {
	stop := context.AfterFunc(ctx, func() { // with the lock, or the wake-up may come just before the wait
		l.mu.Lock()
		defer l.mu.Unlock()
		l.wanted.Broadcast()
	})
	defer stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.coming && len(l.begun) == 0 && ctx.Err() == nil {
		l.wanted.Wait()
	}
	return ctx.Err() == nil
}

// connected counts a connection that stands.
func (l *lane) connected(d *Dispatcher) {
	l.mu.Lock()
	l.live++
	l.mu.Unlock()
	signal(d.shelf.changed)
}

// disconnected counts one that is gone.
func (l *lane) disconnected() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.live--
}

// yield gives back what waits, if no connection stands, so that another relay
// may take it.
func (l *lane) yield(d *Dispatcher) {
	l.mu.Lock()
	none := l.live == 0
	l.mu.Unlock()
	if none {
		l.giveBack(d, "the relay's last connection was lost before it had left")
	}
}

// giveBack proves unsent what waits here.
func (l *lane) giveBack(d *Dispatcher, why string) {
	for {
		select {
		case p := <-l.begun:
			d.scribe.unsent(p, why)
		default:
			return
		}
	}
}

// giveBackOf is giveBack for one release; what else waits stays.
func (l *lane) giveBackOf(d *Dispatcher, release, why string) {
	for range len(l.begun) {
		select {
		case p := <-l.begun:
			if p.delivery.Release == release {
				d.scribe.unsent(p, why)
				continue
			}
			l.put(d, p)
		default:
			return
		}
	}
}

// put hands a message that has begun to the lane.
func (l *lane) put(d *Dispatcher, p *prepared) {
	select {
	case l.begun <- p:
		l.mu.Lock()
		l.wanted.Broadcast()
		l.mu.Unlock()
	default: // it is full, which the target forbids
		d.scribe.unsent(p, "there was no room")
	}
}

// dialled notes that a connection stands again, which ends the trouble of one
// that did not.
func (l *lane) dialled(d *Dispatcher) {
	l.mu.Lock()
	refuses := l.refuses
	l.mu.Unlock()
	if !refuses {
		l.putAside(d, "", false)
	}
}

// putAside notes the relay's trouble, "" where it takes mail again.
func (l *lane) putAside(d *Dispatcher, trouble string, refuses bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuses = refuses
	if !l.since.IsZero() && (l.trouble == "") == (trouble == "") {
		return
	}
	switch {
	case trouble != "":
		d.options.Log.Error("a relay is put aside; its deliveries wait or go by another", "relay", l.relay.Name, "reason", trouble)
	case !l.since.IsZero():
		d.options.Log.Info("a relay takes mail again", "relay", l.relay.Name)
	}
	l.trouble, l.since, l.noted = trouble, time.Now(), false
	d.options.Told.Aside(l.relay.Name, trouble != "")
}

// noteHealth tells the store which relays can be used, where that has changed.
func (d *Dispatcher) noteHealth(ctx context.Context) {
	for _, l := range d.lanes {
		l.mu.Lock()
		trouble, since, noted := l.trouble, l.since, l.noted || l.since.IsZero()
		l.noted = true
		l.mu.Unlock()
		if noted {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, storeWait)
		err := d.ledger.RecordRelay(ctx, d.options.Daemon, l.relay.Name, trouble, since)
		cancel()
		if err != nil {
			l.mu.Lock()
			l.noted = false
			l.mu.Unlock()
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			d.options.Log.Error("a relay's state could not be noted", "relay", l.relay.Name, "error", err)
		}
	}
}

// unplanned is the result of a message that was not handed over.
func unplanned(p *prepared, why string, at time.Time) press.Result {
	return press.Result{Delivery: p.delivery.ID, Outcome: press.Outcome{State: press.Planned, At: at, Text: why}}
}
