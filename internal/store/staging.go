package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// stageBatch rows a transaction: each stays well below 50 ms, so that a lift
// or a kill never waits for an approval.
const stageBatch = 500

// Stage begins an approval: the frozen release is kept, its deliveries can be
// added, and no daemon sees any of it before Approve.
func (s *Store) Stage(ctx context.Context, a press.Approval, frozen press.Frozen) error {
	data, err := json.Marshal(frozen)
	if err != nil {
		return fmt.Errorf("freezing release %s: %w", a.Release, err)
	}
	return s.tx(ctx, "staging the approval of "+a.Release, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO approvals (id, release, digest, said_by, at_us, state, recipients, frozen, first_deadline_us) VALUES (?, ?, ?, ?, ?, 'staging', ?, ?, ?)`),
			a.ID, a.Release, a.Digest, a.By, micros(a.At), a.Recipients, data, int64(noDeadline))
		return err
	})
}

// noDeadline is later than any.
const noDeadline = 1<<63 - 1

// StageDeliveries adds planned deliveries to a staged approval, in the order in
// which they are to leave; one that has no id yet is given one. Progress is told
// after each batch.
func (s *Store) StageDeliveries(ctx context.Context, ds []press.Delivery, now time.Time, progress func(n int)) error {
	for batch := range slices.Chunk(ds, stageBatch) {
		err := s.tx(ctx, "staging deliveries", func(tx *sqlx.Tx) error { return s.stageBatch(ctx, tx, batch, now) })
		if err != nil {
			return err
		}
		if progress != nil {
			progress(len(batch))
		}
	}
	return nil
}

func deliveryTable() []string {
	return []string{
		"id", "approval_id", "release", "send", "address_key", "contact_id", "address", "person", "outlet", "outlet_kind",
		"country", "edition", "why", "zone", "after_send", "in_reply_to", "ninjs", "due_us", "deadline_us", "state", "attempts", "updated_us",
	}
}

func queueTable() []string { return []string{"delivery_id", "approval_id", "next_us", "deadline_us"} }

// stageBatch stages one transaction's rows.
func (s *Store) stageBatch(ctx context.Context, tx *sqlx.Tx, batch []press.Delivery, now time.Time) error {
	first := map[press.ID]int64{} // by approval: its earliest deadline
	rows, queue := make([][]any, len(batch)), make([][]any, len(batch))
	for i := range batch {
		d := &batch[i]
		id := d.ID
		if id.IsZero() {
			id = NewID()
		}
		rows[i] = []any{
			id[:], d.Approval[:], d.Release, d.Send, d.AddressKey[:], d.Contact[:], string(d.Address), d.Name, d.Outlet, string(d.OutletKind),
			string(d.Country), string(d.Edition), d.Why, d.Zone, d.After, d.InReplyTo, flag(d.Ninjs), micros(d.Due), micros(d.Deadline), string(press.Planned), 0, micros(now),
		}
		queue[i] = []any{id[:], d.Approval[:], micros(d.Due), micros(d.Deadline)}
		if at, seen := first[d.Approval]; !seen || micros(d.Deadline) < at {
			first[d.Approval] = micros(d.Deadline)
		}
	}
	if err := s.stillStaging(ctx, tx, first); err != nil {
		return err
	}
	if err := s.insertAll(ctx, tx, "deliveries", deliveryTable(), rows); err != nil {
		return err
	}
	if err := s.insertAll(ctx, tx, "queue", queueTable(), queue); err != nil {
		return err
	}
	for approval, at := range first {
		if _, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE approvals SET first_deadline_us = ? WHERE id = ? AND first_deadline_us > ?`), at, approval, at); err != nil {
			return err
		}
	}
	return nil
}

// stillStaging keeps approvals as they are until the commit, and makes sure that
// they take deliveries.
func (s *Store) stillStaging(ctx context.Context, tx *sqlx.Tx, approvals map[press.ID]int64) error {
	for approval := range approvals {
		var found []int
		if err := s.read(ctx, tx, &found, `SELECT 1 FROM approvals WHERE id = ? AND state = 'staging'`+s.forShare(), approval); err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("approval %s is not being staged", approval)
		}
	}
	return nil
}

// rowsAtOnce is how many rows one statement adds on SQLite: a statement's own
// price is a third of that of a row.
const rowsAtOnce = 40

// insertAll adds rows: by COPY on PostgreSQL, many in a statement on SQLite.
func (s *Store) insertAll(ctx context.Context, tx *sqlx.Tx, table string, columns []string, all [][]any) (err error) {
	if !s.postgres {
		insert := "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES "
		whole := len(all) / rowsAtOnce * rowsAtOnce
		var many [][]any
		for batch := range slices.Chunk(all[:whole], rowsAtOnce) {
			args := make([]any, 0, rowsAtOnce*len(columns))
			for _, row := range batch {
				args = append(args, row...)
			}
			many = append(many, args)
		}
		if err := s.run(ctx, tx, insert+rows(rowsAtOnce, len(columns)), many...); err != nil {
			return err
		}
		return s.run(ctx, tx, insert+rows(1, len(columns)), all[whole:]...)
	}
	copying, err := tx.PrepareContext(ctx, "COPY "+table+" ("+strings.Join(columns, ", ")+") FROM STDIN")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, copying.Close()) }()
	for _, row := range all {
		if _, err := copying.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	_, err = copying.ExecContext(ctx)
	return err
}

// SweepStaged removes approvals that were begun before an instant and never
// finished, with their deliveries, a batch at a time.
func (s *Store) SweepStaged(ctx context.Context, before time.Time) error {
	var left []press.ID
	err := s.db.SelectContext(ctx, &left, s.db.Rebind(`SELECT id FROM approvals WHERE state = 'staging' AND at_us < ?`), micros(before))
	if err != nil {
		return fmt.Errorf("looking for unfinished approvals: %w", err)
	}
	for _, approval := range left {
		for done := false; !done; {
			err := s.tx(ctx, "sweeping unfinished approvals", func(tx *sqlx.Tx) (err error) {
				done, err = s.sweepStaged(ctx, tx, approval)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// sweepStaged removes a batch of an approval's deliveries; with the last one the
// approval itself, which is told.
func (s *Store) sweepStaged(ctx context.Context, tx *sqlx.Tx, approval press.ID) (bool, error) {
	var unfinished []press.ID // locked: nobody adds to it, or approves it, meanwhile
	err := tx.SelectContext(ctx, &unfinished, tx.Rebind(`SELECT id FROM approvals WHERE id = ? AND state = 'staging'`+s.forUpdate()), approval)
	if err != nil || len(unfinished) == 0 {
		return true, err
	}
	var ids []press.ID
	if err := tx.SelectContext(ctx, &ids, tx.Rebind(`SELECT delivery_id FROM queue WHERE approval_id = ? LIMIT ?`), approval, stageBatch); err != nil {
		return false, err
	}
	if len(ids) == 0 {
		_, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM approvals WHERE state = 'staging' AND id = ?`), approval)
		return true, err
	}
	if err := s.dequeue(ctx, tx, ids); err != nil {
		return false, err
	}
	these, set := s.among("id", ids)
	_, err = tx.ExecContext(ctx, tx.Rebind(`DELETE FROM deliveries WHERE `+these), set...)
	return false, err
}
