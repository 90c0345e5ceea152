package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// finish writes results. A delivery that was marked unknown meanwhile, because
// its daemon seemed dead, is settled by what the daemon knows: that the relay
// accepted it, or that it has not left, whether refused or never handed over.
func (s *Store) finish(ctx context.Context, tx *sqlx.Tx, daemon press.ID, results []press.Result) error {
	if len(results) == 0 {
		return nil
	}
	moved, err := s.settle(ctx, tx, press.Sending, results, daemon)
	if err != nil || len(moved) == len(results) {
		return err
	}
	var ids []press.ID
	for _, r := range results {
		if !moved[r.Delivery] {
			ids = append(ids, r.Delivery)
		}
	}
	own, err := s.takenFrom(ctx, tx, daemon, ids)
	if err != nil {
		return err
	}
	var late []press.Result
	for _, r := range results {
		switch {
		case moved[r.Delivery] || r.Outcome.State == press.Unknown:
			continue
		case r.Outcome.State != press.Accepted && !own[r.Delivery]:
			continue // what is unknown by now is another's attempt
		case r.Outcome.State != press.Accepted:
			r.Outcome.State = press.Planned
		}
		late = append(late, r)
	}
	if _, err = s.settle(ctx, tx, press.Unknown, late, daemon); err != nil {
		return err
	}
	return s.told(ctx, tx, slices.Collect(maps.Keys(own))) // also of what stays unknown: its daemon knows no more
}

// takenFrom tells which of these deliveries became unknown by a takeover from
// this daemon, and by nothing since.
func (s *Store) takenFrom(ctx context.Context, tx *sqlx.Tx, daemon press.ID, ids []press.ID) (map[press.ID]bool, error) {
	these, set := s.among("delivery_id", ids)
	var found []press.ID
	err := s.read(ctx, tx, &found, `SELECT delivery_id FROM taken WHERE daemon_id = ? AND `+these, append([]any{daemon}, set...)...)
	own := make(map[press.ID]bool, len(found))
	for _, id := range found {
		own[id] = true
	}
	return own, err
}

// settle moves deliveries from one state to their outcomes' and adds an event
// to the trail of each that moved; it tells which did. What another daemon has
// by now does not move. A zero daemon stands for the program itself.
func (s *Store) settle(ctx context.Context, tx *sqlx.Tx, from press.State, results []press.Result, daemon press.ID) (map[press.ID]bool, error) {
	type to struct {
		state press.State
		next  int64
	}
	groups := map[to][]press.Result{}
	for _, r := range results {
		if !from.MayBecome(r.Outcome.State) {
			return nil, fmt.Errorf("delivery %s cannot go from %s to %s", r.Delivery, from, r.Outcome.State)
		}
		key := to{r.Outcome.State, micros(r.Next)}
		groups[key] = append(groups[key], r)
	}
	by := press.ByDateline
	if !daemon.IsZero() {
		by = daemon.String()
	}
	all := make(map[press.ID]bool, len(results))
	for key, group := range groups {
		for batch := range slices.Chunk(group, batchRows) {
			if err := s.settleAlike(ctx, tx, from, key.state, instant(key.next), batch, daemon, by, all); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// settleAlike settles results of one state, and notes those that moved.
func (s *Store) settleAlike(ctx context.Context, tx *sqlx.Tx, from, to press.State, next time.Time, batch []press.Result, daemon press.ID, by string, all map[press.ID]bool) error {
	moved, err := s.moveSettled(ctx, tx, from, to, next, batch, daemon)
	if err != nil || len(moved) == 0 {
		return err
	}
	fresh := make(map[press.ID]bool, len(moved))
	for _, id := range moved {
		all[id], fresh[id] = true, true
	}
	events := make([]event, 0, len(moved))
	for i := range batch {
		if r := &batch[i]; fresh[r.Delivery] {
			delete(fresh, r.Delivery) // written twice, it counts once
			events = append(events, event{NewID(), r.Delivery, r.Outcome})
		}
	}
	return s.addEvents(ctx, tx, from, by, events)
}

// moveSettled moves the rows, in the ledger and in the queue.
func (s *Store) moveSettled(ctx context.Context, tx *sqlx.Tx, from, to press.State, next time.Time, batch []press.Result, daemon press.ID) ([]press.ID, error) {
	at := batch[0].Outcome.At
	if from == press.Unknown {
		return s.moveUnknown(ctx, tx, to, next, idsOf(batch), at)
	}
	moved, err := s.move(ctx, tx, from, to, daemon, idsOf(batch), at)
	if err != nil || len(moved) == 0 {
		return nil, err
	}
	if to == press.Planned || to == press.Deferred {
		return moved, s.requeue(ctx, tx, moved, next)
	}
	return moved, s.dequeue(ctx, tx, moved)
}

// moveUnknown settles what nobody has in the queue: an unknown delivery that is
// planned again comes back to it.
func (s *Store) moveUnknown(ctx context.Context, tx *sqlx.Tx, to press.State, next time.Time, ids []press.ID, at time.Time) ([]press.ID, error) {
	these, set := s.among("id", ids)
	var moved []press.ID
	err := tx.SelectContext(ctx, &moved, tx.Rebind(`UPDATE deliveries SET state = ?, updated_us = ? WHERE `+these+` AND state = 'unknown' RETURNING id`),
		append([]any{string(to), micros(at)}, set...)...)
	if err != nil || len(moved) == 0 {
		return moved, err
	}
	if err := s.told(ctx, tx, moved); err != nil || to != press.Planned {
		return moved, err
	}
	these, set = s.among("id", moved)
	us := micros(next) // not before it is due, and as in requeue not past its deadline
	_, err = tx.ExecContext(ctx, tx.Rebind(`INSERT INTO queue (delivery_id, approval_id, next_us, deadline_us, claimed_by)
		SELECT id, approval_id, CASE WHEN due_us > ? THEN due_us WHEN deadline_us < ? THEN deadline_us ELSE ? END, deadline_us, NULL FROM deliveries WHERE `+these), append([]any{us, us, us}, set...)...)
	return moved, err
}

// alike gives each delivery the same outcome.
func alike(ids []press.ID, o press.Outcome) []press.Result {
	results := make([]press.Result, len(ids))
	for i, id := range ids {
		results[i] = press.Result{Delivery: id, Outcome: o}
	}
	return results
}
