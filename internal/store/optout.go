package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// Copied reads the copy that an opt-out token names; false where there is none,
// as of a test copy.
func (s *Store) Copied(ctx context.Context, delivery press.ID) (press.Copied, bool, error) {
	var found []struct {
		Contact  press.ID         `db:"contact_id"`
		Address  press.Address    `db:"address"`
		Key      press.AddressKey `db:"address_key"`
		Release  string           `db:"release"`
		Topic    string           `db:"topic"`
		Edition  press.Lang       `db:"edition"`
		DueUS    int64            `db:"due_us"`
		Approval press.ID         `db:"approval_id"`
	}
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT d.contact_id, d.address, d.address_key, d.release, r.topic, d.edition, d.due_us, d.approval_id
		FROM deliveries d JOIN releases r ON r.slug = d.release WHERE d.id = ?`), delivery)
	if err != nil || len(found) == 0 {
		return press.Copied{}, false, failing("reading whose a copy is", err)
	}
	f := found[0]
	sender, err := s.approvedSender(ctx, f.Approval)
	if err != nil {
		return press.Copied{}, false, failing("reading who sent a copy", err)
	}
	return press.Copied{
		Delivery: delivery, Contact: f.Contact, Address: f.Address, Key: f.Key, Release: f.Release, Sender: sender, Topic: f.Topic, Edition: f.Edition, At: instant(f.DueUS),
	}, true, nil
}

// approvedSender is the sender as it was approved.
func (s *Store) approvedSender(ctx context.Context, approval press.ID) (press.Sender, error) {
	var text []byte
	if err := s.db.GetContext(ctx, &text, s.db.Rebind(`SELECT frozen FROM approvals WHERE id = ?`), approval); err != nil {
		return press.Sender{}, err
	}
	var f struct {
		Sender press.Sender `json:"sender"`
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return press.Sender{}, press.Damaged{Err: err}
	}
	return f.Sender, nil
}

// Barring lists what keeps any of these mailboxes from being written to.
func (s *Store) Barring(ctx context.Context, keys []press.AddressKey) ([]press.Suppression, error) {
	these, set := s.among("address_key", keys)
	all, err := s.suppressions(ctx, s.db, `WHERE `+these, set...)
	return all, failing("reading the suppressions", err)
}

// errNoCopy is for a token that names no copy in the ledger.
var errNoCopy = errors.New("there is no such copy in the ledger")

// OptOut keeps every address of whoever has a copy from being written to within
// a scope, by their own word, which only they may take back. It stands beside
// what others said of a mailbox.
func (s *Store) OptOut(ctx context.Context, c press.Copied, scope press.Scope, key press.KeyOf, now time.Time) (press.Unsubscribed, error) {
	done := press.Unsubscribed{Scope: scope}
	err := s.tx(ctx, "opting out", func(tx *sqlx.Tx) error {
		if err := s.lockContacts(ctx, tx); err != nil {
			return err
		}
		keys, err := s.whoseCopy(ctx, tx, c, key)
		if err != nil {
			return err
		}
		done.Mailboxes = len(keys)
		word := press.Suppression{Scope: string(scope), Author: press.AuthorContact, Reason: press.ReasonOptOut, By: press.ByContact, At: now}
		if err := s.bar(ctx, tx, keys, word); err != nil {
			return err
		}
		return contactAct(ctx, tx, c.Contact, "opted out", press.ByContact, now, string(scope))
	})
	return done, err
}

// OptIn takes an opt-out within a scope back, by the same person. What others
// said stands, an erasure, too.
func (s *Store) OptIn(ctx context.Context, c press.Copied, scope press.Scope, key press.KeyOf, now time.Time) (press.Unsubscribed, error) {
	done := press.Unsubscribed{Scope: scope}
	err := s.tx(ctx, "taking an opt-out back", func(tx *sqlx.Tx) error {
		if err := s.lockContacts(ctx, tx); err != nil {
			return err
		}
		keys, err := s.whoseCopy(ctx, tx, c, key)
		if err != nil {
			return err
		}
		these, set := s.among("address_key", keys)
		res, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM suppressions WHERE `+these+` AND scope = ? AND author = ?`),
			append(set, string(scope), press.AuthorContact)...)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if done.Mailboxes = int(n); err != nil || n == 0 {
			return err
		}
		return contactAct(ctx, tx, c.Contact, "opted in", press.ByContact, now, string(scope))
	})
	return done, err
}

// whoseCopy gives the mailboxes of whoever has a copy, with the copy's own.
func (s *Store) whoseCopy(ctx context.Context, tx *sqlx.Tx, c press.Copied, key press.KeyOf) ([]press.AddressKey, error) {
	var known int
	if err := tx.GetContext(ctx, &known, tx.Rebind(`SELECT COUNT(*) FROM deliveries WHERE id = ?`), c.Delivery); err != nil {
		return nil, err
	}
	if known == 0 {
		return nil, errNoCopy
	}
	keys, err := s.mailboxes(ctx, tx, c.Contact, key)
	if !slices.Contains(keys, c.Key) {
		keys = append(keys, c.Key)
	}
	return keys, err
}

// spread makes what a contact said of one of their addresses hold for all that
// they have.
func (s *Store) spread(ctx context.Context, tx *sqlx.Tx, contact press.ID, key press.KeyOf) error {
	keys, err := s.mailboxes(ctx, tx, contact, key)
	if err != nil || len(keys) < 2 {
		return err
	}
	these, set := s.among("address_key", keys)
	said, err := s.suppressions(ctx, tx, `WHERE author = ? AND `+these, append([]any{press.AuthorContact}, set...)...)
	if err != nil {
		return err
	}
	for _, word := range said {
		if err := s.bar(ctx, tx, keys, word); err != nil {
			return err
		}
	}
	return nil
}

// SetLanguages puts a contact's languages in another order, by their own word.
func (s *Store) SetLanguages(ctx context.Context, contact press.ID, langs []press.Lang, now time.Time) error {
	return s.tx(ctx, "setting a contact's languages", func(tx *sqlx.Tx) error {
		r := rowOf(press.Contact{Languages: langs})
		res, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE contacts SET languages = ?, updated_us = ? WHERE id = ? AND languages <> ?`), r.Languages, micros(now), contact, r.Languages)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return contactAct(ctx, tx, contact, "set languages", press.ByContact, now, r.Languages)
	})
}

// Prefer makes one of a contact's addresses the one that mail goes to.
func (s *Store) Prefer(ctx context.Context, contact press.ID, a press.Address, by string, now time.Time) error {
	return s.tx(ctx, "setting a contact's address", func(tx *sqlx.Tx) error {
		res, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE addresses SET preference = (SELECT MIN(p.preference) - 1 FROM addresses p WHERE p.contact_id = ?)
			WHERE address_norm = ? AND contact_id = ? AND preference > (SELECT MIN(p.preference) FROM addresses p WHERE p.contact_id = ?)`), contact, a.Key(), contact, contact)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return contactAct(ctx, tx, contact, "set address", by, now, string(a))
	})
}

// Ask keeps an address that a contact wants to be written to at, for a person to
// decide about.
func (s *Store) Ask(ctx context.Context, contact press.ID, old, wanted press.Address, now time.Time) error {
	return s.tx(ctx, "keeping a contact's wish", func(tx *sqlx.Tx) error {
		id := NewID()
		return s.run(ctx, tx, `INSERT INTO proposals (id, at_us, contact_id, old, address, reason, said, decision, decided_by, decided_us)
			VALUES (?, ?, ?, ?, ?, ?, ?, '', '', 0) ON CONFLICT (contact_id, address) DO NOTHING`,
			[]any{id[:], micros(now), contact[:], string(old), asText(string(wanted)), string(press.ReasonHasMoved), "asked for by the contact, by the link in their mail"})
	})
}
