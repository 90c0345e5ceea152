package store

import (
	"context"
	"time"

	"dateline/internal/press"
)

// Depth counts what is unsettled.
func (s *Store) Depth(ctx context.Context, now time.Time) (press.QueueDepth, error) {
	var found []struct {
		State  string `db:"state"`
		Due    int    `db:"due"`
		N      int    `db:"n"`
		Oldest *int64 `db:"oldest_us"`
	}
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT CASE WHEN q.claimed_by IS NULL THEN 'queued' WHEN d.state = 'sending' THEN 'sending' ELSE 'claimed' END AS state,
		CASE WHEN q.next_us <= ? THEN 1 ELSE 0 END AS due, COUNT(*) AS n, MIN(CASE WHEN r.held = '' THEN q.next_us END) AS oldest_us
		FROM queue q JOIN deliveries d ON d.id = q.delivery_id JOIN releases r ON r.approval_id = q.approval_id WHERE r.killed = '' GROUP BY 1, 2`), micros(now))
	var depth press.QueueDepth
	for _, f := range found {
		switch {
		case f.State == "sending":
			depth.Sending += f.N
		case f.State == "claimed":
			depth.Claimed += f.N
		case f.Due == 1:
			depth.Due += f.N
			if f.Oldest != nil {
				depth.OldestDue = instant(*f.Oldest)
			}
		default:
			depth.Waiting += f.N
		}
	}
	return depth, failing("counting what is unsettled", err)
}

// CameBack counts the copies that came back since an instant, by the relay that
// had taken or refused them and the recipients' domain.
func (s *Store) CameBack(ctx context.Context, since time.Time) ([]press.CameBack, error) {
	ofSending := "''"
	for _, r := range press.Reasons() {
		if r.OfSending() {
			ofSending += ", '" + string(r) + "'" // a closed set of words
		}
	}
	var found []press.CameBack
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT t.kind, t.relay, t.domain, COUNT(DISTINCT t.delivery_id) AS n FROM (
		SELECT r.delivery_id, LOWER(r.domain) AS domain,
			CASE WHEN r.kind = 'complaint' THEN 'complained' WHEN r.reason IN (`+ofSending+`) THEN 'blocked' ELSE 'bounced' END AS kind,
			COALESCE((SELECT MAX(e.relay) FROM events e WHERE e.delivery_id = r.delivery_id AND e.state IN ('accepted', 'rejected')), '') AS relay
		FROM reports r WHERE r.id >= ? AND r.delivery_id IS NOT NULL AND r.kind IN ('bounce', 'complaint') AND r.tie IN ('token', 'dialogue', 'envid', 'message-id')) AS t
		GROUP BY t.kind, t.relay, t.domain ORDER BY n DESC, t.domain, t.relay, t.kind`), press.FirstID(since))
	return found, failing("counting what came back", err)
}

// Answers tells whether the store answers.
func (s *Store) Answers(ctx context.Context) error {
	var one int
	return failing("asking the store", s.db.GetContext(ctx, &one, `SELECT COUNT(*) FROM settings`))
}
