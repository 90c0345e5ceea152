package store

import (
	"context"
	"fmt"
	"strings"
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
		sweeps, err := s.sweeps(ctx, tx, now)
		if err != nil {
			return err
		}
		for _, sweep := range sweeps {
			n, err := s.sweep(ctx, tx, sweep, batchRows-total, now)
			if err != nil {
				return err
			}
			total += n
		}
		return nil
	})
	return total, err
}

// sweep ends up to limit deliveries of one approval.
func (s *Store) sweep(ctx context.Context, tx *sqlx.Tx, w sweep, limit int, now time.Time) (int, error) {
	var ids []press.ID
	if err := tx.SelectContext(ctx, &ids, tx.Rebind(w.query+` LIMIT ?`+s.skipLocked()), append(w.args, limit)...); err != nil || len(ids) == 0 {
		return 0, err
	}
	these, set := s.among("id", ids)
	var found []struct {
		ID   press.ID    `db:"id"`
		From press.State `db:"state"`
	}
	if err := tx.SelectContext(ctx, &found, tx.Rebind(`SELECT id, state FROM deliveries WHERE `+these), set...); err != nil {
		return 0, err
	}
	ended := map[press.State][]press.Result{} // by the state that they leave
	for _, f := range found {
		ended[f.From] = append(ended[f.From], press.Result{Delivery: f.ID, Outcome: press.Outcome{State: w.to, At: now, Text: w.why}})
	}
	total := 0
	for from, results := range ended {
		moved, err := s.settle(ctx, tx, from, results, press.ID{})
		if err != nil {
			return total, err
		}
		total += len(moved)
	}
	return total, nil
}

// nothingToSweep looks without a transaction that writes, which would be one a
// second in every daemon.
func (s *Store) nothingToSweep(ctx context.Context, now time.Time) (bool, error) {
	sweeps, err := s.sweeps(ctx, s.db, now)
	if err != nil {
		return false, fmt.Errorf("sweeping deliveries: %w", err)
	}
	for _, w := range sweeps {
		var some []press.ID
		if err := s.db.SelectContext(ctx, &some, s.db.Rebind(w.query+` LIMIT 1`), w.args...); err != nil {
			return false, fmt.Errorf("sweeping deliveries: %w", err)
		}
		if len(some) > 0 {
			return false, nil
		}
	}
	return true, nil
}

// sweep is what ends of one approval, and why.
type sweep struct {
	to    press.State
	why   string
	query string
	args  []any
}

// queuedApprovals are the approvals that have something unclaimed. The index of
// what is due is asked for one after the other: no plan may read all of the
// queue for it, or look at every approval that there ever was.
const queuedApprovals = `WITH RECURSIVE queued (approval_id) AS (
	SELECT * FROM (SELECT approval_id FROM queue WHERE claimed_by IS NULL ORDER BY approval_id LIMIT 1) AS one
	UNION ALL
	SELECT (SELECT q.approval_id FROM queue q WHERE q.claimed_by IS NULL AND q.approval_id > w.approval_id ORDER BY q.approval_id LIMIT 1) FROM queued w WHERE w.approval_id IS NOT NULL
) `

// sweeps tells of which approvals something ends, and how it is found by the
// index over the queue; what may still be sent is not looked at.
func (s *Store) sweeps(ctx context.Context, q sqlx.QueryerContext, now time.Time) ([]sweep, error) {
	var found []struct {
		Approval press.ID `db:"id"`
		State    string   `db:"state"`
		InForce  press.ID `db:"in_force"`
		FirstUS  int64    `db:"first_deadline_us"`
		Killed   string   `db:"killed"`
		Held     string   `db:"held"`
	}
	err := sqlx.SelectContext(ctx, q, &found, queuedApprovals+`SELECT a.id, a.state, r.approval_id AS in_force, a.first_deadline_us, r.killed, r.held
		FROM queued w JOIN approvals a ON a.id = w.approval_id JOIN releases r ON r.slug = a.release WHERE a.state <> 'staging' ORDER BY a.id`)
	if err != nil {
		return nil, err
	}
	const of = `SELECT delivery_id FROM queue WHERE approval_id = ? AND claimed_by IS NULL`
	const inOrder = ` ORDER BY next_us, delivery_id`
	var all []sweep
	for _, f := range found {
		switch {
		case f.Killed != "":
			all = append(all, sweep{press.Cancelled, "the release was killed", of + inOrder, []any{f.Approval}})
		case f.Approval != f.InForce:
			all = append(all, sweep{press.Cancelled, "another approval took its place", of + inOrder, []any{f.Approval}})
		case f.FirstUS <= micros(now) && !strings.HasPrefix(f.Held, press.ClockHold):
			// Nothing expires before the approval's first deadline, nor what is not due,
			// nor while a clock is in doubt: by which one would its time have passed?
			all = append(all, sweep{
				press.Expired, "its time had passed before it could be sent", of + ` AND next_us <= ? AND deadline_us <= ?` + inOrder,
				[]any{f.Approval, micros(now), micros(now)},
			})
		}
	}
	return all, nil
}
