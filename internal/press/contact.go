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
}

// Agreement is an outlet's word that it holds what it gets under embargo.
type Agreement struct {
	On Date   `json:"on,omitzero"`
	By string `json:"by,omitempty"`
}

// OnFile tells whether there is an agreement.
func (a Agreement) OnFile() bool { return !a.On.IsZero() }

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
	Outlets    []Outlet  `json:"outlets,omitempty"`
}

// Preferred is the address that mail to the contact goes to.
func (c Contact) Preferred() Address {
	if len(c.Addresses) == 0 {
		return ""
	}
	return c.Addresses[0]
}

// AgreedOutlet is the contact's first outlet with an embargo agreement.
func (c Contact) AgreedOutlet() (Outlet, bool) {
	i := slices.IndexFunc(c.Outlets, func(o Outlet) bool { return o.Agreement.OnFile() })
	if i < 0 {
		return Outlet{}, false
	}
	return c.Outlets[i], true
}

// Filter picks contacts: each field that is not empty must match, and within a
// field any one value is enough.
type Filter struct {
	Countries   []Country    `json:"countries,omitempty"`
	Languages   []Lang       `json:"languages,omitempty"`
	Beats       []string     `json:"beats,omitempty"`
	OutletKinds []OutletKind `json:"outlet_kinds,omitempty"`
	Tags        []string     `json:"tags,omitempty"`
}

// Matches tells whether the filter picks a contact.
func (f Filter) Matches(c Contact) bool {
	return (len(f.Countries) == 0 || slices.Contains(f.Countries, c.Country)) &&
		(len(f.Languages) == 0 || overlap(f.Languages, c.Languages)) &&
		(len(f.Beats) == 0 || overlap(f.Beats, c.Beats)) &&
		(len(f.Tags) == 0 || overlap(f.Tags, c.Tags)) &&
		(len(f.OutletKinds) == 0 || slices.ContainsFunc(c.Outlets, func(o Outlet) bool {
			return slices.Contains(f.OutletKinds, o.Kind)
		}))
}

func overlap[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(x T) bool { return slices.Contains(b, x) })
}

// IsZero tells whether the filter has no field, and so picks nobody.
func (f Filter) IsZero() bool {
	return len(f.Countries)+len(f.Languages)+len(f.Beats)+len(f.OutletKinds)+len(f.Tags) == 0
}

// List is a saved audience: everybody (All) or the contacts that the filter
// picks, and those included by address, without those excluded by address.
// A filter without a field picks nobody: everybody must be said.
type List struct {
	Name    string    `json:"name"`
	All     bool      `json:"all,omitempty"`
	Filter  Filter    `json:"filter,omitzero"`
	Include []Address `json:"include,omitempty"`
	Exclude []Address `json:"exclude,omitempty"`
}

// Holds tells whether a contact is in the list; an exclude outweighs all else.
func (l List) Holds(c Contact) bool {
	named := func(among []Address) bool {
		return slices.ContainsFunc(c.Addresses, func(a Address) bool {
			return slices.ContainsFunc(among, func(b Address) bool { return a.Key() == b.Key() })
		})
	}
	picked := l.All || (!l.Filter.IsZero() && l.Filter.Matches(c)) || named(l.Include)
	return picked && !named(l.Exclude)
}
