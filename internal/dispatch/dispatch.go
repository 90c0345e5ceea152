package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"dateline/internal/press"
)

// Ledger is the store, as far as sending needs it.
type Ledger interface {
	NextDue(ctx context.Context) (time.Time, bool, error)
	Claim(ctx context.Context, daemon press.ID, by, now time.Time, limit int) ([]press.Delivery, error)
	Release(ctx context.Context, daemon press.ID, ids []press.ID, now time.Time) error
	ReleaseOthers(ctx context.Context, daemon press.ID, keep []press.ID, now time.Time) error
	Recover(ctx context.Context, daemon press.ID, now time.Time) (press.Recovered, error)
	TakeOver(ctx context.Context, self press.ID, silentSince, now time.Time) (press.Recovered, error)
	Sweep(ctx context.Context, now time.Time) (int, error)
	Replan(ctx context.Context, now time.Time) (int, error)
	Record(ctx context.Context, daemon press.ID, results []press.Result, begin []press.Begin, now time.Time) (map[press.ID]press.Verdict, error)
	Frozen(ctx context.Context, approval press.ID) (press.Frozen, error)
	Hold(ctx context.Context, release, why, by string, now time.Time) error
	RecordRelay(ctx context.Context, daemon press.ID, relay, trouble string, since time.Time) error
}

// Session is one open connection to a relay.
type Session interface {
	Send(e press.Envelope, message []byte) press.Outcome
	Noop() error
	Broken() error
	Close() error
}

// Relay is a server that mail is handed to.
type Relay struct {
	Name        string
	Connections int
	Dial        func(ctx context.Context) (Session, error)
}

// Options shape a dispatcher.
type Options struct {
	Daemon        press.ID
	Relays        []Relay
	Prepare       time.Duration   // how long before its instant a delivery is claimed and composed
	Retry         []time.Duration // waits after a temporary refusal, the last one repeated
	ResendUnknown bool            // policy on_unknown: resend
	Log           *slog.Logger
}

// Bounds and rhythms of the dispatcher.
const (
	claimBatch = 500                    // deliveries a claim
	readyLimit = 2000                   // composed messages waiting, some 20 MB
	lookEvery  = 250 * time.Millisecond // at the store, for approvals and the like
	sweepEvery = time.Second
	goneAfter  = 15 * time.Second // without a sign of life a daemon is gone
)

// Dispatcher sends what is due. Make it with New.
type Dispatcher struct {
	ledger  Ledger
	options Options
	kits    *kits
	queue   *queue
	scribe  *scribe
	stray   atomic.Bool // claims may stand in the store that are in no queue
}

// New makes a dispatcher; Run starts it.
func New(ledger Ledger, o Options) *Dispatcher {
	return &Dispatcher{ledger: ledger, options: o, kits: newKits(ledger), queue: newQueue(), scribe: newScribe(ledger, o)}
}

// Run sends until the context ends; then it lets each message that has begun
// come to its end, writes the results down and gives back the rest.
func (d *Dispatcher) Run(ctx context.Context) {
	found, ok := d.recover(ctx)
	if !ok {
		return
	}
	if found.Released+found.Unknown > 0 {
		d.options.Log.Warn("recovered an earlier run", "planned_again", found.Released, "unknown", found.Unknown)
	}
	var scribing, working sync.WaitGroup
	scribing.Go(d.scribe.run)
	handing, stop := context.WithCancel(ctx)
	working.Go(func() { d.queue.run(handing) })
	for _, r := range d.options.Relays {
		health := &health{ledger: d.ledger, daemon: d.options.Daemon, relay: r.Name, log: d.options.Log, turn: make(chan struct{}, 1)}
		for range r.Connections {
			w := &worker{dispatcher: d, relay: r, health: health}
			working.Go(func() { w.run(handing) })
		}
	}
	d.claimUntil(ctx)
	stop()
	close(d.scribe.over)
	working.Wait()
	d.giveBack(d.queue.drain())
	d.scribe.stop()
	scribing.Wait()
}

// recover settles what an earlier life left behind, and waits for a store that
// does not answer; false where the context ended first.
func (d *Dispatcher) recover(ctx context.Context) (press.Recovered, bool) {
	for ctx.Err() == nil {
		found, err := d.ledger.Recover(ctx, d.options.Daemon, time.Now())
		if err == nil {
			return found, true
		}
		d.options.Log.Error("what an earlier run left behind could not be read; it is tried again", "error", err)
		pause(ctx, lastWait)
	}
	return press.Recovered{}, false
}

// claimUntil keeps the queue filled, and the ledger swept, until the context
// ends.
func (d *Dispatcher) claimUntil(ctx context.Context) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	var swept time.Time
	answering := time.Now() // since then the store has answered every time
	silent := false         // it does not; that is said once
	for {
		full, err := d.fill(ctx)
		if err == nil && time.Since(swept) >= sweepEvery {
			swept = time.Now()
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
		if full && ctx.Err() == nil {
			continue // there is more to claim
		}
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		case <-d.queue.room:
		}
	}
}

// fill claims and composes one batch; true where there may be more and there
// is room for it.
func (d *Dispatcher) fill(ctx context.Context) (bool, error) {
	now := time.Now()
	by := now.Add(d.options.Prepare)
	limit := readyLimit
	if waiting := d.queue.len(); waiting >= readyLimit/2 {
		by = now // what is due now finds room, however much waits for its lift
	} else {
		limit = max(readyLimit/2, waiting+1)
	}
	room := min(claimBatch, limit-d.queue.len())
	if room <= 0 {
		return false, nil
	}
	next, some, err := d.ledger.NextDue(ctx)
	if err != nil || !some || next.After(by) {
		return false, err
	}
	claimed, err := d.ledger.Claim(ctx, d.options.Daemon, by, now, room)
	if err != nil {
		return false, err
	}
	ready := d.composeAll(ctx, claimed)
	d.queue.add(ready)
	return len(ready) == room && d.queue.len() < readyLimit, nil
}

// sweep settles what needs nobody's connection. Answering is since when the
// store has answered this daemon without a break: a daemon that could not reach
// it either must not be taken for dead.
func (d *Dispatcher) sweep(ctx context.Context, answering time.Time) error {
	now := time.Now()
	if d.stray.Swap(false) {
		if err := d.ledger.ReleaseOthers(ctx, d.options.Daemon, d.queue.ids(), now); err != nil {
			return err
		}
	}
	if now.Sub(answering) > goneAfter {
		found, err := d.ledger.TakeOver(ctx, d.options.Daemon, now.Add(-goneAfter), now)
		if err != nil {
			return err
		}
		if found.Released+found.Unknown > 0 {
			d.options.Log.Warn("took over from a daemon that is gone", "planned_again", found.Released, "unknown", found.Unknown)
		}
	}
	if d.options.ResendUnknown {
		n, err := d.ledger.Replan(ctx, now)
		if err != nil {
			return err
		}
		if n > 0 {
			d.options.Log.Warn("unknown deliveries are sent again, as the policy on_unknown: resend says", "deliveries", n)
		}
	}
	n, err := d.ledger.Sweep(ctx, now)
	if n > 0 {
		d.options.Log.Info("deliveries ended unsent; see the delivery log", "deliveries", n)
	}
	return err
}

// putBack returns a delivery that must not leave now; with a held or killed
// release goes whatever else of it is waiting.
func (d *Dispatcher) putBack(p prepared, v press.Verdict) {
	back := []prepared{p}
	if v == press.Held || v == press.Killed {
		back = append(back, d.queue.take(p.delivery.Release)...)
	}
	d.giveBack(back)
}

// giveBack returns claims that were not begun. The context of Run may be over,
// so it has one of its own, bounded.
func (d *Dispatcher) giveBack(left []prepared) {
	if len(left) == 0 {
		return
	}
	ids := make([]press.ID, len(left))
	for i, p := range left {
		ids[i] = p.delivery.ID
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := d.ledger.Release(ctx, d.options.Daemon, ids, time.Now()); err != nil {
		d.stray.Store(true) // the next sweep gives them back
		d.options.Log.Error("claims could not be given back", "deliveries", len(ids), "error", err)
	}
}

// health tells the store, once per change, whether a relay can be used.
type health struct {
	ledger  Ledger
	daemon  press.ID
	relay   string
	log     *slog.Logger
	turn    chan struct{} // one connection at a time may note
	known   bool
	trouble string
}

func (h *health) note(ctx context.Context, trouble error) {
	text := ""
	if trouble != nil {
		text = trouble.Error()
	}
	h.turn <- struct{}{}
	defer func() { <-h.turn }()
	if h.known && (h.trouble == "") == (text == "") {
		return
	}
	switch {
	case text != "":
		h.log.Error("a relay is put aside; its deliveries wait or go by another", "relay", h.relay, "reason", text)
	case h.known:
		h.log.Info("a relay takes mail again", "relay", h.relay)
	}
	h.known, h.trouble = true, text
	if err := h.ledger.RecordRelay(ctx, h.daemon, h.relay, text, time.Now()); err != nil && !errors.Is(err, context.Canceled) {
		h.known = false // the next message, or try, notes it again
		h.log.Error("a relay's state could not be noted", "relay", h.relay, "error", err)
	}
}
