package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// Domains gives what was found of mail domains since an instant.
func (s *Store) Domains(ctx context.Context, since time.Time) (map[string]press.DomainMail, error) {
	var found []struct {
		Domain    string            `db:"domain"`
		Found     press.DomainFound `db:"found"`
		Detail    string            `db:"detail"`
		CheckedUS int64             `db:"checked_us"`
	}
	if err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT domain, found, detail, checked_us FROM domains WHERE checked_us >= ?`), micros(since)); err != nil {
		return nil, fmt.Errorf("reading the mail domains: %w", err)
	}
	all := make(map[string]press.DomainMail, len(found))
	for _, f := range found {
		all[f.Domain] = press.DomainMail{Domain: f.Domain, Found: f.Found, Detail: f.Detail, Checked: instant(f.CheckedUS)}
	}
	return all, nil
}

// SaveDomains keeps what was found.
func (s *Store) SaveDomains(ctx context.Context, found []press.DomainMail) error {
	if len(found) == 0 {
		return nil
	}
	return s.tx(ctx, "keeping what was found of mail domains", func(tx *sqlx.Tx) error {
		each := make([][]any, len(found))
		for i, d := range found {
			each[i] = []any{d.Domain, string(d.Found), asText(d.Detail), micros(d.Checked)}
		}
		return s.run(ctx, tx, `INSERT INTO domains (domain, found, detail, checked_us) VALUES (?, ?, ?, ?)
			ON CONFLICT (domain) DO UPDATE SET found = excluded.found, detail = excluded.detail, checked_us = excluded.checked_us`, each...)
	})
}

// ContactUpdates tells when each contact last changed.
func (s *Store) ContactUpdates(ctx context.Context) (map[press.ID]time.Time, error) {
	var found []struct {
		ID        press.ID `db:"id"`
		UpdatedUS int64    `db:"updated_us"`
	}
	if err := s.db.SelectContext(ctx, &found, `SELECT id, updated_us FROM contacts`); err != nil {
		return nil, fmt.Errorf("reading when contacts changed: %w", err)
	}
	all := make(map[press.ID]time.Time, len(found))
	for _, f := range found {
		all[f.ID] = instant(f.UpdatedUS)
	}
	return all, nil
}

// Outlets lists the outlets by country and name.
func (s *Store) Outlets(ctx context.Context) ([]press.Outlet, error) {
	var found []outletRow
	if err := s.db.SelectContext(ctx, &found, `SELECT `+outletColumns+` FROM outlets o ORDER BY o.country, o.name_key`); err != nil {
		return nil, fmt.Errorf("reading the outlets: %w", err)
	}
	all := make([]press.Outlet, len(found))
	for i, o := range found {
		all[i] = o.outlet()
	}
	return all, nil
}

// SetAgreement puts an outlet's embargo agreement on file, or takes it off where
// it is the zero value, with the mark that says when and by whom: by it no import
// brings it back. The outlet is found by its country and name.
func (s *Store) SetAgreement(ctx context.Context, of press.Outlet, now time.Time) (press.Outlet, error) {
	key := keyOfOutlet(of)
	var out press.Outlet
	err := s.tx(ctx, "recording an embargo agreement", func(tx *sqlx.Tx) error {
		a, e := of.Agreement, of.Ended
		var changed []outletRow
		err := tx.SelectContext(ctx, &changed, tx.Rebind(`UPDATE outlets SET agreement_on = ?, agreement_by = ?, agreement_scope = ?, agreement_until = ?, agreement_document = ?, agreement_ended = ?, agreement_ended_by = ?, updated_us = ?
			WHERE country = ? AND name_key = ? RETURNING id, name, country, kind, website, zone, agreement_on, agreement_by, agreement_scope, agreement_until, agreement_document, agreement_ended, agreement_ended_by`),
			dayText(a.On), asText(a.By), asText(a.Scope), dayText(a.Until), asText(a.Document), dayText(e.On), asText(e.By), micros(now), key.country, key.name)
		if err != nil {
			return err
		}
		if len(changed) == 0 {
			return fmt.Errorf("there is no outlet %q in %s; `dateline outlets` lists them", of.Name, of.Country)
		}
		out = changed[0].outlet()
		return nil
	})
	return out, err
}
