package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/spf13/cobra"

	"dateline/internal/config"
	"dateline/internal/desk"
	"dateline/internal/dispatch"
	"dateline/internal/journal"
	"dateline/internal/press"
	"dateline/internal/store"
)

func (a *app) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the daemon: it sends what is due, and follows the config folder",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			o, err := a.open(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			d, err := a.newDaemon(o, newLog(a.Err, a.json))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, d.unlock()) }()
			return d.run(c.Context())
		},
	}
}

// daemon is one running `serve`.
type daemon struct {
	app     *app
	office  *office
	log     *slog.Logger
	id      press.ID
	started time.Time
	locks   []*os.File

	doors    doors
	manager  manager
	lookout  *lookout
	current  atomic.Pointer[config.Config] // the one in use, for those who look in from elsewhere
	blank    *scs.SessionManager           // that sessions are made like; run's own
	unjudged bool                          // drift could not be judged; run's own

	mu      sync.Mutex
	refused string // why the config folder's newest state is not in use
}

func (a *app) newDaemon(o *office, log *slog.Logger) (*daemon, error) {
	d := &daemon{app: a, office: o, log: log, started: time.Now(), lookout: newLookout(o), manager: manager{log: log}}
	d.current.Store(o.config)
	if err := os.MkdirAll(o.config.State, 0o700); err != nil {
		return nil, fmt.Errorf("opening the state folder: %w", err)
	}
	locks := []string{filepath.Join(o.config.State, "serve.lock")}
	if o.store.File() != "" {
		locks = append(locks, o.store.File()+".lock")
	}
	for _, path := range locks {
		f, err := lock(path)
		if err != nil {
			return nil, errors.Join(err, d.unlock())
		}
		d.locks = append(d.locks, f)
	}
	var err error
	if d.id, err = daemonID(filepath.Join(o.config.State, "daemon-id")); err != nil {
		return nil, errors.Join(err, d.unlock())
	}
	return d, nil
}

// lock takes a file that only one daemon may have; the system gives it back
// when the process ends, however it ends.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("taking the daemon's lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		owner := make([]byte, 64)
		n, _ := f.Read(owner) // an empty file tells nothing, and that is said too
		err := fmt.Errorf("another daemon (%s) has %s: only one `dateline serve` may run on a SQLite store or a state folder; stop it first, or use PostgreSQL to run several", strings.TrimSpace("pid "+string(owner[:n])), path)
		return nil, errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Truncate(0), writeAt(f, fmt.Sprint(os.Getpid()))); err != nil {
		return nil, errors.Join(fmt.Errorf("writing the daemon's lock: %w", err), f.Close())
	}
	return f, nil
}

func writeAt(f *os.File, s string) error {
	_, err := f.WriteAt([]byte(s), 0)
	return err
}

func (d *daemon) unlock() error {
	err := d.doors.keep(nil)
	for _, f := range d.locks {
		err = errors.Join(err, f.Close())
	}
	return err
}

// daemonID is the daemon's name over all its lives, so that it recovers what it
// left behind.
func daemonID(path string) (press.ID, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		id := store.NewID()
		if err := os.WriteFile(path, []byte(id.String()+"\n"), 0o600); err != nil {
			return id, fmt.Errorf("writing the daemon's id: %w", err)
		}
		return id, nil
	}
	if err != nil {
		return press.ID{}, fmt.Errorf("reading the daemon's id: %w", err)
	}
	id, err := press.ParseID(strings.TrimSpace(string(text)))
	if err != nil {
		return id, fmt.Errorf("reading the daemon's id: %s: %w", path, err)
	}
	return id, nil
}

// run dispatches until the context ends, with the config as it changes.
func (d *daemon) run(ctx context.Context) error {
	changes, err := watchFolder(ctx, d.app.config, d.log)
	if err != nil {
		return err
	}
	d.log.Info("dateline serves", "config", d.office.config.Dir, "daemon", d.id, "pid", os.Getpid())
	d.beat(ctx) // first: the relays' states hang on the daemon's
	living, end := context.WithCancel(ctx)
	var beating sync.WaitGroup
	beating.Go(func() { d.keepBeating(living) })
	beating.Go(func() { d.manager.watch(living) })
	defer context.AfterFunc(ctx, d.manager.stopping)()
	defer beating.Wait()
	defer end()
	defer d.lookout.end()
	for first := true; ctx.Err() == nil; first = false {
		d.lookout.turn()
		d.lookOn(living, d.office.config)
		err := d.dispatchUntilChange(ctx, changes)
		if err != nil && (first || ctx.Err() != nil) {
			return err
		}
		if err != nil { // the store was away, say, when the config changed
			d.log.Error("sending could not be taken up again; it is tried again", "error", err)
			again := time.NewTimer(time.Second)
			select {
			case <-ctx.Done():
			case <-again.C:
			}
			again.Stop()
		}
	}
	d.lookout.end()
	end()
	beating.Wait()
	d.signOff()
	d.log.Info("dateline has stopped")
	return nil
}

// dispatchUntilChange runs one dispatcher, until the context ends or the config
// has other relays or policies.
func (d *daemon) dispatchUntilChange(ctx context.Context, changes <-chan struct{}) (err error) {
	c := d.office.config
	servers, err := relays(c)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	dispatcher, done, err := d.dispatcher(running, c, servers)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, dispatcher.Hurry)() // not when the config changed: then nothing hurries
	d.manager.current.Store(dispatcher)
	defer func() { err = errors.Join(err, done()) }()
	intake := d.office.intake(d.log)
	if err := d.office.store.ForgetMailboxes(ctx, d.id); err != nil {
		return err
	}
	in := d.newInbox(c, intake)
	d.watchDrift(ctx, d.office.desk()) // first: what drifted while no daemon ran must not leave
	again := time.NewTicker(5 * time.Second)
	defer again.Stop()
	var sending sync.WaitGroup
	sending.Go(func() {
		d.lookout.sending.Store(true)
		defer d.lookout.sending.Store(false)
		dispatcher.Run(running)
	})
	sending.Go(func() { in.run(running, d.log) })
	sending.Go(func() { d.sweepSessions(running) })
	sending.Go(func() { d.watchReports(running, intake) })
	sending.Go(func() { d.keepRetention(running, c.Policies.Retention) })
	sending.Go(func() { d.keepSealing(running) })
	defer sending.Wait()
	defer stop()
	d.manager.ready(len(c.Releases))
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
			if d.unjudged {
				d.watchDrift(ctx, d.office.desk())
			}
		case <-changes:
			d.manager.reloading()
			anew := d.reload(ctx)
			if anew {
				return nil
			}
			d.manager.ready(len(d.office.config.Releases))
		}
	}
}

// dispatcher makes one, with the journal that narrows what a crash leaves
// unknown; the function closes it.
func (d *daemon) dispatcher(ctx context.Context, c *config.Config, servers []dispatch.Relay) (*dispatch.Dispatcher, func() error, error) {
	if err := d.office.store.LimitDomains(ctx, eachOf(c.Policies.DomainLimits)); err != nil {
		return nil, nil, err
	}
	if err := d.office.store.SetBouncePolicy(ctx, c.Policies.Bounces.BouncePolicy); err != nil {
		return nil, nil, err
	}
	changed, err := d.office.store.Changes(ctx)
	if err != nil {
		return nil, nil, err
	}
	signs, err := signing(c)
	if err != nil {
		return nil, nil, err
	}
	j, earlier, err := journal.Open(filepath.Join(c.State, "journal"), journal.BootID())
	if err != nil {
		return nil, nil, err
	}
	// The collector would let the heap grow to twice what is kept; messages that
	// wait for their lift are most of it.
	debug.SetMemoryLimit(c.Policies.PrepareMemory + besideMessages)
	return dispatch.New(d.office.store, dispatch.Options{
		Daemon: d.id, Relays: servers, Route: c.RelaysFor, Prepare: c.Policies.Prepare, PrepareMemory: c.Policies.PrepareMemory, Retry: c.Policies.Retry,
		ResendUnknown: c.Policies.OnUnknown == "resend", Log: d.log, Changes: changed, Journal: j, Earlier: earlier, Told: d.lookout.told(),
		Sender: func(s press.Sender, id press.ID) press.Address { return s.EnvelopeFor(d.office.keys.EnvelopeToken(id)) },
		OptOut: d.office.keys.OptOutToken,
		Sign:   signs,
	}), j.Close, nil
}

// besideMessages is the memory that a daemon wants beside prepared messages.
const besideMessages = 80 << 20

// reload reads the config folder anew. A faulty one changes nothing but the
// daemon's word about it. It tells whether the dispatcher must be made anew.
func (d *daemon) reload(ctx context.Context) bool {
	old := d.office.config
	c, err := d.app.loadConfig()
	if err == nil {
		// Drift is judged first: what was edited must be held before it can leave,
		// and composing every release takes its time.
		now := d.office.desk()
		now.Config = c
		d.watchDrift(ctx, now)
		if faults := now.Check(); len(faults) > 0 {
			err = faults
		}
	}
	if err == nil && (c.Store != old.Store || c.State != old.State || c.Keys != old.Keys) {
		err = errors.New("store, state and keys_file cannot change while the daemon runs; start it anew")
	}
	if err == nil {
		_, err = relays(c)
	}
	if err != nil {
		d.refuse(err.Error())
		d.log.Error("the config folder was refused; what ran before goes on", "faults", err)
		return false
	}
	d.refuse("")
	d.office.config = c
	d.current.Store(c)
	d.log.Info("the config folder was read anew", "releases", len(c.Releases))
	return !reflect.DeepEqual(c.Relays, old.Relays) || !reflect.DeepEqual(c.Routes, old.Routes) || !reflect.DeepEqual(c.Policies, old.Policies) ||
		!reflect.DeepEqual(c.Watch, old.Watch) || !reflect.DeepEqual(c.Mailboxes, old.Mailboxes) || c.Webhooks != old.Webhooks || !reflect.DeepEqual(c.Console, old.Console) || !reflect.DeepEqual(c.OptOut, old.OptOut) || !reflect.DeepEqual(c.DKIM, old.DKIM) || !reflect.DeepEqual(c.SMIME, old.SMIME)
}

func (d *daemon) watchDrift(ctx context.Context, as *desk.Desk) {
	drifts, err := as.WatchDrift(ctx, time.Now())
	d.unjudged = err != nil // it is judged again before long
	if err != nil && ctx.Err() == nil {
		d.log.Error("drift could not be judged", "error", err)
	}
	for _, x := range drifts {
		d.log.Warn("an approved release differs from its folder; what was approved is what is sent", "release", x.Release, "why", x.Why, "held", x.Held)
	}
}

func (d *daemon) refuse(why string) {
	d.mu.Lock()
	d.refused = why
	d.mu.Unlock()
	d.lookout.metrics.Config(why != "")
}

// keepBeating tells the store, again and again, that the daemon lives.
func (d *daemon) keepBeating(ctx context.Context) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			d.beat(ctx)
		}
	}
}

// beat is a sign of life. A daemon of which a part hangs gives none: others take
// over what it had claimed, and whoever looks after it starts it anew.
func (d *daemon) beat(ctx context.Context) {
	if part := d.manager.halted(); part != "" {
		d.log.Error("a part of the daemon hangs; it gives no sign of life, so that it is started anew", "part", part)
		return
	}
	d.sign(ctx, time.Now())
}

// signOff tells the store that the daemon is gone, so that nobody waits for its
// next sign of life.
func (d *daemon) signOff() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	d.sign(ctx, time.Time{})
}

// sign notes when the daemon was last seen; the zero time is never.
func (d *daemon) sign(ctx context.Context, seen time.Time) {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	d.mu.Lock()
	refused := d.refused
	d.mu.Unlock()
	if err := d.office.store.RecordDaemon(ctx, d.id, host, os.Getpid(), d.started, seen, refused); err != nil && ctx.Err() == nil {
		d.log.Error("the daemon could not be noted", "error", err)
	}
}
