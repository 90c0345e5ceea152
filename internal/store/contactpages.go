package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// ContactPage gives a page of the contacts that a filter picks, the newest
// first: those older than a contact, or the newest (the zero id). Like the pages
// of the delivery log it has a budget.
func (s *Store) ContactPage(ctx context.Context, f press.ContactFilter, after press.ID, limit int) (press.Page[press.Contact, press.ID], error) {
	return s.contactPage(ctx, f, after, limit, budget{time: pageBudget})
}

func (s *Store) contactPage(ctx context.Context, f press.ContactFilter, after press.ID, limit int, b budget) (press.Page[press.Contact, press.ID], error) {
	fail := func(err error) (press.Page[press.Contact, press.ID], error) {
		return press.Page[press.Contact, press.ID]{}, fmt.Errorf("reading a page of the contacts: %w", err)
	}
	w, err := s.contactWalk(ctx, f)
	if err != nil {
		return fail(err)
	}
	if after.IsZero() || after.Compare(w.newest) > 0 {
		after = w.newest
	}
	page, err := pageOf(ctx, after, limit, b, func(c press.Contact) press.ID { return c.ID }, w.step)
	if err != nil {
		return fail(err)
	}
	if f.Picks == nil { // else they are whole already
		err = s.fillContacts(ctx, page.Rows)
	}
	if err != nil {
		return fail(err)
	}
	return page, nil
}

// contactWalk is an order in which contacts are looked at, the newest first.
type contactWalk struct {
	*Store
	lead           string // the index that is walked: a table and its conditions
	leadID         string // the column that orders it
	leadArgs       []any
	picks          conditions
	only           func(press.Contact) bool
	oldest, newest press.ID
}

func (s *Store) contactWalk(ctx context.Context, f press.ContactFilter) (contactWalk, error) {
	w := contactWalk{Store: s, lead: `contacts x WHERE 1 = 1`, leadID: "x.id", picks: s.contactPicks(f), only: f.Picks, newest: lastID()}
	switch {
	case !f.Outlet.IsZero():
		w.lead, w.leadID, w.leadArgs = `affiliations x WHERE x.outlet_id = ?`, "x.contact_id", []any{f.Outlet}
	case f.Country != "":
		w.lead, w.leadArgs = `contacts x WHERE x.country = ?`, []any{string(f.Country)}
	}
	if at, err := press.ParseAddress(f.Text); err == nil { // a whole address is found by its index
		var ids []press.ID
		if err := s.db.SelectContext(ctx, &ids, s.db.Rebind(`SELECT contact_id FROM addresses WHERE address_norm = ?`), at.Key()); err != nil {
			return w, err
		}
		if len(ids) > 0 {
			w.oldest, w.newest = ids[0], following(ids[0])
		}
	}
	return w, nil
}

// contactPicks are the conditions that a filter sets for a contact c.
func (s *Store) contactPicks(f press.ContactFilter) conditions {
	var c conditions
	if f.Country != "" {
		c.add("c.country = ?", string(f.Country))
	}
	if f.Language != "" {
		c.add(s.contains(`' ' || c.languages || ' '`, " "+string(f.Language)+" "))
	}
	if f.Mark != "" {
		c.add(s.contains(`'`+gap+`' || c.beats || '`+gap+`' || c.tags || '`+gap+`'`, gap+f.Mark+gap))
	}
	if f.Text != "" {
		name, part := s.contains("c.name", f.Text)
		address, _ := s.contains("a.address", f.Text)
		c.add(`(`+name+` OR COALESCE((SELECT 1 FROM addresses a WHERE a.contact_id = c.id AND `+address+` LIMIT 1), 0) = 1)`, part, part)
	}
	s.narrowTo(&c, f.Among)
	return c
}

// narrowTo adds what can be asked of a contact c without reading all of it. What
// is left may be more than the filter picks, and never less.
func (s *Store) narrowTo(c *conditions, f press.Filter) {
	anyOf := func(text, gap string, words []string) {
		if len(words) == 0 {
			return
		}
		each, args := make([]string, len(words)), make([]any, len(words))
		for i, w := range words {
			each[i], args[i] = s.contains(text, gap+w+gap)
		}
		c.add("("+strings.Join(each, " OR ")+")", args...)
	}
	langs := make([]string, len(f.Languages))
	for i, l := range f.Languages {
		langs[i] = string(l)
	}
	if len(f.Countries) > 0 {
		c.add("c.country IN (" + quoted(f.Countries) + ")")
	}
	anyOf(`' ' || c.languages || ' '`, " ", langs)
	anyOf(`'`+gap+`' || c.beats || '`+gap+`'`, gap, f.Beats)
	anyOf(`'`+gap+`' || c.tags || '`+gap+`'`, gap, f.Tags)
	if len(f.OutletKinds) > 0 {
		c.add(`COALESCE((SELECT 1 FROM affiliations f JOIN outlets o ON o.id = f.outlet_id WHERE f.contact_id = c.id AND o.kind IN (` + quoted(f.OutletKinds) + `) LIMIT 1), 0) = 1`)
	}
}

func (w contactWalk) step(ctx context.Context, before press.ID, n, want int) ([]press.Contact, press.ID, bool, error) {
	var bounds []press.ID // the oldest of the step
	args := append(slices.Clone(w.leadArgs), before, w.oldest, n-1)
	err := w.db.SelectContext(ctx, &bounds, w.db.Rebind(`SELECT `+w.leadID+` FROM `+w.lead+` AND `+w.leadID+` < ? AND `+w.leadID+` >= ? ORDER BY `+w.leadID+` DESC LIMIT 1 OFFSET ?`), args...)
	if err != nil {
		return nil, before, false, err
	}
	last, end := w.oldest, len(bounds) == 0
	if !end {
		last = bounds[0]
	}
	// Named by the index, PostgreSQL need not look at every contact between the two.
	where, args := w.picks.with(`c.id IN (SELECT `+w.leadID+` FROM `+w.lead+` AND `+w.leadID+` < ? AND `+w.leadID+` >= ?)`, append(slices.Clone(w.leadArgs), before, last)...)
	if w.leadID == "x.id" { // that of the contacts themselves
		where, args = w.picks.with("c.id < ? AND c.id >= ?", before, last)
	}
	query := `SELECT ` + contactColumns + ` FROM contacts c` + where + ` ORDER BY c.id DESC`
	if w.only == nil {
		query += fmt.Sprintf(" LIMIT %d", want)
	}
	var found []contactRow
	if err := w.db.SelectContext(ctx, &found, w.db.Rebind(query), args...); err != nil {
		return nil, last, false, err
	}
	contacts := make([]press.Contact, len(found))
	for i := range found {
		contacts[i] = found[i].contact()
	}
	if w.only != nil {
		if err := w.fillContacts(ctx, contacts); err != nil {
			return nil, last, false, err
		}
		contacts = slices.DeleteFunc(contacts, func(c press.Contact) bool { return !w.only(c) })
		contacts = contacts[:min(want, len(contacts))]
	}
	return contacts, last, end, nil
}

// fillContacts adds their addresses and outlets to contacts, few at a time: for
// many PostgreSQL would read all there are.
func (s *Store) fillContacts(ctx context.Context, contacts []press.Contact) error {
	for some := range slices.Chunk(contacts, firstStep) {
		if err := s.fillSome(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) fillSome(ctx context.Context, contacts []press.Contact) error {
	place, ids := make(map[press.ID]int, len(contacts)), make([]press.ID, len(contacts))
	for i := range contacts {
		place[contacts[i].ID], ids[i] = i, contacts[i].ID
	}
	these, set := s.among("contact_id", ids)
	var addresses []struct {
		Contact press.ID      `db:"contact_id"`
		Address press.Address `db:"address"`
	}
	err := s.db.SelectContext(ctx, &addresses, s.db.Rebind(`SELECT contact_id, address FROM addresses WHERE `+these+` ORDER BY contact_id, preference`), set...)
	if err != nil {
		return err
	}
	for _, a := range addresses {
		c := &contacts[place[a.Contact]]
		c.Addresses = append(c.Addresses, a.Address)
	}
	var outlets []struct {
		outletRow
		Contact press.ID `db:"contact_id"`
	}
	err = s.db.SelectContext(ctx, &outlets, s.db.Rebind(`SELECT `+outletColumns+`, f.contact_id FROM affiliations f JOIN outlets o ON o.id = f.outlet_id WHERE f.`+these+` ORDER BY f.contact_id, f.preference`), set...)
	for _, o := range outlets {
		c := &contacts[place[o.Contact]]
		c.Outlets = append(c.Outlets, o.outlet())
	}
	return err
}

// SuppressContact keeps every mailbox of a contact from being written to within
// a scope, by the desk's word, and tells of how many it was said.
func (s *Store) SuppressContact(ctx context.Context, contact press.ID, key press.KeyOf, word press.Suppression) (int, error) {
	n := 0
	err := s.tx(ctx, "suppressing a contact", func(tx *sqlx.Tx) error {
		if err := s.lockContacts(ctx, tx); err != nil {
			return err
		}
		keys, err := s.mailboxes(ctx, tx, contact, key)
		if err != nil {
			return err
		}
		n, word.Author = len(keys), press.AuthorDesk
		if err := s.bar(ctx, tx, keys, word); err != nil {
			return err
		}
		return contactAct(ctx, tx, contact, "suppressed", word.By, word.At, word.Scope+": "+word.Reason)
	})
	return n, err
}
