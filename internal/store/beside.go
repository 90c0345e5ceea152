package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"dateline/internal/press"
)

// How long work on copies waits for the daemons that are at them: each of their
// steps takes some milliseconds.
const (
	besideWait  = 10 * time.Millisecond
	besideTries = 1000
)

// txBeside is tx for work on copies that a lift may be at. A claim locks the
// queue and then the ledger, a daemon's results the ledger and then the queue:
// no third order goes with both. So this work takes what it needs at once, by
// holdCopies, or begins anew; it never has some and waits for more, and can be
// part of no deadlock.
func (s *Store) txBeside(ctx context.Context, doing string, f func(*sqlx.Tx) error) error {
	again := time.NewTicker(besideWait)
	defer again.Stop()
	for tries := 0; ; tries++ {
		err := s.tx(ctx, doing, f)
		if tries == besideTries || !taken(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-again.C:
		}
	}
}

// taken tells whether PostgreSQL refused because another transaction has a row,
// and would be asked in vain until that one ends.
func taken(err error) bool {
	var refused *pq.Error
	return errors.As(err, &refused) && (refused.Code == "55P03" || refused.Code == "40P01") // lock_not_available, deadlock_detected
}

// holdCopies keeps copies for this transaction, in the queue and in the ledger,
// or fails at once where another has one of them. SQLite has one writer anyway.
func (s *Store) holdCopies(ctx context.Context, tx *sqlx.Tx, ids []press.ID) error {
	if !s.postgres {
		return nil
	}
	for batch := range slices.Chunk(ids, batchRows) {
		these, set := s.among("delivery_id", batch)
		var held []press.ID
		if err := s.read(ctx, tx, &held, `SELECT delivery_id FROM queue WHERE `+these+` FOR UPDATE NOWAIT`, set...); err != nil {
			return err
		}
		these, set = s.among("id", batch)
		if err := s.read(ctx, tx, &held, `SELECT id FROM deliveries WHERE `+these+` FOR UPDATE NOWAIT`, set...); err != nil {
			return err
		}
	}
	return nil
}
