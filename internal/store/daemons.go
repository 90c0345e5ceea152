package store

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
	"dateline/migrations"
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
		_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO daemons (id, host, pid, started_us, seen_us, config, made_for) VALUES (?, ?, ?, ?, `+seen+`, ?, ?)
			ON CONFLICT (id) DO UPDATE SET host = excluded.host, pid = excluded.pid, started_us = excluded.started_us, seen_us = excluded.seen_us, config = excluded.config, made_for = excluded.made_for`),
			id, host, pid, micros(started), config, migrations.Newest())
		return err
	})
}

// RecordRelay notes why a daemon cannot hand mail to a relay ("": it can).
func (s *Store) RecordRelay(ctx context.Context, daemon press.ID, relay, trouble string, since time.Time) error {
	return s.recordHealth(ctx, "relays", daemon, relay, trouble, since)
}

// RecordMailbox notes why a daemon cannot read a mailbox ("": it can).
func (s *Store) RecordMailbox(ctx context.Context, daemon press.ID, mailbox, trouble string, since time.Time) error {
	return s.recordHealth(ctx, "mailboxes", daemon, mailbox, trouble, since)
}

// RecordDisk notes how little is free on a disk of a daemon's machine ("": enough).
func (s *Store) RecordDisk(ctx context.Context, daemon press.ID, disk, trouble string, since time.Time) error {
	return s.recordHealth(ctx, "disks", daemon, disk, trouble, since)
}

// recordHealth notes how a daemon's relay, mailbox or disk stands.
func (s *Store) recordHealth(ctx context.Context, table string, daemon press.ID, name, trouble string, since time.Time) error {
	return s.tx(ctx, "noting the state of "+name, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO `+table+` (daemon_id, name, trouble, since_us) VALUES (?, ?, ?, ?)
			ON CONFLICT (daemon_id, name) DO UPDATE SET trouble = excluded.trouble, since_us = excluded.since_us`), daemon, name, asText(trouble), micros(since))
		return err
	})
}

// ForgetMailboxes forgets how a daemon's mailboxes stood: the config may have
// others by now.
func (s *Store) ForgetMailboxes(ctx context.Context, daemon press.ID) error {
	return s.tx(ctx, "forgetting how the mailboxes stood", func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM mailboxes WHERE daemon_id = ?`), daemon)
		return err
	})
}
