package torture

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dateline/internal/contactfile"
)

// connections of each daemon to its relay.
const connections = 10

// patience bounds every wait. A machine that is busy needs some.
const patience = 2 * time.Minute

// ordeal is one store with one release, and the daemons that send it.
type ordeal struct {
	t       *testing.T
	name    string
	dir     string
	store   string // its URL
	resend  bool
	beside  map[string]string // by daemon: what its dateline.yaml has beside the rest
	rng     *rand.Rand        // its random moments
	started time.Time
	blows   int
	faults  []string // of the daemon's behaviour, beside those of the count
	note    string
}

func newOrdeal(t *testing.T, store, dir, url string) ordeal {
	name := strings.TrimSuffix(strings.TrimPrefix(t.Name(), "Test"), "/"+store) + ", " + store
	return ordeal{t: t, name: name, dir: dir, store: url, rng: chance(t), started: time.Now()}
}

func (o *ordeal) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *ordeal) fault(format string, args ...any) {
	o.faults = append(o.faults, fmt.Sprintf(format, args...))
}

// house makes the config folder of a daemon, for a relay at a port. The keys are
// one file for all, the state is each daemon's own.
func (o *ordeal) house(daemon string, port int) {
	o.t.Helper()
	config := o.config(daemon)
	policy := "hold"
	if o.resend {
		policy = "resend"
	}
	o.must(os.CopyFS(config, os.DirFS("testdata/house")))
	o.must(os.WriteFile(filepath.Join(config, "dateline.yaml"), fmt.Appendf(nil, `store: ${DATELINE_TORTURE_STORE}
state: ../state
keys_file: %s
relays:
  - {name: main, host: 127.0.0.1, port: %d, tls: none, connections: %d}
senders:
  desk:
    name: Conference press desk
    from: press@conference.example
    list_id: releases.conference.example
    organisation: Secretariat of the Conference
%sfallbacks: {ky: [ru], kk: [ru], tg: [ru], tk: [ru], uz-Latn: [ru], uz-Cyrl: [ru], de: [en], fr: [en]}
policies:
  retry: [1s]
  on_unknown: %s
`, filepath.Join(o.dir, "keys"), port, connections, o.beside[daemon], policy), 0o600))
}

func (o *ordeal) config(daemon string) string { return filepath.Join(o.dir, daemon, "config") }

func (o *ordeal) command(daemon string, args ...string) *exec.Cmd {
	c := exec.Command(program, append([]string{"--config", o.config(daemon)}, args...)...)
	c.Dir, c.Env = o.dir, append(os.Environ(), "DATELINE_TORTURE_STORE="+o.store)
	return c
}

// run runs a command that must end with one of these codes (0 where none is
// named), and gives its standard output.
func (o *ordeal) run(codes []int, args ...string) []byte {
	o.t.Helper()
	var out, errs bytes.Buffer
	c := o.command("a", args...)
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); c.ProcessState == nil {
		o.t.Fatalf("dateline %v: %v", args, err)
	}
	if len(codes) == 0 {
		codes = []int{0}
	}
	for _, code := range codes {
		if c.ProcessState.ExitCode() == code {
			return out.Bytes()
		}
	}
	o.t.Fatalf("dateline %v ended with %d; want %v; it said:\n%.2000s%s", args, c.ProcessState.ExitCode(), codes, &out, &errs)
	return nil
}

// approve imports contacts and approves the release for a lift a little ahead,
// so that the daemon's first life begins before it.
func (o *ordeal) approve(contacts int) (planned []string, lift time.Time) {
	o.t.Helper()
	o.contacts(contacts)
	for ahead := 3*time.Second + time.Duration(contacts)*300*time.Microsecond; ; {
		start := time.Now()
		lift = start.Add(ahead).Truncate(time.Second).UTC()
		o.setLift(lift)
		planned, said, err := o.agree("alpha")
		if err == nil {
			if len(planned) != contacts {
				o.t.Fatalf("the plan has %d recipients of %d contacts", len(planned), contacts)
			}
			return planned, lift
		}
		if ahead > patience {
			o.t.Fatalf("the approval comes too late, however far the lift lies: %s", said)
		}
		ahead = max(2*ahead, 2*time.Since(start)) // what the approval takes beyond its plan comes on top
	}
}

// contacts imports so many.
func (o *ordeal) contacts(n int) {
	o.t.Helper()
	path := filepath.Join(o.dir, "contacts.csv")
	f, err := os.Create(path)
	o.must(err)
	o.must(contactfile.WriteCSV(f, contactfile.Generate(n, 7)))
	o.must(f.Close())
	o.run(nil, "contacts", "import", path)
}

// agree plans a release and approves that plan. Where it was refused, it gives
// what was said.
func (o *ordeal) agree(slug string) (planned []string, said []byte, err error) {
	o.t.Helper()
	var p struct {
		Digest string `json:"digest"`
		Sends  []struct {
			Recipients []struct {
				Address string `json:"address"`
			} `json:"recipients"`
		} `json:"sends"`
	}
	o.must(json.Unmarshal(o.run([]int{1, 3}, "plan", slug, "--json"), &p))
	if said, err = o.command("a", "approve", slug, "--by", "Anna", "--digest", p.Digest).CombinedOutput(); err != nil {
		return nil, said, err
	}
	for _, r := range p.Sends[0].Recipients {
		planned = append(planned, r.Address)
	}
	return planned, said, nil
}

// setLift writes the embargo into every daemon's folder: one that differs would
// be drift.
func (o *ordeal) setLift(lift time.Time) {
	o.t.Helper()
	folders, err := filepath.Glob(filepath.Join(o.dir, "*", "config", "releases", "alpha", "release.yaml"))
	o.must(err)
	for _, path := range folders {
		text, err := os.ReadFile(path)
		o.must(err)
		lines := strings.Split(string(text), "\n")
		for i, l := range lines {
			if strings.HasPrefix(l, "embargo: ") {
				lines[i] = lift.UTC().Format("embargo: 2006-01-02 15:04:05 UTC")
			}
		}
		o.must(os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600))
	}
}

// life is one run of a daemon.
type life struct {
	ordeal *ordeal
	daemon string
	cmd    *exec.Cmd
	ended  chan struct{} // closed when it has
	err    error         // as Wait gave it; after ended
}

// serve starts a daemon; its log is added to a file.
func (o *ordeal) serve(daemon string) *life {
	o.t.Helper()
	log, err := os.OpenFile(o.logFile(daemon), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	o.must(err)
	defer log.Close()
	l := &life{ordeal: o, daemon: daemon, cmd: o.command(daemon, "serve"), ended: make(chan struct{})}
	l.cmd.Stderr = log
	// Nothing of this process's standard output: a daemon left over would keep it open.
	o.must(l.cmd.Start())
	go func() {
		l.err = l.cmd.Wait()
		close(l.ended)
	}()
	o.t.Cleanup(func() {
		_ = l.cmd.Process.Kill() // it has ended, as a rule
		<-l.ended
	})
	return l
}

func (o *ordeal) logFile(daemon string) string { return filepath.Join(o.dir, daemon, "serve.log") }

// logEnd is the last of a daemon's log, for faults.
func (o *ordeal) logEnd(daemon string) string {
	text, err := os.ReadFile(o.logFile(daemon))
	if err != nil {
		return err.Error()
	}
	const enough = 3000
	return string(text[max(0, len(text)-enough):])
}

// kill is SIGKILL; the daemon must not have ended before.
func (l *life) kill() {
	l.ordeal.blows++
	_ = l.cmd.Process.Signal(syscall.SIGKILL) // what has ended is seen below
	<-l.ended
	if status, ok := l.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		l.ordeal.fault("the daemon %s ended by itself: %v; its log ends with:\n%s", l.daemon, l.err, l.ordeal.logEnd(l.daemon))
	}
}

// stop is SIGINT; the daemon must come to a good end.
func (l *life) stop() {
	_ = l.cmd.Process.Signal(os.Interrupt) // what has ended is seen below
	select {
	case <-l.ended:
	case <-time.After(patience):
		l.ordeal.t.Fatalf("the daemon %s does not stop; its log ends with:\n%s", l.daemon, l.ordeal.logEnd(l.daemon))
	}
	if l.err != nil {
		l.ordeal.fault("the daemon %s ended with: %v; its log ends with:\n%s", l.daemon, l.err, l.ordeal.logEnd(l.daemon))
	}
}

// until looks again and again until it has seen what it waits for, or the
// ordeal is lost.
func (o *ordeal) until(what string, look func() bool) {
	o.t.Helper()
	late := time.After(patience)
	for !look() {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-late:
			o.t.Fatalf("in vain waited until %s; the daemon's log ends with:\n%s", what, o.logEnd("a"))
		}
	}
}

// states are how the deliveries stand.
func (o *ordeal) states() map[string]int {
	o.t.Helper()
	var status struct {
		Releases []struct {
			States map[string]int `json:"states"`
		} `json:"releases"`
	}
	o.must(json.Unmarshal(o.run(nil, "status", "alpha", "--json"), &status))
	return status.Releases[0].States
}

// settled waits until nothing is on its way any more.
func (o *ordeal) settled() map[string]int {
	o.t.Helper()
	var states map[string]int
	late := time.After(patience)
	for {
		states = o.states()
		way := states["planned"] + states["claimed"] + states["sending"] + states["deferred"]
		if way == 0 && (!o.resend || states["unknown"] == 0) {
			return states
		}
		select {
		case <-time.After(time.Second):
		case <-late:
			o.t.Fatalf("not settled: %v; the daemon's log ends with:\n%s", states, o.logEnd("a"))
		}
	}
}

// entry is a line of the delivery log.
type entry struct {
	At      time.Time `json:"at"`
	Address string    `json:"address"`
	State   string    `json:"state"`
	Reply   string    `json:"reply"`
}

// log reads the whole delivery log.
func (o *ordeal) log() []entry {
	o.t.Helper()
	return o.logOf("alpha")
}

func (o *ordeal) logOf(slug string) []entry {
	o.t.Helper()
	var all []entry
	in := json.NewDecoder(bytes.NewReader(o.run(nil, "log", "--release", slug, "--json", "--addresses", "--limit", "0")))
	for in.More() {
		var e entry
		o.must(in.Decode(&e))
		all = append(all, e)
	}
	return all
}

// finish judges an account and writes the ordeal's line. What is empty in the
// account is what nearly every ordeal has.
func (o *ordeal) finish(a account) {
	o.t.Helper()
	a.resend, a.states, a.trail = o.resend, o.states(), map[string][]string{}
	for _, e := range o.log() {
		a.trail[e.Address] = append(a.trail[e.Address], e.State)
	}
	if a.marked == 0 {
		a.marked = o.blows * connections
	}
	if a.left == 0 && !o.resend {
		a.left = o.blows * connections
	}
	v := judge(a)
	v.faults = append(o.faults, v.faults...)
	addLine(line{name: o.name, blows: o.blows, seconds: time.Since(o.started).Seconds(), note: o.note, verdict: v})
	const shown = 20
	for _, f := range v.faults[:min(shown, len(v.faults))] {
		o.t.Error(f)
	}
	if len(v.faults) > shown {
		o.t.Errorf("and %d faults more", len(v.faults)-shown)
	}
}

// skip leaves an ordeal out, with a line in the table that says why.
func (o *ordeal) skip(why error) {
	addLine(line{name: o.name, skipped: true, note: why.Error()})
	o.t.Skip(why)
}

// alive is a fault where a daemon has ended that should not have.
func (l *life) alive() {
	select {
	case <-l.ended:
		l.ordeal.fault("the daemon %s ended by itself: %v; its log ends with:\n%s", l.daemon, l.err, l.ordeal.logEnd(l.daemon))
	default:
	}
}

var errNotRoot = errors.New("mounting a small file system needs root")
