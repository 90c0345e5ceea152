package store

import (
	"context"
	"encoding/json"

	"github.com/lib/pq"

	"dateline/internal/press"
)

// amongTexts is among for texts.
func (s *Store) amongTexts(column string, texts []string) (string, []any) {
	if s.postgres {
		return column + " = ANY(?::text[])", []any{pq.StringArray(texts)}
	}
	list, err := json.Marshal(texts)
	if err != nil {
		panic(err) // texts are always encodable
	}
	return column + " IN (SELECT value FROM json_each(?))", []any{string(list)}
}

// readContacts reads the contacts that have an address of the batch, with all
// that they have.
func (im *importer) readContacts(ctx context.Context) error {
	var norms []string
	for _, r := range im.batch.Rows {
		for _, a := range r.Contact.Addresses {
			norms = append(norms, a.Key())
		}
	}
	these, set := im.store.amongTexts("address_norm", norms)
	var ids []press.ID
	if err := im.store.read(ctx, im.tx, &ids, `SELECT DISTINCT contact_id FROM addresses WHERE `+these, set...); err != nil || len(ids) == 0 {
		return err
	}
	these, set = im.store.among("id", ids)
	var contacts []contactRow
	if err := im.store.read(ctx, im.tx, &contacts, `SELECT `+contactColumns+` FROM contacts WHERE `+these, set...); err != nil {
		return err
	}
	for _, r := range contacts {
		c := &onFile{contactRow: r, lastAddr: -1, lastOut: -1}
		im.byID[r.ID] = c
		im.all = append(im.all, c)
	}
	these, set = im.store.among("contact_id", ids)
	var chose []press.ID
	if err := im.store.read(ctx, im.tx, &chose, `SELECT DISTINCT contact_id FROM contact_acts WHERE act = 'set languages' AND said_by = '`+press.ByContact+`' AND `+these, set...); err != nil {
		return err
	}
	for _, id := range chose {
		im.byID[id].chose = true
	}
	var addresses []struct {
		Norm       string        `db:"address_norm"`
		Text       press.Address `db:"address"`
		Contact    press.ID      `db:"contact_id"`
		Preference int64         `db:"preference"`
	}
	if err := im.store.read(ctx, im.tx, &addresses, `SELECT address_norm, address, contact_id, preference FROM addresses WHERE `+these+` ORDER BY contact_id, preference`, set...); err != nil {
		return err
	}
	for _, a := range addresses {
		if c := im.byID[a.Contact]; c != nil {
			c.addresses = append(c.addresses, address{a.Norm, a.Text, a.Preference})
			c.lastAddr = a.Preference
			im.byAddress[a.Norm] = c
		}
	}
	var affiliations []struct {
		Contact    press.ID `db:"contact_id"`
		Outlet     press.ID `db:"outlet_id"`
		Preference int64    `db:"preference"`
	}
	err := im.store.read(ctx, im.tx, &affiliations, `SELECT contact_id, outlet_id, preference FROM affiliations WHERE `+these+` ORDER BY contact_id, preference`, set...)
	for _, a := range affiliations {
		if c := im.byID[a.Contact]; c != nil {
			c.outlets = append(c.outlets, a.Outlet)
			c.lastOut = a.Preference
		}
	}
	return err
}

// readOutlets reads the outlets of the batch that are on file: those of its
// names, of whatever country.
func (im *importer) readOutlets(ctx context.Context) error {
	names := map[string]bool{}
	for _, r := range im.batch.Rows {
		for _, o := range r.Contact.Outlets {
			names[keyOfOutlet(o).name] = true
		}
	}
	if len(names) == 0 {
		return nil
	}
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	these, set := im.store.amongTexts("o.name_key", list)
	var found []struct {
		outletRow
		Key string `db:"name_key"`
	}
	err := im.store.read(ctx, im.tx, &found, `SELECT `+outletColumns+`, o.name_key FROM outlets o WHERE `+these, set...)
	for i := range found {
		im.outlets[outletKey{found[i].Country, found[i].Key}] = &outletOnFile{outletRow: found[i].outletRow}
	}
	return err
}

// readWords reads what was said by the contacts themselves against writing to
// an address of the batch, or of a contact on file that it is about.
func (im *importer) readWords(ctx context.Context) error {
	im.barred = nil
	var some int
	err := im.tx.GetContext(ctx, &some, im.tx.Rebind(`SELECT COUNT(*) FROM (SELECT 1 FROM suppressions WHERE author IN (?, ?) LIMIT 1) AS s`), press.AuthorContact, press.AuthorErasure)
	if err != nil || some == 0 || im.batch.Key == nil {
		return err
	}
	var keys []press.AddressKey
	for _, r := range im.batch.Rows {
		for _, a := range r.Contact.Addresses {
			keys = append(keys, im.batch.Key(a))
		}
	}
	for _, c := range im.all {
		for _, a := range c.addresses {
			keys = append(keys, im.batch.Key(a.text))
		}
	}
	these, set := im.store.among("address_key", keys)
	im.barred, err = im.store.suppressions(ctx, im.tx, `WHERE author IN (?, ?) AND `+these, append([]any{press.AuthorContact, press.AuthorErasure}, set...)...)
	for _, b := range im.barred {
		if b.Author == press.AuthorContact {
			im.words[b.AddressKey] = append(im.words[b.AddressKey], b)
		}
	}
	return err
}
