package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// Sweep writes down what will not be sent any more and nobody has claimed:
// copies of killed or superseded approvals (cancelled) and those past their
// deadline (expired). It tells how many of a batch; zero means that nothing is
// left to do.
func (s *Store) Sweep(ctx context.Context, now time.Time) (int, error) {
	idle, err := s.nothingToSweep(ctx, now)
	if err != nil || idle {
		return 0, err
	}
	total := 0
	err = s.tx(ctx, "sweeping deliveries", func(tx *sqlx.Tx) error {
		total = 0
		for _, sweep := range s.sweeps(now) {
			var found []struct {
				ID   press.ID    `db:"id"`
				From press.State `db:"state"`
			}
			if err := tx.SelectContext(ctx, &found, tx.Rebind(sweep.query+` LIMIT ?`+s.skipLockedOf("q")), append(sweep.args, batchRows-total)...); err != nil {
				return err
			}
			ended := map[press.State][]press.Result{} // by the state that they leave
			for _, f := range found {
				ended[f.From] = append(ended[f.From], press.Result{Delivery: f.ID, Outcome: press.Outcome{State: sweep.to, At: now, Text: sweep.why}})
			}
			for from, results := range ended {
				moved, err := s.settle(ctx, tx, from, results, press.ID{})
				if err != nil {
					return err
				}
				total += len(moved)
			}
		}
		return nil
	})
	return total, err
}

// nothingToSweep looks without a transaction that writes, which would be one a
// second in every daemon.
func (s *Store) nothingToSweep(ctx context.Context, now time.Time) (bool, error) {
	for _, sweep := range s.sweeps(now) {
		var some []press.ID
		if err := s.db.SelectContext(ctx, &some, s.db.Rebind(`SELECT id FROM (`+sweep.query+` LIMIT 1) AS one`), sweep.args...); err != nil {
			return false, fmt.Errorf("sweeping deliveries: %w", err)
		}
		if len(some) > 0 {
			return false, nil
		}
	}
	return true, nil
}

type sweep struct {
	to    press.State
	why   string
	query string
	args  []any
}

// sweeps finds its rows by the index over the queue; what may still be sent is
// not looked at.
func (s *Store) sweeps(now time.Time) []sweep {
	const unclaimed = `SELECT d.id, d.state FROM queue q JOIN deliveries d ON d.id = q.delivery_id WHERE q.claimed_by IS NULL AND q.approval_id IN `
	return []sweep{
		{press.Cancelled, "the release was killed", unclaimed +
			`(SELECT a.id FROM releases r JOIN approvals a ON a.release = r.slug WHERE r.killed <> '' AND a.state <> 'staging')`, nil},
		{press.Cancelled, "another approval took its place", unclaimed +
			`(SELECT a.id FROM approvals a JOIN releases r ON r.slug = a.release WHERE a.state = 'superseded' AND a.id <> r.approval_id)`, nil},
		// Nothing expires before the approval's first deadline, nor what is not due,
		// nor while a clock is in doubt: by which one would its time have passed?
		{press.Expired, "its time had passed before it could be sent", unclaimed +
			`(SELECT a.id FROM approvals a JOIN releases r ON r.approval_id = a.id WHERE a.state = 'approved' AND a.first_deadline_us <= ? AND r.held NOT LIKE '` + press.ClockHold + `%') AND q.next_us <= ? AND q.deadline_us <= ?`, []any{micros(now), micros(now), micros(now)}},
	}
}

func (s *Store) skipLockedOf(table string) string {
	if s.postgres {
		return " FOR UPDATE OF " + table + " SKIP LOCKED"
	}
	return ""
}
