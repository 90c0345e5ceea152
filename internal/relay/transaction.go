package relay

import (
	"fmt"

	"dateline/internal/press"
)

// A transaction is MAIL, RCPT and DATA, and then the message. Where the relay
// offers PIPELINING (RFC 2920) the three leave in one write, and so may the
// message with the three of the next one; where not, each waits for its answer.

// endOfData stands in outcomes for the reply that settles a message.
const endOfData = "end of data"

// open takes a transaction up to its data; what it gives is what a refusal
// means, nil where the relay waits for the message. After a refusal RSET comes
// first: without it Postfix takes the next message under the last one's sender.
func (s *Session) open(e press.Envelope) *press.Outcome {
	if err := s.inStep(); err != nil {
		return s.lost("MAIL", err)
	}
	verbs := []string{"RSET", "MAIL", "RCPT", "DATA"}
	if !s.refused {
		verbs = verbs[1:]
	}
	group := 1
	if s.can.pipelining {
		group = len(verbs)
	}
	for ; len(verbs) > 0; verbs = verbs[group:] {
		s.buffer = s.can.appendCommands(s.buffer[:0], verbs[:group], e)
		if err := s.deadline(s.options.Timeout); err != nil {
			return s.lost(verbs[0], err)
		}
		if _, err := s.write(s.buffer); err != nil {
			return s.lost(verbs[0], err)
		}
		if refusal := s.answers(verbs[:group]); refusal != nil {
			return refusal
		}
	}
	s.refused = false
	return nil
}

// answers reads every answer to a group of commands, for the one to DATA may be
// 354 although RCPT was refused. It gives what the first refusal means.
func (s *Session) answers(verbs []string) (first *press.Outcome) {
	for _, verb := range verbs {
		r, err := readReply(s.in)
		switch {
		case err != nil && first == nil:
			return s.lost(verb, err)
		case err != nil:
			s.fail(err)
			return first
		case first == nil && !good(verb, r.code):
			o := s.refusal(verb, r)
			first = &o
		case first != nil && verb == "DATA" && r.code == 354:
			s.withdraw(first.Verb)
		case first != nil && (r.code == 421 || (verb == "DATA" && r.code < 400)):
			s.fail(fmt.Errorf("after a refusal %s was answered %s", verb, r))
		}
	}
	return first
}

// good tells whether an answer lets a transaction go on.
func good(verb string, code int) bool {
	if verb == "DATA" {
		return code == 354
	}
	return code/100 == 2
}

// refusal says what it means that a command was refused. Where it speaks of the
// sender or of the relay itself the session ends and the delivery stays planned.
func (s *Session) refusal(verb string, r reply) press.Outcome {
	s.refused = true
	o := judge(verb, r)
	if o.State == press.Unknown || o.State == press.Accepted {
		o.State = press.Planned // the reply means nothing here, and no data has left
	}
	if o.State == press.Planned {
		s.fail(fmt.Errorf("%s was answered %s", verb, r))
	}
	return o
}

// withdraw ends a transaction whose data the relay waits for although it has
// refused a command: after a refused recipient by a lone dot, with not a byte of
// the message. A relay that takes data without a sender, or that is given up, is
// not to be trusted with that; and one with LMTP, which answers once for each
// recipient, has none to answer for. Then the connection ends.
func (s *Session) withdraw(refused string) {
	if refused != "RCPT" || s.broken != nil || s.options.LMTP {
		s.discard(fmt.Errorf("%s was refused and DATA was answered 354", refused))
		return
	}
	r, err := s.ask(".\r\n")
	if err == nil && (r.code < 400 || r.code == 421) {
		err = fmt.Errorf("an empty message without a recipient was answered %s", r)
	}
	s.fail(err)
}

// data writes the message, with the opening of the next transaction behind it,
// and reads what becomes of it.
func (s *Session) data(message []byte, ahead *press.Envelope) press.Outcome {
	if err := s.inStep(); err != nil {
		s.discard(err)
		return unsent("DATA", err.Error())
	}
	s.buffer = appendData(s.buffer[:0], message)
	end := len(s.buffer)
	opening := ahead != nil && s.mayOpen(*ahead)
	if opening {
		s.buffer = s.can.appendCommands(s.buffer, aheadVerbs(), *ahead)
	}
	if err := s.deadline(s.options.DataTimeout); err != nil {
		return *s.lost("DATA", err)
	}
	if n, err := s.write(s.buffer); err != nil {
		return s.halfWritten(n >= end, err)
	}
	r, err := readReply(s.in)
	if err != nil {
		s.fail(err)
		return press.Outcome{State: press.Unknown, Verb: endOfData, Text: "no reply after the last byte: " + err.Error()}
	}
	o := s.settle(r)
	if opening {
		s.opened = s.openedAhead(*ahead)
	}
	return o
}

// settle reads the answer to the end of the data.
func (s *Session) settle(r reply) press.Outcome {
	o := judge(endOfData, r)
	if o.State == press.Planned || o.State == press.Unknown {
		s.fail(fmt.Errorf("the end of the data was answered %s", r))
	}
	return o
}

// halfWritten is for a write that failed. If the last byte of the message was
// never handed to the system the relay cannot have taken it; if it was, the
// relay may have. Whatever it said before it hung up counts.
func (s *Session) halfWritten(whole bool, err error) press.Outcome {
	r, said := s.lastWord()
	defer s.fail(err)
	switch {
	case said && (whole || r.code >= 400):
		return s.settle(r)
	case said && r.code/100 == 2:
		return press.Outcome{State: press.Unknown, Verb: endOfData, Code: r.code, Enhanced: r.enhanced, Text: fmt.Sprintf("the relay took the message before its end: %s", r.text)}
	case whole:
		return press.Outcome{State: press.Unknown, Verb: endOfData, Text: "the connection was lost after the last byte: " + err.Error()}
	default:
		return *s.lost("DATA", err)
	}
}

func (s *Session) lost(verb string, err error) *press.Outcome {
	s.fail(err)
	o := unsent(verb, "the connection was lost before the message had left: "+err.Error())
	return &o
}

// judge reads a reply for what it says of the delivery.
func judge(verb string, r reply) press.Outcome {
	o := press.Outcome{Verb: verb, Code: r.code, Enhanced: r.enhanced, Text: r.text}
	switch r.code / 100 {
	case 2:
		o.State = press.Accepted
		return o
	case 4:
		o.State = press.Deferred
	case 5:
		o.State = press.Rejected
	default:
		o.State = press.Unknown
		return o
	}
	switch speaksOf(verb, r) {
	case theRelay:
		o.State = press.Planned
	case theAddress:
		o.OfAddress = o.State == press.Rejected
	case theMessage:
	}
	return o
}
