package press

import "time"

// DeliveryFilter picks deliveries of the log; an empty field picks all.
type DeliveryFilter struct {
	Release string
	Country Country
	Edition Lang
	Outlet  string     // its whole name
	States  []State    // any of these
	Reason  Reason     // of a report on the copy, a relay's refusal among them
	Class   Class      // of a bounce or a refusal; with a reason, of the same report
	Mailbox AddressKey // of the address that it goes to
	Text    string     // a part of the address, of the person's or of the outlet's name, in either case
	Since   time.Time  // something of it was written down then or later
	Until   time.Time  // and before then
}

// DeliveryRow is a delivery as a list shows it. Address and Name are personal:
// faces show them only when asked.
type DeliveryRow struct {
	ID         ID         `json:"id"`
	Release    string     `json:"release"`
	Send       string     `json:"send"`
	Contact    ID         `json:"contact"`
	Address    Address    `json:"address,omitempty"`
	Name       string     `json:"name,omitempty"`
	Outlet     string     `json:"outlet,omitempty"`
	OutletKind OutletKind `json:"outlet_kind,omitempty"`
	Country    Country    `json:"country"`
	Edition    Lang       `json:"edition"`
	Due        time.Time  `json:"due,omitzero"` // zero: on approval
	State      State      `json:"state"`
	Attempts   int        `json:"attempts"`
	Updated    time.Time  `json:"updated"`
	Last       Outcome    `json:"last,omitzero"`    // the newest of its trail; zero where nothing befell it yet
	Reason     Reason     `json:"reason,omitempty"` // of the newest report on it
	Class      Class      `json:"class,omitempty"`  // of that report
}

// DeliveryPage is a part of what a filter picks, newest first. A page has a
// budget: where that ends before the page is full, it tells how far it has
// looked, and the next page goes on from there.
type DeliveryPage struct {
	Rows   []DeliveryRow `json:"rows"`
	More   bool          `json:"more"`            // there are older ones that nobody has looked at
	Next   ID            `json:"next,omitzero"`   // where the next page begins, if there is more
	Looked int           `json:"looked,omitzero"` // where the budget ended: how many deliveries it has looked at
}

// DeliveryTrail is everything that is held of one delivery.
type DeliveryTrail struct {
	Delivery Delivery      `json:"delivery"`
	Updated  time.Time     `json:"updated"`
	Events   []Event       `json:"events"`  // oldest first
	Reports  []TrailReport `json:"reports"` // oldest first
}

// TrailReport is a report on a delivery, with the mail that it came in.
type TrailReport struct {
	ReportEntry
	Format MailFormat `json:"format,omitempty"`
	Raw    []byte     `json:"raw,omitempty"` // as it came; none where a relay refused, and where the mail was erased
}
