package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/config"
	"dateline/internal/dispatch"
	"dateline/internal/journal"
	"dateline/internal/press"
	"dateline/internal/relay"
	"dateline/internal/sink"
	"dateline/internal/store"
)

func (a *app) rehearseCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rehearse RELEASE",
		Short: "Send what was approved at full speed into a sink on this machine, and show the figures of the lift",
		Long: "Send every unsent copy that was approved, as it will be sent, at full speed into a mail sink within this process, each of its instants moved to now. " +
			"The store is only read; what is sent stands in one of its own, which is thrown away. No relay of dateline.yaml is connected to: their limits, and those of domains, are reckoned.",
		Args: arguments(1, "the name of a release"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			conf, err := a.loadConfig()
			if err != nil {
				return err
			}
			r := &rehearsal{app: a, config: conf, slug: args[0]}
			if err := r.read(c.Context()); err != nil {
				return err
			}
			done, err := r.run(c.Context())
			if err != nil {
				return err
			}
			return a.showRehearsed(done)
		},
	}
}

// rehearsal is what is rehearsed. Of the config it takes what shapes the mail and
// the daemon, and of its relays the number of their connections.
type rehearsal struct {
	app    *app
	config *config.Config
	slug   string

	release    press.ReleaseState
	frozen     press.Frozen
	copies     []press.Delivery
	suppressed int
	keys       press.Keyring
}

// read takes all that it needs from the store, which it cannot change, and
// closes it.
func (r *rehearsal) read(ctx context.Context) (err error) {
	text, err := os.ReadFile(r.config.Keys)
	if err != nil {
		return fmt.Errorf("reading the keys file: %w", err)
	}
	if r.keys, err = press.ParseKeyring(string(text)); err != nil {
		return fmt.Errorf("%s: %w", r.config.Keys, err)
	}
	s, err := store.OpenToLook(ctx, r.config.Store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	found, err := s.Releases(ctx, r.slug)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return press.ErrNeverApproved{Release: r.slug}
	}
	r.release = found[0]
	if why := r.release.Control.Killed; why != "" {
		return fmt.Errorf("%s was killed (%s): there is nothing to rehearse", r.slug, why)
	}
	if r.frozen, err = s.Frozen(ctx, r.release.Approval.ID); err != nil {
		return err
	}
	if r.copies, r.suppressed, err = s.Copies(ctx, r.release.Approval.ID); err != nil {
		return err
	}
	if len(r.copies) == 0 {
		return fmt.Errorf("no copy of %s waits to be sent: there is nothing to rehearse", r.slug)
	}
	return nil
}

// run sends one wave after the other: the copies of one instant.
func (r *rehearsal) run(ctx context.Context) (done rehearsed, err error) {
	s, err := store.OpenRehearsal(ctx)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := r.stage(ctx, s); err != nil {
		return done, err
	}
	catcher, err := sink.Start(sink.Options{})
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, catcher.Close()) }()
	stop, err := r.dispatch(ctx, s, catcher.Addr())
	if err != nil {
		return done, err
	}
	done = r.begun()
	for _, due := range r.instants() {
		w, waveErr := r.wave(ctx, s, catcher, due)
		if err = waveErr; err != nil {
			break
		}
		done.Waves = append(done.Waves, w)
	}
	if err := errors.Join(err, stop()); err != nil {
		return done, err
	}
	done.measure(catcher.Received())
	r.warn(&done)
	return done, nil
}

// stage approves in the rehearsal's store what was approved in the other.
func (r *rehearsal) stage(ctx context.Context, s *store.Rehearsal) error {
	now := time.Now()
	approval := r.release.Approval
	if err := s.Stage(ctx, approval, r.frozen); err != nil {
		return err
	}
	for i := range r.copies {
		r.copies[i].After = "" // each copy is rehearsed, whatever becomes of the one that it follows
	}
	bar := r.app.progress("preparing")
	err := s.StageDeliveries(ctx, r.copies, now, func(n int) { bar.add(len(r.copies), n) })
	bar.done()
	if err != nil {
		return err
	}
	if err := s.Park(ctx, now); err != nil {
		return err
	}
	return s.Approve(ctx, approval, r.frozen.Release)
}

// dispatch starts a daemon's dispatcher on the rehearsal's store, with the sink
// as its only relay; the function ends it.
func (r *rehearsal) dispatch(ctx context.Context, s *store.Rehearsal, sinkAddr string) (func() error, error) {
	signs, err := signing(r.config)
	if err != nil {
		return nil, err
	}
	only, err := sinkRelay(sinkAddr, r.connections())
	if err != nil {
		return nil, err
	}
	j, earlier, err := journal.Open(filepath.Join(s.Dir(), "journal"), journal.BootID())
	if err != nil {
		return nil, err
	}
	id, now := store.NewID(), time.Now()
	if err := s.RecordDaemon(ctx, id, "rehearsal", os.Getpid(), now, now, ""); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	d := dispatch.New(s, dispatch.Options{
		Daemon: id, Relays: []dispatch.Relay{only}, Prepare: time.Hour, PrepareMemory: r.config.Policies.PrepareMemory, Retry: r.config.Policies.Retry,
		Log: slog.New(slog.DiscardHandler), Journal: j, Earlier: earlier, Sign: signs, OptOut: r.keys.OptOutToken,
		Sender: func(s press.Sender, id press.ID) press.Address { return s.EnvelopeFor(r.keys.EnvelopeToken(id)) },
	})
	running, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.Run(running)
	}()
	return func() error {
		stop()
		<-ended
		return j.Close()
	}, nil
}

// sinkRelay is the one relay of a rehearsal: it is made of the sink's address,
// and of nothing that dateline.yaml says. Another machine's it does not take.
func sinkRelay(addr string, connections int) (dispatch.Relay, error) {
	to, err := netip.ParseAddrPort(addr)
	if err != nil || !to.Addr().IsLoopback() {
		return dispatch.Relay{}, fmt.Errorf("the rehearsal's sink is at %q, which is not this machine's own address", addr)
	}
	o := relay.Options{Name: "sink", Host: to.Addr().String(), Port: int(to.Port()), TLS: "none", Timeout: time.Minute, Now: time.Now}
	return dispatch.Relay{Name: "sink", Connections: connections, Weight: 1, Dial: func(ctx context.Context) (dispatch.Session, error) {
		s, err := relay.Dial(ctx, o)
		if err != nil {
			return nil, err // a nil *Session in the interface would not be nil
		}
		return s, nil
	}}, nil
}

// connections are as many as the config's relays have together.
func (r *rehearsal) connections() int {
	n := 0
	for _, x := range r.config.Relays {
		n += x.Connections
	}
	return max(n, 1)
}

// instants are when the copies are due, in order.
func (r *rehearsal) instants() []time.Time {
	var all []time.Time
	for i := range r.copies {
		all = append(all, r.copies[i].Due)
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

// waveWait is how long a wave may make no progress.
const waveWait = 30 * time.Second

// wave moves one instant to a moment from now, which leaves the time to compose
// that a lift has, and waits until its copies are out.
func (r *rehearsal) wave(ctx context.Context, s *store.Rehearsal, catcher *sink.Sink, due time.Time) (wave, error) {
	var expect []sink.Expected
	for i := range r.copies {
		if d := &r.copies[i]; d.Due.Equal(due) {
			expect = append(expect, sink.Expected{Address: d.Address, Country: d.Country, Language: d.Edition})
		}
	}
	at := time.Now().Add(2*time.Second + time.Duration(len(expect))*time.Second/2000)
	for i := range expect {
		expect[i].NotBefore = at
	}
	first := catcher.Count() + 1
	if err := s.Lift(ctx, due, at); err != nil {
		return wave{}, err
	}
	if err := r.await(ctx, s, due, at, len(expect)); err != nil {
		return wave{}, err
	}
	return waveOf(due, catcher.TallyFrom(first, expect, at)), nil
}

func (r *rehearsal) await(ctx context.Context, s *store.Rehearsal, due, at time.Time, total int) error {
	bar := r.app.progress("rehearsing")
	defer bar.done()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	moved, was := at, total
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		left, err := s.Left(ctx, due)
		if err != nil {
			return err
		}
		bar.add(total, was-left)
		if left != was {
			moved = time.Now()
		}
		if was = left; left == 0 {
			return nil
		}
		if err := standsStill(ctx, s, r.slug, moved); err != nil {
			return err
		}
	}
}

// standsStill says why a rehearsal does not go on.
func standsStill(ctx context.Context, s *store.Rehearsal, slug string, moved time.Time) error {
	found, err := s.Releases(ctx, slug)
	if err != nil {
		return err
	}
	if held := found[0].Control.Held; held != "" {
		return fmt.Errorf("the lift would be held: %s", held)
	}
	if time.Since(moved) > waveWait {
		return fmt.Errorf("nothing has been sent for %s: the rehearsal is given up", waveWait)
	}
	return nil
}
