package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// ImportContacts writes one batch of contacts, with their outlets, in one
// transaction. A contact is known by any of its addresses. A value that is
// empty in the batch never overwrites one that is on file, nor does one that
// was confirmed on an earlier day; addresses and outlets are added behind those
// on file. Whoever was erased stays so; whoever opted out has done so at an
// address that is added, too. A dry batch is told and not written.
func (s *Store) ImportContacts(ctx context.Context, b press.ImportBatch, now time.Time) (press.Imported, []press.ImportChange, error) {
	im := importer{store: s, batch: b, now: micros(now)}
	err := s.tx(ctx, "importing contacts", func(tx *sqlx.Tx) error {
		if !b.Dry {
			if err := s.lockContacts(ctx, tx); err != nil {
				return err
			}
		}
		im.tx = tx
		if err := im.work(ctx); err != nil {
			return err
		}
		if b.Dry {
			return errDry
		}
		return im.write(ctx)
	})
	if err == nil && im.much {
		err = s.countPeople(ctx)
	}
	if err != nil && !errors.Is(err, errDry) {
		return press.Imported{}, nil, err
	}
	return im.done, im.changes, nil
}

// errDry rolls a transaction back that was only to tell what it would do.
var errDry = errors.New("nothing is to be written")

// importer is one batch's work: what is on file of it is read in a few queries,
// the rows are merged into that, and what changed is written in a few more.
type importer struct {
	store *Store
	tx    *sqlx.Tx
	batch press.ImportBatch
	now   int64
	much  bool // this batch was the one with which much has been written

	byAddress map[string]*onFile // normalised address -> contact
	byID      map[press.ID]*onFile
	all       []*onFile // in the order in which they came up
	outlets   map[outletKey]*outletOnFile
	made      []*outletOnFile // outlets that are new
	barred    []press.Suppression
	words     map[press.AddressKey][]press.Suppression // among barred, the contacts' own

	done    press.Imported
	changes []press.ImportChange
}

// onFile is a contact with what the batch does to it.
type onFile struct {
	contactRow
	addresses []address
	outlets   []press.ID
	lastAddr  int64 // the highest preference
	lastOut   int64
	isNew     bool
	chose     bool // their languages, by their own link
	changed   bool
	added     []address
	joined    []affiliation
}

type address struct {
	norm       string
	text       press.Address
	preference int64
}

type affiliation struct {
	outlet     press.ID
	preference int64
}

type outletKey struct{ country, name string }

type outletOnFile struct {
	outletRow
	changed bool
}

func keyOfOutlet(o press.Outlet) outletKey {
	return outletKey{string(o.Country), strings.ToLower(o.Name)}
}

// work reads what is on file, and merges the rows into it.
func (im *importer) work(ctx context.Context) error {
	im.byAddress, im.byID, im.outlets = map[string]*onFile{}, map[press.ID]*onFile{}, map[outletKey]*outletOnFile{}
	im.words, im.all, im.made, im.changes = map[press.AddressKey][]press.Suppression{}, nil, nil, nil
	im.done = press.Imported{}
	if err := im.readContacts(ctx); err != nil {
		return err
	}
	if err := im.readOutlets(ctx); err != nil {
		return err
	}
	if err := im.readWords(ctx); err != nil {
		return err
	}
	im.changes = make([]press.ImportChange, 0, len(im.batch.Rows))
	for _, r := range im.batch.Rows {
		change := im.row(r)
		im.done.Count(change)
		im.changes = append(im.changes, change)
	}
	im.done.Outlets = len(im.made)
	return nil
}

// row merges one row into what is on file.
func (im *importer) row(r press.ImportRow) press.ImportChange {
	change := press.ImportChange{Line: r.Line, Verdict: press.ImportUnchanged}
	if im.erased(r.Contact) {
		change.Verdict = press.ImportWithheld
		return change
	}
	var c *onFile
	for _, a := range r.Contact.Addresses {
		known := im.byAddress[a.Key()]
		switch {
		case known == nil || known == c:
		case c == nil:
			c = known
		case !slices.Contains(change.Clash, known.ID):
			change.Clash = append(change.Clash, known.ID)
		}
	}
	if c == nil {
		c = &onFile{contactRow: rowOf(r.Contact), isNew: true, lastAddr: -1, lastOut: -1}
		c.ID = NewID()
		im.all = append(im.all, c)
		im.byID[c.ID] = c
		change.Verdict = press.ImportNew
	} else {
		if change.Contact = c.ID; c.isNew { // by an earlier row of this file
			change.Contact = press.ID{}
		}
		change.Fields = c.merge(rowOf(r.Contact))
		if len(change.Fields) > 0 {
			change.Verdict = press.ImportChanged
		}
	}
	more := im.attach(c, r.Contact)
	if change.Verdict == press.ImportNew {
		if im.batch.Dry {
			change.Fields = more
		}
	} else {
		switch change.Fields = append(change.Fields, more...); {
		case slices.ContainsFunc(more, func(f press.FieldChange) bool { return f.Field != "address" && f.Field != "outlet" }):
			change.Verdict = press.ImportChanged
		case len(more) > 0 && change.Verdict == press.ImportUnchanged:
			change.Verdict = press.ImportMerged
		}
	}
	return change
}

// merge takes over what a row says, and tells what changed.
func (c *onFile) merge(row contactRow) []press.FieldChange {
	var changes []press.FieldChange
	older := row.Confirmed != "" && row.Confirmed < c.Confirmed
	for _, f := range []struct {
		name string
		to   *string
		from string
	}{
		{"name", &c.Name, row.Name},
		{"country", &c.Country, row.Country},
		{"zone", &c.Zone, row.Zone},
		{"languages", &c.Languages, row.Languages},
		{"beats", &c.Beats, row.Beats},
		{"tags", &c.Tags, row.Tags},
		{"legal_basis", &c.LegalBasis, row.LegalBasis},
		{"source", &c.Source, row.Source},
		{"notes", &c.Notes, row.Notes},
		{"confirmed", &c.Confirmed, row.Confirmed},
	} {
		if f.from == "" || f.from == *f.to || older && *f.to != "" || c.chose && f.name == "languages" {
			continue
		}
		changes = append(changes, press.FieldChange{Field: f.name, Old: shown(*f.to), New: shown(f.from)})
		*f.to = f.from
		c.changed = true
	}
	return changes
}

// shown is a column's value for people.
func shown(s string) string { return strings.ReplaceAll(s, "\n", "; ") }

// attach adds the addresses and outlets that the contact does not have yet,
// behind those that it has: an import alone never changes where mail goes. An
// address of somebody else's stays where it is.
func (im *importer) attach(c *onFile, from press.Contact) []press.FieldChange {
	var changes []press.FieldChange
	for _, a := range from.Addresses {
		norm := a.Key()
		if im.byAddress[norm] != nil {
			continue
		}
		c.lastAddr++
		added := address{norm, a, c.lastAddr}
		c.addresses, c.added = append(c.addresses, added), append(c.added, added)
		im.byAddress[norm] = c
		changes = append(changes, press.FieldChange{Field: "address", New: string(a)})
	}
	for _, o := range from.Outlets {
		at, filled := im.outlet(o)
		changes = append(changes, filled...)
		if slices.Contains(c.outlets, at.ID) {
			continue
		}
		c.lastOut++
		c.outlets, c.joined = append(c.outlets, at.ID), append(c.joined, affiliation{at.ID, c.lastOut})
		changes = append(changes, press.FieldChange{Field: "outlet", New: o.Name})
	}
	return changes
}

// outlet finds or makes an outlet, and fills in what the row knows of it.
func (im *importer) outlet(o press.Outlet) (*outletOnFile, []press.FieldChange) {
	key := keyOfOutlet(o)
	at := im.outlets[key]
	if at == nil {
		o.ID = NewID()
		at = &outletOnFile{outletRow: rowOfOutlet(o)}
		im.outlets[key] = at
		im.made = append(im.made, at)
		return at, nil
	}
	row := rowOfOutlet(o)
	var changes []press.FieldChange
	for _, f := range []struct {
		name string
		to   *string
		from string
	}{
		{"outlet_kind", &at.Kind, row.Kind},
		{"outlet_website", &at.Website, row.Website},
		{"outlet_zone", &at.Zone, row.Zone},
	} {
		if f.from != "" && f.from != *f.to {
			changes = append(changes, press.FieldChange{Field: f.name, Old: *f.to, New: f.from})
			*f.to = f.from
			at.changed = true
		}
	}
	if had := at.outlet(); had.Takes(o.Agreement) {
		changes = append(changes, press.FieldChange{Field: "agreement", Old: cmp.Or(had.Agreement.Text(), had.Ended.Text()), New: o.Agreement.Text()})
		at.agree(o.Agreement, press.Ended{})
		at.changed = true
	}
	return at, changes
}

// erased tells whether somebody at one of these addresses asked to be erased.
func (im *importer) erased(c press.Contact) bool {
	if len(im.barred) == 0 {
		return false
	}
	return slices.ContainsFunc(c.Addresses, func(a press.Address) bool {
		key := im.batch.Key(a)
		return slices.ContainsFunc(im.barred, func(b press.Suppression) bool { return b.AddressKey == key && b.Author == press.AuthorErasure })
	})
}
