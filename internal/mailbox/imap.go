package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// IMAP is a folder of an account. New messages are heard of by IDLE where the
// server has it, and by looking every Poll in any case.
type IMAP struct {
	Settings
	Address  string // host:port
	Security Security
	TLS      *tls.Config // may be nil; a server name in it goes before that of Address
	Username string
	Password string
	Folder   string        // INBOX where it is ""
	MoveTo   string        // another folder, for what was handled, made where it is missing; "": it is deleted
	Poll     time.Duration // 2 minutes where it is zero, 25 at most: a dead connection is found by it
	Timeout  time.Duration // of the dial and of each command: a minute where it is zero
	Dial     func(ctx context.Context, network, address string) (net.Conn, error)
}

// Run reads the folder until the context ends.
func (i IMAP) Run(ctx context.Context, h Handler) error {
	if err := i.complete(); err != nil {
		return fmt.Errorf("reading mailbox %s by IMAP: %w", i.Name, err)
	}
	w := newWatch(i.Settings)
	i.Settings = w.Settings
	a := &account{IMAP: i, watch: w, handler: h, later: newLater(w)}
	w.again(ctx, a.session)
	return ctx.Err()
}

// complete puts in what is left out, and tells of settings that cannot be.
func (i *IMAP) complete() error {
	if err := i.Security.check(); err != nil {
		return err
	}
	if _, _, err := net.SplitHostPort(i.Address); err != nil {
		return fmt.Errorf("the server must be host:port: %w", err)
	}
	if i.Folder == "" {
		i.Folder = "INBOX"
	}
	if i.MoveTo == i.Folder {
		return errors.New("what was handled cannot be moved to the same folder")
	}
	if i.Poll <= 0 {
		i.Poll = 2 * time.Minute
	}
	i.Poll = min(i.Poll, 25*time.Minute) // RFC 2177 has 29 at most
	if i.Timeout <= 0 {
		i.Timeout = time.Minute
	}
	return nil
}

// account is what is known of an IMAP folder from one connection to the next.
type account struct {
	IMAP
	watch    *watch
	handler  Handler
	later    *later
	validity uint32 // UIDVALIDITY, by which the refs in later were made
}

// imapSession is one connection.
type imapSession struct {
	*account
	conn   *boundedConn
	client *imapclient.Client
	wake   chan struct{}
}

func (a *account) session(ctx context.Context, well func()) error {
	conn, err := dial(ctx, a.Dial, a.Address, a.Timeout)
	if err != nil {
		return fmt.Errorf("connecting to the IMAP server: %w", err)
	}
	s := &imapSession{account: a, conn: conn, wake: make(chan struct{}, 1)}
	if err := s.open(ctx); err != nil {
		conn.Close()
		if s.client != nil {
			_ = s.client.Close() // waits for its reader
		}
		return err
	}
	err = s.serve(ctx, well)
	if ctx.Err() != nil {
		// A word of leave, where the server still listens.
		_ = within(context.WithoutCancel(ctx), time.Second, conn, func() error { return s.client.Logout().Wait() })
	}
	conn.Close()
	_ = s.client.Close() // waits for its reader
	return err
}

// open takes up TLS, logs in and selects the folder.
func (s *imapSession) open(ctx context.Context) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	selected, err := s.selects(ctx, nil)
	if err != nil {
		return err
	}
	if selected.UIDValidity != s.validity {
		if s.validity != 0 {
			s.watch.Log.Warn("the IMAP folder was made anew (another UIDVALIDITY): its messages are read as new ones")
		}
		s.validity = selected.UIDValidity
		s.later = newLater(s.watch)
	}
	return nil
}

func (s *imapSession) selects(ctx context.Context, how *imap.SelectOptions) (selected *imap.SelectData, err error) {
	err = s.do(ctx, 1<<20, func() error {
		selected, err = s.client.Select(s.Folder, how).Wait()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("selecting the IMAP folder %q: %w", s.Folder, err)
	}
	return selected, nil
}

// enter takes up TLS and logs in.
func (s *imapSession) enter(ctx context.Context) error {
	host, _, err := net.SplitHostPort(s.Address)
	if err != nil {
		return err
	}
	options := &imapclient.Options{TLSConfig: tlsFor(s.TLS, host), UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: s.news}}
	err = within(ctx, s.Timeout, s.conn, func() error {
		switch s.Security {
		case ImplicitTLS:
			secure := tls.Client(s.conn, options.TLSConfig)
			if err := secure.HandshakeContext(ctx); err != nil {
				return err
			}
			s.client = imapclient.New(secure, options)
		case StartTLS:
			var err error
			if s.client, err = imapclient.NewStartTLS(s.conn, options); err != nil {
				return err
			}
		case NoTLS:
			s.client = imapclient.New(s.conn, options)
		}
		return s.client.WaitGreeting()
	})
	if err != nil {
		return fmt.Errorf("opening the IMAP connection: %w", err)
	}
	return s.login(ctx)
}

func (s *imapSession) login(ctx context.Context) error {
	if s.client.State() != imap.ConnStateNotAuthenticated {
		return nil // PREAUTH
	}
	err := s.do(ctx, 1<<20, func() error { return s.client.Login(s.Username, s.Password).Wait() })
	if said := (*imap.Error)(nil); errors.As(err, &said) && said.Type == imap.StatusResponseTypeNo && said.Code != imap.ResponseCodeUnavailable && said.Code != imap.ResponseCodeInUse {
		return errRefused
	}
	if err != nil {
		return fmt.Errorf("logging in to the IMAP server: %w", err)
	}
	return nil
}

// do runs a command within its time and its allowance of bytes.
func (s *imapSession) do(ctx context.Context, most int64, command func() error) error {
	s.conn.allow(most)
	return within(ctx, s.Timeout, s.conn, command)
}

// news is called when the server says how many messages there are.
func (s *imapSession) news(data *imapclient.UnilateralDataMailbox) {
	if data.NumMessages == nil {
		return
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// serve reads what is there, and waits for more, until the connection ends.
func (s *imapSession) serve(ctx context.Context, well func()) error {
	for ctx.Err() == nil {
		select {
		case <-s.wake: // the round sees it
		default:
		}
		handling, removing, err := s.round(ctx)
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err() // what broke off at the end is no trouble
		}
		well()
		s.watch.tell(s.later.outcome(handling, removing))
		poll := s.Poll
		if removing != nil {
			poll = min(poll, s.MaxRetry)
		}
		if err := s.wait(ctx, s.later.wait(poll, time.Now())); err != nil {
			return fmt.Errorf("waiting for new messages: %w", err)
		}
	}
	return ctx.Err()
}

// wait is over when the server tells of a message, and after the poll.
func (s *imapSession) wait(ctx context.Context, poll time.Duration) error {
	if !s.client.Caps().Has(imap.CapIdle) {
		pause(ctx, poll, s.wake)
		return nil
	}
	var idle *imapclient.IdleCommand
	err := s.do(ctx, 1<<20, func() error {
		var err error
		idle, err = s.client.Idle()
		return err
	})
	if err != nil {
		return err
	}
	last, cancel := lingering(ctx)
	defer cancel()
	timer := time.NewTimer(poll)
	defer timer.Stop()
	select {
	case <-s.wake:
	case <-timer.C:
	case <-s.client.Closed():
	case <-ctx.Done():
	}
	// The end of IDLE is waited for when all is over, too: its reader must go.
	err = s.do(last, 1<<20, func() error { return errors.Join(idle.Close(), idle.Wait()) })
	if ctx.Err() != nil {
		return nil
	}
	return err
}
