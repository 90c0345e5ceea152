package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

type sealRow struct {
	N        int          `db:"n"`
	After    press.ID     `db:"after_id"`
	To       press.ID     `db:"to_id"`
	Events   int          `db:"events"`
	Acts     int          `db:"acts"`
	Tests    int          `db:"tests"`
	AtUS     int64        `db:"at_us"`
	Digest   press.Digest `db:"digest"`
	Previous press.Digest `db:"previous"`
	Mark     press.Digest `db:"mark"`
}

const sealColumns = `n, after_id, to_id, events, acts, tests, at_us, digest, previous, mark`

func (r sealRow) seal() press.Seal {
	return press.Seal{
		N: r.N, After: r.After, To: r.To, Sum: press.Sum{Digest: r.Digest, Events: r.Events, Acts: r.Acts, Tests: r.Tests},
		At: instant(r.AtUS), Previous: r.Previous, Mark: r.Mark,
	}
}

// Seals gives every seal, in their order.
func (s *Store) Seals(ctx context.Context) ([]press.Seal, error) {
	var found []sealRow
	if err := s.db.SelectContext(ctx, &found, `SELECT `+sealColumns+` FROM seals ORDER BY n`); err != nil {
		return nil, fmt.Errorf("reading the seals of the trail: %w", err)
	}
	seals := make([]press.Seal, len(found))
	for i, r := range found {
		seals[i] = r.seal()
	}
	return seals, nil
}

// LastSeal gives the newest seal; false where nothing is sealed.
func (s *Store) LastSeal(ctx context.Context) (press.Seal, bool, error) {
	var found []sealRow
	err := s.db.SelectContext(ctx, &found, `SELECT `+sealColumns+` FROM seals ORDER BY n DESC LIMIT 1`)
	if err != nil || len(found) == 0 {
		return press.Seal{}, false, failing("reading the newest seal of the trail", err)
	}
	return found[0].seal(), true, nil
}

// AddSeal appends a seal. It tells false where another daemon has added one of
// this number meanwhile.
func (s *Store) AddSeal(ctx context.Context, n press.Seal) (bool, error) {
	added := false
	err := s.tx(ctx, "sealing the trail", func(tx *sqlx.Tx) error {
		res, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO seals (`+sealColumns+`) VALUES `+rows(1, 10)+` ON CONFLICT (n) DO NOTHING`),
			n.N, n.After, n.To, n.Events, n.Acts, n.Tests, micros(n.At), n.Digest, n.Previous, n.Mark)
		if err != nil {
			return err
		}
		rows, err := res.RowsAffected()
		added = rows == 1
		return err
	})
	return added, err
}

// Settled gives an instant, this one or an earlier one, such that no entry of the
// trail will be written any more whose id was made before it. An entry's id is
// made within the transaction that writes it, so whatever is not there yet is in
// a transaction that has begun and not ended.
func (s *Store) Settled(ctx context.Context, before time.Time) (time.Time, error) {
	const doing = "looking for what of the trail is settled"
	if !s.postgres {
		// The one writer's turn: who wrote before has ended by then.
		return before, s.tx(ctx, doing, func(*sqlx.Tx) error { return nil })
	}
	// PostgreSQL tells of the transactions of one's own role, which writes the trail.
	var us *int64
	err := s.db.GetContext(ctx, &us, `SELECT (EXTRACT(EPOCH FROM MIN(xact_start)) * 1000000)::bigint FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL`)
	if err != nil {
		return before, fmt.Errorf("%s: %w", doing, err)
	}
	// Daemons' clocks may differ from the database's by what the clocks' watch allows.
	if us != nil && instant(*us).Add(-time.Minute).Before(before) {
		return instant(*us).Add(-time.Minute), nil
	}
	return before, nil
}

// Stretch gives up to which entry the next seal goes: it covers at most so many
// events that were written after an entry and before an instant. A zero id means
// that there is nothing.
func (s *Store) Stretch(ctx context.Context, after press.ID, before time.Time, events int) (press.ID, error) {
	end := press.FirstID(before)
	var to []press.ID
	err := s.db.SelectContext(ctx, &to, s.db.Rebind(`SELECT id FROM events WHERE id > ? AND id < ? ORDER BY id LIMIT 1 OFFSET ?`), after, end, events-1)
	if err == nil && len(to) == 0 { // there are fewer: all of them, and of the others
		err = s.db.SelectContext(ctx, &to, s.db.Rebind(`SELECT id FROM (
			SELECT * FROM (SELECT id FROM events WHERE id > ? AND id < ? ORDER BY id DESC LIMIT 1) AS e
			UNION ALL SELECT * FROM (SELECT id FROM acts WHERE id > ? AND id < ? ORDER BY id DESC LIMIT 1) AS a
			UNION ALL SELECT * FROM (SELECT id FROM test_copies WHERE id > ? AND id < ? ORDER BY id DESC LIMIT 1) AS t
			) AS newest ORDER BY id DESC LIMIT 1`), after, end, after, end, after, end)
	}
	if err != nil || len(to) == 0 {
		return press.ID{}, failing("looking for what of the trail is to be sealed", err)
	}
	return to[0], nil
}

// Entries counts what was written to the trail after an entry, and gives the
// first one's id.
func (s *Store) Entries(ctx context.Context, after press.ID) (n int, first press.ID, err error) {
	var found struct {
		N     int      `db:"n"`
		First press.ID `db:"first_id"`
	}
	err = s.db.GetContext(ctx, &found, s.db.Rebind(`SELECT (SELECT COUNT(*) FROM events WHERE id > ?) + (SELECT COUNT(*) FROM acts WHERE id > ?) + (SELECT COUNT(*) FROM test_copies WHERE id > ?) AS n,
		(SELECT id FROM (SELECT * FROM (SELECT id FROM events WHERE id > ? ORDER BY id LIMIT 1) AS e
			UNION ALL SELECT * FROM (SELECT id FROM acts WHERE id > ? ORDER BY id LIMIT 1) AS a
			UNION ALL SELECT * FROM (SELECT id FROM test_copies WHERE id > ? ORDER BY id LIMIT 1) AS t) AS oldest ORDER BY id LIMIT 1) AS first_id`),
		after, after, after, after, after, after)
	return found.N, found.First, failing("counting what of the trail is not sealed", err)
}

// SumUp adds up the entries of the trail that were written after one, up to
// another one.
func (s *Store) SumUp(ctx context.Context, after, to press.ID) (press.Sum, error) {
	sum := press.NewTrailSum()
	var e press.SealedEvent
	err := s.query(ctx, `SELECT id, delivery_id, at_us, code, of_address, from_state, state, relay, verb, enhanced, said_by FROM events WHERE id > ? AND id <= ? ORDER BY id`, []any{after, to},
		[]any{&e.ID, &e.Delivery, &e.AtUS, &e.Code, &e.OfAddress, &e.From, &e.State, &e.Relay, &e.Verb, &e.Enhanced, &e.SaidBy}, func() { sum.Event(&e) })
	var a press.Act
	var us int64
	if err == nil {
		err = s.query(ctx, `SELECT id, at_us, release, act, said_by, detail FROM acts WHERE id > ? AND id <= ? ORDER BY id`, []any{after, to},
			[]any{&a.ID, &us, &a.Release, &a.Act, &a.By, &a.Detail}, func() { a.At = time.UnixMicro(us); sum.Act(a) })
	}
	var t press.SealedTest
	if err == nil {
		err = s.query(ctx, `SELECT id, address_key, at_us, code, release, edition, state FROM test_copies WHERE id > ? AND id <= ? ORDER BY id`, []any{after, to},
			[]any{&t.ID, &t.Key, &t.AtUS, &t.Code, &t.Release, &t.Edition, &t.State}, func() { sum.Test(t) })
	}
	return sum.Sum(), failing("adding up the trail", err)
}

// query reads rows one after the other into the same place.
func (s *Store) query(ctx context.Context, query string, args, into []any, row func()) (err error) {
	found, err := s.db.QueryContext(ctx, s.db.Rebind(query), args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	for found.Next() {
		if err := found.Scan(into...); err != nil {
			return err
		}
		row()
	}
	return found.Err()
}
