package press

import "time"

// MailKey is a hash of what makes two mails that came in the same one, by
// whatever way.
type MailKey = ID

// Tie is by which key a report found its delivery.
type Tie string

// The ties, the surest first. Only a token can be made by nobody else; the two
// after it are known to whoever has had the copy in hand; the last is a guess.
const (
	TieNone      Tie = ""
	TieToken     Tie = "token"
	TieEnvelope  Tie = "envid"
	TieMessage   Tie = "message-id"
	TieRecipient Tie = "recipient" // the newest copy for that address
	TieDialogue  Tie = "dialogue"  // the relay's own answer
)

// Trusted tells whether a report so tied may suppress an address.
func (t Tie) Trusted() bool { return t == TieToken || t == TieDialogue }

// Moves tells whether a report so tied may change a delivery's state.
func (t Tie) Moves() bool { return t.Trusted() || t == TieEnvelope || t == TieMessage }

// Tied is a report with what its keys tell of its delivery.
type Tied struct {
	Report
	Delivery ID // zero where only the address is known, or nothing
	Tie      Tie
	Keys     []AddressKey // of the addresses that the report names, for where no other key tells
}

// Incoming is one mail that came in, with what was read in it.
type Incoming struct {
	Mail
	Key     MailKey
	Reports []Tied
	Trouble string // why it could not be read; it goes to quarantine
}

// Taken says what became of one mail.
type Taken struct {
	Known bool // it had come before, and counts once
	Early bool // its delivery's own result is not in the ledger yet; it must be given again
	Tied  int  // reports that found their delivery
	Moved int  // deliveries that changed their state
}

// BouncePolicy says when a mailbox that takes nothing is written to no more.
// It lives in the store, so that all daemons follow one.
type BouncePolicy struct {
	SoftCount int           `json:"soft_count"` // soft bounces, with no copy between that arrived
	SoftSpan  time.Duration `json:"soft_span"`  // between the first and the last of them, at least
	// AlarmShare is the part of a release's copies to one domain, above 0 to 1,
	// that may come back for reasons of our sending before the operator is told.
	AlarmShare float64 `json:"alarm_share"`
}

// DefaultBouncePolicy is five soft bounces over two weeks, and an alarm at a
// tenth.
func DefaultBouncePolicy() BouncePolicy {
	return BouncePolicy{SoftCount: 5, SoftSpan: 14 * 24 * time.Hour, AlarmShare: 0.1}
}

// Reached tells whether soft bounces of copies that were due at these instants,
// in order, are enough.
func (p BouncePolicy) Reached(strikes []time.Time) bool {
	n := len(strikes)
	return n > 0 && n >= p.SoftCount && strikes[n-1].Sub(strikes[0]) >= p.SoftSpan
}

// Consequence is what follows from a report for the mailbox that it is about.
type Consequence string

// The consequences.
const (
	ConsequenceNone     Consequence = ""
	ConsequenceSuppress Consequence = "suppress" // at once
	ConsequenceStrike   Consequence = "strike"   // it counts, with others
	ConsequenceClear    Consequence = "clear"    // it arrived: earlier strikes count no more
)

// Consequence says what follows, for a copy that was written to an address. A
// report without a valid token does nothing by itself; one that speaks of our
// sending never counts; one that names another address than ours, to which the
// mail was sent on, proves nothing of ours.
func (r Tied) Consequence(to Address) Consequence {
	if !r.Tie.Trusted() {
		return ConsequenceNone
	}
	switch r.Kind {
	case ReportComplaint:
		if r.Reason.OfSending() { // that our signature failed (DMARC), nobody complained of
			return ConsequenceNone
		}
		return ConsequenceSuppress
	case ReportDelivered:
		if r.Arrived() {
			return ConsequenceClear
		}
		return ConsequenceNone
	case ReportBounce:
		switch {
		case r.Reason.OfSending():
			return ConsequenceNone
		case r.Class == Hard && r.of(to):
			return ConsequenceSuppress
		}
		return ConsequenceStrike
	case ReportDelayed, ReportAutoReply, ReportOptOut, ReportOther: // of an opt-out the use case has taken care
		return ConsequenceNone
	default:
		return ConsequenceNone
	}
}

// of tells whether the report is about this address: whether it names it, or
// names none.
func (r Tied) of(to Address) bool {
	if r.Recipient == "" && r.Original == "" {
		return true
	}
	return r.Recipient.Key() == to.Key() || r.Original.Key() == to.Key()
}

// Arrived tells of a report of success whether it speaks of the mailbox: what
// was only relayed or expanded may still come back.
func (r Report) Arrived() bool {
	return r.Kind == ReportDelivered && (r.Action == "" || r.Action == "delivered")
}

// State is where a report moves its delivery, "" where it does not.
func (r Tied) State() State {
	if !r.Tie.Moves() {
		return ""
	}
	switch {
	case r.Kind == ReportBounce:
		return Bounced
	case r.Kind == ReportComplaint && !r.Reason.OfSending():
		return Complained
	case r.Arrived():
		return Delivered
	default:
		return ""
	}
}

// ReportEntry is a report as the store has it. Recipient and the proposed
// addresses are personal: faces show them only when asked.
type ReportEntry struct {
	ID         ID         `json:"id"`
	At         time.Time  `json:"at"`
	Mailbox    string     `json:"mailbox"`
	Delivery   ID         `json:"delivery,omitzero"`
	Release    string     `json:"release,omitempty"`
	Send       string     `json:"send,omitempty"`
	Country    Country    `json:"country,omitempty"`
	Outlet     string     `json:"outlet,omitempty"`
	Tie        Tie        `json:"tie,omitempty"`
	Kind       ReportKind `json:"kind"`
	Recipient  Address    `json:"recipient,omitempty"`
	Domain     string     `json:"domain,omitempty"`
	Action     string     `json:"action,omitempty"`
	Status     string     `json:"status,omitempty"`
	Code       int        `json:"code,omitempty"`
	Class      Class      `json:"class"`
	Reason     Reason     `json:"reason"`
	Diagnostic string     `json:"diagnostic,omitempty"`
	Did        string     `json:"did,omitempty"` // what followed from it: suppress, strike, clear
}

// ReportFilter picks reports; an empty field picks all.
type ReportFilter struct {
	Release string
	Country Country
	Kind    ReportKind
	Class   Class
	Reason  Reason
	Domain  string // of the recipient, in any case
	Since   time.Time
	Limit   int // the newest so many; 0: all
}

// Quarantined is a mail that could not be read.
type Quarantined struct {
	ID      ID         `json:"id"`
	At      time.Time  `json:"at"`
	Mailbox string     `json:"mailbox"`
	Ref     string     `json:"ref"`
	Format  MailFormat `json:"format"`
	Size    int        `json:"size"`
	Trouble string     `json:"trouble"`
}

// Blocked is how much of a release a domain refuses for reasons of our sending.
type Blocked struct {
	Release string `db:"release" json:"release"`
	Domain  string `db:"domain" json:"domain"`
	Reason  Reason `db:"reason" json:"reason"` // one of them
	Blocked int    `db:"blocked" json:"blocked"`
	Sent    int    `db:"sent" json:"sent"`
}

// Share is the part of what was sent, from 0 to 1.
func (b Blocked) Share() float64 { return float64(b.Blocked) / float64(max(b.Sent, b.Blocked, 1)) }

// Proposal is an address that a reply or a bounce named in place of one of ours,
// for a person to accept.
type Proposal struct {
	ID       ID        `json:"id"`
	At       time.Time `json:"at"`
	Contact  ID        `json:"contact"`
	Person   string    `json:"person,omitempty"`
	Old      Address   `json:"old"`
	Address  Address   `json:"address"`
	Reason   Reason    `json:"reason"`
	Said     string    `json:"said"`
	Decision string    `json:"decision,omitempty"` // accepted or dismissed
}

// Undecided is why a proposal was not decided as somebody said.
type Undecided struct{ Why string }

func (u Undecided) Error() string { return u.Why }

// ToDecide counts what came back and waits for a person's word.
type ToDecide struct {
	Quarantined int `db:"quarantined" json:"quarantined"` // mails that could not be read
	Proposals   int `db:"proposals" json:"proposals"`     // of other addresses
}
