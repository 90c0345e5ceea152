package relay

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"dateline/internal/press"
)

// Session is one open connection to a relay. It is for one goroutine.
type Session struct {
	client  *smtp.Client
	raw     net.Conn
	options Options
	refused bool // the last transaction was; the next one begins with RSET
	broken  error
}

// Broken says why the session takes no further message; nil while it does.
func (s *Session) Broken() error { return s.broken }

// Close says goodbye, without waiting for an answer, and closes the connection.
func (s *Session) Close() error {
	if s.broken == nil && s.deadline(time.Second) == nil {
		_, _ = s.client.Text.W.WriteString("QUIT\r\n") // a courtesy; the connection is closed either way
		_ = s.client.Text.W.Flush()
	}
	s.fail(errors.New("the session was closed"))
	if err := s.raw.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("relay %s: closing: %w", s.options.Name, err)
	}
	return nil
}

// Noop keeps an idle session open, and tells whether it still is.
func (s *Session) Noop() error {
	if s.broken != nil {
		return s.broken
	}
	r, err := s.command("NOOP")
	if err == nil && r.code/100 != 2 {
		err = fmt.Errorf("NOOP was answered %s", r)
	}
	s.fail(err)
	return err
}

// Send runs one transaction. It never returns an error: whatever happens is an
// outcome. Neither it nor what broke the session tells the recipient's address,
// though the server may have: both end up in logs.
func (s *Session) Send(e press.Envelope, message []byte) press.Outcome {
	t := transaction{session: s, envelope: e}
	o := t.run(message)
	o.Text = hide(o.Text, string(e.To), "[recipient]")
	s.broken = hideIn(s.broken, string(e.To), "[recipient]")
	o.Relay = s.options.Name
	o.At = s.options.Now()
	return o
}

func (s *Session) fail(err error) {
	if s.broken == nil {
		s.broken = err
	}
}

func (s *Session) deadline(d time.Duration) error { return s.raw.SetDeadline(time.Now().Add(d)) }

// command writes one line and reads its answer.
func (s *Session) command(line string) (reply, error) {
	if err := s.deadline(s.options.Timeout); err != nil {
		return reply{}, err
	}
	if _, err := s.client.Text.W.WriteString(line + "\r\n"); err != nil {
		return reply{}, err
	}
	if err := s.client.Text.W.Flush(); err != nil {
		return reply{}, err
	}
	return readReply(s.client.Text.R)
}

// transaction is one message on its way through a session.
type transaction struct {
	session  *Session
	envelope press.Envelope
}

func (t transaction) run(message []byte) press.Outcome {
	s := t.session
	if s.broken != nil {
		return press.Outcome{State: press.Planned, Text: "the session was broken before: " + s.broken.Error()}
	}
	// Rule 1's third check: the last one before the dialogue.
	if now := s.options.Now(); now.Before(t.envelope.NotBefore) {
		return press.Outcome{State: press.Planned, Text: fmt.Sprintf("not before %s; it is %s", t.envelope.NotBefore.Format(time.RFC3339Nano), now.Format(time.RFC3339Nano))}
	}
	utf8 := t.envelope.From.NeedsUTF8() || t.envelope.To.NeedsUTF8()
	if can, _ := s.client.Extension("SMTPUTF8"); utf8 && !can {
		return press.Outcome{State: press.Rejected, Verb: "MAIL", Text: "the address is not ASCII and the relay has no SMTPUTF8"}
	}
	if o, refused := t.open(utf8); refused {
		return o
	}
	return t.data(message)
}

// step is one command of a transaction and the answer that lets it go on.
type step struct {
	verb, line string
	good       func(code int) bool
}

func done(code int) bool { return code/100 == 2 }

// steps lead to the data. After a refusal they begin with RSET: without it
// Postfix takes the next message under the last one's sender.
func (t transaction) steps(utf8 bool) []step {
	parameters := ""
	if utf8 {
		parameters = " SMTPUTF8"
	}
	steps := []step{
		{"MAIL", "MAIL FROM:<" + string(t.envelope.From) + ">" + parameters, done},
		{"RCPT", "RCPT TO:<" + string(t.envelope.To) + ">", done},
		{"DATA", "DATA", func(code int) bool { return code == 354 }},
	}
	if t.session.refused {
		steps = append([]step{{"RSET", "RSET", done}}, steps...)
	}
	return steps
}

// open takes the transaction up to the data: in one write where the relay
// offers PIPELINING (RFC 2920), command by command where not. Every answer to a
// group is read, for the one to DATA may be 354 although RCPT was refused.
func (t transaction) open(utf8 bool) (press.Outcome, bool) {
	s := t.session
	steps := t.steps(utf8)
	group := 1
	if pipelined, _ := s.client.Extension("PIPELINING"); pipelined {
		group = len(steps)
	}
	var first *press.Outcome // what the first refusal means
	for len(steps) > 0 {
		now := steps[:group]
		steps = steps[group:]
		if err := s.write(now); err != nil {
			return t.lost(now[0].verb, err), true
		}
		for _, step := range now {
			r, err := readReply(s.client.Text.R)
			switch {
			case err != nil && first == nil:
				return t.lost(step.verb, err), true
			case err != nil:
				s.fail(err)
				return *first, true
			case step.verb == "DATA" && r.code == 354 && first != nil:
				t.abandon()
			case !step.good(r.code) && first == nil:
				o := t.judge(step.verb, r)
				first = &o
			}
		}
		if first != nil {
			return *first, true
		}
	}
	s.refused = false
	return press.Outcome{}, false
}

// write sends commands in one flush.
func (s *Session) write(steps []step) error {
	if err := s.deadline(s.options.Timeout); err != nil {
		return err
	}
	for _, step := range steps {
		if _, err := s.client.Text.W.WriteString(step.line + "\r\n"); err != nil {
			return err
		}
	}
	return s.client.Text.W.Flush()
}

// judge says what a refusal means. What the relay says to MAIL, and a 421 at
// any time, speaks of the sender or of the relay itself: the session ends and
// the delivery stays planned.
func (t transaction) judge(verb string, r reply) press.Outcome {
	t.session.refused = true
	o := outcome(verb, r)
	if (verb != "RCPT" && verb != "DATA") || r.code == 421 || (o.State != press.Deferred && o.State != press.Rejected) {
		t.session.fail(fmt.Errorf("%s was answered %s", verb, r))
		o.State = press.Planned
	}
	return o
}

// abandon ends a transaction whose data the relay waits for although it has
// refused the recipient: a lone dot, with not a byte of the message. After a
// refused sender the relay is not to be trusted with that, so the connection
// ends.
func (t transaction) abandon() {
	s := t.session
	if s.broken != nil {
		return
	}
	r, err := s.command(".")
	if err == nil && r.code/100 == 2 {
		err = fmt.Errorf("an empty message without a recipient was answered %s", r)
	}
	s.fail(err)
}

// data writes the message. An error while writing means that the last byte was
// never handed to the system, so the relay cannot have taken the message; after
// that, no answer means that it may have.
func (t transaction) data(message []byte) press.Outcome {
	s := t.session
	if err := s.deadline(s.options.Timeout); err != nil {
		return t.lost("DATA", err)
	}
	if _, err := s.client.Text.W.Write(stuff(message)); err != nil {
		return t.lost("DATA", err)
	}
	if err := s.client.Text.W.Flush(); err != nil {
		return t.lost("DATA", err)
	}
	r, err := readReply(s.client.Text.R)
	if err != nil {
		s.fail(err)
		return press.Outcome{State: press.Unknown, Verb: "end of data", Text: "no reply after the last byte: " + err.Error()}
	}
	o := outcome("end of data", r)
	if r.code == 421 || o.State == press.Unknown {
		s.fail(fmt.Errorf("the end of the data was answered %s", r))
	}
	return o
}

func (t transaction) lost(verb string, err error) press.Outcome {
	t.session.fail(err)
	return press.Outcome{State: press.Planned, Verb: verb, Text: "the connection was lost before the message had left: " + err.Error()}
}

// outcome reads a reply for what it says of the delivery.
func outcome(verb string, r reply) press.Outcome {
	o := press.Outcome{Verb: verb, Code: r.code, Enhanced: r.enhanced, Text: r.text}
	switch r.code / 100 {
	case 2:
		o.State = press.Accepted
	case 4:
		o.State = press.Deferred
	case 5:
		o.State = press.Rejected
	default:
		o.State = press.Unknown
	}
	return o
}

// stuff doubles each dot at the start of a line and adds the end of the data
// (RFC 5321, section 4.5.2).
func stuff(message []byte) []byte {
	out := make([]byte, 0, len(message)+64)
	for line := range bytes.SplitAfterSeq(message, []byte("\n")) {
		if len(line) > 0 && line[0] == '.' {
			out = append(out, '.')
		}
		out = append(out, line...)
	}
	if !bytes.HasSuffix(out, []byte("\r\n")) {
		out = append(out, "\r\n"...)
	}
	return append(out, ".\r\n"...)
}
