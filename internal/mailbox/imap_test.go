package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"dateline/internal/press"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// imapServer is emersion's server, with one user.
type imapServer struct {
	address string
	user    *imapmemserver.User
	deaf    bool // IDLE is taken up, and tells of nothing
	mu      sync.Mutex
	logins  int
}

type countedSession struct {
	imapserver.Session
	server *imapServer
}

func (s countedSession) Login(user, password string) error {
	s.server.mu.Lock()
	s.server.logins++
	s.server.mu.Unlock()
	return s.Session.Login(user, password)
}

func (s countedSession) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	if s.server.deaf {
		<-stop
		return nil
	}
	return s.Session.Idle(w, stop)
}

func (s *imapServer) loggedIn() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins
}

func newIMAPServer(t *testing.T, ln net.Listener, caps imap.CapSet, starttls *tls.Config) *imapServer {
	t.Helper()
	s := &imapServer{address: ln.Addr().String(), user: imapmemserver.NewUser("anna@example.org", "geheim")}
	for _, name := range []string{"INBOX", "Other"} {
		if err := s.user.Create(name, nil); err != nil {
			t.Fatal(err)
		}
	}
	memory := imapmemserver.New()
	memory.AddUser(s.user)
	server := imapserver.New(&imapserver.Options{
		Caps: caps, InsecureAuth: true, TLSConfig: starttls, Logger: slog.NewLogLogger(slog.DiscardHandler, 0),
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			inner := memory.NewSession()
			if m, ok := inner.(mover); ok && caps.Has(imap.CapMove) {
				return movingSession{countedSession{inner, s}, m}, nil, nil
			}
			return countedSession{inner, s}, nil, nil
		},
	})
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return s
}

type mover interface {
	Move(w *imapserver.MoveWriter, numSet imap.NumSet, dest string) error
}

// movingSession has MOVE, which the server asks for by its type.
type movingSession struct {
	countedSession
	mover
}

type literal struct {
	*strings.Reader
	size int64
}

func (l literal) Size() int64 { return l.size }

func (s *imapServer) put(t *testing.T, text string, flags ...imap.Flag) {
	t.Helper()
	if _, err := s.user.Append("INBOX", literal{strings.NewReader(text), int64(len(text))}, &imap.AppendOptions{Flags: flags}); err != nil {
		t.Fatal(err)
	}
}

func (s *imapServer) holds(folder string) int {
	status, err := s.user.Status(folder, &imap.StatusOptions{NumMessages: true})
	if err != nil {
		return -1
	}
	return int(*status.NumMessages)
}

func (s *imapServer) client(o *operator) IMAP {
	return IMAP{Settings: o.settings(), Address: s.address, Security: NoTLS, Username: "anna@example.org", Password: "geheim", Poll: 5 * time.Minute}
}

func rev1(more ...imap.Cap) imap.CapSet {
	caps := imap.CapSet{imap.CapIMAP4rev1: {}}
	for _, c := range more {
		caps[c] = struct{}{}
	}
	return caps
}

func TestAnIMAPFolderIsReadAndEmptied(t *testing.T) {
	serverTLS, clientTLS := testCA(t)
	for name, c := range map[string]struct {
		security Security
		caps     imap.CapSet
		moveTo   string
		folder   int // how many are left in it
	}{
		"TLS, delete, UIDPLUS":             {ImplicitTLS, rev1(imap.CapUIDPlus, imap.CapIdle), "", 0},
		"STARTTLS, delete, EXPUNGE":        {StartTLS, rev1(), "", 0},
		"no TLS, move":                     {NoTLS, rev1(imap.CapUIDPlus, imap.CapMove, imap.CapIdle), "Other", 0},
		"no TLS, copy, UIDPLUS":            {NoTLS, rev1(imap.CapUIDPlus), "Other", 0},
		"no TLS, move to what is not made": {NoTLS, rev1(imap.CapUIDPlus), "Fresh", 0},
	} {
		t.Run(name, func(t *testing.T) {
			ln := listen(t)
			if c.security == ImplicitTLS {
				ln = tls.NewListener(ln, serverTLS)
			}
			s, in, o := newIMAPServer(t, ln, c.caps, serverTLS), newIntake(), newOperator()
			for range 40 {
				s.put(t, "Subject: x\r\n\r\n"+strings.Repeat("y", 100))
			}
			client := s.client(o)
			client.Security, client.TLS, client.MoveTo, client.MaxBytes = c.security, clientTLS, c.moveTo, 50
			runs(t, func(ctx context.Context) error { return client.Run(ctx, in.handle) })
			refs := map[string]bool{}
			for range 40 {
				m := in.next(t)
				refs[m.Ref] = true
				if len(m.Raw) != 50 || m.Format != press.FormatMessage || m.At.IsZero() {
					t.Fatalf("got %+v", m)
				}
			}
			if len(refs) != 40 {
				t.Errorf("%d refs for 40 messages", len(refs))
			}
			eventually(t, "the folder is empty", func() bool { return s.holds("INBOX") == c.folder })
			if c.moveTo != "" {
				eventually(t, "all are moved", func() bool { return s.holds(c.moveTo) == 40 })
			}
		})
	}
}

func TestIDLETellsOfANewMessage(t *testing.T) {
	s, in, o := newIMAPServer(t, listen(t), rev1(imap.CapUIDPlus, imap.CapIdle), nil), newIntake(), newOperator()
	runs(t, func(ctx context.Context) error { return s.client(o).Run(ctx, in.handle) })
	for range 3 { // the poll is minutes away
		s.put(t, "Subject: x\r\n\r\ny")
		in.next(t)
	}
	eventually(t, "the folder is empty", func() bool { return s.holds("INBOX") == 0 })
}

// Where IDLE is missing, or tells of nothing, the poll finds what came.
func TestThePollFindsWhatNobodyToldOf(t *testing.T) {
	for name, caps := range map[string]imap.CapSet{"no IDLE": rev1(imap.CapUIDPlus), "an IDLE that tells nothing": rev1(imap.CapUIDPlus, imap.CapIdle)} {
		t.Run(name, func(t *testing.T) {
			s, in, o := newIMAPServer(t, listen(t), caps, nil), newIntake(), newOperator()
			s.deaf = true
			client := s.client(o)
			client.Poll = 5 * time.Millisecond
			runs(t, func(ctx context.Context) error { return client.Run(ctx, in.handle) })
			for range 3 {
				s.put(t, "Subject: x\r\n\r\ny")
				in.next(t)
			}
			eventually(t, "the folder is empty", func() bool { return s.holds("INBOX") == 0 })
			if s.loggedIn() != 1 {
				t.Errorf("%d logins: the poll is no new connection", s.loggedIn())
			}
		})
	}
}

func TestOneIMAPMessageThatFailsStaysAndOthersGoOn(t *testing.T) {
	s, in, o := newIMAPServer(t, listen(t), rev1(imap.CapUIDPlus, imap.CapIdle), nil), newIntake(), newOperator()
	tries := 0
	in.fail = func(m press.Mail) error {
		if strings.Contains(string(m.Raw), "bad") {
			if tries++; tries < 4 {
				return errors.New("the disk is full")
			}
		}
		return nil
	}
	s.put(t, "Subject: bad\r\n\r\ny")
	s.put(t, "Subject: good\r\n\r\ny")
	runs(t, func(ctx context.Context) error { return s.client(o).Run(ctx, in.handle) })
	o.hears(t, "the disk is full")
	o.hears(t, "")
	eventually(t, "the folder is empty", func() bool { return s.holds("INBOX") == 0 })
	if len(in.got) != 5 {
		t.Errorf("handled %d times, want 4 and 1", len(in.got))
	}
}

func TestEXPUNGELeavesWhatOthersHaveMarked(t *testing.T) {
	s, in, o := newIMAPServer(t, listen(t), rev1(), nil), newIntake(), newOperator()
	s.put(t, "Subject: theirs\r\n\r\ny", imap.FlagDeleted)
	s.put(t, "Subject: ours\r\n\r\ny")
	client := s.client(o)
	client.Poll = time.Millisecond
	stop := runs(t, func(ctx context.Context) error { return client.Run(ctx, in.handle) })
	in.next(t)
	eventually(t, "ours is marked", func() bool {
		status, err := s.user.Status("INBOX", &imap.StatusOptions{NumDeleted: true})
		return err == nil && status.NumDeleted != nil && *status.NumDeleted == 2
	})
	stop()
	if s.holds("INBOX") != 2 || len(in.got) != 0 {
		t.Errorf("%d messages are left, want 2; handled again: %d", s.holds("INBOX"), len(in.got))
	}
}

func TestAConnectionCutBeforeTheRemovalHandlesOnce(t *testing.T) {
	s, in, o := newIMAPServer(t, listen(t), rev1(imap.CapUIDPlus, imap.CapIdle), nil), newIntake(), newOperator()
	s.put(t, "Subject: x\r\n\r\ny")
	var mu sync.Mutex
	var last net.Conn
	client := s.client(o)
	client.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		mu.Lock()
		defer mu.Unlock()
		last = c
		return c, err
	}
	in.fail = func(press.Mail) error {
		mu.Lock()
		defer mu.Unlock()
		last.Close()
		return nil
	}
	runs(t, func(ctx context.Context) error { return client.Run(ctx, in.handle) })
	eventually(t, "the folder is empty", func() bool { return s.holds("INBOX") == 0 })
	if len(in.got) != 1 {
		t.Errorf("handled %d times", len(in.got))
	}
	o.hears(t, "removing messages")
	o.hears(t, "")
}

func TestARefusedPasswordIsToldAndNotTriedAgainSoon(t *testing.T) {
	s, in, o := newIMAPServer(t, listen(t), rev1(), nil), newIntake(), newOperator()
	client := s.client(o)
	client.Password = "falsch"
	stop := runs(t, func(ctx context.Context) error { return client.Run(ctx, in.handle) })
	o.hears(t, "refused the user name or the password")
	stop()
	if s.loggedIn() != 1 || strings.Contains(o.logged(), "falsch") || strings.Contains(o.logged(), "anna@") {
		t.Errorf("%d logins; the log: %s", s.loggedIn(), o.logged())
	}
}

// Servers of bad days: each says these words and then nothing.
func TestAnIMAPServerThatMisbehavesIsTroubleAndNoMore(t *testing.T) {
	for name, c := range map[string]struct {
		says  string
		words string
	}{
		"hangs before the greeting": {"", "does not answer"},
		"hangs after it":            {"* OK hello\r\n", "does not answer"},
		"is no IMAP server":         {"220 smtp.example.org ESMTP\r\n", "opening the IMAP connection"},
		"a line of 10 MB":           {"* OK " + strings.Repeat("x", 10<<20), "more than it may"},
		"says farewell":             {"* BYE too busy\r\n", "opening the IMAP connection"},
	} {
		t.Run(name, func(t *testing.T) {
			ln, in, o := listen(t), newIntake(), newOperator()
			serveScript(t, ln, c.says)
			client := IMAP{Settings: o.settings(), Address: ln.Addr().String(), Security: NoTLS, Timeout: 100 * time.Millisecond}
			client.Retry, client.MaxRetry = time.Hour, time.Hour
			if strings.Contains(name, "10 MB") {
				client.Timeout = patience
			}
			runs(t, func(ctx context.Context) error { return client.Run(ctx, in.handle) })
			o.hears(t, c.words)
		})
	}
}

// serveScript says the same to every connection, and then waits for its end.
func serveScript(t *testing.T, ln net.Listener, says string) {
	t.Helper()
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				_, _ = io.WriteString(c, says)
				_, _ = io.Copy(io.Discard, c)
			})
		}
	})
	t.Cleanup(func() { ln.Close(); wg.Wait() })
}
