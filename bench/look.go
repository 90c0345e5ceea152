package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/lib/pq"

	"dateline/internal/press"
)

// look is the bench's own view of a store: a few cheap questions, from outside
// of the daemon, so that only what is committed counts.
type look struct{ db *sql.DB }

func openLook(storeURL string) (look, error) {
	if path, ok := strings.CutPrefix(storeURL, "sqlite://"); ok {
		db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: path, RawQuery: "mode=ro&_pragma=busy_timeout(10000)"}).String())
		if err != nil {
			return look{}, fmt.Errorf("looking into the store: %w", err)
		}
		return look{db}, nil
	}
	own, err := url.Parse(storeURL)
	if err != nil {
		return look{}, fmt.Errorf("looking into the store: %w", err)
	}
	query := own.Query()
	query.Set("auto_explain.log_min_duration", "-1") // what the bench asks is not the program's
	own.RawQuery = query.Encode()
	connector, err := pq.NewConnector(own.String())
	if err != nil {
		return look{}, fmt.Errorf("looking into the store: %w", err)
	}
	return look{sql.OpenDB(connector)}, nil
}

// unsettled tells whether anything is on its way. It asks by the key, which
// passes over what is gone faster than a walk through the table.
func (l look) unsettled(ctx context.Context) (bool, error) {
	var id []byte
	err := l.db.QueryRowContext(ctx, "SELECT delivery_id FROM queue ORDER BY delivery_id LIMIT 1").Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return true, fmt.Errorf("looking for unsettled deliveries: %w", err)
	}
	return true, nil
}

// claimed counts what a daemon has taken.
func (l look) claimed(ctx context.Context) (int, error) {
	var n int
	if err := l.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM queue WHERE claimed_by IS NOT NULL").Scan(&n); err != nil {
		return 0, fmt.Errorf("counting claimed deliveries: %w", err)
	}
	return n, nil
}

func (l look) states(ctx context.Context) (map[press.State]int, error) {
	return l.counted(ctx, "SELECT state, COUNT(*) FROM deliveries GROUP BY state")
}

func (l look) statesOf(ctx context.Context, release string) (map[press.State]int, error) {
	return l.counted(ctx, "SELECT state, COUNT(*) FROM deliveries WHERE release = $1 GROUP BY state", release)
}

func (l look) counted(ctx context.Context, query string, args ...any) (map[press.State]int, error) {
	rows, err := l.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("counting deliveries: %w", err)
	}
	defer rows.Close()
	states := map[press.State]int{}
	for rows.Next() {
		var s press.State
		var n int
		if err := rows.Scan(&s, &n); err != nil {
			return nil, fmt.Errorf("counting deliveries: %w", err)
		}
		states[s] = n
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("counting deliveries: %w", err)
	}
	return states, nil
}

// awaitSettled waits until nothing is on its way, and gives the instant at which
// it was seen. Each look is followed by a rest of at least 19 times its own length,
// so that looking takes little of what is looked at.
func (l look) awaitSettled(ctx context.Context, daemon *process) (time.Time, error) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return time.Time{}, ctx.Err()
		case <-daemon.ended:
			return time.Time{}, daemon.failed()
		case <-timer.C:
		}
		asked := time.Now()
		some, err := l.unsettled(ctx)
		now := time.Now()
		if err != nil || !some {
			return now, err
		}
		timer.Reset(max(5*time.Millisecond, 19*now.Sub(asked)))
	}
}

func (l look) close() error { return l.db.Close() }
