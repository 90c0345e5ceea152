package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// Approved releases, and what people said of them since.
type releaseRow struct {
	Slug     string   `db:"slug"`
	Approval press.ID `db:"approval_id"`
	Sender   string   `db:"sender"`
	Topic    string   `db:"topic"`
	Held     string   `db:"held"`
	HeldBy   string   `db:"held_by"`
	HeldUS   int64    `db:"held_us"`
	Killed   string   `db:"killed"`
	KilledBy string   `db:"killed_by"`
	KilledUS int64    `db:"killed_us"`
}

const releaseColumns = `slug, approval_id, sender, topic, held, held_by, held_us, killed, killed_by, killed_us`

func (r releaseRow) control() press.Control {
	return press.Control{Held: r.Held, HeldBy: r.HeldBy, HeldAt: instant(r.HeldUS), Killed: r.Killed, KillBy: r.KilledBy, KillAt: instant(r.KilledUS)}
}

// Hold keeps what is unsent of a release from leaving, until Resume. The
// program's own hold does not take the place of a person's.
func (s *Store) Hold(ctx context.Context, release, why, by string, now time.Time) error {
	return s.control(ctx, release, "hold", why, by, now,
		`UPDATE releases SET held = ?, held_by = ?, held_us = ? WHERE slug = ? AND `+notOverAPerson, asText(why), asText(by), micros(now), release, press.ByDateline, by, press.ByDateline)
}

// Resume ends a hold; the program itself ends only one of its own.
func (s *Store) Resume(ctx context.Context, release, by string, now time.Time) error {
	return s.control(ctx, release, "resume", "", by, now,
		`UPDATE releases SET held = '', held_by = '', held_us = 0 WHERE slug = ? AND `+notOverAPerson, release, press.ByDateline, by, press.ByDateline)
}

// notOverAPerson is the condition that the program leaves a person's hold be.
const notOverAPerson = `(held = '' OR held_by = ? OR ? <> ?)`

// Kill ends a release for good: no copy begins after Kill has returned.
func (s *Store) Kill(ctx context.Context, release, why, by string, now time.Time) error {
	return s.control(ctx, release, "kill", why, by, now,
		`UPDATE releases SET killed = ?, killed_by = ?, killed_us = ? WHERE slug = ? AND killed = ''`, asText(why), asText(by), micros(now), release)
}

func (s *Store) control(ctx context.Context, release, name, why, by string, now time.Time, query string, args ...any) error {
	return s.tx(ctx, name+" "+release, func(tx *sqlx.Tx) error {
		if err := s.changeRelease(ctx, tx, release); err != nil {
			return err
		}
		var found int
		if err := tx.GetContext(ctx, &found, tx.Rebind(`SELECT COUNT(*) FROM releases WHERE slug = ?`), release); err != nil {
			return err
		}
		if found == 0 {
			return press.ErrNeverApproved{Release: release}
		}
		res, err := tx.ExecContext(ctx, tx.Rebind(query), args...)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || (n == 0 && by == press.ByDateline) {
			return err // a person's word stands, and the program did nothing
		}
		if err := s.notify(ctx, tx); err != nil {
			return err
		}
		return act(ctx, tx, release, name, by, now, why)
	})
}

// HeldFor tells whether a release was ever held for this reason.
func (s *Store) HeldFor(ctx context.Context, release, why string) (bool, error) {
	var n int
	err := s.db.GetContext(ctx, &n, s.db.Rebind(`SELECT COUNT(*) FROM acts WHERE release = ? AND act = 'hold' AND detail = ?`), release, why)
	if err != nil {
		return false, fmt.Errorf("reading what was done to %s: %w", release, err)
	}
	return n > 0, nil
}

// act writes what a person did to a release into its trail.
func act(ctx context.Context, tx *sqlx.Tx, release, name, by string, now time.Time, detail string) error {
	_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO acts (id, release, act, said_by, at_us, detail) VALUES (?, ?, ?, ?, ?, ?)`),
		NewID(), release, name, asText(by), micros(now), asText(detail))
	return err
}

// TestCopy notes a copy that `dateline test` sent: its receiver holds the text.
func (s *Store) TestCopy(ctx context.Context, release string, key press.AddressKey, edition press.Lang, o press.Outcome) error {
	return s.tx(ctx, "noting a test copy of "+release, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO test_copies (id, release, address_key, edition, at_us, state, code, reply) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
			NewID(), release, key, string(edition), micros(o.At), string(o.State), o.Code, asText(o.Text))
		return err
	})
}
