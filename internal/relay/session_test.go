package relay_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dateline/internal/press"
	"dateline/internal/relay"
	"dateline/internal/relay/relaytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is the instant that the sessions of these tests live at.
var clock = time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)

// brief is the timeout where a test waits for one; patient where it must not.
const (
	brief   = 150 * time.Millisecond
	patient = 10 * time.Second
)

// timeoutOf a test is brief where its name says that the relay falls silent.
func timeoutOf(name string) time.Duration {
	name = strings.ToLower(name)
	if strings.Contains(name, "hang") || strings.Contains(name, "silence") || strings.Contains(name, "drip") {
		return brief
	}
	return patient
}

func options(s *relaytest.Server) relay.Options {
	return relay.Options{
		Name: "main", Host: "127.0.0.1", Port: s.Port(), TLS: "none", Timeout: patient,
		Now: func() time.Time { return clock },
	}
}

func dial(t *testing.T, s *relaytest.Server) *relay.Session {
	t.Helper()
	session, err := relay.Dial(t.Context(), options(s))
	if err != nil {
		t.Fatal(err)
	}
	session.SetTimeout(timeoutOf(t.Name()))
	t.Cleanup(func() {
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	})
	return session
}

func envelope(to string) press.Envelope {
	return press.Envelope{From: "bounces@conference.example", To: press.Address(to), NotBefore: clock}
}

const message = "Subject: Tashkent\r\n\r\n.a line with a dot\r\n..two\r\nthe end\r\n"

// What becomes of a message when the relay fails at each point, and whether the
// session is of use after it, with PIPELINING and without.
func TestEveryFailureHasItsOutcome(t *testing.T) {
	t.Run("pipelined", func(t *testing.T) { everyFailure(t, nil) })
	t.Run("plain", func(t *testing.T) { everyFailure(t, []string{"8BITMIME"}) })
}

func everyFailure(t *testing.T, extensions []string) {
	tests := []struct {
		name   string
		script relaytest.Script
		want   press.State
		code   int
		broken bool
		whole  bool // it can only happen where the whole group is written at once
	}{
		{"all well", relaytest.Script{}, press.Accepted, 250, false, false},
		{"MAIL 4xx speaks of the sender", relaytest.On("MAIL", relaytest.Reply("451 4.3.0 not now")), press.Planned, 451, true, false},
		{"MAIL 5xx speaks of the sender", relaytest.On("MAIL", relaytest.Reply("550 5.7.1 not you")), press.Planned, 550, true, false},
		{"RCPT 4xx", relaytest.On("RCPT", relaytest.Reply("450 4.2.0 greylisted")), press.Deferred, 450, false, false},
		{"RCPT 5xx", relaytest.On("RCPT", relaytest.Reply("550 5.1.1 no such user")), press.Rejected, 550, false, false},
		{"DATA 4xx", relaytest.On("DATA", relaytest.Reply("451 4.3.0 not now")), press.Deferred, 451, false, false},
		{"DATA 5xx", relaytest.On("DATA", relaytest.Reply("554 5.6.0 no")), press.Rejected, 554, false, false},
		{"end 4xx", relaytest.On(relaytest.End, relaytest.Reply("451 4.3.0 full")), press.Deferred, 451, false, false},
		{"end 5xx", relaytest.On(relaytest.End, relaytest.Reply("554 5.7.1 spam")), press.Rejected, 554, false, false},
		{"421 at MAIL", relaytest.On("MAIL", relaytest.Reply("421 4.3.2 going down")), press.Planned, 421, true, false},
		{"421 at RCPT", relaytest.On("RCPT", relaytest.Reply("421 4.3.2 going down")), press.Planned, 421, true, false},
		{"421 at DATA", relaytest.On("DATA", relaytest.Reply("421 4.3.2 going down")), press.Planned, 421, true, false},
		{"421 at the end", relaytest.On(relaytest.End, relaytest.Reply("421 4.3.2 going down")), press.Planned, 421, true, false},
		{"closed at MAIL", relaytest.On("MAIL", relaytest.Close()), press.Planned, 0, true, false},
		{"closed at RCPT", relaytest.On("RCPT", relaytest.Close()), press.Planned, 0, true, false},
		{"closed at DATA", relaytest.On("DATA", relaytest.Close()), press.Planned, 0, true, false},
		{"closed after the last byte", relaytest.On(relaytest.End, relaytest.Close()), press.Unknown, 0, true, false},
		{"reset after the last byte", relaytest.On(relaytest.End, relaytest.Reset()), press.Unknown, 0, true, false},
		{"hangs at RCPT", relaytest.On("RCPT", relaytest.Hang()), press.Planned, 0, true, false},
		{"354 and then silence", relaytest.On(relaytest.End, relaytest.Hang()), press.Unknown, 0, true, false},
		{"a reply that is none", relaytest.On("RCPT", relaytest.Reply("what?")), press.Planned, 0, true, false},
		{"a reply without end", relaytest.On("RCPT", relaytest.Flood("250-x\r\n")), press.Planned, 0, true, false},
		{"a line without end", relaytest.On("RCPT", relaytest.Flood("2")), press.Planned, 0, true, false},
		{"a reply that changes its code", relaytest.On("RCPT", relaytest.Raw("250-a\r\n550 b\r\n")), press.Planned, 0, true, false},
		{"a reply without end at the end", relaytest.On(relaytest.End, relaytest.Flood("250-x\r\n")), press.Unknown, 0, true, false},
		{"a 3xx that means nothing", relaytest.On(relaytest.End, relaytest.Reply("354 go on")), press.Unknown, 354, true, false},
		{"2xx at DATA is no leave to send", relaytest.On("DATA", relaytest.Reply("250 2.0.0 ok")), press.Planned, 250, true, false},
		{"RCPT refused, and 354 to DATA all the same", relaytest.Script{At: func(p relaytest.Point) relaytest.Action {
			switch p.Verb {
			case "RCPT":
				return relaytest.Reply("550 5.1.1 no such user")
			case "DATA":
				return relaytest.Reply("354 go on")
			case relaytest.End:
				return relaytest.Reply("554 5.5.1 no valid recipients")
			}
			return nil
		}}, press.Rejected, 550, false, false},
		{"RCPT refused, and the empty message taken", relaytest.Script{At: func(p relaytest.Point) relaytest.Action {
			switch p.Verb {
			case "RCPT":
				return relaytest.Reply("450 4.2.0 later")
			case "DATA":
				return relaytest.Reply("354 go on")
			case relaytest.End:
				return relaytest.Reply("250 2.0.0 queued")
			}
			return nil
		}}, press.Deferred, 450, true, true},
		{"MAIL refused, and 354 to DATA all the same", relaytest.Script{At: func(p relaytest.Point) relaytest.Action {
			switch p.Verb {
			case "MAIL":
				return relaytest.Reply("550 5.7.1 not you")
			case "DATA":
				return relaytest.Reply("354 go on")
			}
			return nil
		}}, press.Planned, 550, true, false},
		{"RCPT refused and the connection lost", relaytest.On("RCPT", relaytest.Then(relaytest.Reply("550 5.1.1 no such user"), relaytest.Close())), press.Rejected, 550, true, true},
	}
	for _, test := range tests {
		if test.whole && extensions != nil {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			test.script.Extensions = extensions
			server := relaytest.Start(t, test.script)
			session := dial(t, server)
			o := session.Send(envelope("aigul@newsroom.example"), []byte(message), nil)
			if o.State != test.want || o.Code != test.code {
				t.Errorf("outcome %+v, want %s %d", o, test.want, test.code)
			}
			if broken := session.Broken() != nil; broken != test.broken {
				t.Errorf("broken: %v, want %v", session.Broken(), test.broken)
			}
			if o.Relay != "main" || !o.At.Equal(clock) {
				t.Errorf("the outcome names relay %q and time %s", o.Relay, o.At)
			}
			for _, m := range server.Messages() {
				if len(m.To) == 0 {
					if len(m.Body) != 0 {
						t.Errorf("without a recipient the relay got %q", m.Body)
					}
					continue
				}
				if string(m.Body) != message {
					t.Errorf("the relay got %q", m.Body)
				}
				if m.Accepted != (o.State == press.Accepted) {
					t.Errorf("accepted %v there, %s here", m.Accepted, o.State)
				}
			}
		})
	}
}

// Wherever in the body the connection dies, the relay cannot have taken the
// message: what is said is planned or, where the last byte may have left, unknown.
func TestAConnectionThatDiesInTheBodyNeverReadsAsAccepted(t *testing.T) {
	body := []byte("Subject: long\r\n\r\n" + strings.Repeat("0123456789abcdef\r\n", 60_000)) // beyond what the sockets hold
	for _, n := range []int{0, 1, 100, 4096, 200_000, len(body) - 1} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			server := relaytest.Start(t, relaytest.On(relaytest.Body, relaytest.After(n, relaytest.Reset())))
			o := dial(t, server).Send(envelope("aigul@newsroom.example"), body, nil)
			if o.State != press.Planned && o.State != press.Unknown {
				t.Errorf("outcome %+v", o)
			}
			if len(server.Messages()) != 0 {
				t.Error("the relay has the whole message")
			}
		})
	}
}

func TestASessionCarriesManyMessagesAndForgetsRefusedOnes(t *testing.T) {
	t.Run("pipelined", func(t *testing.T) { carriesMany(t, nil) })
	t.Run("plain", func(t *testing.T) { carriesMany(t, []string{"8BITMIME"}) })
}

func carriesMany(t *testing.T, extensions []string) {
	server := relaytest.Start(t, relaytest.Script{Extensions: extensions, At: func(p relaytest.Point) relaytest.Action {
		if p.Verb == "RCPT" && p.Message%3 == 2 {
			return relaytest.Reply("550 5.1.1 no such user")
		}
		return nil
	}})
	session := dial(t, server)
	for i := range 30 {
		e := envelope(fmt.Sprintf("reader%d@newsroom.example", i))
		e.From = press.Address(fmt.Sprintf("bounces+%d@conference.example", i))
		session.Send(e, []byte(message), nil)
	}
	if server.Conns() != 1 {
		t.Errorf("%d connections, want 1", server.Conns())
	}
	if n := len(server.Messages()); n != 20 {
		t.Errorf("%d messages came, want 20", n)
	}
	for _, m := range server.Messages() {
		if len(m.To) != 1 || strings.TrimSuffix(strings.TrimPrefix(m.From, "bounces+"), "@conference.example") != strings.TrimSuffix(strings.TrimPrefix(m.To[0], "reader"), "@newsroom.example") {
			t.Errorf("from %s to %v: a refused recipient left its sender behind", m.From, m.To)
		}
	}
}

func TestNoByteLeavesBeforeTheInstant(t *testing.T) {
	server := relaytest.Start(t, relaytest.Script{})
	session := dial(t, server)
	e := envelope("aigul@newsroom.example")
	e.NotBefore = clock.Add(time.Microsecond)
	if o := session.Send(e, []byte(message), nil); o.State != press.Planned {
		t.Errorf("outcome %+v", o)
	}
	if session.Broken() != nil {
		t.Errorf("the session is broken: %v", session.Broken())
	}
	for _, line := range server.Lines(1) {
		if !strings.HasPrefix(line, "EHLO") {
			t.Errorf("the relay was told %q", line)
		}
	}
}

func TestAnAddressBeyondASCIINeedsARelayThatCan(t *testing.T) {
	e := envelope("айгүл@newsroom.example")
	server := relaytest.Start(t, relaytest.Script{Extensions: []string{"8BITMIME"}})
	if o := dial(t, server).Send(e, []byte(message), nil); o.State != press.Rejected || !strings.Contains(o.Text, "SMTPUTF8") {
		t.Errorf("outcome %+v", o)
	}
	server = relaytest.Start(t, relaytest.Script{})
	if o := dial(t, server).Send(e, []byte(message), nil); o.State != press.Accepted {
		t.Errorf("outcome %+v", o)
	}
	if m := server.Messages()[0]; !strings.HasSuffix(m.Commands[0], " SMTPUTF8") {
		t.Errorf("MAIL was %q", m.Commands[0])
	}
	// An ASCII address never asks for it.
	session := dial(t, server)
	session.Send(envelope("aigul@newsroom.example"), []byte(message), nil)
	if m := server.Messages()[1]; strings.Contains(m.Commands[0], "SMTPUTF8") {
		t.Errorf("MAIL was %q", m.Commands[0])
	}
}

func TestNoopTellsWhetherASessionLives(t *testing.T) {
	server := relaytest.Start(t, relaytest.Script{})
	session := dial(t, server)
	if err := session.Noop(); err != nil {
		t.Fatal(err)
	}
	server.Close()
	if err := session.Noop(); err == nil || session.Broken() == nil {
		t.Errorf("NOOP on a dead connection: %v, broken: %v", err, session.Broken())
	}
	if o := session.Send(envelope("aigul@newsroom.example"), []byte(message), nil); o.State != press.Planned {
		t.Errorf("a message through a broken session: %+v", o)
	}
}

func TestWhatTheRelaySaysDoesNotCarryTheAddress(t *testing.T) {
	server := relaytest.Start(t, relaytest.On("RCPT", relaytest.Reply("550 5.1.1 <Aigul@Newsroom.example>: no such user\x1b[31m")))
	o := dial(t, server).Send(envelope("aigul@newsroom.example"), []byte(message), nil)
	if strings.Contains(strings.ToLower(o.Text), "aigul") || strings.Contains(o.Text, "\x1b") || o.Enhanced != "5.1.1" {
		t.Errorf("outcome %+v", o)
	}
}

func TestDiallingEndsWithTheContext(t *testing.T) {
	server := relaytest.Start(t, relaytest.On(relaytest.Greeting, relaytest.Hang()))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	o := options(server)
	o.Timeout = 200 * time.Millisecond
	if s, err := relay.Dial(ctx, o); err == nil {
		t.Errorf("a relay without a greeting was dialled: %v", s.Close())
	}
}
