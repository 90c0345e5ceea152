package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// Merge puts two contacts together that a person found to be one. Keep stays,
// with the other's addresses and outlets behind its own, and with what it
// lacked; the other goes, into keep's trail. Whatever either of them said
// against being written to holds for all of their addresses.
func (s *Store) Merge(ctx context.Context, keep, gone press.ID, key press.KeyOf, by string, now time.Time) (press.Merged, error) {
	var done press.Merged
	err := s.txBeside(ctx, "merging contacts", func(tx *sqlx.Tx) error {
		m := merger{store: s, tx: tx, now: micros(now)}
		var err error
		done, err = m.merge(ctx, keep, gone, key, by, now)
		return err
	})
	return done, err
}

type merger struct {
	store *Store
	tx    *sqlx.Tx
	now   int64
}

func (m *merger) merge(ctx context.Context, keep, gone press.ID, key press.KeyOf, by string, now time.Time) (press.Merged, error) {
	done := press.Merged{Keep: keep, Gone: gone, Filled: []string{}}
	if keep == gone {
		return done, fmt.Errorf("%s is one contact: two are wanted", keep)
	}
	if err := m.store.lockContacts(ctx, m.tx); err != nil {
		return done, err
	}
	var both [2]press.OnFile
	for i, id := range []press.ID{keep, gone} {
		c, ok, err := m.store.contactByID(ctx, m.tx, id)
		if err != nil {
			return done, err
		}
		if !ok {
			return done, fmt.Errorf("there is no contact %s; `dateline contacts list --json` shows their ids", id)
		}
		both[i] = c
	}
	trail, err := json.Marshal(both[1].Contact)
	if err != nil {
		return done, err
	}
	keys, err := m.store.mailboxes(ctx, m.tx, gone, key)
	if err != nil {
		return done, err
	}
	if done.Filled, err = m.fill(ctx, both[0].Contact, both[1].Contact); err != nil {
		return done, err
	}
	if err := m.move(ctx, keep, gone, &done); err != nil {
		return done, err
	}
	if err := m.traces(ctx, keep, gone, keys); err != nil {
		return done, err
	}
	if err := contactAct(ctx, m.tx, keep, "merged", by, now, string(trail)); err != nil {
		return done, err
	}
	return done, m.store.spread(ctx, m.tx, keep, key)
}

// fill gives the contact that stays what it lacks of the other's, and names it.
func (m *merger) fill(ctx context.Context, keep, gone press.Contact) ([]string, error) {
	old, other := rowOf(keep), rowOf(gone)
	row, filled := old, []string{}
	note := func(name string, to *string, value string) {
		if *to != value {
			*to = value
			filled = append(filled, name)
		}
	}
	empty := func(name string, to *string, from string) {
		if *to == "" {
			note(name, to, from)
		}
	}
	empty("name", &row.Name, other.Name)
	empty("zone", &row.Zone, other.Zone)
	empty("legal basis", &row.LegalBasis, other.LegalBasis)
	empty("source", &row.Source, other.Source)
	empty("notes", &row.Notes, other.Notes)
	if other.Confirmed > row.Confirmed {
		note("confirmed", &row.Confirmed, other.Confirmed)
	}
	note("languages", &row.Languages, strings.Join(union(strings.Fields(row.Languages), strings.Fields(other.Languages)), " "))
	note("beats", &row.Beats, strings.Join(union(lines(row.Beats), lines(other.Beats)), "\n"))
	note("tags", &row.Tags, strings.Join(union(lines(row.Tags), lines(other.Tags)), "\n"))
	if len(filled) == 0 {
		return filled, nil
	}
	return filled, m.store.run(ctx, m.tx, `UPDATE contacts SET name = ?, zone = ?, legal_basis = ?, source = ?, languages = ?, beats = ?, tags = ?, notes = ?, confirmed = ?, updated_us = ? WHERE id = ?`,
		[]any{row.Name, row.Zone, row.LegalBasis, row.Source, row.Languages, row.Beats, row.Tags, row.Notes, row.Confirmed, m.now, keep.ID[:]})
}

func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// move puts the other's addresses and outlets behind those of the one that stays.
func (m *merger) move(ctx context.Context, keep, gone press.ID, done *press.Merged) error {
	behind := func(table string) string {
		return `preference + 1 + (SELECT COALESCE(MAX(p.preference), 0) - COALESCE((SELECT MIN(o.preference) FROM ` + table + ` o WHERE o.contact_id = ?), 0) FROM ` + table + ` p WHERE p.contact_id = ?)`
	}
	res, err := m.tx.ExecContext(ctx, m.tx.Rebind(`UPDATE addresses SET preference = `+behind("addresses")+`, contact_id = ? WHERE contact_id = ?`), gone, keep, keep, gone)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	done.Addresses = int(n)
	if _, err := m.tx.ExecContext(ctx, m.tx.Rebind(`DELETE FROM affiliations WHERE contact_id = ? AND outlet_id IN (SELECT outlet_id FROM affiliations WHERE contact_id = ?)`), gone, keep); err != nil {
		return err
	}
	if res, err = m.tx.ExecContext(ctx, m.tx.Rebind(`UPDATE affiliations SET preference = `+behind("affiliations")+`, contact_id = ? WHERE contact_id = ?`), gone, keep, keep, gone); err != nil {
		return err
	}
	n, err = res.RowsAffected()
	done.Outlets = int(n)
	return err
}

// traces gives the one that stays what the ledger, the proposals and the trail
// hold on the other, which goes.
func (m *merger) traces(ctx context.Context, keep, gone press.ID, keys []press.AddressKey) error {
	copies, err := m.store.copiesFor(ctx, m.tx, keys)
	if err != nil {
		return err
	}
	if err := m.store.holdCopies(ctx, m.tx, copies); err != nil {
		return err
	}
	for batch := range slices.Chunk(copies, batchRows) {
		these, set := m.store.among("id", batch)
		if err := m.store.run(ctx, m.tx, `UPDATE deliveries SET contact_id = ? WHERE `+these+` AND contact_id = ?`, append(append([]any{keep[:]}, set...), gone[:])); err != nil {
			return err
		}
	}
	for _, step := range []struct {
		query string
		args  []any
	}{
		{`DELETE FROM proposals WHERE contact_id = ? AND address IN (SELECT address FROM proposals WHERE contact_id = ?)`, []any{gone[:], keep[:]}},
		{`UPDATE proposals SET contact_id = ? WHERE contact_id = ?`, []any{keep[:], gone[:]}},
		{`UPDATE contact_acts SET contact_id = ? WHERE contact_id = ?`, []any{keep[:], gone[:]}},
		{`DELETE FROM contacts WHERE id = ?`, []any{gone[:]}},
	} {
		if err := m.store.run(ctx, m.tx, step.query, step.args); err != nil {
			return err
		}
	}
	return nil
}
