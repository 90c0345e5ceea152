package relay

import (
	"errors"

	"dateline/internal/press"
)

// opened is a transaction that left with the message before it.
type opened struct {
	envelope press.Envelope
	refusal  *press.Outcome // what the relay refused; nil: it waits for the data
}

func (o *opened) isFor(e press.Envelope) bool {
	return o.envelope.Delivery == e.Delivery && o.envelope.To == e.To
}

// aheadVerbs open a transaction behind a message. There is no RSET: the end of
// the data clears what was before it, whatever it is answered.
func aheadVerbs() []string { return []string{"MAIL", "RCPT", "DATA"} }

// mayOpen tells whether a transaction may leave with the message before it. What
// could not be sent is left for its own turn, which says why.
func (s *Session) mayOpen(ahead press.Envelope) bool {
	_, ok := s.can.carry(ahead)
	return ok && s.can.pipelining && !s.options.Now().Before(ahead.NotBefore)
}

// openedAhead reads what the relay said to an opening. A message that was
// refused or lost before its answers came is none that the relay can have.
func (s *Session) openedAhead(ahead press.Envelope) *opened {
	o := &opened{envelope: ahead}
	if s.broken != nil {
		out := unsent("MAIL", "the session was broken before: "+s.broken.Error())
		o.refusal = &out
		return o
	}
	if s.in.Buffered() == 0 {
		if err := s.deadline(s.options.Timeout); err != nil {
			o.refusal = s.lost("MAIL", err)
			return o
		}
	}
	o.refusal = s.answers(aheadVerbs())
	return o
}

// Abandon gives up the transaction that was opened with the last message: its
// own will not be sent after all. If the relay waits for the data the connection
// is closed, because nothing else ends a transaction at that point without a
// message; if the relay had refused it, there is nothing to end.
func (s *Session) Abandon() {
	o := s.opened
	s.opened = nil
	if o != nil && o.refusal == nil {
		s.discard(errors.New("a transaction was opened for a message that did not come, so the connection was closed"))
	}
}
