package press

import (
	"encoding/binary"
	"time"
	"unicode/utf8"
)

// Recipient is one line of a plan: who gets which edition in which send, when
// and why. Person, zone and outlet are frozen with it.
type Recipient struct {
	Contact    ID         `json:"contact"`
	Address    Address    `json:"address"`
	Name       string     `json:"name,omitempty"`
	Outlet     string     `json:"outlet,omitempty"`
	OutletKind OutletKind `json:"outlet_kind,omitempty"`
	Country    Country    `json:"country"`
	Edition    Lang       `json:"edition"`
	Why        string     `json:"why"` // why this edition
	Zone       string     `json:"zone,omitempty"`
	Due        time.Time  `json:"due,omitzero"` // zero: on approval
	Deadline   time.Time  `json:"deadline,omitzero"`
	After      string     `json:"after,omitempty"`       // of a follow-up: the send whose copy must have been accepted
	InReplyTo  string     `json:"in_reply_to,omitempty"` // the Message-ID of the copy that this one follows: a notice, a correction, a follow-up
	Ninjs      bool       `json:"ninjs,omitempty"`       // the copy carries the story as ninjs, too
}

// Delivery is one contact's copy of one send.
type Delivery struct {
	ID       ID `json:"id"`
	Approval ID `json:"approval"`
	Recipient
	Release    string     `json:"release"`
	Send       string     `json:"send"`
	AddressKey AddressKey `json:"address_key"`
	State      State      `json:"state"`
	Attempts   int        `json:"attempts"`
	Next       time.Time  `json:"next"` // when it may be claimed
}

// Outcome is what became of one try at one delivery, as the relay told it.
type Outcome struct {
	State    State     `json:"state"` // accepted, deferred, rejected, unknown, or planned where nothing left
	At       time.Time `json:"at"`
	Relay    string    `json:"relay,omitempty"`
	Verb     string    `json:"verb,omitempty"` // the command that the reply answers
	Code     int       `json:"code,omitempty"` // of RFC 5321; 0 where no reply came
	Enhanced string    `json:"enhanced,omitempty"`
	Text     string    `json:"text,omitempty"`
	// OfAddress tells of a rejection that it speaks of the address itself.
	OfAddress bool `json:"of_address,omitempty"`
}

// Event is one entry of a delivery's append-only trail.
type Event struct {
	ID   ID    `json:"id"`
	From State `json:"from"`
	Outcome
	By string `json:"by,omitempty"` // the daemon or the person
}

// Control is what people have said of a release since its approval. It acts on
// every daemon, whatever was approved.
type Control struct {
	Held   string    `json:"held,omitempty"` // why; empty where it is not held
	HeldBy string    `json:"held_by,omitempty"`
	HeldAt time.Time `json:"held_at,omitzero"`
	Killed string    `json:"killed,omitempty"` // why; a kill is never taken back
	KillBy string    `json:"killed_by,omitempty"`
	KillAt time.Time `json:"killed_at,omitzero"`
}

// ByDateline stands as the author of what the program itself does.
const ByDateline = "dateline"

// ByReport stands as the author of what follows from a report.
const ByReport = "report"

// Envelope is what a relay must know of a message beside its bytes. Size and
// EightBit matter where a transaction is opened before its message is at hand.
type Envelope struct {
	Delivery  ID
	From, To  Address
	NotBefore time.Time // no byte of the content leaves earlier
	Size      int       // of the message, in bytes; 0 where it is not known
	EightBit  bool      // it holds bytes beyond ASCII
}

// Of is the envelope with what a relay asks of this message.
func (e Envelope) Of(message []byte) Envelope {
	e.Size, e.EightBit = len(message), false
	const high = 0x8080808080808080
	for ; len(message) >= 8; message = message[8:] {
		if binary.LittleEndian.Uint64(message)&high != 0 {
			e.EightBit = true
			return e
		}
	}
	for _, b := range message {
		e.EightBit = e.EightBit || b >= utf8.RuneSelf
	}
	return e
}
