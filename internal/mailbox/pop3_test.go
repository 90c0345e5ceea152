package mailbox

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"dateline/internal/press"
)

// popServer is a POP3 server for one user, which does what a test says.
type popServer struct {
	mu       sync.Mutex
	messages map[string]string // by unique id
	order    []string
	logins   int
	quits    int
	cutQuits int // that many connections break before QUIT is obeyed
	tls      *tls.Config
}

func newPopServer(t *testing.T, ln net.Listener, messages ...string) *popServer {
	t.Helper()
	s := &popServer{messages: map[string]string{}}
	for n, text := range messages {
		uid := fmt.Sprintf("uid%04d", n+1)
		s.messages[uid] = text
		s.order = append(s.order, uid)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { s.serve(c) })
		}
	})
	t.Cleanup(func() { ln.Close(); wg.Wait() })
	return s
}

func (s *popServer) left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.order)
}

func (s *popServer) serve(c net.Conn) {
	defer func() { c.Close() }()
	fmt.Fprint(c, "+OK hello\r\n")
	in := bufio.NewScanner(c)
	s.mu.Lock()
	view := append([]string(nil), s.order...)
	s.mu.Unlock()
	deleted := map[string]bool{}
	for in.Scan() {
		verb, arg, _ := strings.Cut(in.Text(), " ")
		n := 0
		_, _ = fmt.Sscan(arg, &n)
		switch verb {
		case "STLS":
			fmt.Fprint(c, "+OK go\r\n")
			c = tls.Server(c, s.tls)
			in = bufio.NewScanner(c)
		case "USER":
			fmt.Fprint(c, "+OK\r\n")
		case "PASS":
			s.mu.Lock()
			s.logins++
			s.mu.Unlock()
			if arg != "geheim wort" {
				fmt.Fprint(c, "-ERR [AUTH] no password of anna@example.org\r\n")
				return
			}
			fmt.Fprint(c, "+OK\r\n")
		case "UIDL":
			fmt.Fprint(c, "+OK\r\n")
			for i, uid := range view {
				fmt.Fprintf(c, "%d %s\r\n", i+1, uid)
			}
			fmt.Fprint(c, ".\r\n")
		case "RETR":
			s.mu.Lock()
			text := s.messages[view[n-1]]
			s.mu.Unlock()
			fmt.Fprintf(c, "+OK\r\n%s\r\n.\r\n", text)
		case "DELE":
			deleted[view[n-1]] = true
			fmt.Fprint(c, "+OK\r\n")
		case "QUIT":
			s.quit(c, deleted)
			return
		}
	}
}

func (s *popServer) quit(c net.Conn, deleted map[string]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cutQuits > 0 {
		s.cutQuits--
		return
	}
	s.quits++
	var kept []string
	for _, uid := range s.order {
		if !deleted[uid] {
			kept = append(kept, uid)
		}
	}
	s.order = kept
	fmt.Fprint(c, "+OK\r\n")
}

func popClient(o *operator, ln net.Listener) POP3 {
	return POP3{Settings: o.settings(), Address: ln.Addr().String(), Security: NoTLS, Username: "anna@example.org", Password: "geheim wort", Poll: time.Millisecond}
}

func TestAPOP3AccountIsReadAndEmptiedInSmallSessions(t *testing.T) {
	serverTLS, clientTLS := testCA(t)
	for _, security := range []Security{ImplicitTLS, StartTLS, NoTLS} {
		t.Run(string(security), func(t *testing.T) {
			var messages []string
			for n := range 250 {
				messages = append(messages, fmt.Sprintf("Subject: %d\r\n\r\n..dot", n))
			}
			ln := listen(t)
			address := ln
			if security == ImplicitTLS {
				ln = tls.NewListener(ln, serverTLS)
			}
			s, in, o := newPopServer(t, ln, messages...), newIntake(), newOperator()
			s.tls = serverTLS
			client := popClient(o, address)
			client.Security, client.TLS, client.Poll = security, clientTLS, time.Hour
			runs(t, func(ctx context.Context) error { return client.Run(ctx, in.handle) })
			for n := range 250 {
				m := in.next(t)
				if want := fmt.Sprintf("Subject: %d\n\n.dot\n", n); string(m.Raw) != want || m.Ref != fmt.Sprintf("uid%04d", n+1) {
					t.Fatalf("got %q of %s, want %q", m.Raw, m.Ref, want)
				}
			}
			eventually(t, "the account is empty", func() bool { return s.left() == 0 })
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.quits != 3 {
				t.Errorf("250 messages in %d sessions, want 3", s.quits)
			}
		})
	}
}

func TestAPOP3ConnectionThatBreaksBeforeQUITHandlesOnce(t *testing.T) {
	ln, in, o := listen(t), newIntake(), newOperator()
	s := newPopServer(t, ln, "one", "two")
	s.mu.Lock()
	s.cutQuits = 2
	s.mu.Unlock()
	client := popClient(o, ln)
	runs(t, func(ctx context.Context) error { return client.Run(ctx, in.handle) })
	eventually(t, "the account is empty", func() bool { return s.left() == 0 })
	if len(in.got) != 2 {
		t.Errorf("handled %d times, want 2", len(in.got))
	}
	o.hears(t, "QUIT")
	o.hears(t, "")
}

func TestOnePOP3MessageThatFailsStaysAndOthersGoOn(t *testing.T) {
	ln, in, o := listen(t), newIntake(), newOperator()
	s := newPopServer(t, ln, "bad", "good")
	tries := 0
	in.fail = func(m press.Mail) error {
		if strings.HasPrefix(string(m.Raw), "bad") {
			if tries++; tries < 4 {
				return errors.New("the disk is full")
			}
		}
		return nil
	}
	client := popClient(o, ln)
	runs(t, func(ctx context.Context) error { return client.Run(ctx, in.handle) })
	o.hears(t, "the disk is full")
	o.hears(t, "")
	eventually(t, "the account is empty", func() bool { return s.left() == 0 })
	if len(in.got) != 5 {
		t.Errorf("handled %d times, want 4 and 1", len(in.got))
	}
}

func TestALongPOP3MessageIsCutAndTheNextIsRead(t *testing.T) {
	ln, in, o := listen(t), newIntake(), newOperator()
	s := newPopServer(t, ln, strings.Repeat("x", 10<<20), "next")
	client := popClient(o, ln)
	client.MaxBytes = 1000
	runs(t, func(ctx context.Context) error { return client.Run(ctx, in.handle) })
	if m := in.next(t); len(m.Raw) != 1000 {
		t.Errorf("%d bytes of it came in", len(m.Raw))
	}
	if m := in.next(t); string(m.Raw) != "next\n" {
		t.Errorf("got %q", m.Raw)
	}
	eventually(t, "the account is empty", func() bool { return s.left() == 0 })
}

func TestARefusedPOP3PasswordIsToldAndNotTriedAgainSoon(t *testing.T) {
	ln, in, o := listen(t), newIntake(), newOperator()
	s := newPopServer(t, ln, "one")
	client := popClient(o, ln)
	client.Password = "falsch"
	stop := runs(t, func(ctx context.Context) error { return client.Run(ctx, in.handle) })
	o.hears(t, "refused the user name or the password")
	stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.logins != 1 || strings.Contains(o.logged(), "falsch") || strings.Contains(o.logged(), "anna@") {
		t.Errorf("%d logins; the log: %s", s.logins, o.logged())
	}
}

func TestAPOP3ServerThatMisbehavesIsTroubleAndNoMore(t *testing.T) {
	for name, c := range map[string]struct{ says, words string }{
		"hangs":           {"", "does not answer"},
		"hangs later":     {"+OK hello\r\n", "does not answer"},
		"is no server":    {"220 smtp.example.org ESMTP\r\n", "neither +OK nor -ERR"},
		"is busy":         {"-ERR [SYS/TEMP] later, anna@example.org\r\n", "SYS/TEMP"},
		"a line of 10 MB": {strings.Repeat("x", 10<<20), "more than it may"},
		"no unique ids":   {"+OK\r\n+OK\r\n+OK\r\n+OK\r\nx y\r\n.\r\n", "no list of unique ids"},
		"is in use":       {"+OK\r\n+OK\r\n-ERR [IN-USE] by another\r\n", "IN-USE"},
	} {
		t.Run(name, func(t *testing.T) {
			ln, in, o := listen(t), newIntake(), newOperator()
			serveScript(t, ln, c.says)
			client := popClient(o, ln)
			client.Timeout, client.Retry, client.MaxRetry = 100*time.Millisecond, time.Hour, time.Hour
			if strings.Contains(name, "10 MB") {
				client.Timeout = patience
			}
			runs(t, func(ctx context.Context) error { return client.Run(ctx, in.handle) })
			if got := o.hears(t, c.words); strings.Contains(got, "@") {
				t.Errorf("it names an address: %s", got)
			}
		})
	}
}

func TestBytesSentBeforeTLSAreNotTrusted(t *testing.T) {
	ln, in, o := listen(t), newIntake(), newOperator()
	serveScript(t, ln, "+OK hello\r\n+OK go\r\n+OK injected\r\n")
	client := popClient(o, ln)
	client.Security, client.Retry = StartTLS, time.Hour
	client.MaxRetry = time.Hour
	runs(t, func(ctx context.Context) error { return client.Run(ctx, in.handle) })
	o.hears(t, "before TLS was taken up")
}

func TestACertificateOfAnotherPoolIsNeverTrusted(t *testing.T) {
	serverTLS, _ := testCA(t)
	_, otherPool := testCA(t)
	for name, run := range map[string]func(o *operator, address string) func(context.Context) error{
		"IMAP": func(o *operator, address string) func(context.Context) error {
			c := IMAP{Settings: o.settings(), Address: address, Security: ImplicitTLS, TLS: otherPool}
			return func(ctx context.Context) error { return c.Run(ctx, newIntake().handle) }
		},
		"POP3": func(o *operator, address string) func(context.Context) error {
			c := POP3{Settings: o.settings(), Address: address, Security: ImplicitTLS, TLS: otherPool}
			return func(ctx context.Context) error { return c.Run(ctx, newIntake().handle) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			ln, o := listen(t), newOperator()
			serveScript(t, tls.NewListener(ln, serverTLS), "* OK\r\n")
			runs(t, run(o, ln.Addr().String()))
			o.hears(t, "certificate")
		})
	}
}

// FuzzPOP3 says anything to the client: it must come to an end, and hand on
// nothing beyond its bound.
func FuzzPOP3(f *testing.F) {
	f.Add("+OK\r\n+OK\r\n+OK\r\n+OK\r\n1 a\r\n.\r\n+OK\r\nhello\r\n.\r\n+OK\r\n+OK\r\n")
	f.Add("+OK\r\n+OK\r\n+OK\r\n+OK\r\n1 a\r\n")
	f.Fuzz(func(t *testing.T, says string) {
		client := POP3{Settings: Settings{MaxBytes: 10}.withDefaults(), Address: "x:1", Security: NoTLS, Timeout: patience}
		client.Dial = func(context.Context, string, string) (net.Conn, error) {
			return &cannedConn{says: strings.NewReader(says)}, nil
		}
		_, _, _ = client.session(context.Background(), func(_ context.Context, m press.Mail) error {
			if len(m.Raw) > 10 {
				t.Errorf("%d bytes", len(m.Raw))
			}
			return nil
		}, newLater(newWatch(client.Settings)))
	})
}

// cannedConn says what it was given, whatever it is told.
type cannedConn struct {
	net.Conn
	says *strings.Reader
}

func (c *cannedConn) Read(b []byte) (int, error)  { return c.says.Read(b) }
func (c *cannedConn) Write(b []byte) (int, error) { return len(b), nil }
func (c *cannedConn) Close() error                { return nil }
