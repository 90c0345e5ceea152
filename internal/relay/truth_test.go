package relay_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dateline/internal/press"
	"dateline/internal/relay"
	"dateline/internal/relay/relaytest"
)

// letter is one of several messages, told apart by its number in every part.
type letter struct {
	envelope press.Envelope
	body     string
	outcome  press.Outcome
}

func letters(n int) []letter {
	all := make([]letter, n)
	for i := range all {
		e := envelope(fmt.Sprintf("reader%d@newsroom.example", i))
		e.From = press.Address(fmt.Sprintf("bounces+%d@conference.example", i))
		e.Delivery[15] = byte(i + 1)
		all[i] = letter{envelope: e, body: fmt.Sprintf("Subject: %d\r\n\r\n.to reader %d\r\n", i, i)}
	}
	return all
}

// sendAll sends them in a row, each with the opening of the next where ahead says so.
func sendAll(s *relay.Session, all []letter, ahead func(i int) bool) {
	for i := range all {
		var next *press.Envelope
		if i+1 < len(all) && ahead(i) {
			next = &all[i+1].envelope
		}
		all[i].outcome = s.Send(all[i].envelope, []byte(all[i].body), next)
	}
}

func always(ahead bool) func(int) bool { return func(int) bool { return ahead } }

// truthful holds outcomes against what the relay has: it calls no message
// accepted that the relay has not whole, none unsent or refused that the relay
// answered 250 to, and no message came in another's transaction.
func truthful(t interface{ Errorf(string, ...any) }, got []relaytest.Message, sent []letter) {
	whole, taken := map[string]int{}, map[string]int{}
	for _, m := range got {
		if len(m.To) == 0 && len(m.Body) == 0 {
			continue // the lone dot
		}
		ok := false
		for _, l := range sent {
			ok = ok || (len(m.To) == 1 && m.To[0] == string(l.envelope.To) && m.From == string(l.envelope.From) && string(m.Body) == l.body)
		}
		if !ok {
			t.Errorf("from %s to %v came %q", m.From, m.To, m.Body)
			continue
		}
		whole[m.To[0]]++
		if m.Accepted {
			taken[m.To[0]]++
		}
	}
	for _, l := range sent {
		to, state := string(l.envelope.To), l.outcome.State
		switch {
		case whole[to] > 1:
			t.Errorf("the relay has %d copies for %s", whole[to], to)
		case state == press.Accepted && whole[to] == 0:
			t.Errorf("%s: accepted, but the relay has it not: %+v", to, l.outcome)
		case taken[to] > 0 && state != press.Accepted && state != press.Unknown:
			t.Errorf("%s: the relay took it, but it is %+v", to, l.outcome)
		case state == "":
			t.Errorf("%s has no outcome", to)
		}
	}
}

// Whatever fails at whatever point of whichever message, alone or opened ahead,
// what is said of each is true.
func TestEveryFailureIsToldAsItIs(t *testing.T) {
	actions := map[string]relaytest.Action{
		"close": relaytest.Close(), "reset": relaytest.Reset(), "hang": relaytest.Hang(), "silence": relaytest.Silent(),
		"421": relaytest.Reply("421 4.3.2 going down"), "421 and close": relaytest.Then(relaytest.Reply("421 4.3.2 going down"), relaytest.Close()),
		"450": relaytest.Reply("450 4.2.0 later"), "550": relaytest.Reply("550 5.1.1 no such user"), "552": relaytest.Reply("552 5.3.4 too large"),
		"454": relaytest.Reply("454 4.7.0 not now"), "250": relaytest.Reply("250 2.0.0 ok"), "354": relaytest.Reply("354 go on"),
		"two replies": relaytest.Reply("250 ok", "250 ok"),
	}
	for _, verb := range []string{"MAIL", "RCPT", "DATA", relaytest.End} {
		for name, action := range actions {
			for message := 1; message <= 3; message++ {
				for _, ahead := range []bool{true, false} {
					t.Run(fmt.Sprintf("%s at %s of %d, ahead %v", name, verb, message, ahead), func(t *testing.T) {
						t.Parallel()
						server := relaytest.Start(t, relaytest.OnMessage(message, verb, action))
						s := dial(t, server)
						all := letters(4)
						sendAll(s, all, always(ahead))
						if err := s.Close(); err != nil {
							t.Error(err)
						}
						server.Close()
						truthful(t, server.Messages(), all)
						for _, l := range all[:message-1] {
							if l.outcome.State != press.Accepted && timeoutOf(name) == patient {
								t.Errorf("before the failure: %+v", l.outcome)
							}
						}
					})
				}
			}
		}
	}
}

// After every byte of a short message the connection dies: the relay has it not
// whole, and the next one, opened or not, has not left.
func TestAfterEveryByte(t *testing.T) {
	all := letters(2)
	wire := len(strings.Replace(all[0].body, "\n.", "\n..", 1)) + len(".\r\n")
	for n := range wire {
		for name, action := range map[string]relaytest.Action{"close": relaytest.Close(), "reset": relaytest.Reset()} {
			for _, ahead := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s after %d, ahead %v", name, n, ahead), func(t *testing.T) {
					t.Parallel()
					server := relaytest.Start(t, relaytest.OnMessage(1, relaytest.Body, relaytest.After(n, action)))
					all := letters(2)
					sendAll(dial(t, server), all, always(ahead))
					server.Close()
					truthful(t, server.Messages(), all)
					if len(server.Messages()) != 0 {
						t.Error("the relay has a whole message")
					}
					if s := all[0].outcome.State; s != press.Unknown && s != press.Planned {
						t.Errorf("the message: %+v", all[0].outcome)
					}
					if all[1].outcome.State != press.Planned {
						t.Errorf("the next: %+v", all[1].outcome)
					}
				})
			}
		}
	}
}

// fault is something that a random relay does at one point.
type fault struct {
	name   string
	action relaytest.Action
}

// Over random relays and random ways to use a session, the outcomes are true.
func TestNoRelayMakesASessionLie(t *testing.T) {
	replies := []string{
		"250 2.0.0 ok", "251 ok", "220 what", "354 go on", "421 4.3.2 going down", "450 4.2.0 later", "454 4.7.0 no", "451-4.3.0 two\r\n451 4.3.0 lines",
		"500 what", "503 5.5.1 bad sequence", "530 5.7.0 authentication required", "550 5.1.1 no such user", "552 5.3.4 too large", "554 5.7.1 relay access denied", "nonsense",
	}
	usual := rapid.SampledFrom(replies)
	breaks := []fault{
		{"silent", relaytest.Silent()},
		{"close", relaytest.Close()},
		{"reset", relaytest.Reset()},
		{"hang", relaytest.Hang()},
		{"twice 250", relaytest.Reply("250 ok", "250 ok")},
		{"250 and 550", relaytest.Reply("250 ok", "550 no")},
		{"550 and 250", relaytest.Reply("550 no", "250 ok")},
		{"354 and 250", relaytest.Reply("354 go on", "250 ok")},
		{"twice 550", relaytest.Reply("550 no", "550 no")},
		{"250 and close", relaytest.Then(relaytest.Reply("250 ok"), relaytest.Close())},
		{"354 and close", relaytest.Then(relaytest.Reply("354 go on"), relaytest.Close())},
	}
	rapid.Check(t, func(r *rapid.T) {
		type point struct {
			message int
			verb    string
		}
		script := map[point]relaytest.Action{}
		at := func(label string) point {
			return point{rapid.IntRange(1, 4).Draw(r, label+": message"), rapid.SampledFrom([]string{"RSET", "MAIL", "RCPT", "DATA", relaytest.End}).Draw(r, label+": verb")}
		}
		for range rapid.IntRange(0, 5).Draw(r, "odd replies") {
			script[at("reply")] = relaytest.Reply(usual.Draw(r, "reply"))
		}
		// What puts the answers out of step comes once: two such faults can make up
		// for each other, and then nobody could tell.
		short := false
		if rapid.Bool().Draw(r, "breaks") {
			f := breaks[rapid.IntRange(0, len(breaks)-1).Draw(r, "break")]
			r.Log(f.name)
			script[at("break")] = f.action
			short = f.name == "hang" || f.name == "silent"
		}
		var extensions []string
		if rapid.IntRange(0, 3).Draw(r, "pipelining") == 0 {
			extensions = []string{"DSN"}
		}
		server := relaytest.Start(t, relaytest.Script{Extensions: extensions, At: func(p relaytest.Point) relaytest.Action { return script[point{p.Message, p.Verb}] }})
		defer server.Close()
		s, err := relay.Dial(t.Context(), options(server))
		if err != nil {
			r.Fatal(err)
		}
		if short {
			s.SetTimeout(brief)
		}
		sent := sendAtRandom(r, s, letters(4))
		if err := s.Close(); err != nil {
			r.Error(err)
		}
		server.Close()
		truthful(r, server.Messages(), sent)
	})
}

// sendAtRandom uses a session as a dispatcher may, and as it should not.
func sendAtRandom(r *rapid.T, s *relay.Session, all []letter) []letter {
	var sent []letter
	for i := range all {
		var next *press.Envelope
		if i+1 < len(all) && rapid.Bool().Draw(r, "ahead") {
			next = &all[i+1].envelope
		}
		switch rapid.SampledFrom([]string{"send", "send", "send", "send", "abandon", "skip", "noop"}).Draw(r, "use") {
		case "abandon":
			s.Abandon()
		case "skip": // a kill, say: the next Send is for another envelope than the opened one
			continue
		case "noop":
			_ = s.Noop()
		}
		all[i].outcome = s.Send(all[i].envelope, []byte(all[i].body), next)
		sent = append(sent, all[i])
	}
	return sent
}
