package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dateline/internal/press"
)

// relay is what a daemon is let loose on; finish ends it, and tells how many
// messages came and how many of them are known to be second copies.
type relay struct {
	port   string
	finish func() (taken, twice int, err error)
}

func (b *bench) fastRelay(ctx context.Context) (relay, error) {
	s, err := b.postfix.startSink(ctx)
	if err != nil {
		return relay{}, err
	}
	return relay{s.port(), func() (int, int, error) {
		taken, err := s.finish()
		return taken, 0, err
	}}, nil
}

// lateness is what a round trip to the slow relay takes.
const lateness = 5 * time.Millisecond

func slowRelayOf(ctx context.Context) (relay, error) {
	r, err := startSlowRelay(ctx, lateness)
	if err != nil {
		return relay{}, err
	}
	return relay{portOf(r.address()), func() (int, int, error) {
		taken, twice := r.finish()
		return taken, twice, nil
	}}, nil
}

// job is one release that one daemon sends.
type job struct {
	row      string
	kind     string // sqlite or postgres
	prepared bool   // claimed and composed before the lift; else within the measured time
	n        int
	relay    func(context.Context) (relay, error)
}

// sent is how it went.
type sent struct {
	n        int
	took     time.Duration // from the lift to the last durable `accepted`
	approval time.Duration
	peakMiB  float64 // the daemon's
}

func (s sent) rate() float64 { return float64(s.n) / s.took.Seconds() }

// send does a job in a house of its own. Where the lift came too early it is
// done again, with more time before it.
func (b *bench) send(ctx context.Context, j job) (sent, error) {
	for range 4 {
		s, err := b.sendOnce(ctx, j)
		if !errors.Is(err, errTooLate) {
			return s, err
		}
		b.pace.slower(j)
		b.tell("%s: there was too little time before the lift; again, with more", j.row)
	}
	return sent{}, fmt.Errorf("%s: %w, four times", j.row, errTooLate)
}

func (b *bench) sendOnce(ctx context.Context, j job) (s sent, err error) {
	to, err := j.relay(ctx)
	if err != nil {
		return s, err
	}
	done := false
	defer func() {
		if !done { // what came of a failed job counts for nothing
			_, _, _ = to.finish()
		}
	}()
	const slug = "bench"
	h, err := b.newHouse(ctx, setting{kind: j.kind, port: to.port, prepare: j.prepare(), slugs: []string{slug}})
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, h.close(ctx)) }()
	began := time.Now()
	a, err := h.approve(ctx, slug, j.n, b.pace.beforeLift(j))
	if err != nil {
		return s, err
	}
	b.pace.approving(j, time.Since(began))
	s.n, s.approval = a.n, a.took
	daemon, err := h.serve(ctx)
	if err != nil {
		return s, err
	}
	defer daemon.stop()
	if err := b.awaitReady(ctx, h, j, a, daemon); err != nil {
		return s, err
	}
	if err := h.watch(ctx, a, daemon, &s); err != nil {
		return s, err
	}
	states, err := h.look.states(ctx)
	if err != nil {
		return s, err
	}
	daemon.stop()
	taken, twice, err := to.finish()
	done = true
	b.judge(j.row, s.n, taken, twice, states)
	return s, err
}

func (j job) prepare() time.Duration {
	if j.prepared {
		return 2 * time.Minute // the default
	}
	return time.Millisecond
}

// serve starts the daemon.
func (h *house) serve(context.Context) (*process, error) {
	return h.bench.crew.start("dateline", h.bench.program, "--config", h.config(), "serve")
}

// awaitReady waits until the daemon has prepared what it will; where it is not
// to prepare anything, it needs only be up in time.
func (b *bench) awaitReady(ctx context.Context, h *house, j job, a approved, daemon *process) error {
	if !j.prepared {
		if time.Until(a.lift) < b.pace.starting(j) {
			return errTooLate
		}
		return nil
	}
	began := time.Now()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	claimed, since := 0, began
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-daemon.ended:
			return daemon.failed()
		case <-tick.C:
		}
		if time.Now().After(a.lift) {
			return errTooLate
		}
		n, err := h.look.claimed(ctx)
		if err != nil {
			return err
		}
		if n != claimed {
			claimed, since = n, time.Now()
		}
		// A claim is on disk before its messages are composed; they may take a while.
		if claimed > 0 && time.Since(since) > settling {
			b.pace.preparing(j, since.Sub(began))
			return nil
		}
	}
}

// watch waits for the lift and for the end of the sending.
func (h *house) watch(ctx context.Context, a approved, daemon *process, s *sent) error {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Until(a.lift)+time.Minute+time.Duration(a.n)*time.Millisecond,
		errors.New("the daemon did not get done in time; the last it said is in "+daemon.out))
	defer cancel()
	timer := time.NewTimer(time.Until(a.lift))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-daemon.ended:
		return daemon.failed()
	case <-timer.C:
	}
	seen, err := h.look.awaitSettled(ctx, daemon)
	if err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	s.took = seen.Sub(a.lift)
	s.peakMiB, err = daemon.peakMiB()
	return err
}

// judge notes what was lost or came twice. Whatever the figures are, this must
// not be.
func (b *bench) judge(row string, n, taken, twice int, states map[press.State]int) {
	if states[press.Accepted] != n || len(states) != 1 {
		b.found.wrongf("%s: of %d deliveries the ledger has %v", row, n, states)
	}
	if taken < n {
		b.found.wrongf("%s: %d of %d messages did not come to the relay", row, n-taken, n)
	}
	if twice = max(twice, taken-n); twice > 0 {
		b.found.wrongf("%s: %d messages came twice", row, twice)
	}
}
