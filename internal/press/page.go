package press

// Page is a part of what a filter picks. A page has a budget: where that ends
// before the page is full, it tells how far it has looked, and the next page
// goes on from there.
type Page[Row, Place any] struct {
	Rows   []Row
	More   bool  // there are others that nobody has looked at
	Next   Place // where the next page begins, if there is more
	Looked int   // where the budget ended: how many rows it has looked at
}

// ContactFilter picks contacts; an empty field picks all.
type ContactFilter struct {
	Text     string // a part of the name or of an address, in either case; a whole address finds whose it is
	Country  Country
	Language Lang
	Outlet   ID
	Mark     string               // a whole beat or tag, in either case
	Picks    func(c Contact) bool // what only the domain can tell, such as whether a list holds it; nil: all
	Among    Filter               // with Picks: whomever this leaves out, Picks does, too
}

// OutletFilter picks outlets; an empty field picks all.
type OutletFilter struct {
	Text    string // a part of the name, in either case
	Country Country
	Kind    OutletKind
	Agreed  *bool // whether an embargo agreement is in force
	Day     Date  // on this day
}

// OutletRow is an outlet with how many contacts are at it.
type OutletRow struct {
	Outlet
	Contacts int
}

// OutletPlace is where an outlet stands among all: by country, and by name.
type OutletPlace struct {
	Country Country
	Name    string
}

// Unreached is an outlet of whose copies of a release none arrived, or may yet.
type Unreached struct {
	Outlet   string     `db:"outlet"`
	Kind     OutletKind `db:"outlet_kind"`
	Country  Country    `db:"country"` // of its contacts
	Copies   int        `db:"copies"`
	Bounced  int        `db:"bounced"`
	Rejected int        `db:"rejected"`
	Expired  int        `db:"expired"`
	Skipped  int        `db:"skipped"` // suppressed
}

// SuppressionFilter picks suppressions; an empty field picks all.
type SuppressionFilter struct {
	Reason  string // a part of it, in either case
	Author  Author
	Scope   string
	Release string       // only mailboxes that a copy of it was for
	Keys    []AddressKey // any of these mailboxes; nil: all
}

// ReportCount is how many reports of a sort came in on a day.
type ReportCount struct {
	Day    Date
	Kind   ReportKind
	Class  Class
	Reason Reason
	N      int
}

// DomainCount is how much a domain sent back.
type DomainCount struct {
	Domain     string `db:"domain"`
	Hard       int    `db:"hard"`
	Soft       int    `db:"soft"`
	Complaints int    `db:"complaints"`
}

// All is all of it.
func (d DomainCount) All() int { return d.Hard + d.Soft + d.Complaints }
