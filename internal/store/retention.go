package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// Aged counts what is older than a policy keeps.
func (s *Store) Aged(ctx context.Context, r press.Retention, now time.Time) (press.Aged, error) {
	var n press.Aged
	if r.Mails > 0 {
		if err := s.db.GetContext(ctx, &n.Mails, s.db.Rebind(`SELECT COUNT(*) FROM report_mails WHERE at_us < ?`), micros(now.Add(-r.Mails))); err != nil {
			return n, fmt.Errorf("counting what is to go: %w", err)
		}
	}
	if r.Ledger > 0 {
		if err := s.db.GetContext(ctx, &n.Copies, s.db.Rebind(`SELECT COUNT(*) FROM deliveries WHERE `+agedCopies), press.FirstID(now.Add(-r.Ledger)), micros(now.Add(-r.Ledger))); err != nil {
			return n, fmt.Errorf("counting what is to go: %w", err)
		}
	}
	return n, nil
}

// agedCopies are those of the ledger that are settled for long and still have
// their person. Ids ascend with the instant at which they were approved.
const agedCopies = `id < ? AND updated_us < ? AND address <> '' AND state NOT IN ('planned', 'claimed', 'sending', 'deferred', 'unknown')`

// Age takes away up to a batch of what is older than a policy keeps: mails that
// came in, with what they say of a person, and the person in the ledger. Nothing
// taken means that nothing is left, but for copies that came of age within the
// last day: one day's copies are looked through once a day at most.
func (s *Store) Age(ctx context.Context, r press.Retention, now time.Time) (press.Aged, error) {
	var done press.Aged
	if r.Mails > 0 {
		n, err := s.ageMails(ctx, now.Add(-r.Mails))
		if done.Mails = n; err != nil {
			return done, err
		}
	}
	if r.Ledger > 0 {
		n, err := s.ageCopies(ctx, now.Add(-r.Ledger), now)
		if done.Copies = n; err != nil {
			return done, err
		}
	}
	return done, nil
}

// AgreeRetention keeps that a person has seen what a policy takes away, and
// agreed: before that no daemon follows it.
func (s *Store) AgreeRetention(ctx context.Context, r press.Retention, by string, now time.Time) error {
	data, err := json.Marshal(agreedRetention{r, by, micros(now)})
	if err != nil {
		return err
	}
	return s.tx(ctx, "agreeing to a retention", func(tx *sqlx.Tx) error {
		return s.run(ctx, tx, `INSERT INTO settings (name, value) VALUES ('retention', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, []any{string(data)})
	})
}

type agreedRetention struct {
	press.Retention
	By   string `json:"by"`
	AtUS int64  `json:"at_us"`
}

// AgreedRetention is the policy that a person agreed to last, and who; zero
// where nobody did.
func (s *Store) AgreedRetention(ctx context.Context) (press.Retention, string, error) {
	var found []string
	if err := s.db.SelectContext(ctx, &found, `SELECT value FROM settings WHERE name = 'retention'`); err != nil || len(found) == 0 {
		return press.Retention{}, "", failing("reading which retention was agreed to", err)
	}
	var a agreedRetention
	err := json.Unmarshal([]byte(found[0]), &a)
	return a.Retention, a.By, failing("reading which retention was agreed to", err)
}
