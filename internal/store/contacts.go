package store

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

type outletRow struct {
	ID          press.ID `db:"id"`
	Name        string   `db:"name"`
	Country     string   `db:"country"`
	Kind        string   `db:"kind"`
	Website     string   `db:"website"`
	Zone        string   `db:"zone"`
	AgreementOn string   `db:"agreement_on"`
	AgreementBy string   `db:"agreement_by"`
}

func (r outletRow) outlet() press.Outlet {
	on, _ := press.ParseDate(r.AgreementOn) // "" and what was never written: no agreement
	return press.Outlet{
		ID: r.ID, Name: r.Name, Country: press.Country(r.Country), Kind: press.OutletKind(r.Kind),
		Website: r.Website, Zone: r.Zone, Agreement: press.Agreement{On: on, By: r.AgreementBy},
	}
}

type contactRow struct {
	ID         press.ID `db:"id"`
	Name       string   `db:"name"`
	Country    string   `db:"country"`
	Zone       string   `db:"zone"`
	Languages  string   `db:"languages"`
	Beats      string   `db:"beats"`
	Tags       string   `db:"tags"`
	LegalBasis string   `db:"legal_basis"`
	Source     string   `db:"source"`
}

const contactColumns = `id, name, country, zone, languages, beats, tags, legal_basis, source`

func rowOf(c press.Contact) contactRow {
	langs := make([]string, len(c.Languages))
	for i, l := range c.Languages {
		langs[i] = string(l)
	}
	return contactRow{
		ID: c.ID, Name: c.Name, Country: string(c.Country), Zone: c.Zone, Languages: strings.Join(langs, " "),
		Beats: strings.Join(c.Beats, "\n"), Tags: strings.Join(c.Tags, "\n"), LegalBasis: c.LegalBasis, Source: c.Source,
	}
}

func (r contactRow) contact() press.Contact {
	c := press.Contact{
		ID: r.ID, Name: r.Name, Country: press.Country(r.Country), Zone: r.Zone,
		Beats: lines(r.Beats), Tags: lines(r.Tags), LegalBasis: r.LegalBasis, Source: r.Source,
	}
	for _, l := range strings.Fields(r.Languages) {
		c.Languages = append(c.Languages, press.Lang(l))
	}
	return c
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// ImportContacts writes one batch of contacts, with their outlets. A contact is
// known by any of its addresses; a value that is empty in the batch never
// overwrites one that is on file.
func (s *Store) ImportContacts(ctx context.Context, batch []press.Contact, now time.Time) (press.Imported, error) {
	var done press.Imported
	err := s.tx(ctx, "importing contacts", func(tx *sqlx.Tx) error {
		if s.postgres {
			// One import at a time: two would each make the same contact, or wait for each other's rows.
			if _, err := tx.ExecContext(ctx, `LOCK TABLE contacts IN SHARE ROW EXCLUSIVE MODE`); err != nil {
				return err
			}
		}
		im := importer{ctx: ctx, tx: tx, now: micros(now), outlets: map[string]press.ID{}}
		for _, c := range batch {
			if err := im.contact(c); err != nil {
				return err
			}
		}
		done = im.done
		return nil
	})
	if err != nil {
		return press.Imported{}, err
	}
	return done, nil
}

// importer is one batch's work; outlets are looked up once a batch.
type importer struct {
	ctx     context.Context
	tx      *sqlx.Tx
	now     int64
	outlets map[string]press.ID
	done    press.Imported
}

func (im *importer) exec(query string, args ...any) error {
	_, err := im.tx.ExecContext(im.ctx, im.tx.Rebind(query), args...)
	return err
}

func (im *importer) contact(c press.Contact) error {
	known, err := im.find(c.Addresses)
	if err != nil {
		return err
	}
	isNew := known == nil
	changed := isNew
	if isNew {
		c.ID = NewID()
		r := rowOf(c)
		err = im.exec(`INSERT INTO contacts (`+contactColumns+`, created_us, updated_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			r.ID, r.Name, r.Country, r.Zone, r.Languages, r.Beats, r.Tags, r.LegalBasis, r.Source, im.now, im.now)
	} else {
		c.ID = known.ID
		changed, err = im.update(*known, rowOf(c))
	}
	if err != nil {
		return err
	}
	more, err := im.attach(c)
	if err != nil {
		return err
	}
	switch {
	case isNew:
		im.done.New++
	case changed || more:
		im.done.Changed++
	default:
		im.done.Unchanged++
	}
	return nil
}

// find looks a contact up by its addresses; the first that is known decides.
func (im *importer) find(addresses []press.Address) (*contactRow, error) {
	for _, a := range addresses {
		var r []contactRow
		err := im.tx.SelectContext(im.ctx, &r, im.tx.Rebind(
			`SELECT `+contactColumns+` FROM contacts WHERE id = (SELECT contact_id FROM addresses WHERE address_norm = ?)`), a.Key())
		if err != nil {
			return nil, err
		}
		if len(r) == 1 {
			return &r[0], nil
		}
	}
	return nil, nil
}

func (im *importer) update(old, now contactRow) (bool, error) {
	merged := old
	for _, f := range []struct {
		to   *string
		from string
	}{
		{&merged.Name, now.Name},
		{&merged.Country, now.Country},
		{&merged.Zone, now.Zone},
		{&merged.Languages, now.Languages},
		{&merged.Beats, now.Beats},
		{&merged.Tags, now.Tags},
		{&merged.LegalBasis, now.LegalBasis},
		{&merged.Source, now.Source},
	} {
		if f.from != "" {
			*f.to = f.from
		}
	}
	if merged == old {
		return false, nil
	}
	return true, im.exec(`UPDATE contacts SET name = ?, country = ?, zone = ?, languages = ?, beats = ?, tags = ?, legal_basis = ?, source = ?, updated_us = ? WHERE id = ?`,
		merged.Name, merged.Country, merged.Zone, merged.Languages, merged.Beats, merged.Tags, merged.LegalBasis, merged.Source, im.now, old.ID)
}

// attach adds the addresses and outlets that the contact does not have yet,
// after those that it has: an import alone never changes where mail goes. An
// address of somebody else's stays where it is.
func (im *importer) attach(c press.Contact) (bool, error) {
	more := false
	for _, a := range c.Addresses {
		n, err := im.changed(`INSERT INTO addresses (address_norm, address, contact_id, preference)
			VALUES (?, ?, ?, (SELECT COALESCE(MAX(preference) + 1, 0) FROM addresses WHERE contact_id = ?)) ON CONFLICT (address_norm) DO NOTHING`,
			a.Key(), string(a), c.ID, c.ID)
		if err != nil {
			return false, err
		}
		more = more || n > 0
	}
	for _, o := range c.Outlets {
		id, changed, err := im.outlet(o)
		if err != nil {
			return false, err
		}
		n, err := im.changed(`INSERT INTO affiliations (contact_id, outlet_id, preference)
			VALUES (?, ?, (SELECT COALESCE(MAX(preference) + 1, 0) FROM affiliations WHERE contact_id = ?)) ON CONFLICT (contact_id, outlet_id) DO NOTHING`, c.ID, id, c.ID)
		if err != nil {
			return false, err
		}
		more = more || n > 0 || changed
	}
	return more, nil
}

func (im *importer) changed(query string, args ...any) (int64, error) {
	res, err := im.tx.ExecContext(im.ctx, im.tx.Rebind(query), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// outlet finds or makes an outlet, and fills in what the batch knows of it.
func (im *importer) outlet(o press.Outlet) (press.ID, bool, error) {
	on := ""
	if o.Agreement.OnFile() {
		on = o.Agreement.On.String()
	}
	key := strings.ToLower(o.Name)
	seen := strings.Join([]string{string(o.Country), key, string(o.Kind), o.Website, o.Zone, on, o.Agreement.By}, "\x00")
	if id, ok := im.outlets[seen]; ok {
		return id, false, nil
	}
	n, err := im.changed(`INSERT INTO outlets (id, name, name_key, country, kind, website, zone, agreement_on, agreement_by, updated_us)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (country, name_key) DO NOTHING`,
		NewID(), o.Name, key, string(o.Country), string(o.Kind), o.Website, o.Zone, on, o.Agreement.By, im.now)
	if err != nil {
		return press.ID{}, false, err
	}
	im.done.Outlets += int(n)
	changed := int64(0)
	if n == 0 {
		changed, err = im.fill(o, key, on)
		if err != nil {
			return press.ID{}, false, err
		}
	}
	var id press.ID
	if err := im.tx.GetContext(im.ctx, &id, im.tx.Rebind(`SELECT id FROM outlets WHERE country = ? AND name_key = ?`), string(o.Country), key); err != nil {
		return press.ID{}, false, err
	}
	im.outlets[seen] = id
	return id, changed > 0, nil
}

func (im *importer) fill(o press.Outlet, key, on string) (int64, error) {
	pick := func(column string) string { return column + ` = CASE WHEN ? = '' THEN ` + column + ` ELSE ? END` }
	differs := func(column string) string { return `(? <> '' AND ? <> ` + column + `)` }
	columns := []string{"kind", "website", "zone", "agreement_on", "agreement_by"}
	values := []string{string(o.Kind), o.Website, o.Zone, on, o.Agreement.By}
	var sets, tests []string
	var args []any
	for i, c := range columns {
		sets = append(sets, pick(c))
		tests = append(tests, differs(c))
		args = append(args, values[i], values[i])
	}
	args = append(args, im.now, string(o.Country), key)
	for i := range columns {
		args = append(args, values[i], values[i])
	}
	return im.changed(`UPDATE outlets SET `+strings.Join(sets, ", ")+`, updated_us = ? WHERE country = ? AND name_key = ? AND (`+strings.Join(tests, " OR ")+`)`, args...)
}

// Contacts reads every contact with its addresses and outlets, by ascending
// id, at constant memory but for the outlets. The last error ends the sequence.
func (s *Store) Contacts(ctx context.Context) iter.Seq2[press.Contact, error] {
	return func(yield func(press.Contact, error) bool) {
		if err := s.eachContact(ctx, func(c press.Contact) bool { return yield(c, nil) }); err != nil {
			yield(press.Contact{}, fmt.Errorf("reading contacts: %w", err))
		}
	}
}

func (s *Store) eachContact(ctx context.Context, yield func(press.Contact) bool) error {
	var all []outletRow
	if err := s.db.SelectContext(ctx, &all, `SELECT id, name, country, kind, website, zone, agreement_on, agreement_by FROM outlets`); err != nil {
		return err
	}
	outlets := make(map[press.ID]press.Outlet, len(all))
	for _, o := range all {
		outlets[o.ID] = o.outlet()
	}
	// One statement, so that it reads one state of the store: a row per
	// address, and per affiliation, in the order of the contact's id.
	cursor, err := s.db.QueryxContext(ctx, `
		SELECT c.id, c.name, c.country, c.zone, c.languages, c.beats, c.tags, c.legal_basis, c.source, a.address, NULL AS outlet_id, 0 AS part, a.preference
		FROM contacts c JOIN addresses a ON a.contact_id = c.id
		UNION ALL
		SELECT c.id, '', '', '', '', '', '', '', '', '', f.outlet_id, 1 AS part, f.preference
		FROM contacts c JOIN affiliations f ON f.contact_id = c.id
		ORDER BY 1, 12, 13`)
	if err != nil {
		return err
	}
	defer func() { _ = cursor.Close() }() // cursor.Err is asked below
	var current press.Contact
	for cursor.Next() {
		var r struct {
			contactRow
			Address    string   `db:"address"`
			OutletID   press.ID `db:"outlet_id"`
			Part       int      `db:"part"`
			Preference int      `db:"preference"`
		}
		if err := cursor.StructScan(&r); err != nil {
			return err
		}
		if r.ID != current.ID {
			if !current.ID.IsZero() && !yield(current) {
				return nil
			}
			current = r.contact()
		}
		if r.Part == 0 {
			current.Addresses = append(current.Addresses, press.Address(r.Address))
		} else {
			current.Outlets = append(current.Outlets, outlets[r.OutletID])
		}
	}
	if err := cursor.Err(); err != nil {
		return err
	}
	if !current.ID.IsZero() {
		yield(current)
	}
	return nil
}
