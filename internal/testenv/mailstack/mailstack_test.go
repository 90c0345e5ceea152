package mailstack

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/smtp"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dateline/internal/dsn"
	"dateline/internal/mailbox"
	"dateline/internal/press"
	"dateline/internal/relay"
)

// patience is for one report; that of down.test's end takes 20 seconds.
const patience = time.Minute

// copyNumber is a delivery of this test: its ENVID and its token tell its number.
type copyNumber byte

func (n copyNumber) id() press.ID { return press.ID{15: byte(n)} }

func (n copyNumber) token() string {
	return "a01" + strings.Repeat("a", 41) + string('a'+rune(n))
}

func (n copyNumber) sender(domain string) press.Address {
	return press.Address("bounces+" + n.token() + "@" + domain)
}

// send hands one copy to Postfix, over TLS and as somebody who has a password.
func send(t *testing.T, s *Stack, from, to press.Address, n copyNumber) press.Outcome {
	t.Helper()
	host, port, err := net.SplitHostPort(s.SMTP)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	session, err := relay.Dial(t.Context(), relay.Options{
		Host: host, Port: number, TLS: "required", Roots: s.CAs, Username: Bounces, Password: s.Password,
		Delivered: true, Hello: "localhost", Timeout: 20 * time.Second, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	message := []byte(fmt.Sprintf("From: <press@dateline.test>\r\nTo: <%s>\r\nMessage-ID: <%d@dateline.test>\r\nSubject: Copy %d\r\n\r\nThe text.\r\n", to, n, n))
	outcome := session.Send(press.Envelope{Delivery: n.id(), From: from, To: to}.Of(message), message, nil)
	if err := session.Close(); err != nil {
		t.Error(err)
	}
	return outcome
}

// reports is what came back, until the test has seen what it waits for.
type reports chan press.Report

// take is the handler of a way in.
func (r reports) take(_ context.Context, m press.Mail) error {
	all, err := dsn.Read(m)
	for _, one := range all {
		r <- one
	}
	return err
}

// next waits for a report of one copy. Those before may come once more: a way
// in may end between the handler and the removal.
func (r reports) next(t *testing.T, n copyNumber) press.Report {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case one := <-r:
			if one.Token == n.token() {
				return one
			}
		case <-deadline:
			t.Fatalf("no report of copy %d came within %s", n, patience)
		}
	}
}

// during runs a way in until the test is done with it.
func during(t *testing.T, run func(context.Context) error, use func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; ctx.Err() == nil {
			t.Error(err)
		}
	}()
	use()
}

// waysIn are the accounts of the mailbox of reports.
func waysIn(t *testing.T, s *Stack, take mailbox.Handler) map[string]func(context.Context) error {
	settings := mailbox.Settings{Name: "bounces", Retry: 100 * time.Millisecond, Trouble: func(trouble string) {
		if trouble != "" {
			t.Errorf("trouble with the mailbox: %s", trouble)
		}
	}}
	trust := &tls.Config{RootCAs: s.CAs}
	byIMAP := func(address string, security mailbox.Security) func(context.Context) error {
		account := mailbox.IMAP{Settings: settings, Address: address, Security: security, TLS: trust, Username: Bounces, Password: s.Password}
		return func(ctx context.Context) error { return account.Run(ctx, take) }
	}
	byPOP3 := func(address string, security mailbox.Security) func(context.Context) error {
		account := mailbox.POP3{Settings: settings, Address: address, Security: security, TLS: trust, Username: Bounces, Password: s.Password, Poll: 200 * time.Millisecond}
		return func(ctx context.Context) error { return account.Run(ctx, take) }
	}
	return map[string]func(context.Context) error{
		"IMAP with TLS":      byIMAP(s.IMAPS, mailbox.ImplicitTLS),
		"IMAP with STARTTLS": byIMAP(s.IMAP, mailbox.StartTLS),
		"POP3 with TLS":      byPOP3(s.POP3S, mailbox.ImplicitTLS),
		"POP3 with STLS":     byPOP3(s.POP3, mailbox.StartTLS),
	}
}

func TestEachRecipientGetsItsReports(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{})
	in := make(reports, 20)
	want := map[copyNumber]struct {
		to      press.Address
		reports []string
	}{
		1: {Reader, []string{"delivered 2.0.0"}},
		2: {"reader+17@newsroom.test", []string{"delivered 2.0.0"}},
		3: {Full, []string{"failed 5.2.2"}},
		4: {Nobody, []string{"failed 5.1.1"}},
		5: {Refused, []string{"failed 5.7.1"}},
		6: {Down, []string{"delayed 4.4.1", "failed 4.4.1"}},
	}
	during(t, waysIn(t, s, in.take)["IMAP with TLS"], func() {
		missing := 0
		for n, w := range want {
			if o := send(t, s, n.sender("dateline.test"), w.to, n); o.State != press.Accepted {
				t.Errorf("%s: %+v, want it accepted", w.to, o)
			}
			missing += len(w.reports)
		}
		got := map[copyNumber][]string{}
		deadline := time.After(patience)
		for ; missing > 0; missing-- {
			select {
			case r := <-in:
				if r.Token == "" {
					t.Fatalf("a report without a token: %+v", r)
				}
				n := copyNumber(r.Token[len(r.Token)-1] - 'a')
				got[n] = append(got[n], r.Action+" "+r.Status)
				if r.Token != n.token() || r.EnvelopeID != n.id().String() || r.Original != want[n].to || r.MessageID != fmt.Sprintf("%d@dateline.test", n) {
					t.Errorf("copy %d: its report does not tell what it is of: %+v", n, r)
				}
			case <-deadline:
				t.Fatalf("%d reports are missing; came: %q", missing, got)
			}
		}
		for n, w := range want {
			if !slices.Equal(got[n], w.reports) {
				t.Errorf("%s: reported as %q, want %q", w.to, got[n], w.reports)
			}
		}
	})
	if o := send(t, s, copyNumber(7).sender("dateline.test"), Strict, 7); o.State != press.Rejected || o.Verb != "RCPT" || o.Code != 550 || o.Enhanced != "5.1.1" {
		t.Errorf("%s: %+v, want 550 5.1.1 at RCPT", Strict, o)
	}
}

func TestReportsAreReadByEachProtocol(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{})
	in, n := make(reports, 20), copyNumber(0)
	for name, run := range waysIn(t, s, in.take) {
		t.Run(name, func(t *testing.T) {
			n++
			during(t, run, func() {
				send(t, s, n.sender("dateline.test"), Nobody, n)
				if r := in.next(t, n); r.Recipient != Nobody || r.Action != "failed" {
					t.Errorf("got %+v", r)
				}
			})
		})
	}
}

func TestReportsReachAListener(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(openFolder(t), "in")
	for name, c := range map[string]struct {
		network, address string
		bySMTP           bool
	}{
		"LMTP":            {"tcp", "127.0.0.1:0", false},
		"SMTP":            {"tcp", "127.0.0.1:0", true},
		"LMTP, by a path": {"unix", socket, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ln, err := (&net.ListenConfig{}).Listen(t.Context(), c.network, c.address)
			if err != nil {
				t.Fatal(err)
			}
			openSocket(t, ln.Addr())
			in := make(reports, 20)
			l := mailbox.Listener{
				Settings: mailbox.Settings{Name: "bounces"}, Domain: "listener.test", LMTP: !c.bySMTP,
				Accepts: func(a press.Address) bool { return strings.Contains(string(a), copyNumber(1).token()) },
			}
			s := Start(t, Options{BouncesTo: ln.Addr().String(), BySMTP: c.bySMTP})
			during(t, func(ctx context.Context) error { return l.Serve(ctx, ln, in.take) }, func() {
				send(t, s, copyNumber(1).sender(ListenerDomain), Nobody, 1)
				if r := in.next(t, 1); r.Recipient != Nobody || r.Action != "failed" {
					t.Errorf("got %+v", r)
				}
			})
		})
	}
}

// What a real server offers is what the tests against this one are for.
func TestPostfixOffersWhatDatelineUses(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{})
	client, err := smtp.Dial(s.SMTP)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, name := range []string{"PIPELINING", "DSN", "SMTPUTF8", "8BITMIME", "SIZE", "ENHANCEDSTATUSCODES", "STARTTLS"} {
		if offered, _ := client.Extension(name); !offered {
			t.Errorf("%s is not offered", name)
		}
	}
	if err := client.StartTLS(&tls.Config{ServerName: "localhost", RootCAs: s.CAs}); err != nil {
		t.Fatal(err)
	}
	if _, mechanisms := client.Extension("AUTH"); !strings.Contains(mechanisms, "PLAIN") {
		t.Errorf("AUTH is offered with %q, want PLAIN among them", mechanisms)
	}
	if err := client.Mail("x@dateline.test"); err != nil {
		t.Fatal(err)
	}
	if err := client.Rcpt("x@elsewhere.example"); err == nil || !strings.Contains(err.Error(), "Relay access denied") {
		t.Errorf("mail for elsewhere gave %v, want it denied", err)
	}
	// After this the client says QUIT.
	if err := client.Auth(smtp.PlainAuth("", Reader, "wrong", "127.0.0.1")); err == nil {
		t.Error("a wrong password was taken")
	}
}
