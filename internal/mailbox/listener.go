package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"dateline/internal/press"

	"github.com/emersion/go-smtp"
)

// Listener takes reports by SMTP or LMTP. It takes every sender, the null one
// included, and only those recipients that Accepts knows: nobody can relay
// through it.
type Listener struct {
	Settings
	Domain       string      // what it calls itself
	LMTP         bool        // RFC 2033: an answer for each recipient
	TLS          *tls.Config // nil: no STARTTLS
	Accepts      func(press.Address) bool
	MaxConns     int           // at once: 100 where it is zero
	MaxConnsNet  int           // at once from one /24 or /64: 10 where it is zero
	MaxPerMinute int           // messages, of all senders together: 3000 where it is zero
	Timeout      time.Duration // for each command, and for all of a message: a minute where it is zero
	Longest      time.Duration // for a connection, and again for the message under way then: 15 minutes where it is zero
	Grace        time.Duration // for what is under way at the end: 5 seconds where it is zero
}

func (l Listener) withDefaults() Listener {
	if l.MaxConns <= 0 {
		l.MaxConns = 100
	}
	if l.MaxConnsNet <= 0 {
		l.MaxConnsNet = 10
	}
	if l.MaxPerMinute <= 0 {
		l.MaxPerMinute = 3000
	}
	if l.Timeout <= 0 {
		l.Timeout = time.Minute
	}
	if l.Longest <= 0 {
		l.Longest = 15 * time.Minute
	}
	if l.Grace <= 0 {
		l.Grace = 5 * time.Second
	}
	return l
}

// Serve answers on the listener until the context ends, and closes it. What is
// under way then may take the grace to its end; idle connections are told 421.
func (l Listener) Serve(ctx context.Context, ln net.Listener, h Handler) error {
	if l.Accepts == nil {
		ln.Close()
		return fmt.Errorf("listening for mailbox %s: nothing says which recipients are accepted", l.Name)
	}
	l = l.withDefaults()
	w := newWatch(l.Settings)
	l.Settings = w.Settings

	// A message whose last byte came in is finished though the end has come.
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	door := newDoor(ln, l.MaxConns, l.MaxConnsNet, l.Longest)
	rate := &rate{most: float64(l.MaxPerMinute), left: float64(l.MaxPerMinute), at: time.Now()}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{listener: l, watch: w, ctx: working, handler: h, rate: rate, conn: visitorOf(c.Conn())}, nil
	}))
	server.Domain, server.LMTP, server.TLSConfig = l.Domain, l.LMTP, l.TLS
	server.MaxRecipients = 50
	server.MaxMessageBytes = l.MaxBytes
	server.MaxLineLength = 64 << 10 // RFC 5321 has 1,000; those who bounce mail do not all keep to it
	server.ReadTimeout, server.WriteTimeout = l.Timeout, l.Timeout
	server.EnableSMTPUTF8 = true
	server.EnableDSN = true
	server.ErrorLog = quietLog{l.Log}

	ended := make(chan error, 1)
	go func() { ended <- server.Serve(door) }()
	select {
	case err := <-ended:
		ln.Close()
		door.closeAll()
		_ = server.Shutdown(context.Background()) // waits for the sessions
		return fmt.Errorf("listening for mailbox %s: %w", l.Name, err)
	case <-ctx.Done():
	}
	door.dismiss()
	late := time.AfterFunc(l.Grace, func() {
		cancel()
		door.closeAll()
	})
	defer late.Stop()
	err := server.Shutdown(context.Background()) // waits for the sessions
	ln.Close()                                   // one that was not served yet when the end came is not known to the server
	err = errors.Join(err, <-ended)
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return ctx.Err()
}

// session is one connection's dialogue; go-smtp calls it.
type session struct {
	listener Listener
	watch    *watch
	ctx      context.Context
	handler  Handler
	rate     *rate
	conn     *visitor
	to       []recipient
}

type recipient struct {
	said    string // as the client wrote it
	address press.Address
}

// Mail takes every sender.
func (s *session) Mail(string, *smtp.MailOptions) error {
	if !s.rate.take(time.Now()) {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "Too many messages in this minute: try again later"}
	}
	s.conn.setBusy(true)
	return nil
}

// mostRefused is how many recipients a connection may get wrong. Who guesses
// tokens makes a connection for each handful.
const mostRefused = 20

// Rcpt takes recipients with a valid token.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	a, err := press.ParseAddress(to)
	if err != nil || !s.listener.Accepts(a) {
		s.conn.refuse()
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such recipient here"}
	}
	s.to = append(s.to, recipient{to, a})
	return nil
}

// Reset forgets the envelope.
func (s *session) Reset() {
	s.to = nil
	s.conn.setBusy(false)
}

// Logout has nothing to free.
func (s *session) Logout() error { return nil }

// Data hands a message on, for each recipient. One failure fails it as a whole:
// then it comes again for all.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r) // go-smtp bounds it
	if err != nil {
		return err
	}
	for _, to := range s.to {
		if err := s.handle(raw, to.address); err != nil {
			return err
		}
	}
	return nil
}

// LMTPData answers for each recipient.
func (s *session) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	raw, err := io.ReadAll(r) // go-smtp bounds it
	if err != nil {
		return err
	}
	for _, to := range s.to {
		status.SetStatus(to.said, s.handle(raw, to.address))
	}
	return nil
}

func (s *session) handle(raw []byte, to press.Address) error {
	now := time.Now().UTC()
	err := s.handler(s.ctx, press.Mail{
		Mailbox: s.listener.Name, Ref: digest(raw), Format: press.FormatMessage, To: to, At: now, Raw: raw,
	})
	if err != nil {
		s.watch.tell(fmt.Sprintf("messages cannot be handled, senders are told to try again: %v", err))
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "It could not be stored: try again later"}
	}
	s.watch.tell("")
	return nil
}

// rate is a bucket that fills once a minute.
type rate struct {
	mu         sync.Mutex
	most, left float64
	at         time.Time
}

func (r *rate) take(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left = min(r.most, r.left+r.most*max(0, now.Sub(r.at).Minutes()))
	r.at = now
	if r.left < 1 {
		return false
	}
	r.left--
	return true
}

// quietLog keeps what go-smtp has to say of strangers' sessions for those who
// debug.
type quietLog struct{ log *slog.Logger }

// Printf logs.
func (q quietLog) Printf(format string, v ...any) {
	q.log.Debug("a session ended badly", "why", scrub(fmt.Sprintf(format, v...)))
}

// Println logs.
func (q quietLog) Println(v ...any) {
	q.log.Debug("a session ended badly", "why", scrub(fmt.Sprint(v...)))
}
