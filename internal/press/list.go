package press

import "slices"

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
