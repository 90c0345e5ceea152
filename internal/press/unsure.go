package press

import "time"

// Unsure is a delivery of which nobody knows whether it left. Address is
// personal: faces show it only when asked.
type Unsure struct {
	Delivery ID        `json:"delivery"`
	Release  string    `json:"release"`
	Send     string    `json:"send"`
	Country  Country   `json:"country"`
	Edition  Lang      `json:"edition"`
	Outlet   string    `json:"outlet,omitempty"`
	Address  Address   `json:"address,omitempty"`
	Since    time.Time `json:"since"`
	Relay    string    `json:"relay,omitempty"`
	Why      string    `json:"why"`
	Deadline time.Time `json:"deadline"`
	Final    string    `json:"final,omitempty"` // why it cannot be sent again; "" where it can
}

// Pick names deliveries: these ones, or every one that is unknown.
type Pick struct {
	Release string // only copies of this one; "": of every release
	IDs     []ID
}

// Word is what a person says of deliveries that were picked: that they are to be
// sent again (Planned), that they arrived (Accepted), or that they never will
// (Cancelled).
type Word struct {
	State   State
	By, Why string
}

// Heeded is what became of a person's word.
type Heeded struct {
	Done    map[string]int `json:"done"` // deliveries by release
	Refused []Refusal      `json:"refused"`
}

// Total is how many deliveries the word moved.
func (h Heeded) Total() int {
	n := 0
	for _, some := range h.Done {
		n += some
	}
	return n
}

// Refusal says why the word did not move a delivery.
type Refusal struct {
	Delivery ID     `json:"delivery"`
	Release  string `json:"release,omitempty"`
	Why      string `json:"why"`
}

// Act is what a person, or the program, did to a release.
type Act struct {
	ID      ID        `json:"id"`
	At      time.Time `json:"at"`
	Release string    `json:"release"`
	Act     string    `json:"act"`
	By      string    `json:"by,omitempty"` // nobody is named with a test copy
	Detail  string    `json:"detail,omitempty"`
}
