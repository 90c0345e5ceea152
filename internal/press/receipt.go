package press

import "time"

// Failed is how many copies of a release did not reach their mailbox, for one
// reason: refused by a relay, or sent back.
type Failed struct {
	State  State  `json:"state"`
	Class  Class  `json:"class,omitempty"`
	Reason Reason `json:"reason,omitempty"` // "": nothing has been read of it yet
	N      int    `json:"n"`
}

// Unsent is how many copies of a release were ended before they left, and why.
type Unsent struct {
	State State  `json:"state"`
	Why   string `json:"why"`
	N     int    `json:"n"`
}

// Tested is how many test copies of a release went out in one edition.
type Tested struct {
	Edition Lang      `json:"edition"`
	State   State     `json:"state"`
	N       int       `json:"n"`
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
}

// Step is a copy of a release with one entry of its trail, or with none yet.
// Address is personal, and so is the outlet of a freelancer.
type Step struct {
	Delivery   ID
	Send       string
	Address    Address
	Outlet     string
	OutletKind OutletKind
	Country    Country
	Edition    Lang
	Due        time.Time
	Now        State // as the copy stands now, and since when
	NowSince   time.Time
	At         time.Time // of the entry; zero where there is none
	From       State
	To         State
	By         string
}
