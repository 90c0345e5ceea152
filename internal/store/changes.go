package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// channel is where PostgreSQL tells of changes that daemons should know of.
const channel = "dateline"

// dataEvery is how often SQLite is asked whether another process has written: a
// hold or a kill should not wait longer.
const dataEvery = 50 * time.Millisecond

// Changes signals, until the context ends, that something may have changed which
// a daemon should look at: an approval, a hold, a kill. One signal may stand for
// many changes, and one may come without any. PostgreSQL tells by itself
// (LISTEN); a SQLite file is asked twenty times a second.
func (s *Store) Changes(ctx context.Context) (<-chan struct{}, error) {
	changed := make(chan struct{}, 1)
	tell := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	if !s.postgres {
		conn, err := s.db.Connx(ctx)
		if err != nil {
			return nil, fmt.Errorf("watching the store: %w", err)
		}
		go watchFile(ctx, conn, tell)
		return changed, nil
	}
	// What the listener has to say of itself shows in the statements that fail.
	l := pq.NewDialListener(dialer{}, s.url, 100*time.Millisecond, 5*time.Second, func(pq.ListenerEventType, error) { tell() })
	if err := l.Listen(channel); err != nil {
		_ = l.Close() // it was never open
		return nil, fmt.Errorf("listening for changes of the store: %w", err)
	}
	go func() {
		defer func() { _ = l.Close() }() // it heard all that mattered
		for {
			select {
			case <-ctx.Done():
				return
			case <-l.Notify: // nil after a reconnection: something may have been missed
				tell()
			}
		}
	}()
	return changed, nil
}

// watchFile asks for the version of a SQLite file's data, which changes with the
// commits of other connections.
func watchFile(ctx context.Context, conn *sqlx.Conn, tell func()) {
	defer func() { _ = conn.Close() }() // nothing is written through it
	tick := time.NewTicker(dataEvery)
	defer tick.Stop()
	var seen int64
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var version int64
		if conn.GetContext(ctx, &version, `PRAGMA data_version`) == nil && version != seen {
			seen = version
			tell()
		}
	}
}

// notify has PostgreSQL tell every daemon once the transaction is committed.
func (s *Store) notify(ctx context.Context, tx *sqlx.Tx) error {
	if !s.postgres {
		return nil
	}
	_, err := tx.ExecContext(ctx, `SELECT pg_notify($1, '')`, channel)
	return err
}

// Waiting names the releases that have something to send, and are neither held
// nor killed.
func (s *Store) Waiting(ctx context.Context) ([]string, error) {
	var slugs []string
	err := s.db.SelectContext(ctx, &slugs, `SELECT slug FROM releases r WHERE held = '' AND killed = '' AND EXISTS (SELECT 1 FROM queue q WHERE q.approval_id = r.approval_id) ORDER BY slug`)
	if err != nil {
		return nil, fmt.Errorf("looking for what waits: %w", err)
	}
	return slugs, nil
}
