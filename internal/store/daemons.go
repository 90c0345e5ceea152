package store

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// RecordDaemon notes that a daemon lives, and why it refused the config
// folder's newest state ("" where it did not). On PostgreSQL the sign of life is
// dated by the database's clock; a zero `now` says that the daemon is gone.
func (s *Store) RecordDaemon(ctx context.Context, id press.ID, host string, pid int, started, now time.Time, config string) error {
	seen := s.nowUS(now)
	if now.IsZero() {
		seen = "0"
	}
	return s.tx(ctx, "noting the daemon", func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO daemons (id, host, pid, started_us, seen_us, config) VALUES (?, ?, ?, ?, `+seen+`, ?)
			ON CONFLICT (id) DO UPDATE SET host = excluded.host, pid = excluded.pid, started_us = excluded.started_us, seen_us = excluded.seen_us, config = excluded.config`),
			id, host, pid, micros(started), config)
		return err
	})
}

// RecordRelay notes why a daemon cannot hand mail to a relay ("": it can).
func (s *Store) RecordRelay(ctx context.Context, daemon press.ID, relay, trouble string, since time.Time) error {
	return s.tx(ctx, "noting a relay's state", func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO relays (daemon_id, name, trouble, since_us) VALUES (?, ?, ?, ?)
			ON CONFLICT (daemon_id, name) DO UPDATE SET trouble = excluded.trouble, since_us = excluded.since_us`), daemon, relay, asText(trouble), micros(since))
		return err
	})
}
