package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

type deliveryRow struct {
	ID         press.ID `db:"id"`
	Approval   press.ID `db:"approval_id"`
	Release    string   `db:"release"`
	Send       string   `db:"send"`
	AddressKey press.ID `db:"address_key"`
	Contact    press.ID `db:"contact_id"`
	Address    string   `db:"address"`
	Person     string   `db:"person"`
	Outlet     string   `db:"outlet"`
	OutletKind string   `db:"outlet_kind"`
	Country    string   `db:"country"`
	Edition    string   `db:"edition"`
	Why        string   `db:"why"`
	Zone       string   `db:"zone"`
	After      string   `db:"after_send"`
	InReplyTo  string   `db:"in_reply_to"`
	Ninjs      int      `db:"ninjs"`
	DueUS      int64    `db:"due_us"`
	DeadlineUS int64    `db:"deadline_us"`
	State      string   `db:"state"`
	Attempts   int      `db:"attempts"`
}

const deliveryColumns = `id, approval_id, release, send, address_key, contact_id, address, person, outlet, outlet_kind, country, edition, why, zone, after_send, in_reply_to, ninjs, due_us, deadline_us, state, attempts`

func (r *deliveryRow) delivery(next time.Time) press.Delivery {
	return press.Delivery{
		ID: r.ID, Approval: r.Approval, Release: r.Release, Send: r.Send, AddressKey: r.AddressKey,
		State: press.State(r.State), Attempts: r.Attempts, Next: next,
		Recipient: press.Recipient{
			Contact: r.Contact, Address: press.Address(r.Address), Name: r.Person, Outlet: r.Outlet, OutletKind: press.OutletKind(r.OutletKind),
			Country: press.Country(r.Country), Edition: press.Lang(r.Edition), Why: r.Why, Zone: r.Zone, After: r.After, InReplyTo: r.InReplyTo, Ninjs: r.Ninjs != 0, Due: instant(r.DueUS), Deadline: instant(r.DeadlineUS),
		},
	}
}

// firstOf is when the first unclaimed delivery of r's approval may be claimed.
const firstOf = `(SELECT MIN(q.next_us) FROM queue q WHERE q.approval_id = r.approval_id AND q.claimed_by IS NULL)`

// NextDue gives the earliest instant at which a delivery that nobody has
// claimed may be sent; false where there is none.
func (s *Store) NextDue(ctx context.Context) (time.Time, bool, error) {
	var next sql.NullInt64
	err := s.db.GetContext(ctx, &next, queuedApprovals+`SELECT MIN(`+firstOf+`) FROM queued w JOIN releases r ON r.approval_id = w.approval_id WHERE r.held = '' AND r.killed = ''`)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("looking for the next instant: %w", err)
	}
	return instant(next.Int64), next.Valid, nil
}

// waiting is an approval with something to claim.
type waiting struct {
	Approval press.ID `db:"approval_id"`
	FirstUS  int64    `db:"first_us"`
}

// Claim takes up to limit deliveries that are due by an instant for a daemon,
// the earliest of each release first, and gives them in the order in which they
// are to leave. Releases that are due together share the limit. What is past
// its deadline by now it leaves to Sweep.
func (s *Store) Claim(ctx context.Context, daemon press.ID, by, now time.Time, limit int) ([]press.Delivery, error) {
	var taken []press.Delivery
	err := s.tx(ctx, "claiming deliveries", func(tx *sqlx.Tx) error {
		taken = nil
		due, err := s.waiting(ctx, tx, by)
		if err != nil {
			return err
		}
		for share := max(1, limit/max(1, len(due))); len(due) > 0 && len(taken) < limit; share = limit {
			due = slices.DeleteFunc(due, func(w waiting) bool {
				var got []press.Delivery
				if want := min(share, limit-len(taken)); err == nil && want > 0 {
					got, err = s.claimOf(ctx, tx, daemon, w.Approval, by, now, want)
					taken = append(taken, got...)
					return len(got) < want
				}
				return false
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	slices.SortFunc(taken, func(a, b press.Delivery) int {
		return cmp.Or(a.Next.Compare(b.Next), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return taken, err
}

// waiting gives the approvals with something to claim by an instant, the one
// with the earliest first. Which that is need not be known where there is but
// one: on PostgreSQL each look at the queue's head passes what was claimed since
// the last vacuum.
func (s *Store) waiting(ctx context.Context, tx *sqlx.Tx, by time.Time) ([]waiting, error) {
	var all []waiting
	err := tx.SelectContext(ctx, &all, queuedApprovals+`SELECT r.approval_id, 0 AS first_us FROM queued w JOIN releases r ON r.approval_id = w.approval_id WHERE r.held = '' AND r.killed = ''`)
	if err != nil || len(all) < 2 {
		return all, err
	}
	all = nil
	err = tx.SelectContext(ctx, &all, tx.Rebind(queuedApprovals+`SELECT approval_id, first_us FROM (SELECT r.approval_id, `+firstOf+` AS first_us
		FROM queued w JOIN releases r ON r.approval_id = w.approval_id WHERE r.held = '' AND r.killed = '') AS w WHERE first_us <= ? ORDER BY first_us, approval_id`), micros(by))
	return all, err
}

// dueQuery reads the head of one approval's queue. The index of what is due has
// its order; a plan that sorts would read all of the queue for each claim.
const dueQuery = `SELECT delivery_id, next_us FROM queue WHERE approval_id = ? AND claimed_by IS NULL AND next_us <= ? AND deadline_us > ?
	ORDER BY next_us, delivery_id LIMIT ?`

// claimOf claims from one approval.
func (s *Store) claimOf(ctx context.Context, tx *sqlx.Tx, daemon, approval press.ID, by, now time.Time, limit int) ([]press.Delivery, error) {
	var due []struct {
		ID     press.ID `db:"delivery_id"`
		NextUS int64    `db:"next_us"`
	}
	err := s.read(ctx, tx, &due, dueQuery+s.skipLocked(), approval, micros(by), micros(now), limit)
	if err != nil || len(due) == 0 {
		return nil, err
	}
	ids, next := make([]press.ID, len(due)), make(map[press.ID]time.Time, len(due))
	for i, d := range due {
		ids[i], next[d.ID] = d.ID, instant(d.NextUS)
	}
	these, set := s.among("delivery_id", ids)
	if err := s.run(ctx, tx, `UPDATE queue SET claimed_by = ? WHERE `+these, append([]any{daemon}, set...)); err != nil {
		return nil, err
	}
	these, set = s.among("id", ids)
	found := make([]deliveryRow, 0, len(ids))
	err = s.read(ctx, tx, &found, `UPDATE deliveries SET state = 'claimed', updated_us = ? WHERE `+these+` RETURNING `+deliveryColumns, append([]any{micros(now)}, set...)...)
	if err != nil {
		return nil, err
	}
	got := make([]press.Delivery, 0, len(found))
	var nobody []press.ID
	for i := range found {
		if found[i].Address == "" {
			nobody = append(nobody, found[i].ID)
			continue
		}
		got = append(got, found[i].delivery(next[found[i].ID]))
	}
	return got, s.skipErased(ctx, tx, daemon, nobody, now)
}

// skipErased ends copies that came back to the queue after their contact was
// erased: nobody is left to whom they could be written.
func (s *Store) skipErased(ctx context.Context, tx *sqlx.Tx, daemon press.ID, ids []press.ID, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := s.settle(ctx, tx, press.Claimed, alike(ids, press.Outcome{State: press.Skipped, At: now, Text: "erased at the contact's wish"}), daemon)
	return err
}

// Release gives claims back that were not begun.
func (s *Store) Release(ctx context.Context, daemon press.ID, ids []press.ID, now time.Time) error {
	return s.tx(ctx, "giving claims back", func(tx *sqlx.Tx) error {
		for batch := range slices.Chunk(ids, batchRows) {
			if _, err := s.unclaim(ctx, tx, daemon, batch, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// Postpone gives claims back that are not to be claimed before an instant.
func (s *Store) Postpone(ctx context.Context, daemon press.ID, ids []press.ID, next, now time.Time) error {
	return s.tx(ctx, "postponing deliveries", func(tx *sqlx.Tx) error {
		for batch := range slices.Chunk(ids, batchRows) {
			moved, err := s.move(ctx, tx, press.Claimed, press.Planned, daemon, batch, now)
			if err != nil {
				return err
			}
			if len(moved) > 0 {
				if err := s.requeue(ctx, tx, moved, next); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// ReleaseOthers gives back every claim of a daemon but these: claims whose
// answer was lost on its way.
func (s *Store) ReleaseOthers(ctx context.Context, daemon press.ID, keep []press.ID, now time.Time) (int, error) {
	kept := make(map[press.ID]bool, len(keep))
	for _, id := range keep {
		kept[id] = true
	}
	n := 0
	err := s.tx(ctx, "giving claims back", func(tx *sqlx.Tx) error {
		n = 0
		all, err := s.claimed(ctx, tx, daemon, press.Claimed)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(id press.ID) bool { return kept[id] })
		for batch := range slices.Chunk(all, batchRows) {
			some, err := s.unclaim(ctx, tx, daemon, batch, now)
			n += some
			if err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// batchRows bounds the arguments of a statement.
const batchRows = 500

// claimed gives a daemon's claims that stand in a state.
func (s *Store) claimed(ctx context.Context, q sqlx.QueryerContext, daemon press.ID, state press.State) ([]press.ID, error) {
	var ids []press.ID
	err := sqlx.SelectContext(ctx, q, &ids, s.db.Rebind(`SELECT d.id FROM queue q JOIN deliveries d ON d.id = q.delivery_id WHERE q.claimed_by = ? AND d.state = ? ORDER BY d.id`), daemon, string(state))
	return ids, err
}

// unclaim makes a daemon's claims planned again, if they were not begun.
func (s *Store) unclaim(ctx context.Context, tx *sqlx.Tx, daemon press.ID, ids []press.ID, now time.Time) (int, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	moved, err := s.move(ctx, tx, press.Claimed, press.Planned, daemon, ids, now)
	if err != nil || len(moved) == 0 {
		return 0, err
	}
	return len(moved), s.requeue(ctx, tx, moved, time.Time{})
}

// move is the one statement by which a delivery changes its state. Only what
// stands in `from`, and in the queue as this daemon's, moves; a zero daemon
// stands for what nobody has claimed. It gives what moved.
func (s *Store) move(ctx context.Context, tx *sqlx.Tx, from, to press.State, daemon press.ID, ids []press.ID, now time.Time) ([]press.ID, error) {
	if !from.MayBecome(to) {
		return nil, fmt.Errorf("delivery %s cannot go from %s to %s", ids[0], from, to)
	}
	these, set := s.among("id", ids)
	tried := ""
	if to == press.Sending {
		tried = ", attempts = attempts + 1"
	}
	// The owner is spelled so that no index serves it: the rows are looked up by
	// id, not found among all that the daemon has.
	nobody := press.ID{}
	args := append(append([]any{string(to), micros(now)}, set...), string(from), nobody, daemon)
	var moved []press.ID
	err := s.read(ctx, tx, &moved, `UPDATE deliveries SET state = ?, updated_us = ?`+tried+` WHERE `+these+` AND state = ?
		AND EXISTS (SELECT 1 FROM queue q WHERE q.delivery_id = deliveries.id AND COALESCE(q.claimed_by, ?) = ?) RETURNING id`, args...)
	return moved, err
}

// requeue frees deliveries for the next claim, at an instant if one is given.
func (s *Store) requeue(ctx context.Context, tx *sqlx.Tx, ids []press.ID, next time.Time) error {
	these, set := s.among("delivery_id", ids)
	if next.IsZero() {
		return s.run(ctx, tx, `UPDATE queue SET claimed_by = NULL WHERE `+these, set)
	}
	// Not past its deadline: what expires is looked for among what is due.
	return s.run(ctx, tx, `UPDATE queue SET claimed_by = NULL, next_us = CASE WHEN ? > deadline_us THEN deadline_us ELSE ? END WHERE `+these,
		append([]any{micros(next), micros(next)}, set...))
}

// dequeue takes out what is settled.
func (s *Store) dequeue(ctx context.Context, tx *sqlx.Tx, ids []press.ID) error {
	these, set := s.among("delivery_id", ids)
	return s.run(ctx, tx, `DELETE FROM queue WHERE `+these, set)
}

// Sending gives what a daemon was sending: what stands in sending, and what is
// unknown because another daemon took over while it did.
func (s *Store) Sending(ctx context.Context, daemon press.ID) ([]press.ID, error) {
	ids, err := s.claimed(ctx, s.db, daemon, press.Sending)
	var taken []press.ID
	if err == nil {
		err = s.db.SelectContext(ctx, &taken, s.db.Rebind(`SELECT d.id FROM taken t JOIN deliveries d ON d.id = t.delivery_id WHERE t.daemon_id = ? AND d.state = 'unknown' ORDER BY d.id`), daemon)
	}
	if err != nil {
		return nil, fmt.Errorf("reading what was being sent: %w", err)
	}
	return append(ids, taken...), nil
}

// Gate tells how releases stand, and whether a daemon's claims are its own.
func (s *Store) Gate(ctx context.Context, daemon press.ID, slugs []string) (press.Gate, error) {
	fail := func(err error) (press.Gate, error) {
		return press.Gate{}, fmt.Errorf("reading how the releases stand: %w", err)
	}
	gate := press.Gate{Releases: make(map[string]press.Standing, len(slugs))}
	var err error
	if gate.Clock, err = s.Clock(ctx); err != nil {
		return fail(err)
	}
	err = s.db.GetContext(ctx, &gate.Epoch, s.db.Rebind(`SELECT epoch FROM daemons WHERE id = ?`), daemon)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fail(err)
	}
	if len(slugs) == 0 {
		return gate, nil
	}
	args := make([]any, len(slugs))
	for i, slug := range slugs {
		args[i] = slug
	}
	var found []releaseRow
	err = s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT `+releaseColumns+` FROM releases WHERE slug IN `+rows(1, len(slugs))), args...)
	if err != nil {
		return fail(err)
	}
	for _, r := range found {
		gate.Releases[r.Slug] = press.Standing{Approval: r.Approval, Control: r.control()}
	}
	return gate, nil
}
