package relay

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"dateline/internal/press"
)

// Session is one open connection to a relay. It is for one goroutine, but for Cut.
type Session struct {
	options Options
	raw     net.Conn      // the socket, under TLS where that is on
	in      *bufio.Reader // what the relay says
	out     *bufio.Writer // a group longer than its buffer goes past it, in one write
	can     abilities
	buffer  []byte  // the group that is written, used again for each
	refused bool    // the last transaction was; the next one begins with RSET
	opened  *opened // the next transaction, where it went out with the last message
	broken  error
	cut     atomic.Bool
	secure  *tls.ConnectionState // nil: plain text
}

// TLS tells by which TLS the session is kept from others; false: by none.
func (s *Session) TLS() (tls.ConnectionState, bool) {
	if s.secure == nil {
		return tls.ConnectionState{}, false
	}
	return *s.secure, true
}

// Broken says why the session takes no further message; nil while it does.
func (s *Session) Broken() error { return s.broken }

// Close says goodbye, without waiting for an answer, and closes the connection.
func (s *Session) Close() error {
	s.Abandon()
	if s.broken == nil && s.deadline(time.Second) == nil {
		_, _ = s.write([]byte("QUIT\r\n")) // a courtesy; the connection is closed either way
	}
	s.fail(errors.New("the session was closed"))
	if err := s.raw.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("relay %s: closing: %w", s.options.Name, err)
	}
	return nil
}

// Cut ends whatever the session is at, from another goroutine: nobody waits for
// its relay any longer. Send then tells what became of its message: unknown where
// the last byte had left.
func (s *Session) Cut() {
	s.cut.Store(true)
	_ = s.raw.Close() // it is given up
}

// Noop keeps an idle session open, and tells whether it still is. While the
// relay waits for the data of an opened message it says nothing: the relay would
// take it for data.
func (s *Session) Noop() error {
	if s.broken != nil || (s.opened != nil && s.opened.refusal == nil) {
		return s.broken
	}
	r, err := s.ask("NOOP\r\n")
	if err == nil && r.code/100 != 2 {
		err = fmt.Errorf("NOOP was answered %s", r)
	}
	s.fail(err)
	return err
}

// Send runs one transaction. It never returns an error: whatever happens is an
// outcome. Neither it nor what broke the session tells a recipient's address,
// though the server may have: both end up in logs.
//
// With ahead, the envelope of the message that comes next, its transaction is
// opened in the same write where the relay can and its instant has come; the
// next Send must then be for that envelope, or Abandon must come before.
func (s *Session) Send(e press.Envelope, message []byte, ahead *press.Envelope) press.Outcome {
	o := s.send(e.Of(message), message, ahead)
	o.Relay = s.options.Name
	o.At = s.options.Now()
	if s.cut.Load() && s.broken != nil {
		o.Text += "; the daemon stopped, and waited no longer"
	}
	s.hide(&o.Text, e.To)
	if ahead == nil {
		return o
	}
	s.hide(&o.Text, ahead.To)
	if s.opened != nil && s.opened.refusal != nil {
		s.hide(&s.opened.refusal.Text, e.To) // its own Send hides its own
	}
	return o
}

// hide takes a recipient out of a text and out of what broke the session, in
// each form in which a relay may have been told it.
func (s *Session) hide(text *string, a press.Address) {
	if s.broken == nil && strings.IndexByte(*text, '@') < 0 {
		return // seen at once, because it is asked of every message
	}
	for _, form := range told(a) {
		*text = hide(*text, form, "[recipient]")
		s.broken = hideIn(s.broken, form, "[recipient]")
	}
}

func (s *Session) send(e press.Envelope, message []byte, ahead *press.Envelope) press.Outcome {
	if s.opened != nil && !s.opened.isFor(e) {
		s.Abandon()
	}
	open := s.opened
	s.opened = nil
	switch {
	case open != nil && open.refusal != nil:
		return *open.refusal
	case s.broken != nil:
		return unsent("", "the session was broken before: "+s.broken.Error())
	}
	if o, ok := s.check(e, open); !ok {
		if open != nil {
			s.discard(errors.New("a transaction was opened for a message that may not go: " + o.Text))
		}
		return o
	}
	if open == nil {
		if o := s.open(e); o != nil {
			return *o
		}
	}
	return s.data(message, ahead)
}

// check holds a message against its instant and the relay's limits. It is rule
// 1's third check, the last one before the dialogue.
func (s *Session) check(e press.Envelope, open *opened) (press.Outcome, bool) {
	if now := s.options.Now(); now.Before(e.NotBefore) {
		return unsent("", fmt.Sprintf("not before %s; it is %s", e.NotBefore.Format(time.RFC3339Nano), now.Format(time.RFC3339Nano))), false
	}
	if o, ok := s.can.carry(e); !ok {
		return o, false
	}
	if open != nil && e.EightBit && !open.envelope.EightBit {
		return unsent("DATA", "the message holds bytes beyond ASCII, and its transaction was opened for one that does not: Envelope.EightBit is wanted"), false
	}
	return press.Outcome{}, true
}

// unsent is the outcome of a message of which nothing was handed over.
func unsent(verb, why string) press.Outcome {
	return press.Outcome{State: press.Planned, Verb: verb, Text: why}
}

func (s *Session) fail(err error) {
	if s.broken == nil {
		s.broken = err
	}
}

// discard ends the connection at once, so that the relay drops the transaction
// that is under way: it must cancel it, and must not undo one that it has
// completed (RFC 5321, section 4.1.1.10).
func (s *Session) discard(why error) {
	s.fail(why)
	_ = s.raw.Close() // nothing more is expected of it
}

func (s *Session) deadline(d time.Duration) error { return s.raw.SetDeadline(time.Now().Add(d)) }

// write hands a group to the system in one piece, and tells how many of its
// bytes went.
func (s *Session) write(group []byte) (int, error) {
	n, err := s.out.Write(group)
	if err == nil {
		err = s.out.Flush()
		n -= s.out.Buffered() // of what went through the buffer; nothing where all went
	}
	return n, err
}

// ask writes one command and reads its answer.
func (s *Session) ask(line string) (reply, error) {
	if err := s.deadline(s.options.Timeout); err != nil {
		return reply{}, err
	}
	if _, err := s.write([]byte(line)); err != nil {
		return reply{}, err
	}
	return readReply(s.in)
}

// inStep tells what the relay has said beyond what it was asked. What it says
// next would be read as the answer to something else.
func (s *Session) inStep() error {
	n := s.in.Buffered()
	if n == 0 {
		return nil
	}
	said, _ := s.in.Peek(min(n, 80)) // it is there
	return fmt.Errorf("the relay speaks unasked: %s", printable(said))
}

// patience is the longest wait for what a relay may still say after a write has
// failed.
const patience = time.Second

// lastWord reads what a relay said before it hung up.
func (s *Session) lastWord() (reply, bool) {
	if s.deadline(min(patience, s.options.Timeout)) != nil {
		return reply{}, false
	}
	r, err := readReply(s.in)
	return r, err == nil
}
