package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// restored settles a store that was put back: what was due since the backup, and
// not ended in it, may have been sent. Each step may be done again.
func (s *Store) restored(ctx context.Context, taken, now time.Time) (press.Restored, error) {
	done := press.Restored{Unknown: map[string]int{}, Held: []string{}, Taken: taken}
	if _, err := s.migrate(ctx, ours()); err != nil {
		return done, err
	}
	if err := s.disown(ctx, now); err != nil {
		return done, err
	}
	for more := true; more; {
		var err error
		if more, err = s.doubtBatch(ctx, taken, now); err != nil {
			return done, err
		}
	}
	var err error
	if done.Held, err = s.holdRestored(ctx, taken, now); err != nil {
		return done, err
	}
	if done.Unknown, err = s.unknownByRelease(ctx); err != nil {
		return done, err
	}
	_, err = s.db.ExecContext(ctx, s.db.Rebind(`DELETE FROM settings WHERE name = ?`), restoring)
	return done, errors.Join(err, s.tune(ctx))
}

// same holds the rows against those that the backup counted. A restore that is
// gone on with has changed some of the tables.
func (s *Store) same(ctx context.Context, want press.Contents, again bool) error {
	got, err := s.contents(ctx, s.db)
	if err != nil {
		return err
	}
	for table, n := range want.Rows {
		changed := table == "settings" || again && slices.Contains([]string{"queue", "events", "acts", "sessions"}, table)
		if !changed && got.Rows[table] != n {
			return fmt.Errorf("%s has %d rows, and the backup's manifest tells of %d: the file is damaged", table, got.Rows[table], n)
		}
	}
	return nil
}

// disown takes every claim from the daemons, which were at work on another
// store: one that still has a claim in its hand finds its epoch changed. People
// sign in anew, for whoever lost the right to since is not known.
func (s *Store) disown(ctx context.Context, now time.Time) error {
	return s.tx(ctx, "taking back the daemons' claims", func(tx *sqlx.Tx) error {
		for _, step := range []struct {
			query string
			args  []any
		}{
			{`UPDATE deliveries SET state = 'planned', updated_us = ? WHERE state = 'claimed'`, []any{micros(now)}},
			{`UPDATE queue SET claimed_by = NULL WHERE claimed_by IS NOT NULL`, nil},
			{`UPDATE daemons SET epoch = epoch + 1, seen_us = 0`, nil},
			{`DELETE FROM sessions`, nil},
		} {
			if _, err := tx.ExecContext(ctx, tx.Rebind(step.query), step.args...); err != nil {
				return err
			}
		}
		return nil
	})
}

// doubtBatch makes unknown what may have been sent since the backup: what was
// being sent in it, and what the approval in force had due by now. It tells
// whether there may be more.
func (s *Store) doubtBatch(ctx context.Context, taken, now time.Time) (bool, error) {
	n := 0
	err := s.tx(ctx, "marking what may have been sent", func(tx *sqlx.Tx) error {
		n = 0
		var found []struct {
			ID    press.ID    `db:"id"`
			State press.State `db:"state"`
		}
		err := tx.SelectContext(ctx, &found, tx.Rebind(`SELECT d.id, d.state FROM queue q JOIN deliveries d ON d.id = q.delivery_id LEFT JOIN releases r ON r.slug = d.release
			WHERE d.state = 'sending' OR (q.next_us <= ? AND r.approval_id = d.approval_id AND r.killed = '') ORDER BY d.id LIMIT ?`), micros(now), batchRows)
		if err != nil || len(found) == 0 {
			return err
		}
		n = len(found)
		byState := map[press.State][]press.ID{}
		all := make([]press.ID, n)
		for i, f := range found {
			all[i] = f.ID
			byState[f.State] = append(byState[f.State], f.ID)
		}
		return s.doubt(ctx, tx, byState, all, taken, now)
	})
	return n == batchRows, err
}

// doubt takes copies the way that they may have gone: claimed, begun, and no
// more is known.
func (s *Store) doubt(ctx context.Context, tx *sqlx.Tx, byState map[press.State][]press.ID, all []press.ID, taken, now time.Time) error {
	for _, from := range []press.State{press.Planned, press.Deferred} {
		ids := byState[from]
		if len(ids) == 0 {
			continue
		}
		for _, way := range [][2]press.State{{from, press.Claimed}, {press.Claimed, press.Sending}} {
			if _, err := s.move(ctx, tx, way[0], way[1], press.ID{}, ids, now); err != nil {
				return err
			}
		}
	}
	o := press.Outcome{State: press.Unknown, At: now, Text: "the store was put back from a backup of " + taken.UTC().Format(time.DateTime) + " UTC; it may have been sent since"}
	_, err := s.settle(ctx, tx, press.Sending, alike(all, o), press.ID{})
	return err
}

// unknownByRelease counts what a person must settle.
func (s *Store) unknownByRelease(ctx context.Context) (map[string]int, error) {
	var found []struct {
		Release string `db:"release"`
		N       int    `db:"n"`
	}
	err := s.db.SelectContext(ctx, &found, `SELECT release, COUNT(*) AS n FROM deliveries WHERE state = 'unknown' GROUP BY release`)
	counts := make(map[string]int, len(found))
	for _, f := range found {
		counts[f.Release] = f.N
	}
	return counts, err
}

// holdRestored holds every release of which something may still leave, today or
// one day: what a person said of it since the backup, a kill above all, is not in
// the store any more. It names all that are held.
func (s *Store) holdRestored(ctx context.Context, taken, now time.Time) ([]string, error) {
	var found []struct {
		Slug string `db:"slug"`
		Held string `db:"held"`
	}
	err := s.db.SelectContext(ctx, &found, `SELECT r.slug, r.held FROM releases r WHERE r.killed = '' AND (EXISTS (SELECT 1 FROM queue q WHERE q.approval_id = r.approval_id)
		OR EXISTS (SELECT 1 FROM deliveries d WHERE d.approval_id = r.approval_id AND d.state = 'unknown')) ORDER BY r.slug`)
	if err != nil {
		return nil, err
	}
	why := "the store was put back from a backup of " + taken.UTC().Format(time.DateTime) + " UTC; what was sent, said or killed since is not in it"
	held := make([]string, 0, len(found))
	for _, r := range found {
		held = append(held, r.Slug)
		if r.Held != "" {
			continue
		}
		if err := s.Hold(ctx, r.Slug, why, press.ByDateline, now); err != nil {
			return nil, err
		}
	}
	return held, nil
}
