package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"dateline/internal/press"
)

// Rehearsal is a store that is thrown away: one of its own in the temporary
// folder, in which instants may be moved. No other store can be one.
type Rehearsal struct {
	*Store
	dir string
}

// OpenRehearsal makes an empty one.
func OpenRehearsal(ctx context.Context) (*Rehearsal, error) {
	dir, err := os.MkdirTemp("", "dateline-rehearsal-*")
	if err != nil {
		return nil, fmt.Errorf("making the rehearsal's folder: %w", err)
	}
	s, err := Open(ctx, "sqlite://"+filepath.Join(dir, "rehearsal.db"))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &Rehearsal{s, dir}, nil
}

// Dir is a folder that goes with the store.
func (r *Rehearsal) Dir() string { return r.dir }

// Close closes the store and removes it.
func (r *Rehearsal) Close() error { return errors.Join(r.Store.Close(), os.RemoveAll(r.dir)) }

// farAway is when a copy is due whose instant nobody has moved yet.
const farAway = 100 * 365 * 24 * time.Hour

// Park keeps every staged copy from leaving until Lift. What the mail says of
// its instant stays.
func (r *Rehearsal) Park(ctx context.Context, now time.Time) error {
	_, err := r.db.ExecContext(ctx, `UPDATE queue SET next_us = ?, deadline_us = ?`, micros(now.Add(farAway)), micros(now.Add(2*farAway)))
	if err != nil {
		return fmt.Errorf("parking the rehearsal's copies: %w", err)
	}
	return nil
}

// Lift lets the copies that are due at one instant leave at another.
func (r *Rehearsal) Lift(ctx context.Context, due, at time.Time) error {
	_, err := r.db.ExecContext(ctx, `UPDATE queue SET next_us = ?, deadline_us = ? WHERE delivery_id IN (SELECT id FROM deliveries WHERE due_us = ?)`,
		micros(at), micros(at.Add(farAway)), micros(due))
	if err != nil {
		return fmt.Errorf("moving the rehearsal's instant: %w", err)
	}
	return nil
}

// Left counts the copies that are due at an instant and have not come to their
// end.
func (r *Rehearsal) Left(ctx context.Context, due time.Time) (int, error) {
	var n int
	err := r.db.GetContext(ctx, &n, `SELECT COUNT(*) FROM queue q JOIN deliveries d ON d.id = q.delivery_id WHERE d.due_us = ?`, micros(due))
	if err != nil {
		return 0, fmt.Errorf("counting what the rehearsal has left: %w", err)
	}
	return n, nil
}

// Copies reads an approval's copies that are unsent, in the order in which they
// are to leave, without those whose mailbox was suppressed since; of these it
// tells how many there are.
func (s *Store) Copies(ctx context.Context, approval press.ID) (ds []press.Delivery, suppressed int, err error) {
	type copyRow struct {
		deliveryRow
		Suppressed bool `db:"is_suppressed"`
	}
	last := press.ID{}
	for {
		var found []copyRow
		err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT `+deliveryColumns+`, is_suppressed FROM (SELECT d.*, (SELECT COUNT(*) FROM suppressions s JOIN releases r ON r.slug = d.release
				WHERE s.address_key = d.address_key AND s.scope IN ('all', 'sender:' || r.sender, 'topic:' || r.topic)) > 0 AS is_suppressed
			FROM deliveries d WHERE d.approval_id = ? AND d.id > ? AND d.state IN ('planned', 'claimed', 'deferred') ORDER BY d.id LIMIT ?) AS c`), approval, last, batchRows)
		if err != nil {
			return nil, 0, fmt.Errorf("reading the copies of approval %s: %w", approval, err)
		}
		for i := range found {
			last = found[i].ID
			if found[i].Suppressed {
				suppressed++
				continue
			}
			ds = append(ds, found[i].delivery(time.Time{}))
		}
		if len(found) < batchRows {
			return ds, suppressed, nil
		}
	}
}
