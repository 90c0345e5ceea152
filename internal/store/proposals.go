package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// Proposals lists the addresses that reports named in place of ours, oldest
// first: those that wait for a person, or all.
func (s *Store) Proposals(ctx context.Context, decided bool) ([]press.Proposal, error) {
	query := `SELECT p.id, p.at_us, p.contact_id, COALESCE(c.name, '') AS name, p.old, p.address, p.reason, p.said, p.decision
		FROM proposals p LEFT JOIN contacts c ON c.id = p.contact_id`
	if !decided {
		query += ` WHERE p.decision = ''`
	}
	var found []struct {
		ID       press.ID      `db:"id"`
		AtUS     int64         `db:"at_us"`
		Contact  press.ID      `db:"contact_id"`
		Name     string        `db:"name"`
		Old      press.Address `db:"old"`
		Address  press.Address `db:"address"`
		Reason   press.Reason  `db:"reason"`
		Said     string        `db:"said"`
		Decision string        `db:"decision"`
	}
	if err := s.db.SelectContext(ctx, &found, query+` ORDER BY p.id`); err != nil {
		return nil, fmt.Errorf("reading the proposals: %w", err)
	}
	all := make([]press.Proposal, len(found))
	for i, p := range found {
		all[i] = press.Proposal{ID: p.ID, At: instant(p.AtUS), Contact: p.Contact, Person: p.Name, Old: p.Old, Address: p.Address, Reason: p.Reason, Said: p.Said, Decision: p.Decision}
	}
	return all, nil
}

// AcceptProposal makes the proposed address the contact's preferred one; what it
// had stays behind it. What they said against being written to holds there, too.
func (s *Store) AcceptProposal(ctx context.Context, id press.ID, key press.KeyOf, by string, now time.Time) (press.Proposal, error) {
	return s.decide(ctx, id, "accepted", by, now, func(tx *sqlx.Tx, p press.Proposal) error {
		var owners []press.ID
		if err := tx.SelectContext(ctx, &owners, tx.Rebind(`SELECT contact_id FROM addresses WHERE address_norm = ?`), p.Address.Key()); err != nil {
			return err
		}
		if len(owners) > 0 && owners[0] != p.Contact {
			return press.Undecided{Why: fmt.Sprintf("%s is the address of another contact (%s) already; dismiss the proposal, or merge the two", p.Address, owners[0])}
		}
		var erased int
		if err := tx.GetContext(ctx, &erased, tx.Rebind(`SELECT COUNT(*) FROM suppressions WHERE address_key = ? AND author = ?`), key(p.Address), press.AuthorErasure); err != nil {
			return err
		}
		if erased > 0 {
			return press.Undecided{Why: fmt.Sprintf("whoever has %s asked to be erased; dismiss the proposal", p.Address)}
		}
		var known int
		if err := tx.GetContext(ctx, &known, tx.Rebind(`SELECT COUNT(*) FROM contacts WHERE id = ?`), p.Contact); err != nil {
			return err
		}
		if known == 0 {
			return press.Undecided{Why: fmt.Sprintf("the contact %s is not on file any more; dismiss the proposal", p.Contact)}
		}
		_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO addresses (address_norm, address, contact_id, preference)
			VALUES (?, ?, ?, (SELECT COALESCE(MIN(preference), 1) - 1 FROM addresses WHERE contact_id = ?))
			ON CONFLICT (address_norm) DO UPDATE SET preference = excluded.preference`), p.Address.Key(), string(p.Address), p.Contact, p.Contact)
		if err != nil {
			return err
		}
		if _, err = tx.ExecContext(ctx, tx.Rebind(`UPDATE contacts SET updated_us = ? WHERE id = ?`), micros(now), p.Contact); err != nil {
			return err
		}
		return s.spread(ctx, tx, p.Contact, key)
	})
}

// DismissProposal settles a proposal without following it.
func (s *Store) DismissProposal(ctx context.Context, id press.ID, by string, now time.Time) (press.Proposal, error) {
	return s.decide(ctx, id, "dismissed", by, now, func(*sqlx.Tx, press.Proposal) error { return nil })
}

func (s *Store) decide(ctx context.Context, id press.ID, decision, by string, now time.Time, do func(*sqlx.Tx, press.Proposal) error) (press.Proposal, error) {
	var p press.Proposal
	err := s.tx(ctx, "deciding about a proposal", func(tx *sqlx.Tx) error {
		if err := s.lockContacts(ctx, tx); err != nil { // first, as an erasure does
			return err
		}
		var found []struct {
			Contact  press.ID      `db:"contact_id"`
			Old      press.Address `db:"old"`
			Address  press.Address `db:"address"`
			Decision string        `db:"decision"`
		}
		if err := tx.SelectContext(ctx, &found, tx.Rebind(`SELECT contact_id, old, address, decision FROM proposals WHERE id = ?`+s.forUpdate()), id); err != nil {
			return err
		}
		switch {
		case len(found) == 0:
			return press.Undecided{Why: fmt.Sprintf("there is no proposal %s; `dateline contacts proposals` lists them", id)}
		case found[0].Decision != "":
			return press.Undecided{Why: fmt.Sprintf("the proposal %s was %s before", id, found[0].Decision)}
		}
		p = press.Proposal{ID: id, Contact: found[0].Contact, Old: found[0].Old, Address: found[0].Address, Decision: decision}
		if err := do(tx, p); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE proposals SET decision = ?, decided_by = ?, decided_us = ? WHERE id = ?`), decision, asText(by), micros(now), id)
		return err
	})
	return p, err
}
