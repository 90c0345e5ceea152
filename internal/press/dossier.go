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
