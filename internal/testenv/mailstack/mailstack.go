package mailstack

import (
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The recipients, by what becomes of their mail; the package's comment tells
// more of each.
const (
	Reader  = "reader@newsroom.test"  // has a mailbox
	Full    = "full@newsroom.test"    // has one that is over quota
	Nobody  = "nobody@newsroom.test"  // unknown to Dovecot
	Strict  = "nobody@strict.test"    // unknown to Postfix, which says so at RCPT
	Refused = "reader@refused.test"   // refused by another server
	Down    = "reader@down.test"      // whose server is down
	Bounces = "bounces@dateline.test" // the mailbox of reports
)

// ListenerDomain is the one whose mail goes to Options.BouncesTo.
const ListenerDomain = "listener.test"

// Options are what a test may choose.
type Options struct {
	// BouncesTo is where mail for listener.test goes: host:port, or the absolute
	// path of a Unix socket that everybody may connect to. Nobody needs to listen
	// yet. Where it is empty, the domain is down.
	BouncesTo string
	// BySMTP says that it is spoken to by SMTP, not LMTP.
	BySMTP bool
}

// Stack is a running Postfix and Dovecot.
type Stack struct {
	// Each is 127.0.0.1:port.
	SMTP        string // Postfix; STARTTLS, not needed but for AUTH
	IMAP, IMAPS string // Dovecot; with STARTTLS, with TLS from the first byte
	POP3, POP3S string // likewise
	LMTP        string // Dovecot's own, without TLS
	LMTPSocket  string // the same, the path of a Unix socket
	Password    string // of each mailbox; the user name is its address
	CAs         *x509.CertPool
	CAFile      string // the same, as PEM
	folder      string
	running     *running
}

// Start starts both servers. They end with the test.
func Start(t testing.TB, o Options) *Stack {
	t.Helper()
	s, err := start(o)
	if err != nil {
		t.Fatalf("starting Postfix and Dovecot for the test: %v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(s.logs())
		}
		if err := s.running.stop(); err != nil {
			t.Errorf("ending Postfix and Dovecot: %v", err)
		}
	})
	return s
}

// logs are the ends of both logs.
func (s *Stack) logs() string {
	const most = 8 << 10
	var all strings.Builder
	for _, name := range []string{"postfix.log", "dovecot.log"} {
		text, err := os.ReadFile(filepath.Join(s.folder, name))
		if err != nil {
			text = []byte(err.Error())
		}
		fmt.Fprintf(&all, "%s:\n%s\n", name, text[max(0, len(text)-most):])
	}
	return all.String()
}
