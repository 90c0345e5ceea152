package press

import "slices"

// OutletKind is what a news organisation is.
type OutletKind string

// The kinds of outlet.
const (
	Wire      OutletKind = "wire"
	Newspaper OutletKind = "newspaper"
	TV        OutletKind = "tv"
	Radio     OutletKind = "radio"
	Online    OutletKind = "online"
	Freelance OutletKind = "freelance"
)

// OutletKinds lists every kind of outlet.
func OutletKinds() []OutletKind { return []OutletKind{Wire, Newspaper, TV, Radio, Online, Freelance} }

// Outlet is a news organisation.
type Outlet struct {
	ID        ID         `json:"id"`
	Name      string     `json:"name"`
	Country   Country    `json:"country"`
	Kind      OutletKind `json:"kind"`
	Website   string     `json:"website,omitempty"`
	Zone      string     `json:"zone,omitempty"`
	Agreement Agreement  `json:"agreement,omitzero"`
	// Ended says that an agreement was taken off by hand, and there is none since.
	Ended Ended `json:"agreement_ended,omitzero"`
}

// Contact is a journalist or a desk. Addresses and languages stand in order of
// preference; a Zone of "" is not known.
type Contact struct {
	ID         ID        `json:"id"`
	Name       string    `json:"name,omitempty"`
	Addresses  []Address `json:"addresses"`
	Country    Country   `json:"country"`
	Languages  []Lang    `json:"languages"`
	Beats      []string  `json:"beats,omitempty"`
	Tags       []string  `json:"tags,omitempty"`
	Zone       string    `json:"zone,omitempty"`
	LegalBasis string    `json:"legal_basis,omitempty"`
	Source     string    `json:"source,omitempty"`
	Notes      string    `json:"notes,omitempty"`
	Confirmed  Date      `json:"confirmed,omitzero"` // when the data were last known to be true
	Outlets    []Outlet  `json:"outlets,omitempty"`
}

// Preferred is the address that mail to the contact goes to.
func (c Contact) Preferred() Address {
	if len(c.Addresses) == 0 {
		return ""
	}
	return c.Addresses[0]
}

// AgreedOutlet is the contact's first outlet with an embargo agreement in force
// on a day.
func (c Contact) AgreedOutlet(day Date) (Outlet, bool) {
	i := slices.IndexFunc(c.Outlets, func(o Outlet) bool { return o.Agreement.InForce(day) })
	if i < 0 {
		return Outlet{}, false
	}
	return c.Outlets[i], true
}
