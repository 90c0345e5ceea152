package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dateline/internal/press"
)

// acceptedSpan is between which ids the copies of a release stand: an approval's id is
// made before its copies are staged, and the act that tells of it after. Copies
// that are read by it come in the order of the table, which is a fifth of the
// cost of finding a large release's by any index that begins with its name.
type acceptedSpan struct {
	First press.ID `db:"first_id"`
	Last  press.ID `db:"last_id"`
}

func (s *Store) acceptedSpan(ctx context.Context, release string) (acceptedSpan, error) {
	var found acceptedSpan
	err := s.db.GetContext(ctx, &found, s.db.Rebind(`SELECT (SELECT id FROM approvals WHERE release = ? AND state <> 'staging' ORDER BY id LIMIT 1) AS first_id,
		(SELECT id FROM acts WHERE release = ? AND act = 'approve' ORDER BY id DESC LIMIT 1) AS last_id`), release, release)
	return found, err
}

// ofRelease is the condition for a release's copies, but for those that are
// being staged. Its arguments are spanArgs.
const ofRelease = `d.id > ? AND d.id < ? AND d.approval_id IN (SELECT a.id FROM approvals a WHERE a.release = ? AND a.state <> 'staging')`

func (n acceptedSpan) args(release string) []any { return []any{n.First, n.Last, release} }

// Accepted tells what relays accepted of a release, by their own word: what a
// person says of an unknown copy has no code, and no instant that is a relay's.
func (s *Store) Accepted(ctx context.Context, release string, tell func(press.AcceptedPart)) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("reading when copies of %s were accepted: %w", release, err)
		}
	}()
	within, err := s.acceptedSpan(ctx, release)
	if err != nil {
		return err
	}
	rows, err := s.db.QueryxContext(ctx, s.db.Rebind(`SELECT d.send, d.country, d.edition, COUNT(*), MIN(e.at_us), MAX(e.at_us)
		FROM deliveries d JOIN events e ON e.delivery_id = d.id WHERE `+ofRelease+` AND e.state = 'accepted' AND e.code > 0
		GROUP BY d.send, d.country, d.edition, e.at_us / 1000000`), within.args(release)...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var p press.AcceptedPart
		var first, last int64
		if err := rows.Scan(&p.Send, &p.Country, &p.Edition, &p.N, &first, &last); err != nil {
			return err
		}
		p.First, p.Last = instant(first), instant(last)
		tell(p)
	}
	return rows.Err()
}

// ReleaseSpan gives between which ids of the trail a release's entries stand:
// from its first approval to what befell its copies, or was done to it, last.
func (s *Store) ReleaseSpan(ctx context.Context, release string) (first, last press.ID, err error) {
	defer func() { err = failing("looking for the time of "+release, err) }()
	within, err := s.span(ctx, release)
	if err != nil {
		return first, last, err
	}
	var us *int64
	if err := s.db.GetContext(ctx, &us, s.db.Rebind(`SELECT MAX(d.updated_us) FROM deliveries d WHERE `+ofRelease), within.args(release)...); err != nil {
		return first, last, err
	}
	err = s.db.GetContext(ctx, &last, s.db.Rebind(`SELECT id FROM (SELECT * FROM (SELECT id FROM acts WHERE release = ? ORDER BY id DESC LIMIT 1) AS a
		UNION ALL SELECT * FROM (SELECT id FROM test_copies WHERE release = ? ORDER BY id DESC LIMIT 1) AS t) AS newest ORDER BY id DESC LIMIT 1`), release, release)
	if us != nil {
		// An entry is written soon after what it tells of.
		if by := press.FirstID(instant(*us).Add(time.Minute)); by.Compare(last) > 0 {
			last = by
		}
	}
	first = within.First
	var tested []press.ID
	if err == nil {
		err = s.db.SelectContext(ctx, &tested, s.db.Rebind(`SELECT id FROM test_copies WHERE release = ? ORDER BY id LIMIT 1`), release)
	}
	if len(tested) > 0 && tested[0].Compare(first) < 0 {
		first = tested[0]
	}
	return first, last, err
}
