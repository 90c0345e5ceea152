package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// Suppress keeps a mailbox from being written to, within a scope: `all`,
// `sender:ID` or `topic:NAME`. A suppression that stands already is left as it is.
func (s *Store) Suppress(ctx context.Context, key press.AddressKey, scope, reason, by string, now time.Time) error {
	return s.tx(ctx, "suppressing an address", func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO suppressions (address_key, scope, reason, said_by, at_us) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (address_key, scope) DO NOTHING`), key, scope, reason, by, micros(now))
		return err
	})
}

// Lift takes a suppression away; false where there was none.
func (s *Store) Lift(ctx context.Context, key press.AddressKey, scope string) (bool, error) {
	var lifted bool
	err := s.tx(ctx, "lifting a suppression", func(tx *sqlx.Tx) error {
		res, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM suppressions WHERE address_key = ? AND scope = ?`), key, scope)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		lifted = n > 0
		return err
	})
	return lifted, err
}

// AllSuppressions lists them, the oldest first.
func (s *Store) AllSuppressions(ctx context.Context) ([]press.Suppression, error) {
	all, err := s.suppressions(ctx, s.db, "")
	return all, failing("reading the suppressions", err)
}

// Suppressions gives, by address key, why a release of this sender and topic
// may not go there.
func (s *Store) Suppressions(ctx context.Context, sender, topic string) (map[press.AddressKey]string, error) {
	var found []struct {
		Key    press.AddressKey `db:"address_key"`
		Reason string           `db:"reason"`
	}
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT address_key, reason FROM suppressions WHERE scope IN ('all', ?, ?)`),
		"sender:"+sender, "topic:"+topic)
	if err != nil {
		return nil, fmt.Errorf("reading the suppressions: %w", err)
	}
	why := make(map[press.AddressKey]string, len(found))
	for _, f := range found {
		why[f.Key] = f.Reason
	}
	return why, nil
}
