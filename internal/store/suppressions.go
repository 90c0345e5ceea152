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
