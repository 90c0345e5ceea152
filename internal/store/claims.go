package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
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
	DueUS      int64    `db:"due_us"`
	DeadlineUS int64    `db:"deadline_us"`
	NextUS     int64    `db:"next_us"`
	State      string   `db:"state"`
	Attempts   int      `db:"attempts"`
}

const deliveryColumns = `id, approval_id, release, send, address_key, contact_id, address, person, outlet, outlet_kind, country, edition, why, zone, due_us, deadline_us, next_us, state, attempts`

func (r deliveryRow) delivery() press.Delivery {
	return press.Delivery{
		ID: r.ID, Approval: r.Approval, Release: r.Release, Send: r.Send, AddressKey: r.AddressKey,
		State: press.State(r.State), Attempts: r.Attempts, Next: instant(r.NextUS),
		Recipient: press.Recipient{
			Contact: r.Contact, Address: press.Address(r.Address), Name: r.Person, Outlet: r.Outlet, OutletKind: press.OutletKind(r.OutletKind),
			Country: press.Country(r.Country), Edition: press.Lang(r.Edition), Why: r.Why, Zone: r.Zone, Due: instant(r.DueUS), Deadline: instant(r.DeadlineUS),
		},
	}
}

// active gives the releases that may be claimed from, and their approvals; the
// one with the earliest copy first.
func active(ctx context.Context, q sqlx.QueryerContext) ([]releaseRow, error) {
	var found []releaseRow
	err := sqlx.SelectContext(ctx, q, &found, `SELECT slug, approval_id, sender, topic, held, held_by, held_us, killed, killed_by, killed_us FROM releases r WHERE held = '' AND killed = ''
		ORDER BY (SELECT MIN(d.next_us) FROM deliveries d WHERE d.release = r.slug AND d.approval_id = r.approval_id AND d.state IN ('planned', 'deferred')), slug`)
	return found, err
}

// NextDue gives the earliest instant at which a delivery that nobody has
// claimed may be sent; false where there is none.
func (s *Store) NextDue(ctx context.Context) (time.Time, bool, error) {
	var next sql.NullInt64
	err := s.db.GetContext(ctx, &next, `SELECT MIN((SELECT MIN(d.next_us) FROM deliveries d
		WHERE d.release = r.slug AND d.approval_id = r.approval_id AND d.state IN ('planned', 'deferred'))) FROM releases r WHERE r.held = '' AND r.killed = ''`)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("looking for the next instant: %w", err)
	}
	return instant(next.Int64), next.Valid, nil
}

// Claim takes up to limit deliveries that are due by an instant for a daemon,
// the earliest of each release first, and gives them in the order in which they
// are to leave. What a claim finds suppressed or past its deadline by now
// it does not give out: Sweep writes those down.
func (s *Store) Claim(ctx context.Context, daemon press.ID, by, now time.Time, limit int) ([]press.Delivery, error) {
	var taken []press.Delivery
	err := s.tx(ctx, "claiming deliveries", func(tx *sqlx.Tx) error {
		taken = nil
		releases, err := active(ctx, tx)
		if err != nil {
			return err
		}
		for _, r := range releases {
			if len(taken) >= limit {
				break
			}
			var got []deliveryRow
			err := tx.SelectContext(ctx, &got, tx.Rebind(`UPDATE deliveries SET state = 'claimed', claimed_by = ?, updated_us = ? WHERE id IN (
				SELECT d.id FROM deliveries d WHERE d.release = ? AND d.approval_id = ? AND d.state IN ('planned', 'deferred') AND d.next_us <= ? AND d.deadline_us > ?
				AND NOT EXISTS (SELECT 1 FROM suppressions s WHERE s.address_key = d.address_key AND s.scope IN ('all', ?, ?))
				ORDER BY d.next_us, d.id LIMIT ?`+s.skipLocked()+`) RETURNING `+deliveryColumns),
				daemon, micros(now), r.Slug, r.Approval, micros(by), micros(now), "sender:"+r.Sender, "topic:"+r.Topic, limit-len(taken))
			if err != nil {
				return err
			}
			for _, d := range got {
				taken = append(taken, d.delivery())
			}
		}
		return nil
	})
	slices.SortFunc(taken, func(a, b press.Delivery) int {
		return cmp.Or(a.Next.Compare(b.Next), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return taken, err
}

// skipLocked lets several daemons claim at once on PostgreSQL.
func (s *Store) skipLocked() string {
	if s.postgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// Release gives claims back that were not begun.
func (s *Store) Release(ctx context.Context, daemon press.ID, ids []press.ID, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	return s.release(ctx, daemon, "IN", ids, now)
}

// ReleaseOthers gives back every claim of a daemon but these: claims whose
// answer was lost on its way.
func (s *Store) ReleaseOthers(ctx context.Context, daemon press.ID, keep []press.ID, now time.Time) error {
	return s.release(ctx, daemon, "NOT IN", slices.Concat(keep, []press.ID{{}}), now)
}

func (s *Store) release(ctx context.Context, daemon press.ID, which string, ids []press.ID, now time.Time) error {
	args := []any{micros(now), daemon}
	for _, id := range ids {
		args = append(args, id)
	}
	return s.tx(ctx, "giving claims back", func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE deliveries SET state = 'planned', claimed_by = NULL, updated_us = ? WHERE claimed_by = ? AND state = 'claimed' AND id `+which+` `+rows(1, len(ids))), args...)
		return err
	})
}

// Recover settles what an earlier life of the same daemon left behind: what it
// had claimed is planned again; what it was sending may have left, and is
// unknown.
func (s *Store) Recover(ctx context.Context, daemon press.ID, now time.Time) (press.Recovered, error) {
	return s.recover(ctx, daemon, time.Time{}, now)
}

// recover does so unless the daemon has given a sign of life since an instant;
// the zero one asks for none.
func (s *Store) recover(ctx context.Context, daemon press.ID, silentSince, now time.Time) (press.Recovered, error) {
	var done press.Recovered
	err := s.tx(ctx, "recovering a daemon's claims", func(tx *sqlx.Tx) error {
		var alive int
		if err := tx.GetContext(ctx, &alive, tx.Rebind(`SELECT COUNT(*) FROM daemons WHERE id = ? AND seen_us >= ?`), daemon, micros(silentSince)); err != nil {
			return err
		}
		if alive > 0 && !silentSince.IsZero() {
			return nil
		}
		res, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE deliveries SET state = 'planned', claimed_by = NULL, updated_us = ? WHERE claimed_by = ? AND state = 'claimed'`), micros(now), daemon)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		var sending []press.ID
		if err := tx.SelectContext(ctx, &sending, tx.Rebind(`SELECT id FROM deliveries WHERE claimed_by = ? AND state = 'sending' ORDER BY id`), daemon); err != nil {
			return err
		}
		done = press.Recovered{Released: int(n), Unknown: len(sending)}
		o := press.Outcome{State: press.Unknown, At: now, Text: "the daemon died after it had begun to send, before the reply was on disk"}
		_, err = settle(ctx, tx, press.Sending, alike(sending, o), daemon)
		return err
	})
	return done, err
}

// TakeOver settles what daemons left behind that have given no sign of life
// since an instant, as Recover does for a daemon's own. Self is left out: it
// lives, whatever its last sign says.
func (s *Store) TakeOver(ctx context.Context, self press.ID, silentSince, now time.Time) (press.Recovered, error) {
	var gone []press.ID
	err := s.db.SelectContext(ctx, &gone, s.db.Rebind(`SELECT DISTINCT d.claimed_by FROM deliveries d LEFT JOIN daemons x ON x.id = d.claimed_by
		WHERE d.state IN ('claimed', 'sending') AND d.claimed_by <> ? AND COALESCE(x.seen_us, 0) < ?`), self, micros(silentSince))
	if err != nil {
		return press.Recovered{}, fmt.Errorf("looking for daemons that are gone: %w", err)
	}
	var all press.Recovered
	for _, id := range gone {
		found, err := s.recover(ctx, id, silentSince, now)
		if err != nil {
			return all, err
		}
		all.Released += found.Released
		all.Unknown += found.Unknown
	}
	return all, nil
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
	err := s.tx(ctx, "planning unknown deliveries again", func(tx *sqlx.Tx) error {
		var ids []press.ID
		if err := tx.SelectContext(ctx, &ids, tx.Rebind(`SELECT d.id FROM deliveries d JOIN releases r ON r.slug = d.release AND r.approval_id = d.approval_id
			WHERE d.state = 'unknown' AND d.updated_us < ? AND d.deadline_us > ? AND r.held = '' AND r.killed = '' LIMIT ?`), micros(now.Add(-replanAfter)), micros(now), sweepBatch); err != nil {
			return err
		}
		n = len(ids)
		o := press.Outcome{State: press.Planned, At: now, Text: "sent again, as the policy on_unknown: resend says"}
		_, err := settle(ctx, tx, press.Unknown, alike(ids, o), press.ID{})
		return err
	})
	return n, err
}

// sweepBatch rows a transaction, for the same reason as stageBatch.
const sweepBatch = 500

// Sweep writes down what will not be sent any more: copies of killed or
// superseded approvals (cancelled), past their deadline (expired), to mailboxes
// that were suppressed meanwhile (skipped). It tells how many of a batch; zero
// means that nothing is left to do.
func (s *Store) Sweep(ctx context.Context, now time.Time) (int, error) {
	reasons := map[press.State]string{
		press.Expired: "its time had passed before it could be sent",
		press.Skipped: "suppressed after the approval",
	}
	total := 0
	err := s.tx(ctx, "sweeping deliveries", func(tx *sqlx.Tx) error {
		var found []struct {
			ID     press.ID    `db:"id"`
			From   press.State `db:"state"`
			To     press.State `db:"to_state"`
			Killed bool        `db:"is_killed"`
		}
		err := tx.SelectContext(ctx, &found, tx.Rebind(`SELECT d.id, d.state, r.killed <> '' AS is_killed,
				CASE WHEN r.killed <> '' OR d.approval_id <> r.approval_id THEN 'cancelled' WHEN d.deadline_us <= ? THEN 'expired' ELSE 'skipped' END AS to_state
			FROM deliveries d JOIN releases r ON r.slug = d.release JOIN approvals a ON a.id = d.approval_id
			WHERE d.state IN ('planned', 'deferred') AND a.state <> 'staging' AND (r.killed <> '' OR d.approval_id <> r.approval_id OR d.deadline_us <= ?
				OR (d.next_us <= ? AND `+suppressed+`)) LIMIT ?`+s.lockDeliveries()), micros(now), micros(now), micros(now), sweepBatch)
		if err != nil {
			return err
		}
		total = len(found)
		ended := map[press.State][]press.Result{} // by the state that they leave
		for _, f := range found {
			o := press.Outcome{State: f.To, At: now, Text: reasons[f.To]}
			if f.To == press.Cancelled {
				o.Text = "another approval took its place"
			}
			if f.Killed {
				o.Text = "the release was killed"
			}
			ended[f.From] = append(ended[f.From], press.Result{Delivery: f.ID, Outcome: o})
		}
		for from, results := range ended {
			if _, err := settle(ctx, tx, from, results, press.ID{}); err != nil {
				return err
			}
		}
		return nil
	})
	return total, err
}

func (s *Store) lockDeliveries() string {
	if s.postgres {
		return " FOR UPDATE OF d SKIP LOCKED"
	}
	return ""
}

// suppressed is the condition, over d and r, that the delivery may not go out.
const suppressed = `EXISTS (SELECT 1 FROM suppressions s WHERE s.address_key = d.address_key AND s.scope IN ('all', 'sender:' || r.sender, 'topic:' || r.topic))`
