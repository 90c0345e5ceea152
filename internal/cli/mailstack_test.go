package cli_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"dateline/internal/press"
	"dateline/internal/testenv"
	"dateline/internal/testenv/mailstack"
)

// TestARealPostfixAndDovecot sends through a real Postfix, which writes its own
// reports to the envelope sender of each copy; they come back by IMAP, by POP3
// and to the daemon's own listener. At the end each copy stands where it should,
// and only dead addresses are suppressed.
func TestARealPostfixAndDovecot(t *testing.T) {
	t.Parallel()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	door := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	stack := mailstack.Start(t, mailstack.Options{BouncesTo: door})
	account := func(kind, address, after string) string {
		host, port, _ := net.SplitHostPort(address)
		return fmt.Sprintf("{name: back, kind: %s, host: %s, port: %s, ca_file: %s, username: %s, password_file: ../password, poll: 1s%s}",
			kind, host, port, stack.CAFile, mailstack.Bounces, after)
	}
	// The last two have one account; whoever looks sees the other's reports, which
	// are about nothing that it knows.
	t.Run("ways in", func(t *testing.T) {
		t.Run("lmtp", func(t *testing.T) {
			t.Parallel()
			back(t, stack, "sqlite:../state/dateline.db", "bounces@"+mailstack.ListenerDomain, "{name: back, kind: lmtp, listen: '"+door+"'}", mailstack.Down)
		})
		t.Run("imap", func(t *testing.T) {
			t.Parallel()
			back(t, stack, testenv.Postgres(t), mailstack.Bounces, account("imap", stack.IMAPS, ", after: move, move_to: Read"), mailstack.Down)
		})
	})
	t.Run("pop3", func(t *testing.T) {
		back(t, stack, "sqlite:../state/dateline.db", mailstack.Bounces, account("pop3", stack.POP3S, ""))
	})
}

// back sends one release by the stack, to one of each kind and to some more, and
// waits for what comes back.
func back(t *testing.T, stack *mailstack.Stack, store, bounces, mailbox string, more ...string) {
	_, smtp, err := net.SplitHostPort(stack.SMTP)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(smtp)
	if err != nil {
		t.Fatal(err)
	}
	in := install(t, store, port)
	in.must(os.WriteFile(in.path("password"), []byte(stack.Password), 0o600))
	in.must(change(in.path("config", "dateline.yaml"),
		`tls: none`, "tls: required\n    ca_file: "+stack.CAFile,
		`from: press@conference.example`, "from: press@conference.example\n    bounces: "+bounces,
		`(?m)^senders:`, "mailboxes: ["+mailbox+"]\nsenders:",
		`(?m)^policies:`, "policies:\n  bounces: {delivery_reports: true}"))
	to := []string{mailstack.Reader, mailstack.Full, mailstack.Nobody, mailstack.Strict, mailstack.Refused}
	to = append(to, more...)
	rows := "name,email,outlet,outlet_kind,country,languages\n"
	for i, a := range to {
		rows += fmt.Sprintf("Contact %d,%s,Outlet %d,wire,UZ,en\n", i, a, i)
	}
	in.must(os.WriteFile(in.path("contacts.csv"), []byte(rows), 0o600))
	in.run(nil, "contacts", "import", "contacts.csv")
	var p planned
	in.must(json.Unmarshal([]byte(in.run([]int{3}, "plan", "alpha", "--json")), &p))
	in.run(nil, "approve", "alpha", "--by", "Anna", "--digest", p.Digest)
	daemon := in.serve()
	want := map[string]int{"delivered": 1, "bounced": 3 + len(more), "rejected": 1}
	var states map[string]int
	if !wait(func() bool { states = in.states("alpha"); return maps.Equal(states, want) }, pollEvery) {
		t.Fatalf("the copies stand at %v, want %v; the daemon's log:\n%s", states, want, in.log())
	}
	// What the relay refused in the dialogue is read a moment later.
	if !wait(func() bool { return strings.Contains(in.run(nil, "bounces", "--json"), `"tie":"dialogue"`) }, pollEvery) {
		t.Fatalf("what the relay refused was not read; the daemon's log:\n%s", in.log())
	}
	in.judgeBack(to)
	in.must(daemon.Process.Signal(os.Interrupt))
	in.must(daemon.Wait())
	if log := in.log(); strings.Contains(log, ".test") && strings.Contains(log, "reader@") {
		t.Errorf("the daemon's log names an address:\n%s", log)
	}
}

// judgeBack holds what came back against what each recipient is there for.
func (in *installation) judgeBack(to []string) {
	in.t.Helper()
	reasons := map[string]press.Reason{} // by recipient: of the bounce
	for line := range strings.Lines(in.run(nil, "bounces", "--kind", "bounce", "--limit", "0", "--addresses", "--json")) {
		var e press.ReportEntry
		in.must(json.Unmarshal([]byte(line), &e))
		if e.Release != "alpha" {
			continue // another house's, out of the same account
		}
		if e.Tie != press.TieToken && e.Tie != press.TieDialogue {
			in.t.Errorf("a report was tied by %q: %+v", e.Tie, e)
		}
		who := string(e.Recipient)
		if e.Tie == press.TieDialogue {
			who = mailstack.Strict
		}
		reasons[who] = e.Reason
	}
	dead := map[string]bool{mailstack.Nobody: true, mailstack.Strict: true}
	for _, a := range to {
		if a == mailstack.Reader {
			if reason, came := reasons[a]; came {
				in.t.Errorf("the copy for %s came back for %s", a, reason)
			}
			continue
		}
		if got := reasons[a]; got == "" || dead[a] != (got.Class() == press.Hard) {
			in.t.Errorf("the copy for %s came back for %q; dead: %v", a, got, dead[a])
		}
		said := in.run(nil, "suppressions", "list", "--address", a)
		if suppressed := strings.Contains(said, "report"); suppressed != dead[a] {
			in.t.Errorf("%s is suppressed: %v, want %v:\n%s", a, suppressed, dead[a], said)
		}
	}
	if reasons[mailstack.Full] != press.ReasonMailboxFull || !reasons[mailstack.Refused].OfSending() {
		in.t.Errorf("the reasons are %v", reasons)
	}
}
