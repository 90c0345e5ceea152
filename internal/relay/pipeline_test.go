package relay_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/relay"
	"dateline/internal/relay/relaytest"
)

// replies scripts the end of the first message and the commands of the second;
// the end of the second goes by "dot".
func replies(by map[string]relaytest.Action) relaytest.Script {
	return relaytest.Script{At: func(p relaytest.Point) relaytest.Action {
		switch {
		case p.Total == 1 && p.Verb == relaytest.End, p.Total == 2 && p.Verb != relaytest.End:
			return by[p.Verb]
		case p.Total == 2:
			return by["dot"]
		}
		return nil
	}}
}

// Every mixture of answers to a message and to the transaction behind it has
// its two outcomes.
func TestEveryMixtureOfAnswers(t *testing.T) {
	say := relaytest.Reply
	type by = map[string]relaytest.Action
	tests := []struct {
		name        string
		script      by
		first, next press.State
		broken      bool
		third       press.State
	}{
		{"all well", nil, press.Accepted, press.Accepted, false, press.Accepted},
		{"the message deferred, the next one fine", by{relaytest.End: say("451 4.3.0 full")}, press.Deferred, press.Accepted, false, press.Accepted},
		{"the message rejected, the next one fine", by{relaytest.End: say("554 5.7.1 spam")}, press.Rejected, press.Accepted, false, press.Accepted},
		{"the message rejected, the next recipient, too", by{relaytest.End: say("554 5.7.1 spam"), "RCPT": say("550 5.1.1 no such user")}, press.Rejected, press.Rejected, false, press.Accepted},
		{"the next recipient refused", by{"RCPT": say("450 4.2.0 later")}, press.Accepted, press.Deferred, false, press.Accepted},
		{"the next recipient refused, and 354 all the same", by{"RCPT": say("550 5.1.1 no such user"), "DATA": say("354 go on"), "dot": say("554 5.5.1 no valid recipients")}, press.Accepted, press.Rejected, false, press.Accepted},
		{"the next recipient refused, and the empty message taken", by{"RCPT": say("550 5.1.1 no such user"), "DATA": say("354 go on")}, press.Accepted, press.Rejected, true, press.Planned},
		{"the next sender refused", by{"MAIL": say("550 5.7.1 not you")}, press.Accepted, press.Planned, true, press.Planned},
		{"the next sender refused, and 354 all the same", by{"MAIL": say("550 5.7.1 not you"), "RCPT": say("250 ok"), "DATA": say("354 go on")}, press.Accepted, press.Planned, true, press.Planned},
		{"the next message too large", by{"MAIL": say("552 5.3.4 too large")}, press.Accepted, press.Rejected, false, press.Accepted},
		{"the next message too large, and 354 all the same", by{"MAIL": say("552 5.3.4 too large"), "RCPT": say("250 ok"), "DATA": say("354 go on")}, press.Accepted, press.Rejected, true, press.Planned},
		{"the next DATA refused", by{"DATA": say("451 4.3.0 not now")}, press.Accepted, press.Deferred, false, press.Accepted},
		{"421 to the message", by{relaytest.End: say("421 4.3.2 going down")}, press.Planned, press.Planned, true, press.Planned},
		{"421 to the message, and nothing more", by{relaytest.End: say("421 4.3.2 going down"), "MAIL": relaytest.Hang()}, press.Planned, press.Planned, true, press.Planned},
		{"421 to the next sender", by{"MAIL": say("421 4.3.2 going down")}, press.Accepted, press.Planned, true, press.Planned},
		{"421 to the next recipient", by{"RCPT": say("421 4.3.2 going down")}, press.Accepted, press.Planned, true, press.Planned},
		{"421 to the next DATA", by{"DATA": say("421 4.3.2 going down")}, press.Accepted, press.Planned, true, press.Planned},
		{"a refused recipient and 421 to DATA", by{"RCPT": say("550 5.1.1 no such user"), "DATA": say("421 4.7.0 too many errors")}, press.Accepted, press.Rejected, true, press.Planned},
		{"lost before the message's reply", by{relaytest.End: relaytest.Close()}, press.Unknown, press.Planned, true, press.Planned},
		{"lost after the message's reply", by{relaytest.End: relaytest.Then(say("250 2.0.0 queued"), relaytest.Close())}, press.Accepted, press.Planned, true, press.Planned},
		{"lost at the next recipient", by{"RCPT": relaytest.Close()}, press.Accepted, press.Planned, true, press.Planned},
		{"lost after the next recipient was refused", by{"RCPT": relaytest.Then(say("550 5.1.1 no such user"), relaytest.Close())}, press.Accepted, press.Rejected, true, press.Planned},
		{"silence at the next DATA", by{"DATA": relaytest.Hang()}, press.Accepted, press.Planned, true, press.Planned},
		{"a 250 where 354 is due", by{"DATA": say("250 2.0.0 ok")}, press.Accepted, press.Planned, true, press.Planned},
		{"a 354 where 250 is due", by{"RCPT": say("354 go on")}, press.Accepted, press.Planned, true, press.Planned},
		{"an answer too many", by{"DATA": say("354 go on", "250 2.0.0 queued")}, press.Accepted, press.Planned, true, press.Planned},
		{"the relay wants us to sign in", by{"RCPT": say("530 5.7.0 Authentication required")}, press.Accepted, press.Planned, true, press.Planned},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := relaytest.Start(t, replies(test.script))
			s := dial(t, server)
			all := letters(3)
			began := time.Now()
			first := s.Send(all[0].envelope, []byte(all[0].body), &all[1].envelope)
			before := len(server.Lines(1))
			next := s.Send(all[1].envelope, []byte(all[1].body), nil)
			if first.State != test.first || next.State != test.next {
				t.Errorf("outcomes %+v\nand %+v; want %s and %s", first, next, test.first, test.next)
			}
			if next.State != press.Accepted && len(server.Lines(1)) != before {
				t.Errorf("for the refused message the relay was told %q", server.Lines(1)[before:])
			}
			if broken := s.Broken() != nil; broken != test.broken {
				t.Errorf("broken: %v, want %v", s.Broken(), test.broken)
			}
			if took := time.Since(began); took > patient/2 {
				t.Errorf("it took %s: it waited for what cannot come", took)
			}
			third := s.Send(all[2].envelope, []byte(all[2].body), nil)
			if third.State != test.third {
				t.Errorf("the third: %+v, want %s", third, test.third)
			}
			all[0].outcome, all[1].outcome, all[2].outcome = first, next, third
			truthful(t, server.Messages(), all)
		})
	}
}

// With PIPELINING the next transaction is with the relay before its message is
// sent for; without, before its instant, or where it could not go, it is not.
func TestWhatIsOpenedAhead(t *testing.T) {
	tests := []struct {
		name       string
		extensions []string
		change     func(*press.Envelope)
		opened     bool
	}{
		{"at once", nil, func(*press.Envelope) {}, true},
		{"without PIPELINING", []string{"DSN"}, func(*press.Envelope) {}, false},
		{"before its instant", nil, func(e *press.Envelope) { e.NotBefore = clock.Add(time.Microsecond) }, false},
		{"an address that the relay cannot take", []string{"PIPELINING"}, func(e *press.Envelope) { e.To = "айгүл@newsroom.example" }, false},
		{"too large", []string{"PIPELINING", "SIZE 1000"}, func(e *press.Envelope) { e.Size = 1001 }, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := relaytest.Start(t, relaytest.Script{Extensions: test.extensions})
			s := dial(t, server)
			all := letters(2)
			test.change(&all[1].envelope)
			s.Send(all[0].envelope, []byte(all[0].body), &all[1].envelope)
			mails := len(slices.DeleteFunc(server.Lines(1), func(l string) bool { return !strings.HasPrefix(l, "MAIL") }))
			if opened := mails == 2; opened != test.opened {
				t.Errorf("%d MAIL commands came, opened should be %v", mails, test.opened)
			}
		})
	}
}

func TestAnAbandonedTransactionEndsTheConnection(t *testing.T) {
	uses := map[string]func(*relay.Session, []letter) press.Outcome{
		"abandoned": func(s *relay.Session, all []letter) press.Outcome {
			s.Abandon()
			return s.Send(all[2].envelope, []byte(all[2].body), nil)
		},
		"another recipient": func(s *relay.Session, all []letter) press.Outcome {
			return s.Send(all[2].envelope, []byte(all[2].body), nil)
		},
		"another delivery to the same": func(s *relay.Session, all []letter) press.Outcome {
			all[1].envelope.Delivery[0]++
			return s.Send(all[1].envelope, []byte(all[1].body), nil)
		},
		"its instant taken back": func(s *relay.Session, all []letter) press.Outcome {
			all[1].envelope.NotBefore = clock.Add(time.Hour)
			return s.Send(all[1].envelope, []byte(all[1].body), nil)
		},
		"beyond ASCII unannounced": func(s *relay.Session, all []letter) press.Outcome {
			return s.Send(all[1].envelope, []byte("Subject: ü\r\n\r\n"), nil)
		},
	}
	for name, use := range uses {
		t.Run(name, func(t *testing.T) {
			server := relaytest.Start(t, relaytest.Script{})
			s := dial(t, server)
			all := letters(3)
			s.Send(all[0].envelope, []byte(all[0].body), &all[1].envelope)
			if err := s.Noop(); err != nil {
				t.Fatalf("a session that waits for its message: %v", err)
			}
			if o := use(s, all); o.State != press.Planned {
				t.Errorf("outcome %+v", o)
			}
			if err := s.Broken(); err == nil || !strings.Contains(err.Error(), "was opened for a message") {
				t.Errorf("broken: %v", err)
			}
			server.Close()
			if n := len(server.Messages()); n != 1 {
				t.Errorf("the relay has %d messages, want 1", n)
			}
			if last := server.Lines(1)[len(server.Lines(1))-1]; last != "DATA" {
				t.Errorf("the last that the relay was told is %q", last)
			}
			if got := server.Unfinished(); len(got) != 1 || len(got[0]) != 0 {
				t.Errorf("in the opened transaction came %q", got)
			}
		})
	}
}

// What the relay refused when it was opened needs no end.
func TestARefusedOpeningIsDroppedWithTheMessage(t *testing.T) {
	for _, abandon := range []bool{true, false} {
		server := relaytest.Start(t, relaytest.OnMessage(2, "RCPT", relaytest.Reply("550 5.1.1 no such user")))
		s := dial(t, server)
		all := letters(3)
		s.Send(all[0].envelope, []byte(all[0].body), &all[1].envelope)
		if abandon {
			s.Abandon()
		}
		if o := s.Send(all[2].envelope, []byte(all[2].body), nil); o.State != press.Accepted || s.Broken() != nil {
			t.Errorf("outcome %+v, broken: %v", o, s.Broken())
		}
	}
}

func TestClosingWithAnOpenedTransactionSaysNothingMore(t *testing.T) {
	server := relaytest.Start(t, relaytest.Script{})
	s := dial(t, server)
	all := letters(2)
	s.Send(all[0].envelope, []byte(all[0].body), &all[1].envelope)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	server.Close()
	if got := server.Unfinished(); len(got) != 1 || len(got[0]) != 0 {
		t.Errorf("in the opened transaction came %q", got)
	}
	truthful(t, server.Messages(), []letter{{all[0].envelope, all[0].body, press.Outcome{State: press.Accepted}}})
}

// Neither outcome tells either recipient, in whatever form the relay repeats it.
func TestNoOutcomeTellsEitherAddress(t *testing.T) {
	server := relaytest.Start(t, replies(map[string]relaytest.Action{
		relaytest.End: relaytest.Reply("451 4.3.0 <Aigul+News@Newsroom.example> after rfc822;aigul+2Bnews@newsroom.example, then Dana@newsroom.example"),
		"RCPT":        relaytest.Reply("421 4.3.2 not for dana@newsroom.example nor aigul+news@newsroom.example"),
	}))
	s := dial(t, server)
	a, b := envelope("aigul+news@newsroom.example"), envelope("dana@newsroom.example")
	a.Delivery, b.Delivery = press.ID{1}, press.ID{2}
	first := s.Send(a, []byte(message), &b)
	next := s.Send(b, []byte(message), nil)
	for _, text := range []string{first.Text, next.Text, s.Broken().Error()} {
		if lower := strings.ToLower(text); strings.Contains(lower, "aigul") || strings.Contains(lower, "dana") || !strings.Contains(text, "[recipient]") {
			t.Errorf("it tells %q", text)
		}
	}
}
