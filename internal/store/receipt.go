package store

import (
	"context"
	"fmt"
	"time"

	"dateline/internal/press"
)

// Failures tells why copies of a release did not reach their mailbox, the most
// frequent reason first. Of several reports of a copy the last one that says it
// failed counts.
func (s *Store) Failures(ctx context.Context, release string) ([]press.Failed, error) {
	var all []struct {
		State  press.State  `db:"state"`
		Class  press.Class  `db:"class"`
		Reason press.Reason `db:"reason"`
		N      int          `db:"n"`
	}
	err := s.db.SelectContext(ctx, &all, s.db.Rebind(`SELECT d.state, COALESCE(r.class, '') AS class, COALESCE(r.reason, '') AS reason, COUNT(*) AS n
		FROM deliveries d LEFT JOIN reports r ON r.delivery_id = d.id AND r.kind = 'bounce'
			AND NOT EXISTS (SELECT 1 FROM reports l WHERE l.delivery_id = d.id AND l.kind = 'bounce' AND l.id > r.id)
		WHERE `+ofRelease+` AND d.state IN ('rejected', 'bounced') GROUP BY d.state, COALESCE(r.class, ''), COALESCE(r.reason, '') ORDER BY n DESC, 1, 2, 3`), ofThis(release)...)
	if err != nil {
		return nil, fmt.Errorf("reading why copies of %s failed: %w", release, err)
	}
	found := make([]press.Failed, 0, len(all))
	for _, f := range all {
		found = append(found, press.Failed{State: f.State, Class: f.Class, Reason: f.Reason, N: f.N})
	}
	return found, nil
}

// Unsent tells why copies of a release were ended before they left, the most
// frequent reason first.
func (s *Store) Unsent(ctx context.Context, release string) ([]press.Unsent, error) {
	var all []struct {
		State press.State `db:"state"`
		Why   string      `db:"why"`
		N     int         `db:"n"`
	}
	err := s.db.SelectContext(ctx, &all, s.db.Rebind(`SELECT d.state, e.reply AS why, COUNT(*) AS n FROM deliveries d JOIN events e ON e.delivery_id = d.id AND e.state = d.state
		WHERE `+ofRelease+` AND d.state IN ('skipped', 'cancelled', 'expired') GROUP BY d.state, e.reply ORDER BY n DESC, 1, 2`), ofThis(release)...)
	if err != nil {
		return nil, fmt.Errorf("reading why copies of %s did not leave: %w", release, err)
	}
	found := make([]press.Unsent, 0, len(all))
	for _, u := range all {
		found = append(found, press.Unsent(u))
	}
	return found, nil
}

// Tested tells which test copies of a release went out until an instant.
func (s *Store) Tested(ctx context.Context, release string, until time.Time) ([]press.Tested, error) {
	var all []struct {
		Edition press.Lang  `db:"edition"`
		State   press.State `db:"state"`
		N       int         `db:"n"`
		FirstUS int64       `db:"first_us"`
		LastUS  int64       `db:"last_us"`
	}
	err := s.db.SelectContext(ctx, &all, s.db.Rebind(`SELECT edition, state, COUNT(*) AS n, MIN(at_us) AS first_us, MAX(at_us) AS last_us FROM test_copies
		WHERE release = ? AND at_us <= ? GROUP BY edition, state ORDER BY edition, state`), release, micros(until))
	if err != nil {
		return nil, fmt.Errorf("reading the test copies of %s: %w", release, err)
	}
	found := make([]press.Tested, 0, len(all))
	for _, t := range all {
		found = append(found, press.Tested{Edition: t.Edition, State: t.State, N: t.N, First: instant(t.FirstUS), Last: instant(t.LastUS)})
	}
	return found, nil
}

// Steps tells the trail of each copy of a release that was due by an instant, or
// has any trail: copy by copy, each in the order of its trail.
func (s *Store) Steps(ctx context.Context, release string, tell func(press.Step)) error {
	var p press.Step
	var due, since, at int64
	err := s.query(ctx, `SELECT d.id, d.send, d.address, d.outlet, d.outlet_kind, d.country, d.edition, d.due_us, d.state, d.updated_us,
		COALESCE(e.at_us, 0), COALESCE(e.from_state, ''), COALESCE(e.state, ''), COALESCE(e.said_by, '')
		FROM deliveries d LEFT JOIN events e ON e.delivery_id = d.id WHERE `+ofRelease+` AND d.attempts > 0 ORDER BY d.id, e.id`, ofThis(release),
		[]any{&p.Delivery, &p.Send, &p.Address, &p.Outlet, &p.OutletKind, &p.Country, &p.Edition, &due, &p.Now, &since, &at, &p.From, &p.To, &p.By}, func() {
			p.Due, p.NowSince, p.At = instant(due), instant(since), instant(at)
			tell(p)
		})
	return failing("reading the trail of "+release, err)
}
