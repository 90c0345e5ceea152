package console

import (
	"context"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"dateline/internal/access"
	"dateline/internal/config"
	"dateline/internal/press"
	"dateline/internal/roster"
)

// listStore is what lists are counted over.
type listStore interface {
	Contacts(ctx context.Context) iter.Seq2[press.Contact, error]
	AllSuppressions(ctx context.Context) ([]press.Suppression, error)
}

func (c *Console) listRoutes(page func(pattern string, right access.Right, h handler)) {
	page("GET /lists", access.Look, c.lists)
	page("GET /lists/{name}", access.Look, c.list)
}

// roll is what one reading of all contacts tells: how many each list holds, and
// whose the suppressed mailboxes are.
type roll struct {
	Lists map[string]roster.ListCount
	Whose map[press.AddressKey]owner
	All   int
}

// owner is the contact that has a mailbox.
type owner struct {
	ID   press.ID
	Name string
}

// called reads the roll, or gives what was read before; nil while it is read for
// the first time.
func (c *Console) called() (*counted[roll], error) {
	office, now := c.Office(), c.Now()
	return c.roll.at(office.Config, now, func(ctx context.Context) (roll, error) {
		return readRoll(ctx, c.Store, office.Config, press.DateOf(now.UTC()), office.Desk.Keys.AddressKey)
	})
}

func readRoll(ctx context.Context, s listStore, conf *config.Config, day press.Date, key press.KeyOf) (roll, error) {
	read := roll{Lists: map[string]roster.ListCount{}, Whose: map[press.AddressKey]owner{}}
	words, err := s.AllSuppressions(ctx)
	if err != nil {
		return read, err
	}
	barred := map[press.AddressKey]bool{} // true: from everything
	for _, word := range words {
		barred[word.AddressKey] = barred[word.AddressKey] || press.Scope(word.Scope) == press.ScopeAll
	}
	all := contactsOf(func(yield func(press.Contact, error) bool) {
		for one, err := range s.Contacts(ctx) {
			if read.All++; len(barred) > 0 {
				for _, a := range one.Addresses {
					if at := key(a); contains(barred, at) {
						read.Whose[at] = owner{one.ID, one.Name}
					}
				}
			}
			if !yield(one, err) {
				return
			}
		}
	})
	counts, err := roster.CountLists(ctx, all, conf.Lists, day, func(a press.Address) bool { return len(barred) > 0 && barred[key(a)] })
	for _, n := range counts {
		read.Lists[n.Name] = n
	}
	return read, err
}

func contains[K comparable, V any](m map[K]V, key K) bool {
	_, is := m[key]
	return is
}

// contactsOf are contacts to count over.
type contactsOf iter.Seq2[press.Contact, error]

// Contacts gives them.
func (c contactsOf) Contacts(context.Context) iter.Seq2[press.Contact, error] {
	return iter.Seq2[press.Contact, error](c)
}

// listsPage is the page of all lists.
type listsPage struct {
	Lists []listSeen
	Roll  *counted[roll] // nil while it is read
	Now   time.Time
}

// listSeen is a list with how many it holds.
type listSeen struct {
	press.List
	Asks  []string // for people
	Count roster.ListCount
}

func (c *Console) lists(w http.ResponseWriter, r *http.Request, by access.Person) error {
	read, err := c.called()
	if err != nil {
		return err
	}
	p := listsPage{Roll: read, Now: c.Now()}
	all := c.Office().Config.Lists
	for _, name := range slices.Sorted(maps.Keys(all)) {
		seen := listSeen{List: all[name], Asks: asksOf(all[name])}
		if read != nil {
			seen.Count = read.Value.Lists[name]
		}
		p.Lists = append(p.Lists, seen)
	}
	c.show(w, r, by, http.StatusOK, "lists", "Lists", p)
	return nil
}

// asksOf says in words whom a list holds.
func asksOf(l press.List) []string {
	var asks []string
	names := func(of []press.List) string {
		all := make([]string, len(of))
		for i := range of {
			all[i] = of[i].Name
		}
		return strings.Join(all, ", ")
	}
	if l.All {
		asks = append(asks, "everybody")
	}
	if !l.Filter.IsZero() {
		asks = append(asks, l.Filter.String())
	}
	if len(l.Lists) > 0 {
		asks = append(asks, "whoever is in "+names(l.Lists))
	}
	if n := len(l.Include); n > 0 {
		asks = append(asks, few(n, "address by name", "addresses by name"))
	}
	if len(l.Except) > 0 {
		asks = append(asks, "not whoever is in "+names(l.Except))
	}
	if n := len(l.Exclude); n > 0 {
		asks = append(asks, "not "+few(n, "address by name", "addresses by name"))
	}
	return asks
}

// listPage is one list with who is in it, and why somebody is or is not.
type listPage struct {
	listSeen
	Roll      *counted[roll]
	Filters   *filters
	Why       *reason
	Rows      []contactSeen
	Pager     pager
	Addresses bool
	Now       time.Time
	Countries []tally
	Languages []tally
	Kinds     []tally
}

// reason is why a contact is in a list, or not.
type reason struct {
	Contact press.Contact
	In      bool
	Why     string
}

// tally is how many contacts have something in common.
type tally struct {
	Name string
	N    int
}

// tallies puts counts in order, the most first.
func tallies[K ~string](counts map[K]int, called func(K) string) []tally {
	var all []tally
	for k, n := range counts {
		all = append(all, tally{called(k), n})
	}
	slices.SortFunc(all, func(a, b tally) int {
		if a.N != b.N {
			return b.N - a.N
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all
}

func (c *Console) list(w http.ResponseWriter, r *http.Request, by access.Person) error {
	l, ok := c.Office().Config.Lists[r.PathValue("name")]
	if !ok {
		return faultOf(http.StatusNotFound, "There is no list "+plain(r.PathValue("name"))+".", "The page of lists has all of lists.yaml.")
	}
	read, err := c.called()
	if err != nil {
		return err
	}
	day := press.DateOf(c.Now().UTC())
	p := listPage{listSeen: listSeen{List: l, Asks: asksOf(l)}, Roll: read, Filters: filtersOf(r), Addresses: by.May(access.Export), Now: c.Now()}
	if read != nil {
		p.Count = read.Value.Lists[l.Name]
		p.Countries, p.Languages, p.Kinds = tallies(p.Count.Countries, country), tallies(p.Count.Languages, asIs), tallies(p.Count.Kinds, asIs)
	}
	if p.Why, err = c.whyIn(r.Context(), p.Filters, l, day); err != nil {
		return err
	}
	after, err := p.Filters.afterID()
	if err != nil {
		return err
	}
	page, err := c.Store.ContactPage(r.Context(), membersOf(l, day), after, rowsShown)
	if err != nil {
		return err
	}
	if p.Rows, err = c.contactsSeen(r.Context(), page.Rows); err != nil {
		return err
	}
	p.Pager = pagerOf(p.Filters, "contacts", page, press.ID.String)
	c.show(w, r, by, p.Filters.status(), "list", l.Name, p)
	return nil
}

// membersOf picks those whom a list holds. Where only its filter brings anybody
// in, the others need not be looked at.
func membersOf(l press.List, day press.Date) press.ContactFilter {
	f := press.ContactFilter{Picks: func(c press.Contact) bool { return l.Holds(c, day) }}
	if l.All || len(l.Lists)+len(l.Include) > 0 {
		return f
	}
	f.Among = l.Filter
	if len(l.Filter.Countries) == 1 {
		f.Country = l.Filter.Countries[0]
	}
	return f
}

// whyIn tells whether the list holds whoever has the address that was asked for.
func (c *Console) whyIn(ctx context.Context, q *filters, l press.List, day press.Date) (*reason, error) {
	asked := q.search("why", "An address")
	if asked == "" {
		return nil, nil
	}
	at, err := press.ParseAddress(asked)
	if err != nil {
		q.wrong("why", err.Error())
		return nil, nil
	}
	who, ok, err := c.Store.ContactOf(ctx, at)
	if err != nil {
		return nil, err
	}
	if !ok {
		q.wrong("why", "no contact has the address "+string(at))
		return nil, nil
	}
	in, why := l.Why(who.Contact, day)
	return &reason{who.Contact, in, why}, nil
}
