package press

import (
	"fmt"
	"slices"
	"strings"
)

// Filter picks contacts: each field that is not empty must match, and within a
// field any one value is enough.
type Filter struct {
	Countries   []Country    `json:"countries,omitempty"`
	Languages   []Lang       `json:"languages,omitempty"`
	Beats       []string     `json:"beats,omitempty"`
	OutletKinds []OutletKind `json:"outlet_kinds,omitempty"`
	Tags        []string     `json:"tags,omitempty"`
	Agreement   *bool        `json:"agreement,omitempty"` // whether an outlet's embargo agreement is in force
}

// Matches tells whether the filter picks a contact on a day.
func (f Filter) Matches(c Contact, day Date) bool { return f.firstMiss(c, day) == missNone }

// miss is a field that does not match.
type miss int

const (
	missNone miss = iota
	missCountry
	missLanguage
	missBeat
	missTag
	missKind
	missAgreement
)

func (f Filter) firstMiss(c Contact, day Date) miss {
	switch {
	case len(f.Countries) > 0 && !slices.Contains(f.Countries, c.Country):
		return missCountry
	case len(f.Languages) > 0 && !overlap(f.Languages, c.Languages):
		return missLanguage
	case len(f.Beats) > 0 && !overlap(f.Beats, c.Beats):
		return missBeat
	case len(f.Tags) > 0 && !overlap(f.Tags, c.Tags):
		return missTag
	case len(f.OutletKinds) > 0 && !slices.ContainsFunc(c.Outlets, func(o Outlet) bool { return slices.Contains(f.OutletKinds, o.Kind) }):
		return missKind
	case f.Agreement != nil:
		if _, agreed := c.AgreedOutlet(day); agreed != *f.Agreement {
			return missAgreement
		}
	}
	return missNone
}

// misses says for people which field does not match.
func (f Filter) misses(c Contact, day Date) string {
	switch f.firstMiss(c, day) {
	case missCountry:
		return fmt.Sprintf("country %s is not among %s", c.Country, joined(f.Countries))
	case missLanguage:
		return fmt.Sprintf("none of the languages %s is among %s", joined(c.Languages), joined(f.Languages))
	case missBeat:
		return "no beat is among " + joined(f.Beats)
	case missTag:
		return "no tag is among " + joined(f.Tags)
	case missKind:
		return "no outlet is of the kind " + joined(f.OutletKinds)
	case missAgreement:
		if *f.Agreement {
			return "no outlet has an embargo agreement in force"
		}
		return "an outlet has an embargo agreement in force"
	case missNone:
	}
	return ""
}

func joined[T ~string](values []T) string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return strings.Join(all, ", ")
}

func overlap[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(x T) bool { return slices.Contains(b, x) })
}

// IsZero tells whether the filter has no field, and so picks nobody.
func (f Filter) IsZero() bool {
	return len(f.Countries)+len(f.Languages)+len(f.Beats)+len(f.OutletKinds)+len(f.Tags) == 0 && f.Agreement == nil
}

// List is a saved audience: everybody (All), the contacts that the filter picks,
// those in one of its lists, and those included by address; without those in one
// of the lists that it excepts, and those excluded by address. A filter without
// a field picks nobody: everybody must be said.
type List struct {
	Name    string    `json:"name"`
	All     bool      `json:"all,omitempty"`
	Filter  Filter    `json:"filter,omitzero"`
	Lists   []List    `json:"lists,omitempty"`
	Except  []List    `json:"except,omitempty"`
	Include []Address `json:"include,omitempty"`
	Exclude []Address `json:"exclude,omitempty"`
}

// Holds tells whether a contact is in the list on a day.
func (l List) Holds(c Contact, day Date) bool {
	if !l.picks(c, day) || named(c, l.Exclude) {
		return false
	}
	return !slices.ContainsFunc(l.Except, func(x List) bool { return x.Holds(c, day) })
}

func (l List) picks(c Contact, day Date) bool {
	return l.All || !l.Filter.IsZero() && l.Filter.Matches(c, day) || named(c, l.Include) ||
		slices.ContainsFunc(l.Lists, func(x List) bool { return x.Holds(c, day) })
}

// named tells whether a contact has one of these addresses.
func named(c Contact, among []Address) bool {
	return len(among) > 0 && slices.ContainsFunc(c.Addresses, func(a Address) bool {
		return slices.ContainsFunc(among, func(b Address) bool { return a.Key() == b.Key() })
	})
}

// Why tells whether a contact is in the list on a day, and by which part of it.
func (l List) Why(c Contact, day Date) (in bool, why string) {
	if named(c, l.Exclude) {
		return false, "excluded by address"
	}
	for _, x := range l.Except {
		if in, why := x.Why(c, day); in {
			return false, "excepted with the list " + x.Name + ": " + why
		}
	}
	switch {
	case l.All:
		return true, "everybody is in"
	case named(c, l.Include):
		return true, "included by address"
	case !l.Filter.IsZero() && l.Filter.Matches(c, day):
		return true, "the filter picks: " + l.Filter.String()
	}
	var misses []string
	for _, x := range l.Lists {
		in, why := x.Why(c, day)
		if in {
			return true, "in the list " + x.Name + ": " + why
		}
		misses = append(misses, "not in the list "+x.Name+": "+why)
	}
	if !l.Filter.IsZero() {
		misses = append([]string{l.Filter.misses(c, day)}, misses...)
	}
	if len(misses) == 0 {
		return false, "not included by address"
	}
	return false, strings.Join(misses, "; ")
}

// String says what the filter asks for.
func (f Filter) String() string {
	var parts []string
	add := func(name, values string) {
		if values != "" {
			parts = append(parts, name+" "+values)
		}
	}
	add("country", joined(f.Countries))
	add("language", joined(f.Languages))
	add("beat", joined(f.Beats))
	add("outlet kind", joined(f.OutletKinds))
	add("tag", joined(f.Tags))
	if f.Agreement != nil {
		add("embargo agreement", map[bool]string{true: "in force", false: "not in force"}[*f.Agreement])
	}
	return strings.Join(parts, ", and ")
}
