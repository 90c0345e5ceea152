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

// TakeOver settles what daemons left behind that have given no sign of life for
// so long: what they had claimed is planned again, what they were sending may
// have left and is unknown. Self is left out: it lives, whatever its last sign
// says. PostgreSQL judges the silence by its own clock.
func (s *Store) TakeOver(ctx context.Context, self press.ID, silence time.Duration, now time.Time) (press.Recovered, error) {
	silent := fmt.Sprintf(`COALESCE(x.seen_us, 0) < %s - %d`, s.nowUS(now), silence.Microseconds())
	gone, err := s.gone(ctx, self, silent)
	if err != nil {
		return press.Recovered{}, fmt.Errorf("looking for daemons that are gone: %w", err)
	}
	var all press.Recovered
	for _, id := range gone {
		found, err := s.takeFrom(ctx, id, silent, now)
		if err != nil {
			return all, err
		}
		all.Released += found.Released
		all.Unknown += found.Unknown
	}
	return all, nil
}

// gone gives the daemons with claims that are silent. The index of claims is
// asked for one daemon after the other, not read through: it has an entry for
// each claim.
func (s *Store) gone(ctx context.Context, self press.ID, silent string) ([]press.ID, error) {
	var gone []press.ID
	for last := (press.ID{}); ; {
		var next []press.ID
		err := s.db.SelectContext(ctx, &next, s.db.Rebind(`SELECT claimed_by FROM queue WHERE claimed_by IS NOT NULL AND claimed_by > ? ORDER BY claimed_by LIMIT 1`), last)
		if err != nil || len(next) == 0 {
			return gone, err
		}
		last = next[0]
		if last == self {
			continue
		}
		var alive int
		if err := s.db.GetContext(ctx, &alive, s.db.Rebind(`SELECT COUNT(*) FROM daemons x WHERE x.id = ? AND NOT (`+silent+`)`), last); err != nil {
			return gone, err
		}
		if alive == 0 {
			gone = append(gone, last)
		}
	}
}

// takeFrom settles one daemon's claims, unless it has given a sign of life. The
// daemon's epoch tells it, should it come back.
func (s *Store) takeFrom(ctx context.Context, daemon press.ID, silent string, now time.Time) (press.Recovered, error) {
	var done press.Recovered
	err := s.tx(ctx, "taking over a daemon's claims", func(tx *sqlx.Tx) error {
		done = press.Recovered{}
		// An unknown daemon has no row; one that lives by now keeps what it has.
		var alive int
		if err := tx.GetContext(ctx, &alive, tx.Rebind(`SELECT COUNT(*) FROM daemons x WHERE x.id = ? AND NOT (`+silent+`)`), daemon); err != nil || alive > 0 {
			return err
		}
		if _, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE daemons SET epoch = epoch + 1 WHERE id = ?`), daemon); err != nil {
			return err
		}
		claims, err := s.claimed(ctx, tx, daemon, press.Claimed)
		if err != nil {
			return err
		}
		for batch := range slices.Chunk(claims, batchRows) {
			n, err := s.unclaim(ctx, tx, daemon, batch, now)
			if err != nil {
				return err
			}
			done.Released += n
		}
		sending, err := s.claimed(ctx, tx, daemon, press.Sending)
		if err != nil {
			return err
		}
		done.Unknown = len(sending)
		o := press.Outcome{State: press.Unknown, At: now, Text: "the daemon died after it had begun to send, before the reply was on disk"}
		moved, err := s.settle(ctx, tx, press.Sending, alike(sending, o), daemon)
		if err != nil {
			return err
		}
		return s.noteTaken(ctx, tx, daemon, moved)
	})
	return done, err
}

// noteTaken keeps whose these were: when that daemon starts again, its journal
// tells which of them never began to leave.
func (s *Store) noteTaken(ctx context.Context, tx *sqlx.Tx, daemon press.ID, moved map[press.ID]bool) error {
	for batch := range slices.Chunk(slices.Collect(maps.Keys(moved)), batchRows) {
		args := make([]any, 0, 2*len(batch))
		for _, id := range batch {
			args = append(args, id, daemon)
		}
		if _, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO taken (delivery_id, daemon_id) VALUES `+rows(len(batch), 2)), args...); err != nil {
			return err
		}
	}
	return nil
}

// told forgets whose these deliveries were: what their daemon knows of them is
// in the ledger, or they are not unknown any more.
func (s *Store) told(ctx context.Context, tx *sqlx.Tx, ids []press.ID) error {
	for batch := range slices.Chunk(ids, batchRows) {
		these, set := s.among("delivery_id", batch)
		if _, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM taken WHERE `+these), set...); err != nil {
			return err
		}
	}
	return nil
}

// replanAfter is how long an unknown delivery waits before the policy sends it
// again: the daemon that seemed dead may yet tell what became of it.
const replanAfter = 30 * time.Second

// Replan makes unknown deliveries of the approvals in force planned again, for
// the policy that says so. Their Message-ID stays, since it is made of the id.
// Those of a release that is held or killed stay unknown: a kill's notice goes
// to whoever may have the text.
func (s *Store) Replan(ctx context.Context, now time.Time) (int, error) {
	var n int
	var ids []press.ID // looked for without the writer: it may take its time
	if err := s.db.SelectContext(ctx, &ids, s.db.Rebind(`SELECT d.id FROM deliveries d JOIN releases r ON r.slug = d.release AND r.approval_id = d.approval_id
			WHERE d.state = 'unknown' AND d.address <> '' AND d.updated_us < ? AND d.deadline_us > ? AND r.held = '' AND r.killed = '' LIMIT ?`), micros(now.Add(-replanAfter)), micros(now), batchRows); err != nil || len(ids) == 0 {
		return 0, failing("looking for unknown deliveries", err)
	}
	err := s.tx(ctx, "planning unknown deliveries again", func(tx *sqlx.Tx) error {
		o := press.Outcome{State: press.Planned, At: now, Text: "sent again, as the policy on_unknown: resend says"}
		moved, err := s.settle(ctx, tx, press.Unknown, alike(ids, o), press.ID{})
		n = len(moved)
		return err
	})
	return n, err
}
