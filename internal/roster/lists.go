package roster

import (
	"context"
	"iter"
	"maps"
	"slices"

	"dateline/internal/press"
)

// ListCount is how many contacts a list holds.
type ListCount struct {
	Name       string                   `json:"name"`
	Contacts   int                      `json:"contacts"`
	Suppressed int                      `json:"suppressed"` // of these, kept from everything
	Countries  map[press.Country]int    `json:"countries"`
	Languages  map[press.Lang]int       `json:"languages"` // by the one that each reads first
	Kinds      map[press.OutletKind]int `json:"outlet_kinds"`
}

// Contacts is what lists are counted over.
type Contacts interface {
	Contacts(ctx context.Context) iter.Seq2[press.Contact, error]
}

// CountLists counts all lists in one reading of the contacts. Suppressed tells
// of an address whether nothing at all goes there.
func CountLists(ctx context.Context, s Contacts, lists map[string]press.List, day press.Date, suppressed func(press.Address) bool) ([]ListCount, error) {
	names := slices.Sorted(maps.Keys(lists))
	counts := make([]ListCount, len(names))
	for i, name := range names {
		counts[i] = ListCount{Name: name, Countries: map[press.Country]int{}, Languages: map[press.Lang]int{}, Kinds: map[press.OutletKind]int{}}
	}
	for c, err := range s.Contacts(ctx) {
		if err != nil {
			return nil, err
		}
		for i, name := range names {
			if lists[name].Holds(c, day) {
				counts[i].add(c, suppressed)
			}
		}
	}
	return counts, nil
}

// EmptyLists names the lists that hold nobody, and tells whether there are any
// contacts at all. It reads no further than it must.
func EmptyLists(ctx context.Context, s Contacts, lists map[string]press.List, day press.Date) (empty []string, some bool, err error) {
	empty = slices.Sorted(maps.Keys(lists))
	for c, err := range s.Contacts(ctx) {
		if err != nil {
			return nil, false, err
		}
		some = true
		empty = slices.DeleteFunc(empty, func(name string) bool { return lists[name].Holds(c, day) })
		if len(empty) == 0 {
			break
		}
	}
	return empty, some, nil
}

func (n *ListCount) add(c press.Contact, suppressed func(press.Address) bool) {
	n.Contacts++
	n.Countries[c.Country]++
	if len(c.Languages) > 0 {
		n.Languages[c.Languages[0]]++
	}
	for _, o := range c.Outlets {
		n.Kinds[o.Kind]++
	}
	if suppressed(c.Preferred()) {
		n.Suppressed++
	}
}
