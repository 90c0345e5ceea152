package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// What belongs to one person, wherever it stands.

// ContactByID reads one contact; false where there is none.
func (s *Store) ContactByID(ctx context.Context, id press.ID) (press.OnFile, bool, error) {
	c, ok, err := s.contactByID(ctx, s.db, id)
	return c, ok, failing("reading a contact", err)
}

func (s *Store) contactByID(ctx context.Context, q sqlx.QueryerContext, id press.ID) (press.OnFile, bool, error) {
	var found []struct {
		contactRow
		CreatedUS int64 `db:"created_us"`
		UpdatedUS int64 `db:"updated_us"`
	}
	if err := sqlx.SelectContext(ctx, q, &found, s.db.Rebind(`SELECT `+contactColumns+`, created_us, updated_us FROM contacts WHERE id = ?`), id); err != nil || len(found) == 0 {
		return press.OnFile{}, false, err
	}
	c := press.OnFile{Contact: found[0].contact(), Created: instant(found[0].CreatedUS), Updated: instant(found[0].UpdatedUS)}
	if err := sqlx.SelectContext(ctx, q, &c.Addresses, s.db.Rebind(`SELECT address FROM addresses WHERE contact_id = ? ORDER BY preference`), id); err != nil {
		return c, false, err
	}
	var outlets []outletRow
	err := sqlx.SelectContext(ctx, q, &outlets, s.db.Rebind(`SELECT `+outletColumns+` FROM affiliations f JOIN outlets o ON o.id = f.outlet_id WHERE f.contact_id = ? ORDER BY f.preference`), id)
	for _, o := range outlets {
		c.Outlets = append(c.Outlets, o.outlet())
	}
	return c, err == nil, err
}

// ContactOf finds the contact that has an address; false where nobody does.
func (s *Store) ContactOf(ctx context.Context, a press.Address) (press.OnFile, bool, error) {
	var ids []press.ID
	if err := s.db.SelectContext(ctx, &ids, s.db.Rebind(`SELECT contact_id FROM addresses WHERE address_norm = ?`), a.Key()); err != nil {
		return press.OnFile{}, false, fmt.Errorf("looking for a contact: %w", err)
	}
	if len(ids) == 0 {
		return press.OnFile{}, false, nil
	}
	return s.ContactByID(ctx, ids[0])
}

// lockContacts keeps imports, merges, opt-outs and erasures one behind the other
// on PostgreSQL: each reads addresses and words that another may just be writing.
// On SQLite there is one writer anyway.
func (s *Store) lockContacts(ctx context.Context, tx *sqlx.Tx) error {
	if !s.postgres {
		return nil
	}
	_, err := tx.ExecContext(ctx, `LOCK TABLE contacts IN SHARE ROW EXCLUSIVE MODE`)
	return err
}

// mailboxes are the keys of a contact's addresses: those on file, and those that
// an accepted proposal put behind.
func (s *Store) mailboxes(ctx context.Context, q sqlx.QueryerContext, contact press.ID, key press.KeyOf) ([]press.AddressKey, error) {
	var found []press.Address
	err := sqlx.SelectContext(ctx, q, &found, s.db.Rebind(`SELECT address FROM addresses WHERE contact_id = ? UNION SELECT old FROM proposals WHERE contact_id = ? AND old <> ''`), contact, contact)
	keys := make([]press.AddressKey, len(found))
	for i, a := range found {
		keys[i] = key(a)
	}
	return keys, err
}

// allSends gives every send that was ever approved, or is just being approved.
// By them, and a key, copies are found by the index that holds the ledger to one
// copy per address.
func (s *Store) allSends(ctx context.Context, q sqlx.QueryerContext) ([]sent, error) {
	var slugs []string
	if err := sqlx.SelectContext(ctx, q, &slugs, `SELECT DISTINCT release FROM approvals ORDER BY release`); err != nil {
		return nil, err
	}
	var all []sent
	for _, slug := range slugs {
		some, err := s.sendsOf(ctx, q, slug)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// sendsOf gives the sends of one release.
func (s *Store) sendsOf(ctx context.Context, q sqlx.QueryerContext, slug string) ([]sent, error) {
	var all []sent
	for last := ""; ; {
		var next []string
		err := sqlx.SelectContext(ctx, q, &next, s.db.Rebind(`SELECT send FROM deliveries WHERE release = ? AND send > ? ORDER BY release, send LIMIT 1`), slug, last)
		if err != nil || len(next) == 0 {
			return all, err
		}
		last = next[0]
		all = append(all, sent{slug, last})
	}
}

// copiesFor gives the deliveries for any of these mailboxes, in the order of
// their ids.
func (s *Store) copiesFor(ctx context.Context, q sqlx.QueryerContext, keys []press.AddressKey) ([]press.ID, error) {
	sends, err := s.allSends(ctx, q)
	if err != nil {
		return nil, err
	}
	var all []press.ID
	for _, key := range keys {
		for batch := range slices.Chunk(sends, sendsLimit) {
			args := []any{key}
			for _, p := range batch {
				args = append(args, p.release, p.send)
			}
			var ids []press.ID
			err := sqlx.SelectContext(ctx, q, &ids, s.db.Rebind(`SELECT id FROM deliveries WHERE address_key = ? AND (release, send) IN (VALUES `+rows(len(batch), 2)+`)`), args...)
			if err != nil {
				return nil, err
			}
			all = append(all, ids...)
		}
	}
	slices.SortFunc(all, press.ID.Compare)
	return slices.Compact(all), nil
}

// contactAct writes what was done to a contact into its trail.
func contactAct(ctx context.Context, tx *sqlx.Tx, contact press.ID, name, by string, now time.Time, detail string) error {
	_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO contact_acts (id, contact_id, act, said_by, at_us, detail) VALUES (?, ?, ?, ?, ?, ?)`),
		NewID(), contact, name, asText(by), micros(now), asText(detail))
	return err
}

// contactActs reads a contact's trail, oldest first.
func (s *Store) contactActs(ctx context.Context, contact press.ID) ([]press.ContactAct, error) {
	var found []struct {
		Act    string `db:"act"`
		By     string `db:"said_by"`
		AtUS   int64  `db:"at_us"`
		Detail string `db:"detail"`
	}
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT act, said_by, at_us, detail FROM contact_acts WHERE contact_id = ? ORDER BY id`), contact)
	acts := make([]press.ContactAct, len(found))
	for i, f := range found {
		acts[i] = press.ContactAct{Contact: contact, Act: f.Act, By: f.By, At: instant(f.AtUS), Detail: f.Detail}
	}
	return acts, err
}
