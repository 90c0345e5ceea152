package press

import "time"

// Cause is what an alarm is about. The words are written into the store, into
// what is posted, and over their parts of the handbook.
type Cause string

// The causes, in the order in which they are told.
const (
	CauseNoDaemon    Cause = "no-daemon"         // copies wait, and nobody sends
	CauseLiftMissed  Cause = "lift-missed"       // an instant passed and nothing left, or copies expired unsent
	CauseClock       Cause = "clock-untrusted"   // a release is held for a clock
	CauseHouseHold   Cause = "held-by-dateline"  // a release is held by the program, for another reason
	CauseRelay       Cause = "relay-aside"       // a relay takes nothing
	CauseConfig      Cause = "config-refused"    // the folder's newest state is not in use
	CauseDisk        Cause = "disk-low"          // on a daemon's machine
	CauseMailbox     Cause = "mailbox-unread"    // what comes back is not read
	CauseBlocked     Cause = "domain-blocks"     // a domain refuses our mail
	CauseBounced     Cause = "bounces-high"      // much of a release goes to dead addresses
	CauseUnreached   Cause = "outlets-unreached" // outlets none of whose copies arrived
	CauseUnknown     Cause = "unknown-copies"    // that may have left
	CauseHeld        Cause = "held"              // by a person, who knows
	CauseQuarantined Cause = "quarantined"       // mail that could not be read
	CauseProposals   Cause = "proposals"         // of new addresses
	CauseTest        Cause = "test"              // somebody tries the ways out
)

// Causes are all causes but the test.
func Causes() []Cause {
	return []Cause{
		CauseNoDaemon, CauseLiftMissed, CauseClock, CauseHouseHold, CauseRelay, CauseConfig, CauseDisk, CauseMailbox,
		CauseBlocked, CauseBounced, CauseUnreached, CauseUnknown, CauseHeld, CauseQuarantined, CauseProposals,
	}
}

// Quiet tells whether a cause only waits for a person, and nobody is called.
func (c Cause) Quiet() bool {
	return c == CauseHeld || c == CauseQuarantined || c == CauseProposals
}

// Patience is how long a cause may last before anybody is called: a relay hangs
// up now and then, and is back at once.
func (c Cause) Patience() time.Duration {
	switch c {
	case CauseMailbox:
		return 10 * time.Minute
	case CauseRelay, CauseNoDaemon:
		return 30 * time.Second
	default:
		return 0
	}
}

// Alarm is something that goes on, or comes to its end, only when a person does
// something about it. It names releases, relays, mailboxes, machines and mail
// domains; no person, no address, and nothing of a text.
type Alarm struct {
	Cause   Cause     `json:"cause"`
	Release string    `json:"release,omitempty"` // "": it concerns all of them
	Of      string    `json:"of,omitempty"`      // what else tells it from others of its cause: a relay, a domain
	What    string    `json:"what"`
	Do      string    `json:"do"`
	Since   time.Time `json:"since,omitzero"` // where that is known
}

// Key is what tells an alarm from others, for as long as it lasts.
func (a Alarm) Key() string { return string(a.Cause) + " " + a.Release + " " + a.Of }

// Troubles are what can be read of deliveries and reports that somebody should
// know of.
type Troubles struct {
	Missed    []Missed
	Expired   []Shortfall
	Unreached []Shortfall
	Blocked   []Blocked
	Bounced   []Returned
}

// Missed is a send none of whose copies has left at an instant.
type Missed struct {
	Release string    `db:"release"`
	Send    string    `db:"send"`
	Due     time.Time `db:"-"`
	Copies  int       `db:"n"`
}

// Shortfall is how many copies, or outlets, of a release came off badly.
type Shortfall struct {
	Release string `db:"release"`
	N       int    `db:"n"`
}

// Returned is how much of a release went to addresses that are dead.
type Returned struct {
	Release string `db:"release"`
	Bounced int    `db:"bounced"`
	Sent    int    `db:"sent"`
}

// Share is the part of what was sent, from 0 to 1.
func (b Returned) Share() float64 { return float64(b.Bounced) / float64(max(b.Sent, b.Bounced, 1)) }

// Telling is one alarm for one way out.
type Telling struct {
	ID    ID // the alarm's, however often it is told
	Alarm Alarm
	Ended time.Time // zero: it stands
	Again bool      // it was told before
	Tries int       // that failed since
}

// ToldBy is when an alarm was last told, by which way.
type ToldBy struct {
	Way string    `json:"way"`
	At  time.Time `json:"at"`
}

// StandingAlarm is an alarm with when it began and who was told.
type StandingAlarm struct {
	Alarm
	Told []ToldBy `json:"told"`
}
