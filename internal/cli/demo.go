package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/desk"
	"dateline/internal/ledger"
	"dateline/internal/press"
	"dateline/internal/roster"
	"dateline/internal/sink"
)

// demoFlags are what `demo` was asked for.
type demoFlags struct {
	dir      string
	store    string
	liftIn   time.Duration
	contacts int
	seed     uint64
	stay     bool // with a console, until it is ended
}

// demoSlug is the release that ships with the sample.
const demoSlug = "tashkent-2022"

func (a *app) demoCommand() *cobra.Command {
	var f demoFlags
	c := &cobra.Command{
		Use:   "demo",
		Short: "Run the whole job here and now: contacts, plan, approval, the lift, into a mail sink of its own",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) error {
			if f.liftIn < time.Second || f.contacts < 0 {
				return misuse{errors.New("--lift-in wants at least 1s, --contacts none or more"), c.CommandPath()}
			}
			return a.demo(c.Context(), f)
		},
	}
	c.Flags().StringVar(&f.dir, "dir", "", "the folder to make (default: a new one in the temporary folder)")
	c.Flags().DurationVar(&f.liftIn, "lift-in", 15*time.Second, "how long until the embargo lifts, once everything is imported; longer where the machine needs it to plan")
	c.Flags().IntVar(&f.contacts, "contacts", 0, "make so many contacts instead of the sample's own")
	c.Flags().BoolVar(&f.stay, "console", false, "serve the console, too, with an account to look in by, until Ctrl-C")
	c.Flags().Uint64Var(&f.seed, "seed", 2022, "where the made contacts start from")
	c.Flags().StringVar(&f.store, "store", "", "the store (default: SQLite in the folder); on PostgreSQL the demo makes a schema of its own")
	return c
}

// demo is one run. Its steps are the ones that a team takes, with the same code.
func (a *app) demo(ctx context.Context, f demoFlags) (err error) {
	folder, err := newDemoFolder(f)
	if err != nil {
		return err
	}
	catcher, err := sink.Start(sink.Options{SaveDir: folder.mails(), SaveMax: 50})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, catcher.Close()) }()
	_, port, err := net.SplitHostPort(catcher.Addr())
	if err != nil {
		return err
	}
	d := &demoRun{app: a, flags: f, folder: folder, sink: catcher, console: "off"}
	if f.stay {
		if d.console, err = freeAddress(ctx); err != nil {
			return err
		}
	}
	if err := folder.writeConfig(ctx, port, d.console); err != nil {
		return err
	}
	a.config = folder.config()
	if err := d.importContacts(ctx); err != nil {
		return err
	}
	planned, err := d.approve(ctx)
	if err != nil {
		return err
	}
	return d.send(ctx, planned)
}

type demoRun struct {
	app     *app
	flags   demoFlags
	folder  *demoFolder
	sink    *sink.Sink
	console string // where it is served, or off
}

// tell speaks to a person; with --json nobody listens.
func (d *demoRun) tell(lines ...string) {
	if !d.app.json {
		d.app.say(lines...)
	}
}

func (d *demoRun) importContacts(ctx context.Context) (err error) {
	d.tell(bold("1  A fresh folder"), "   "+d.folder.dir, "")
	files, err := d.folder.contactFiles(d.flags)
	if err != nil {
		return err
	}
	o, err := d.app.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = o.close(err) }()
	d.tell(bold("2  Contacts"))
	for _, path := range files {
		bar := d.app.progress("importing")
		report, err := roster.Import(ctx, o.store, roster.Importing{File: onDisk(path), Key: o.keys.AddressKey, Now: time.Now(), Progress: bar.add})
		bar.done()
		if err != nil {
			return err
		}
		d.tell(fmt.Sprintf("   %s: %s new contacts, %s new", filepath.Base(path), thousands(report.Done.New), count(report.Done.Outlets, "outlet")))
	}
	return nil
}

// approve sets the lift, plans, shows the plan and says yes to it.
func (d *demoRun) approve(ctx context.Context) (p desk.Planned, err error) {
	// A slow machine gets more time than was asked for: the approval plans once
	// more, and the lift must not pass meanwhile.
	for wait := d.flags.liftIn; ; wait *= 2 {
		started := time.Now()
		if p, err = d.plan(ctx, started.Add(wait)); err != nil {
			return p, err
		}
		if took := time.Since(started); time.Until(p.Lift.At) > took+took/2 {
			break
		}
	}
	if !d.app.json {
		d.app.say("", bold("3  The plan"))
		d.app.showPlan(p, false)
	}
	if len(p.Errors) > 0 {
		return p, fmt.Errorf("the demo's plan has errors: %s", p.Errors[0])
	}
	o, err := d.app.open(ctx)
	if err != nil {
		return p, err
	}
	defer func() { err = o.close(err) }()
	bar := d.app.progress("freezing")
	decides := o.desk()
	decides.LastChange = nil // the program itself says yes
	approval, err := decides.Approve(ctx, desk.Yes{Release: demoSlug, Digest: p.Digest, By: "demo"}, time.Now(), bar.add)
	bar.done()
	if err == nil {
		d.tell("", bold("4  Approved")+fmt.Sprintf(" by %s: %s frozen", approval.By, copies(approval.Recipients)))
	}
	return p, err
}

// plan sets the lift, and plans.
func (d *demoRun) plan(ctx context.Context, lift time.Time) (p desk.Planned, err error) {
	if err := d.folder.writeRelease(lift); err != nil {
		return p, err
	}
	o, err := d.app.open(ctx)
	if err != nil {
		return p, err
	}
	defer func() { err = o.close(err) }()
	return o.desk().Plan(ctx, demoSlug, time.Now(), false)
}

// send runs the daemon until nothing is on its way any more, and tells how it went.
func (d *demoRun) send(ctx context.Context, p desk.Planned) (err error) {
	o, err := d.app.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = o.close(err) }()
	logged, err := os.Create(d.folder.log())
	if err != nil {
		return fmt.Errorf("making the demo's log: %w", err)
	}
	defer func() { err = errors.Join(err, logged.Close()) }()
	daemon, err := d.app.newDaemon(o, newLog(logged, false))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, daemon.unlock()) }()
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		ended <- daemon.run(running)
		stop() // a daemon that ended by itself is waited for no longer
	}()
	d.tell("", bold("5  The daemon waits for the lift, and sends"))
	if d.flags.stay {
		if err := d.openConsole(ctx, o); err != nil {
			return err
		}
	}
	err = d.watch(running, o, p)
	if err == nil {
		err = d.conclude(p)
		d.stay(ctx)
	}
	stop()
	return errors.Join(err, <-ended)
}

// watch counts down, then follows the sink, until the ledger has nothing on its
// way.
func (d *demoRun) watch(ctx context.Context, o *office, p desk.Planned) error {
	bar := d.app.progress("sending")
	defer bar.done()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	shown, last := 0, -1
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		if left := int(time.Until(p.Lift.At).Seconds()) + 1; time.Now().Before(p.Lift.At) {
			if left != last {
				last = left
				fmt.Fprintf(d.app.barOutput(), "\r   lift in %3d s ", left)
			}
			continue
		}
		got := d.sink.Count()
		bar.add(p.Recipients(), got-shown)
		shown = got
		done, err := settled(ctx, o)
		if err != nil || done {
			return err
		}
	}
}

// settled tells whether no delivery is on its way any more.
func settled(ctx context.Context, o *office) (bool, error) {
	now, err := ledger.Now(ctx, o.store, demoSlug, time.Now())
	if err != nil {
		return false, err
	}
	if held := now.Releases[0].Control.Held; held != "" {
		return false, fmt.Errorf("the release is held: %s", held)
	}
	for _, s := range []press.State{press.Planned, press.Claimed, press.Sending, press.Deferred} {
		if now.Releases[0].States[s] > 0 {
			return false, nil
		}
	}
	return true, nil
}

// conclude holds what the sink got against the plan, and shows it.
func (d *demoRun) conclude(p desk.Planned) error {
	var expected []sink.Expected
	for _, s := range p.Sends {
		for _, r := range s.Recipients {
			expected = append(expected, sink.Expected{Address: r.Address, Country: r.Country, Language: r.Edition, NotBefore: r.Due})
		}
	}
	summary := d.sink.Tally(expected, p.Lift.At)
	if d.app.json {
		if err := d.app.printJSON(summary); err != nil {
			return err
		}
	} else {
		d.show(p, summary)
	}
	if !summary.Clean() {
		return exitCode(exitFailed)
	}
	return nil
}
