package cli_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"dateline/internal/contactfile"
	"dateline/internal/sink"
)

// The numbers of the crash: the daemon is killed when the sink has killAt
// messages, which must be well within a send.
const (
	killContacts    = 5000
	killConnections = 8
	killAt          = 1500
	pollEvery       = 300 * time.Millisecond
)

// TestKillInTheMiddle kills a real daemon in the middle of a send to thousands
// and starts it anew: every address gets its copy once, or is named unknown,
// and no more of these than there were connections.
func TestKillInTheMiddle(t *testing.T) {
	for store, open := range stores() {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			killInTheMiddle(t, open(t))
		})
	}
}

func killInTheMiddle(t *testing.T, store string) {
	doomed := make(chan *exec.Cmd, 1)
	var once sync.Once
	catcher, err := sink.Start(sink.Options{OnReceipt: func(r sink.Receipt) {
		if r.Number >= killAt {
			// Before this message is answered: at least one reply is never read.
			once.Do(func() { _ = (<-doomed).Process.Signal(syscall.SIGKILL) })
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer catcher.Close()
	in := install(t, store, portOf(t, catcher))
	in.must(change(in.path("config", "dateline.yaml"),
		`    connections: 2`, "    connections: "+strconv.Itoa(killConnections),
		`(?m)^  ky: .*$`, "  {ky: [ru], kk: [ru], tg: [ru], tk: [ru], uz-Latn: [ru], uz-Cyrl: [ru], de: [en], fr: [en]}"))
	due, p := in.approveMany()
	t.Logf("approved %s before the lift", time.Until(due).Round(time.Millisecond))

	first := in.serve()
	doomed <- first
	if err := first.Wait(); first.ProcessState.ExitCode() != -1 {
		t.Fatalf("the daemon was not killed, but ended: %v; its log:\n%s", err, in.log())
	}
	got := catcher.Count()
	if got < 500 || got > 4000 {
		t.Fatalf("the sink had %d of %d messages at the kill, which is not the middle", got, killContacts)
	}
	t.Logf("killed %s after the lift", time.Since(due).Round(time.Millisecond))
	second := in.serve()
	states := in.settled("alpha")
	in.must(second.Process.Signal(os.Interrupt))
	if err := second.Wait(); err != nil {
		t.Errorf("the second daemon ended with %v", err)
	}
	t.Logf("settled %s after the lift; killed with %d at the sink; at the end %v", time.Since(due).Round(time.Millisecond), got, states)
	in.judgeCopies(p, catcher.Received(), due, states)
}

func portOf(t *testing.T, s *sink.Sink) int {
	t.Helper()
	_, port, _ := strings.Cut(s.Addr(), ":")
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// approveMany imports contacts and approves a release with an instant before
// which nothing may leave; it passes at about the daemon's start.
func (in *installation) approveMany() (time.Time, planned) {
	in.t.Helper()
	f, err := os.Create(in.path("contacts.csv"))
	in.must(err)
	in.must(contactfile.WriteCSV(f, contactfile.Generate(killContacts, 7)))
	in.must(f.Close())
	in.run(nil, "contacts", "import", "contacts.csv")
	release := in.path("config", "releases", "alpha", "release.yaml")
	for d := 4 * time.Second; ; {
		start := time.Now()
		due := start.Add(d).Truncate(time.Second)
		in.must(change(release, `(?m)^embargo: .*$`, due.UTC().Format("embargo: 2006-01-02 15:04:05 UTC")))
		var p planned
		if err := json.Unmarshal([]byte(in.run([]int{1, 3}, "plan", "alpha", "--json")), &p); err != nil {
			in.t.Fatal(err)
		}
		approve := in.command("approve", "alpha", "--by", "Anna", "--digest", p.Digest)
		if said, err := approve.CombinedOutput(); err == nil {
			return due, p
		} else if d > patience {
			in.t.Fatalf("the approval comes too late, however far the lift lies: %s", said)
		}
		d = max(2*d, 2*time.Since(start)) // what the approval takes beyond its plan comes on top
	}
}

// judgeCopies holds what the sink got against the plan and the ledger.
func (in *installation) judgeCopies(p planned, receipts []sink.Receipt, due time.Time, states map[string]int) {
	in.t.Helper()
	got := map[string]int{}
	for _, r := range receipts {
		if r.Began.Before(due) {
			in.t.Errorf("%v came at %s, before %s", r.To, r.Began, due)
		}
		for _, to := range r.To {
			got[to]++
		}
	}
	unknown := in.unknown()
	if len(unknown) == 0 || len(unknown) > killConnections || len(unknown) != states["unknown"] {
		in.t.Errorf("%d are named unknown and %d counted; want at least the one whose reply was cut off, and at most %d, one a connection", len(unknown), states["unknown"], killConnections)
	}
	if len(p.Sends) != 1 || p.Recipients < killContacts*9/10 || states["accepted"]+states["unknown"] != p.Recipients {
		in.t.Errorf("%d recipients were planned, and at the end stand %v", p.Recipients, states)
	}
	for _, r := range p.Sends[0].Recipients {
		switch {
		case got[r.Address] > 1:
			in.t.Errorf("%s got %d copies", r.Address, got[r.Address])
		case got[r.Address] == 0 && !unknown[r.Address]:
			in.t.Errorf("%s got no copy, and is not named unknown", r.Address)
		}
		delete(got, r.Address)
	}
	if len(got) > 0 {
		in.t.Errorf("%d addresses got a copy that were not in the plan", len(got))
	}
}

// unknown are the addresses that the log names so.
func (in *installation) unknown() map[string]bool {
	in.t.Helper()
	named := map[string]bool{}
	for line := range strings.Lines(in.run(nil, "log", "--state", "unknown", "--json", "--addresses", "--limit", "0")) {
		var entry struct {
			Address string `json:"address"`
			State   string `json:"state"`
		}
		in.must(json.Unmarshal([]byte(line), &entry))
		if entry.State != "unknown" || named[entry.Address] {
			in.t.Errorf("the log of what is unknown has %+v, or has it twice", entry)
		}
		named[entry.Address] = true
	}
	return named
}
