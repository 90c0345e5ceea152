package store

import (
	"context"
	"fmt"
	"time"

	"dateline/internal/press"
)

// ofRelease is the condition for a release's copies, but for those that are
// being staged; ofThis gives its arguments. The id, which is above none, makes
// SQLite read them in the order of the table, which is a fifth of the cost of the
// order of their mailboxes, by the other index that begins with the release.
const ofRelease = `d.id > ? AND d.release = ? AND d.approval_id IN (SELECT a.id FROM approvals a WHERE a.release = ? AND a.state <> 'staging')`

func ofThis(release string) []any { return []any{press.ID{}, release, release} }

// Accepted tells what relays accepted of a release, by their own word: what a
// person says of an unknown copy has no code, and no instant that is a relay's.
func (s *Store) Accepted(ctx context.Context, release string, tell func(press.AcceptedPart)) error {
	var p press.AcceptedPart
	var first, last int64
	err := s.query(ctx, `SELECT d.send, d.country, d.edition, COUNT(*), MIN(e.at_us), MAX(e.at_us)
		FROM deliveries d JOIN events e ON e.delivery_id = d.id WHERE `+ofRelease+` AND e.state = 'accepted' AND e.code > 0
		GROUP BY d.send, d.country, d.edition, e.at_us / 1000000`, ofThis(release),
		[]any{&p.Send, &p.Country, &p.Edition, &p.N, &first, &last}, func() {
			p.First, p.Last = instant(first), instant(last)
			tell(p)
		})
	return failing("reading when copies of "+release+" were accepted", err)
}

// ReleaseSpan gives between which ids of the trail a release's entries stand:
// from its first approval, or test copy, to what befell its copies, or was done to
// it, last.
func (s *Store) ReleaseSpan(ctx context.Context, release string) (first, last press.ID, err error) {
	var found struct {
		First  press.ID `db:"first_id"`
		Last   press.ID `db:"last_id"`
		LastUS *int64   `db:"last_us"`
	}
	err = s.db.GetContext(ctx, &found, s.db.Rebind(`WITH told (id) AS (
			SELECT id FROM approvals WHERE release = ? AND state <> 'staging' UNION ALL SELECT id FROM acts WHERE release = ? UNION ALL SELECT id FROM test_copies WHERE release = ?)
		SELECT (SELECT id FROM told ORDER BY id LIMIT 1) AS first_id, (SELECT id FROM told ORDER BY id DESC LIMIT 1) AS last_id,
		(SELECT MAX(d.updated_us) FROM deliveries d WHERE `+ofRelease+`) AS last_us`), append([]any{release, release, release}, ofThis(release)...)...)
	if err != nil {
		return first, last, fmt.Errorf("looking for the time of %s: %w", release, err)
	}
	if found.LastUS != nil {
		// An entry is written soon after what it tells of.
		if by := press.FirstID(instant(*found.LastUS).Add(time.Minute)); by.Compare(found.Last) > 0 {
			found.Last = by
		}
	}
	return found.First, found.Last, nil
}
