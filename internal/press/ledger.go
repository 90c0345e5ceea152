package press

import (
	"fmt"
	"time"
)

// Approval is one person's yes to one plan digest.
type Approval struct {
	ID         ID        `json:"id"`
	Release    string    `json:"release"`
	Digest     string    `json:"digest"`
	By         string    `json:"by"`
	At         time.Time `json:"at"`
	Recipients int       `json:"recipients"`
}

// Result is what became of a delivery that had begun.
type Result struct {
	Delivery ID
	Outcome  Outcome
	Next     time.Time // of a deferred one: when it may be tried again
}

// Recovered counts what Recover found.
type Recovered struct{ Released, Unknown int }

// ReleaseState is an approved release as it stands.
type ReleaseState struct {
	Approval Approval  `json:"approval"`
	Control  Control   `json:"control"`
	Counts   []Count   `json:"counts"`
	FirstDue time.Time `json:"first_due,omitzero"` // of what is unsent
}

// Count is how many deliveries of a release stand alike.
type Count struct {
	Send       string     `db:"send" json:"send"`
	Country    Country    `db:"country" json:"country"`
	Edition    Lang       `db:"edition" json:"edition"`
	OutletKind OutletKind `db:"outlet_kind" json:"outlet_kind"`
	State      State      `db:"state" json:"state"`
	N          int        `db:"n" json:"n"`
}

// LogFilter picks entries of the delivery log; an empty field picks all.
type LogFilter struct {
	Release string
	Country Country
	State   State
	Since   time.Time
	After   ID  // only entries written after this one
	Limit   int // the newest so many; 0: all
}

// LogEntry is an event with the delivery that it befell. Address and Person are
// personal: faces show them only when asked.
type LogEntry struct {
	ID       ID        `json:"id"`
	At       time.Time `json:"at"`
	Delivery ID        `json:"delivery"`
	Release  string    `json:"release"`
	Send     string    `json:"send"`
	Country  Country   `json:"country"`
	Edition  Lang      `json:"edition"`
	Outlet   string    `json:"outlet"`
	Address  Address   `json:"address,omitempty"`
	From     State     `json:"from"`
	State    State     `json:"state"`
	Relay    string    `json:"relay,omitempty"`
	Verb     string    `json:"verb,omitempty"`
	Code     int       `json:"code,omitempty"`
	Enhanced string    `json:"enhanced,omitempty"`
	Reply    string    `json:"reply,omitempty"`
	// OfAddress tells of a refusal that it spoke of the address itself.
	OfAddress bool `json:"of_address,omitempty"`
}

// DaemonState is a daemon as the store last heard of it.
type DaemonState struct {
	ID      ID           `json:"id"`
	Host    string       `json:"host"`
	PID     int          `json:"pid"`
	Started time.Time    `json:"started"`
	Seen    time.Time    `json:"seen"`
	Config  string       `json:"config,omitempty"` // why the newest config was refused
	Relays  []RelayState `json:"relays"`
	// Mailboxes are the ways in for reports that had any trouble since the daemon was first started.
	Mailboxes []RelayState `json:"mailboxes,omitempty"`
	// Disks are those of the state folder and of a SQLite file, once one was low.
	Disks []RelayState `json:"disks,omitempty"`
}

// RelayState is a relay, a mailbox or a disk, as one daemon sees it.
type RelayState struct {
	Daemon  ID        `json:"-"`
	Name    string    `json:"name"`
	Trouble string    `json:"trouble,omitempty"`
	Since   time.Time `json:"since"`
}

// ErrNeverApproved says that a release is not in the store, so that nothing of
// it can be held, resumed or killed.
type ErrNeverApproved struct{ Release string }

func (e ErrNeverApproved) Error() string {
	return fmt.Sprintf("release %s was never approved: nothing of it is on its way", e.Release)
}

// Author is whose word it is that keeps a mailbox from being written to. Each
// has one of a scope, and takes back their own alone.
type Author string

// The authors.
const (
	AuthorContact Author = "contact" // the journalist, by the link in their mail
	AuthorDesk    Author = "desk"    // the team, by hand
	AuthorReport  Author = "report"  // what came back
	AuthorErasure Author = "erasure" // whoever erased the person; only the team lifts it, by hand
)

// Suppression keeps a mailbox from being written to. Scope is `all`,
// `sender:ID` or `topic:NAME`; By is a name, or how the word came.
type Suppression struct {
	AddressKey AddressKey `json:"address_key"`
	Scope      string     `json:"scope"`
	Author     Author     `json:"author"`
	Reason     string     `json:"reason"`
	By         string     `json:"by"`
	At         time.Time  `json:"at"`
}

// Lifting is a person of the team who takes a suppression away, and why.
type Lifting struct {
	Address Address
	Key     AddressKey // of the address
	Scope   string
	Why, By string
	At      time.Time
}

// Lifted says what a person of the team took away, within one scope.
type Lifted struct {
	Lifted bool `json:"lifted"` // there was something
	Stays  bool `json:"stays"`  // the journalist's own word, which only they take back
}

// Damaged says that what an approval froze cannot be read back; trying again
// does not help.
type Damaged struct{ Err error }

func (d Damaged) Error() string { return "what was approved cannot be read back: " + d.Err.Error() }

// Unwrap gives the reason.
func (d Damaged) Unwrap() error { return d.Err }
