package relay_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/relay"
	"dateline/internal/relay/relaytest"
)

// A relay that gives a byte now and then never lets a command wait for longer
// than its timeout.
func TestARelayThatDrips(t *testing.T) {
	for _, verb := range []string{"MAIL", "RCPT", "DATA", relaytest.End} {
		for _, ahead := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, ahead %v", verb, ahead), func(t *testing.T) {
				t.Parallel()
				message := 1
				if ahead && verb != relaytest.End {
					message = 2
				}
				server := relaytest.Start(t, relaytest.OnMessage(message, verb, relaytest.Drip(strings.Repeat("250-wait\r\n", 100)+"250 ok\r\n", brief/10)))
				s := dial(t, server)
				all := letters(2)
				began := time.Now()
				sendAll(s, all, always(ahead))
				if took := time.Since(began); took > 50*brief {
					t.Errorf("it took %s", took)
				}
				server.Close()
				truthful(t, server.Messages(), all)
				if s.Broken() == nil || all[1].outcome.State != press.Planned {
					t.Errorf("broken: %v, outcomes %+v", s.Broken(), all)
				}
			})
		}
	}
}

// A reply of 10 MB, in one line or in many, ends the session without being kept.
func TestARelayThatSays10MB(t *testing.T) {
	const size = 10 << 20
	for name, text := range map[string]string{
		"one line":   "250 " + strings.Repeat("x", size) + "\r\n",
		"many lines": strings.Repeat("250-"+strings.Repeat("x", 60)+"\r\n", size/66) + "250 ok\r\n",
	} {
		for _, verb := range []string{"MAIL", "RCPT", "DATA", relaytest.End} {
			for _, ahead := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s at %s, ahead %v", name, verb, ahead), func(t *testing.T) {
					server := relaytest.Start(t, relaytest.OnMessage(1, verb, relaytest.Raw(text)))
					s := dial(t, server)
					all := letters(2)
					sendAll(s, all, always(ahead))
					if err := s.Broken(); err == nil || len(err.Error()) > 500 || len(all[0].outcome.Text) > 500 {
						t.Errorf("broken: %v, outcome %+v", err, all[0].outcome)
					}
					want := press.Planned
					if verb == relaytest.End {
						want = press.Unknown
					}
					if all[0].outcome.State != want || all[1].outcome.State != press.Planned {
						t.Errorf("outcomes %+v", all)
					}
				})
			}
		}
	}
}

// Half of the recipients are refused for now; each gets its own answer, and the
// others their message.
func TestEverySecondRecipientIsDeferred(t *testing.T) {
	for _, ahead := range []bool{true, false} {
		server := relaytest.Start(t, relaytest.Script{At: func(p relaytest.Point) relaytest.Action {
			if p.Verb == "RCPT" && p.Message%2 == 0 {
				return relaytest.Reply("450 4.2.0 greylisted")
			}
			return nil
		}})
		s := dial(t, server)
		all := letters(20)
		sendAll(s, all, always(ahead))
		for i, l := range all {
			want := press.Accepted
			if i%2 == 1 {
				want = press.Deferred
			}
			if l.outcome.State != want {
				t.Errorf("message %d: %+v, want %s", i, l.outcome, want)
			}
		}
		truthful(t, server.Messages(), all)
		if n := strings.Count(strings.Join(server.Lines(1), " "), "RSET"); n != 9 {
			t.Errorf("%d times RSET for 9 refusals with a message after them", n)
		}
		if server.Conns() != 1 || s.Broken() != nil {
			t.Errorf("%d connections, broken: %v", server.Conns(), s.Broken())
		}
	}
}

// A relay that refuses the sender, or wants us to sign in, is put aside: nobody
// on the list suffers.
func TestNoContactSuffersForTheRelay(t *testing.T) {
	for name, script := range map[string]relaytest.Script{
		"the sender":  relaytest.On("MAIL", relaytest.Reply("550 5.7.1 not you")),
		"signing in":  relaytest.On("RCPT", relaytest.Reply("530 5.7.0 Authentication required")),
		"relaying":    relaytest.On("RCPT", relaytest.Reply("554 5.7.1 Relay access denied")),
		"our address": relaytest.On(relaytest.End, relaytest.Reply("550 5.7.606 Access denied, banned sending IP [192.0.2.1]")),
	} {
		t.Run(name, func(t *testing.T) {
			s := dial(t, relaytest.Start(t, script))
			all := letters(5)
			sendAll(s, all, always(true))
			if s.Broken() == nil {
				t.Error("the session goes on")
			}
			for _, l := range all {
				if l.outcome.State != press.Planned {
					t.Errorf("outcome %+v", l.outcome)
				}
			}
		})
	}
}

// The answer to a message may take longer than those to commands.
func TestTheEndOfTheDataHasATimeoutOfItsOwn(t *testing.T) {
	answer := make(chan bool)
	server := relaytest.Start(t, relaytest.On(relaytest.End, relaytest.Wait(answer, relaytest.Reply("250 2.0.0 queued"))))
	o := options(server)
	o.Timeout, o.DataTimeout = brief, patient
	s, err := relay.Dial(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(3*brief, func() { close(answer) })
	defer timer.Stop()
	if out := s.Send(envelope("aigul@newsroom.example"), []byte(message), nil); out.State != press.Accepted {
		t.Errorf("outcome %+v", out)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
