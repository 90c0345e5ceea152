package doctor

import (
	"crypto"
	"net/netip"
	"time"

	"dateline/internal/press"
)

// Answer is what was answered. Where Why says something nothing is known;
// otherwise a Got that is empty is the server's own word that there is nothing.
type Answer[T any] struct {
	Got T
	Why string
}

// Facts are all answers.
type Facts struct {
	Now       time.Time
	At        time.Time // when the last copy is to leave; Now where nothing is planned
	Senders   []Sender
	Relays    []Relay
	Mailboxes []Mailbox
	OneClick  OneClick
	Clocks    []Clock
}

// Sender is what was answered of one sender.
type Sender struct {
	ID       string
	From     string // the domain of From, in ASCII
	Envelope string // that of the envelope's sender, which SPF looks at

	SPF      SPF
	Verdicts map[string][]Verdict // by relay: what SPF says of each of its addresses
	Keys     []Key
	DMARC    []Policies // of From's domain, then of its organisation's, where that is another

	FromMail   Answer[press.DomainMail]
	BounceMail Answer[press.DomainMail]
	MX         Answer[[]string] // of the envelope's domain
	OptOut     bool             // mail has links to opt out by one click

	STS       Answer[[]string] // TXT at _mta-sts.
	STSPolicy Answer[string]   // the policy's text, where STS names one
	TLSRPT    Answer[[]string] // TXT at _smtp._tls.
}

// Verdict is what SPF says of one address.
type Verdict struct {
	IP     netip.Addr
	Result string // as RFC 7208, 2.6 names it
	Detail string
}

// Key is one that mail is signed with, and what stands in DNS for it.
type Key struct {
	Domain, Selector string
	Public           crypto.PublicKey
	Records          Answer[[]string]
}

// Name is where the key's record stands.
func (k Key) Name() string { return k.Selector + "._domainkey." + k.Domain }

// Policies are the TXT records at _dmarc. of a domain.
type Policies struct {
	Domain  string
	Records Answer[[]string]
}

// Relay is what was answered of one relay.
type Relay struct {
	Name     string
	TLS      string             // as the config has it: required, implicit or none
	Loopback bool               // it is on this machine
	Certain  bool               // Outgoing is what the config says that mail leaves by
	Outgoing Answer[[]Outgoing] // empty: the relay's own address is of no network that others see
	Session  Session
}

// Outgoing is an address that mail leaves by.
type Outgoing struct {
	IP    netip.Addr
	Names Answer[[]Name]
}

// Name is one of the names of an address.
type Name struct {
	Name  string
	Leads Answer[bool] // back to the address
}

// Session is what came of signing in to a relay.
type Session struct {
	Why     string // it could not be asked
	Refused string // what would keep mail from leaving
	Version string // of TLS; "": plain text
	Until   time.Time
}

// Mailbox is what came of looking into one.
type Mailbox struct {
	Name    string
	Here    bool // it is no account: the daemon itself listens
	Why     string
	Refused string
}

// OneClick is what the address behind the links answered.
type OneClick struct {
	URL       string // "": the config has none
	Get, Post Reply
}

// Reply is one answer by HTTP.
type Reply struct {
	Why     string // it could not be asked
	Refused string // TLS does not stand, or the connection was refused
	Status  int
	Ours    bool // it is an answer of our own pages
	To      string
}

// Clock is another's, beside this machine's.
type Clock struct {
	Whose  string
	Ahead  time.Duration // of this machine's; below zero it is behind
	Within time.Duration // by so much Ahead may be wrong
	Why    string
}
