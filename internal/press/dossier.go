package press

import "time"

// Dossier is everything that is held on one person.
type Dossier struct {
	At           time.Time     `json:"at"`
	Contact      *Contact      `json:"contact,omitempty"` // nil where only traces are held
	Created      time.Time     `json:"created,omitzero"`
	Updated      time.Time     `json:"updated,omitzero"`
	Suppressions []Suppression `json:"suppressions"`
	Copies       []CopySent    `json:"copies"`
	Reports      []ReportHeld  `json:"reports"`
	Acts         []ContactAct  `json:"acts"`
}

// Told is the dossier as the person may have it: without copies that have not
// left, and may never. A release that is under embargo, or was withdrawn before
// it left, is not told of by its name.
func (d Dossier) Told() Dossier {
	copies := []CopySent{} // in JSON an empty list is no null
	for _, c := range d.Copies {
		switch c.State {
		case Sending, Accepted, Rejected, Unknown, Delivered, Bounced, Complained:
			copies = append(copies, c)
		case Planned, Claimed, Deferred, Skipped, Cancelled, Expired:
		}
	}
	d.Copies = copies
	return d
}

// CopySent is one copy of a release for that person.
type CopySent struct {
	Delivery ID        `json:"delivery"`
	Release  string    `json:"release"`
	Send     string    `json:"send"`
	Edition  Lang      `json:"edition"`
	Address  Address   `json:"address,omitempty"`
	Due      time.Time `json:"due,omitzero"`
	State    State     `json:"state"`
	Updated  time.Time `json:"updated"`
}

// ReportHeld is a report that came back for one of their copies.
type ReportHeld struct {
	Delivery   ID         `json:"delivery,omitzero"`
	Kind       ReportKind `json:"kind"`
	Recipient  Address    `json:"recipient,omitempty"`
	Diagnostic string     `json:"diagnostic,omitempty"`
	At         time.Time  `json:"at"`
}

// ContactAct is what was done to a contact, and by whom.
type ContactAct struct {
	Contact ID        `json:"contact"`
	Act     string    `json:"act"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Detail  string    `json:"detail,omitempty"`
}
