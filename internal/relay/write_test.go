package relay

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
)

// torn is a connection that takes so many bytes and then breaks; what the relay
// had said before can still be read.
type torn struct {
	net.Conn
	takes  int
	writes int
	closed bool
	got    bytes.Buffer
	said   io.Reader
}

func (c *torn) Write(b []byte) (int, error) {
	c.writes++
	n := min(len(b), c.takes)
	c.got.Write(b[:n])
	c.takes -= n
	if n < len(b) {
		return n, errors.New("broken pipe")
	}
	return n, nil
}

func (c *torn) Read(b []byte) (int, error) { return c.said.Read(b) }
func (*torn) SetDeadline(time.Time) error  { return nil }
func (c *torn) Close() error               { c.closed = true; return nil }
func tornSession(takes int, said string) (*Session, *torn) {
	c := &torn{takes: takes, said: strings.NewReader(said)}
	s := &Session{
		raw: c, in: bufio.NewReader(c), out: bufio.NewWriter(c), can: abilities{pipelining: true},
		options: Options{Name: "main", Timeout: time.Minute, DataTimeout: time.Minute, Now: time.Now},
	}
	return s, c
}

// Wherever a write of a message with the next transaction breaks off, the bytes
// that were handed over tell whether the relay may have the message.
func TestAWriteThatBreaksOff(t *testing.T) {
	a := press.Envelope{Delivery: press.ID{1}, From: "b@x.example", To: "a@x.example"}
	b := press.Envelope{Delivery: press.ID{2}, From: "b@x.example", To: "b@x.example"}
	for _, length := range []int{20, 8000} { // within the writer's buffer and beyond it
		message := []byte("Subject: x\r\n\r\n" + strings.Repeat("x", length) + "\r\n")
		end := len(appendData(nil, message))
		whole := len((abilities{}).appendCommands(appendData(nil, message), aheadVerbs(), b))
		for _, said := range []struct {
			reply       string
			part, whole press.State
		}{
			{"", press.Planned, press.Unknown},
			{"250 2.0.0 queued\r\n", press.Unknown, press.Accepted},
			{"552 5.3.4 too large\r\n", press.Rejected, press.Rejected},
			{"451 4.3.0 full\r\n", press.Deferred, press.Deferred},
			{"421 4.4.2 timeout\r\n", press.Planned, press.Planned},
			{"what?\r\n", press.Planned, press.Unknown},
		} {
			for takes := range whole {
				if length > 20 && takes%97 != 0 && (takes < end-3 || takes > end+3) {
					continue
				}
				s, c := tornSession(takes, said.reply)
				s.opened = &opened{envelope: a}
				o := s.Send(a, message, &b)
				want := said.part
				if takes >= end {
					want = said.whole
				}
				if o.State != want || s.Broken() == nil || c.writes != 1 {
					t.Fatalf("%d of %d bytes, then %q: %+v in %d writes, broken: %v; want %s", takes, end, said.reply, o, c.writes, s.Broken(), want)
				}
				if next := s.Send(b, message, nil); next.State != press.Planned {
					t.Fatalf("the next one: %+v", next)
				}
			}
		}
	}
}

// A message leaves with the next transaction in one write, whatever its length.
func TestAMessageIsOneWrite(t *testing.T) {
	for _, length := range []int{0, 10, 4000, 4096, 7500, 1 << 20} {
		message := bytes.Repeat([]byte("x"), length)
		a, b := press.Envelope{To: "a@x.example"}, press.Envelope{To: "b@x.example"}
		s, c := tornSession(1<<30, "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n")
		s.opened = &opened{envelope: a}
		if o := s.Send(a, message, &b); o.State != press.Accepted || c.writes != 1 {
			t.Errorf("%d bytes: %+v in %d writes", length, o, c.writes)
		}
		if want := fmt.Sprintf("%s\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n", message); c.got.String() != want {
			t.Errorf("%d bytes: %.200q", length, c.got.String())
		}
	}
}

// Where a relay waits for data that must not come, the connection ends at once,
// and not only when somebody closes the session.
func TestAConnectionEndsAtOnce(t *testing.T) {
	to := func(a press.Address) press.Envelope { return press.Envelope{To: a} }
	tests := map[string]struct {
		said string
		use  func(*Session)
	}{
		"abandoned":      {"", (*Session).Abandon},
		"another's turn": {"", func(s *Session) { s.Send(to("b@x.example"), nil, nil) }},
		"not yet": {"", func(s *Session) {
			s.Send(press.Envelope{To: "a@x.example", NotBefore: time.Now().Add(time.Hour)}, nil, nil)
		}},
		"out of step":           {"250 ok\r\n", func(s *Session) { _, _ = s.in.Peek(1); s.Send(to("a@x.example"), nil, nil) }},
		"the sender is refused": {"550 no\r\n250 ok\r\n354 go\r\n", func(s *Session) { s.opened = nil; s.Send(to("a@x.example"), nil, nil) }},
	}
	for name, test := range tests {
		s, c := tornSession(1<<20, test.said)
		s.opened = &opened{envelope: to("a@x.example")}
		test.use(s)
		if !c.closed || s.Broken() == nil {
			t.Errorf("%s: closed %v, broken: %v", name, c.closed, s.Broken())
		}
	}
}
