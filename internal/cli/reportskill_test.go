package cli_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/store"
)

// reportsAtOnce is how many reports the daemon finds; `make torture` has more.
func reportsAtOnce() int {
	if os.Getenv("DATELINE_TORTURE") == "full" {
		return 10_000
	}
	return 2_000
}

// TestKilledWhileItReadsReports kills a real daemon again and again while it
// reads a mailbox: at the end each report is counted once.
func TestKilledWhileItReadsReports(t *testing.T) {
	for kind, open := range stores() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url := open(t)
			in := install(t, url, 9) // nobody listens: nothing is sent
			in.must(change(in.path("config", "dateline.yaml"), `(?m)^senders:`, "mailboxes: [{name: reports, kind: maildir, path: ../reports, poll: 1s}]\nsenders:"))
			in.run(nil, "status") // makes the store and the keys
			if kind == "sqlite" {
				url = "sqlite://" + in.path("state", "dateline.db")
			}
			n := reportsAtOnce()
			in.writeReports(in.accepted(url, n))
			for _, left := range []int{n * 9 / 10, n * 6 / 10, n * 3 / 10} {
				daemon := in.serve()
				in.awaitReports(left)
				in.must(daemon.Process.Signal(syscall.SIGKILL))
				_ = daemon.Wait() // that it was killed is known
			}
			last := in.serve()
			in.awaitReports(0)
			in.must(last.Process.Signal(os.Interrupt))
			in.must(last.Wait())
			in.judgeReports(n)
		})
	}
}

// accepted makes a release of which so many copies were accepted, and gives the
// envelope senders that they left with.
func (in *installation) accepted(url string, n int) []string {
	in.t.Helper()
	ctx := in.t.Context()
	s, err := store.Open(ctx, url)
	in.must(err)
	defer func() { in.must(s.Close()) }()
	text, err := os.ReadFile(in.path("state", "keys"))
	in.must(err)
	keys, err := press.ParseKeyring(string(text))
	in.must(err)
	now := time.Now().Add(-time.Minute)
	a := press.Approval{ID: store.NewID(), Release: "past", Digest: "none", By: "Anna", At: now, Recipients: n}
	r := press.Release{Slug: a.Release, Sender: "desk", Topic: "test"}
	in.must(s.Stage(ctx, a, press.Frozen{Release: r}))
	ds := make([]press.Delivery, n)
	for i := range ds {
		to := press.Address(fmt.Sprintf("desk%05d@paper.example", i))
		ds[i] = press.Delivery{
			Approval: a.ID, Release: a.Release, Send: "general", AddressKey: keys.AddressKey(to),
			Recipient: press.Recipient{Contact: store.NewID(), Address: to, Country: "UZ", Edition: "ru", Due: now, Deadline: now.Add(time.Hour)},
		}
	}
	in.must(errors.Join(s.StageDeliveries(ctx, ds, now, nil), s.Approve(ctx, a, r)))
	var senders []string
	for daemon := store.NewID(); len(senders) < n; {
		claimed, err := s.Claim(ctx, daemon, time.Now(), time.Now(), 500)
		in.must(err)
		begin, results := make([]press.Begin, len(claimed)), make([]press.Result, len(claimed))
		for i, d := range claimed {
			begin[i].Delivery = d.ID
			results[i] = press.Result{Delivery: d.ID, Outcome: press.Outcome{State: press.Accepted, At: time.Now(), Relay: "main"}}
			senders = append(senders, "press+"+keys.EnvelopeToken(d.ID)+"@conference.example")
		}
		_, err = s.Record(ctx, daemon, nil, begin, time.Now())
		in.must(err)
		_, err = s.Record(ctx, daemon, results, nil, time.Now())
		in.must(err)
	}
	return senders
}

// writeReports puts a report for each sender into the Maildir; every third says
// that the address is dead.
func (in *installation) writeReports(senders []string) {
	in.t.Helper()
	for _, sub := range []string{"new", "cur", "tmp"} {
		in.must(os.MkdirAll(in.path("reports", sub), 0o700))
	}
	for i, to := range senders {
		status, said := "5.2.2", "552 5.2.2 Mailbox full"
		if i%3 == 0 {
			status, said = "5.1.1", "550 5.1.1 User unknown"
		}
		text := fmt.Sprintf("From: MAILER-DAEMON@mx.example\r\nTo: %s\r\nMessage-ID: <%d@mx.example>\r\nMIME-Version: 1.0\r\n"+
			"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"+
			"Reporting-MTA: dns; mx.example\r\n\r\nAction: failed\r\nStatus: %s\r\nDiagnostic-Code: smtp; %s\r\n\r\n--b--\r\n", to, i, status, said)
		in.must(os.WriteFile(in.path("reports", "new", fmt.Sprintf("%06d.mx", i)), []byte(text), 0o600))
	}
}

// awaitReports waits until no more than so many are left in the Maildir.
func (in *installation) awaitReports(left int) {
	in.t.Helper()
	n := 0
	if !wait(func() bool {
		entries, err := os.ReadDir(in.path("reports", "new"))
		in.must(err)
		n = len(entries)
		return n <= left
	}, 5*time.Millisecond) {
		in.t.Fatalf("%d reports are left, and should be %d; the daemon's log:\n%s", n, left, in.log())
	}
}

func (in *installation) judgeReports(n int) {
	in.t.Helper()
	counted := map[press.ID]int{}
	suppressed := 0
	for line := range strings.Lines(in.run(nil, "bounces", "--limit", "0", "--json")) {
		var e press.ReportEntry
		in.must(json.Unmarshal([]byte(line), &e))
		counted[e.Delivery]++
		if e.Did == "suppress" {
			suppressed++
		}
	}
	for id, times := range counted {
		if times != 1 || id.IsZero() {
			in.t.Errorf("delivery %s has %d reports", id, times)
		}
	}
	events := strings.Count(in.run(nil, "log", "--state", "bounced", "--limit", "0", "--json"), "\n")
	if want := (n + 2) / 3; len(counted) != n || events != n || suppressed != want {
		in.t.Errorf("%d deliveries with a report, %d events, %d suppressions; want %d, %d, %d", len(counted), events, suppressed, n, n, want)
	}
}
