package receipt

import (
	"fmt"
	"time"

	"dateline/internal/press"
)

// Receipt is what became of a release, as it was known at an instant.
type Receipt struct {
	At        time.Time           `json:"at"` // when it was drawn up
	Release   string              `json:"release"`
	Kind      press.ReleaseKind   `json:"kind"`
	About     string              `json:"about,omitempty"` // the release that it corrects, or is a notice about
	Titles    []Title             `json:"titles"`          // of the approval in force, in the order of its editions
	Lift      press.Moment        `json:"lift,omitzero"`   // zero: no embargo
	Approvals []Approval          `json:"approvals"`       // oldest first
	Acts      []press.Act         `json:"acts"`            // holds, resumes, kills and what else was done, but for approvals and test copies
	Control   press.Control       `json:"control"`         // how it stands now
	Copies    int                 `json:"copies"`
	States    map[press.State]int `json:"states"`
	Sends     []Part              `json:"sends"`     // by their names
	Countries []Part              `json:"countries"` // by their codes
	Languages []Part              `json:"languages"` // by their tags
	Lateness  Lateness            `json:"lateness,omitzero"`
	Failed    []press.Failed      `json:"failed"`
	Unsent    []press.Unsent      `json:"unsent"`
	Tests     []press.Tested      `json:"tests"`
	Notices   []Notice            `json:"notices"`
	Held      *Held               `json:"held,omitempty"`     // where a moment was asked for
	Seal      *press.SealMark     `json:"seal,omitempty"`     // the newest; nil where nothing is sealed yet
	Verified  *Verification       `json:"verified,omitempty"` // where it was asked for
}

// Title is the headline of an edition.
type Title struct {
	Lang     press.Lang `json:"lang"`
	Headline string     `json:"headline"`
}

// Approval is one person's yes, and whether it is the one that counts.
type Approval struct {
	press.Approval
	InForce bool `json:"in_force"`
}

// Part is how the copies of one send, for one country or in one language stand.
type Part struct {
	Of       string              `json:"of"`
	Copies   int                 `json:"copies"`
	States   map[press.State]int `json:"states"`
	Accepted int                 `json:"accepted"` // by a relay, whatever became of it later
	First    time.Time           `json:"first,omitzero"`
	Last     time.Time           `json:"last,omitzero"`
}

// Lateness is how long after the lift relays accepted what was to leave then or
// later. Half and Most are full seconds, by which so many were accepted.
type Lateness struct {
	Accepted int           `json:"accepted"`
	Early    int           `json:"early"` // before the lift, which must not be
	First    time.Duration `json:"first"`
	Half     time.Duration `json:"half"`
	Most     time.Duration `json:"most"` // 99 of 100
	Last     time.Duration `json:"last"`
}

// Notice is a release that was sent to those who hold a copy of this one.
type Notice struct {
	Release  string              `json:"release"`
	Kind     press.ReleaseKind   `json:"kind"`
	Approval press.Approval      `json:"approval"`
	States   map[press.State]int `json:"states"`
}

// Held is who had a copy at a moment, or may have had one: those whose relay had
// accepted it by then, and those of whom nobody knows. A copy that its relay was
// accepting in that same moment counts from the reply on.
type Held struct {
	At      time.Time      `json:"at"`
	Copies  int            `json:"copies"`
	Unsure  int            `json:"unsure"` // of these: of whom nobody knows
	Holders []Holder       `json:"holders"`
	Tests   []press.Tested `json:"tests"`
}

// Holder is an outlet with its copies of one send that stood alike. Freelancers
// are counted together in each country, since each is a person.
type Holder struct {
	Outlet     string           `json:"outlet,omitempty"` // "": freelancers, or no outlet
	OutletKind press.OutletKind `json:"outlet_kind,omitempty"`
	Country    press.Country    `json:"country"`
	Send       string           `json:"send"`
	State      press.State      `json:"state"` // at that moment
	Copies     int              `json:"copies"`
	Since      time.Time        `json:"since"`               // when the first of them may have been there
	Addresses  []press.Address  `json:"addresses,omitempty"` // where they were asked for
}

// Verification is what a walk along the seals found.
type Verification struct {
	All      bool      `json:"all"`      // every seal was computed anew, not only those of the release's time
	Seals    int       `json:"seals"`    // walked along
	Computed int       `json:"computed"` // computed anew
	Events   int       `json:"events"`   // that these cover
	Acts     int       `json:"acts"`
	Tests    int       `json:"tests"`
	Unsealed int       `json:"unsealed"`       // entries that are not sealed yet
	Since    time.Time `json:"since,omitzero"` // the oldest of them
	Breaks   []Break   `json:"breaks"`
}

// Whole tells whether nothing was found.
func (v Verification) Whole() bool { return len(v.Breaks) == 0 }

// Break is where the trail is not as it was sealed.
type Break struct {
	Seal int       `json:"seal"`
	From time.Time `json:"from,omitzero"` // what the seal covers was written after this; zero: it is the first
	To   time.Time `json:"to"`
	What string    `json:"what"`
}

// Told is the break in one line.
func (b Break) Told() string {
	const form = "2006-01-02 15:04:05.000 UTC"
	if b.From.IsZero() {
		return fmt.Sprintf("seal %d, up to %s: %s", b.Seal, b.To.Format(form), b.What)
	}
	return fmt.Sprintf("seal %d, from %s to %s: %s", b.Seal, b.From.Format(form), b.To.Format(form), b.What)
}
