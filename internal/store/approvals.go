package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

type approvalRow struct {
	ID         press.ID `db:"id"`
	Release    string   `db:"release"`
	Digest     string   `db:"digest"`
	By         string   `db:"said_by"`
	AtUS       int64    `db:"at_us"`
	Recipients int      `db:"recipients"`
}

func (r approvalRow) approval() press.Approval {
	return press.Approval{ID: r.ID, Release: r.Release, Digest: r.Digest, By: r.By, At: instant(r.AtUS), Recipients: r.Recipients}
}

const approvalColumns = `a.id, a.release, a.digest, a.said_by, a.at_us, a.recipients`

// Approve makes a staged approval the release's own, in one step; an earlier
// approval is superseded, and what it had not sent yet will not be sent. A hold that
// the program made (for drift, say) ends with it; a person's hold and a kill
// stay.
func (s *Store) Approve(ctx context.Context, a press.Approval, r press.Release) error {
	if err := s.takeStock(ctx); err != nil {
		return fmt.Errorf("approving %s: %w", a.Release, err)
	}
	return s.tx(ctx, "approving "+a.Release, func(tx *sqlx.Tx) error {
		steps := []struct {
			query string
			args  []any
		}{
			// The release is locked before it is changed, as Record does: no message can begin in between.
			{
				`INSERT INTO releases (slug, approval_id, sender, topic, held, held_by, held_us, killed, killed_by, killed_us) VALUES (?, ?, ?, ?, '', '', 0, '', '', 0)
				ON CONFLICT (slug) DO UPDATE SET approval_id = excluded.approval_id, sender = excluded.sender, topic = excluded.topic,
				held = CASE WHEN releases.held_by = ? THEN '' ELSE releases.held END,
				held_us = CASE WHEN releases.held_by = ? THEN 0 ELSE releases.held_us END,
				held_by = CASE WHEN releases.held_by = ? THEN '' ELSE releases.held_by END`,
				[]any{a.Release, a.ID, r.Sender, r.Topic, press.ByDateline, press.ByDateline, press.ByDateline},
			},
			{`UPDATE approvals SET state = 'superseded' WHERE release = ? AND state = 'approved'`, []any{a.Release}},
		}
		if err := s.lockContacts(ctx, tx); err != nil {
			return err
		}
		if err := s.forgetErased(ctx, tx, a); err != nil {
			return err
		}
		if err := s.changeRelease(ctx, tx, a.Release); err != nil {
			return err
		}
		for _, step := range steps {
			if _, err := tx.ExecContext(ctx, tx.Rebind(step.query), step.args...); err != nil {
				return err
			}
		}
		res, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE approvals SET state = 'approved' WHERE id = ? AND state = 'staging'`), a.ID)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, errors.New("this approval is not being staged: it was swept, or took effect before"))
		}
		if err := s.notify(ctx, tx); err != nil {
			return err
		}
		return act(ctx, tx, a.Release, "approve", a.By, a.At, a.Digest)
	})
}

// Approved gives the approval that a release is sent under, if it has one.
func (s *Store) Approved(ctx context.Context, release string) (press.Approval, bool, error) {
	var r approvalRow
	err := s.db.GetContext(ctx, &r, s.db.Rebind(`SELECT `+approvalColumns+` FROM approvals a JOIN releases r ON r.approval_id = a.id WHERE r.slug = ?`), release)
	if errors.Is(err, sql.ErrNoRows) {
		return press.Approval{}, false, nil
	}
	if err != nil {
		return press.Approval{}, false, fmt.Errorf("reading the approval of %s: %w", release, err)
	}
	return r.approval(), true, nil
}

// Frozen reads what an approval froze.
func (s *Store) Frozen(ctx context.Context, approval press.ID) (press.Frozen, error) {
	var data []byte
	if err := s.db.GetContext(ctx, &data, s.db.Rebind(`SELECT frozen FROM approvals WHERE id = ?`), approval); err != nil {
		return press.Frozen{}, fmt.Errorf("reading the frozen release of approval %s: %w", approval, err)
	}
	var f press.Frozen
	if err := json.Unmarshal(data, &f); err != nil {
		return press.Frozen{}, fmt.Errorf("reading the frozen release of approval %s: %w", approval, press.Damaged{Err: err})
	}
	return f, nil
}

// Holders gives, per send of a release, the mailboxes that have its copy or may
// have it: one that was ever unknown counts, even if it is to be sent again, unless a
// person has said that it did not leave.
func (s *Store) Holders(ctx context.Context, release string) (map[string]map[press.AddressKey]bool, error) {
	return s.holders(ctx, release, "")
}

// holders is Holders of the copies for which one more condition holds.
func (s *Store) holders(ctx context.Context, release, condition string, args ...any) (map[string]map[press.AddressKey]bool, error) {
	var found []struct {
		Send string           `db:"send"`
		Key  press.AddressKey `db:"address_key"`
	}
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT d.send, d.address_key FROM deliveries d WHERE d.release = ? AND (d.state IN ('sending', 'accepted', 'unknown', 'delivered', 'bounced', 'complained')
		OR (d.attempts > 0 AND EXISTS (SELECT 1 FROM events e WHERE e.delivery_id = d.id AND e.state = 'unknown')))`+condition), append([]any{release}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("reading who holds %s: %w", release, err)
	}
	holders := map[string]map[press.AddressKey]bool{}
	for _, f := range found {
		if holders[f.Send] == nil {
			holders[f.Send] = map[press.AddressKey]bool{}
		}
		holders[f.Send][f.Key] = true
	}
	return holders, nil
}
