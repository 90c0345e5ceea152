package store

import (
	"context"
	"time"

	"dateline/internal/press"
)

// What troubles are looked for.
const (
	missedAfter  = time.Minute    // after an instant something of it has left
	troublesBack = 24 * time.Hour // of reports, and of releases once they have ended
	bouncedLeast = 5              // copies: fewer are no share of anything
	blockedLeast = 3
)

// Troubles reads what somebody should know of how releases go. What is held or
// killed is left out of what did not leave.
func (s *Store) Troubles(ctx context.Context, now time.Time) (press.Troubles, error) {
	var t press.Troubles
	live, err := s.lively(ctx, now)
	if err != nil {
		return t, failing("reading how releases go", err)
	}
	for _, r := range live {
		if r.FirstUS != nil && instant(*r.FirstUS).Before(now.Add(-missedAfter)) {
			missed, err := s.missed(ctx, r, now.Add(-missedAfter))
			if err != nil {
				return t, failing("reading what of "+r.Slug+" has not left", err)
			}
			t.Missed = append(t.Missed, missed...)
		}
		expired, unreached, err := s.shortfalls(ctx, r)
		if err != nil {
			return t, failing("reading whom "+r.Slug+" did not reach", err)
		}
		t.Expired = appendSome(t.Expired, r.Slug, expired)
		t.Unreached = appendSome(t.Unreached, r.Slug, unreached)
	}
	if t.Blocked, err = s.Blocked(ctx, now.Add(-troublesBack), blockedLeast); err != nil {
		return t, err
	}
	t.Bounced, err = s.bounced(ctx, now.Add(-troublesBack))
	return t, err
}

func appendSome(to []press.Shortfall, release string, n int) []press.Shortfall {
	if n == 0 {
		return to
	}
	return append(to, press.Shortfall{Release: release, N: n})
}

// lively are the releases of which something waits, or did until a while ago.
type lively struct {
	Slug     string   `db:"slug"`
	Approval press.ID `db:"approval_id"`
	FirstUS  *int64   `db:"first_us"` // of what waits
}

func (s *Store) lively(ctx context.Context, now time.Time) ([]lively, error) {
	var found []struct {
		lively
		DeadlineUS int64 `db:"first_deadline_us"`
	}
	err := s.db.SelectContext(ctx, &found, `SELECT r.slug, r.approval_id, a.first_deadline_us, (SELECT MIN(q.next_us) FROM queue q WHERE q.approval_id = r.approval_id) AS first_us
		FROM releases r JOIN approvals a ON a.id = r.approval_id WHERE r.held = '' AND r.killed = '' ORDER BY r.slug`)
	var live []lively
	for _, f := range found {
		due := f.FirstUS != nil && *f.FirstUS <= micros(now)
		if ended := micros(now.Add(-troublesBack)); due || (f.DeadlineUS >= ended && f.DeadlineUS <= micros(now.Add(troublesBack))) {
			live = append(live, f.lively)
		}
	}
	return live, err
}

// missed are the sends of a release of which copies were due before an instant
// and none of those that were due with the first of them was ever begun.
func (s *Store) missed(ctx context.Context, r lively, before time.Time) ([]press.Missed, error) {
	var late []struct {
		Send  string `db:"send"`
		DueUS int64  `db:"due_us"`
		N     int    `db:"n"`
	}
	err := s.db.SelectContext(ctx, &late, s.db.Rebind(`SELECT d.send, MIN(d.due_us) AS due_us, COUNT(*) AS n FROM queue q JOIN deliveries d ON d.id = q.delivery_id
		WHERE q.approval_id = ? AND d.due_us <= ? AND d.attempts = 0 AND d.state IN ('planned', 'claimed') GROUP BY d.send ORDER BY d.send`), r.Approval, micros(before))
	var missed []press.Missed
	for _, l := range late {
		var begun []press.ID
		if err == nil {
			err = s.db.SelectContext(ctx, &begun, s.db.Rebind(`SELECT id FROM deliveries WHERE release = ? AND send = ? AND approval_id = ? AND due_us >= ? AND due_us <= ? AND attempts > 0 LIMIT 1`),
				r.Slug, l.Send, r.Approval, l.DueUS, micros(before))
		}
		if len(begun) == 0 {
			missed = append(missed, press.Missed{Release: r.Slug, Send: l.Send, Due: instant(l.DueUS), Copies: l.N})
		}
	}
	return missed, err
}

// shortfalls count the copies that expired, and the outlets all of whose copies
// came to nothing.
func (s *Store) shortfalls(ctx context.Context, r lively) (expired, unreached int, err error) {
	if err := s.db.GetContext(ctx, &expired, s.db.Rebind(`SELECT COUNT(*) FROM deliveries WHERE release = ? AND approval_id = ? AND state = 'expired'`), r.Slug, r.Approval); err != nil {
		return 0, 0, err
	}
	err = s.db.GetContext(ctx, &unreached, s.db.Rebind(`SELECT COUNT(*) FROM (
		SELECT outlet FROM deliveries WHERE release = ? AND approval_id = ? AND outlet <> '' GROUP BY outlet, country
		HAVING SUM(CASE WHEN state IN ('rejected', 'bounced', 'expired') THEN 1 ELSE 0 END) > 0
		AND SUM(CASE WHEN state IN ('rejected', 'bounced', 'expired', 'skipped', 'cancelled') THEN 0 ELSE 1 END) = 0) AS t`), r.Slug, r.Approval)
	return expired, unreached, err
}

// bounced counts, by release, the copies that went to dead addresses, beside all
// that were sent: those releases of which a few did.
func (s *Store) bounced(ctx context.Context, since time.Time) ([]press.Returned, error) {
	var found []press.Returned
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT d.release, COUNT(DISTINCT r.delivery_id) AS bounced, 0 AS sent
		FROM reports r JOIN deliveries d ON d.id = r.delivery_id
		WHERE r.kind = 'bounce' AND r.class = 'hard' AND r.id >= ? AND r.tie IN ('token', 'dialogue', 'envid', 'message-id')
		GROUP BY d.release HAVING COUNT(DISTINCT r.delivery_id) >= ? ORDER BY d.release`), press.FirstID(since), bouncedLeast)
	for i := range found {
		if err == nil {
			err = s.db.GetContext(ctx, &found[i].Sent, s.db.Rebind(`SELECT COUNT(*) FROM deliveries WHERE release = ? AND state IN ('accepted', 'unknown', 'delivered', 'bounced', 'complained', 'rejected')`), found[i].Release)
		}
	}
	return found, failing("counting what went to dead addresses", err)
}
