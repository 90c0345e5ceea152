package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

const tokenColumns = `t.id, t.account_id, a.login, t.hash, t.scope, t.note, t.created_us, t.expires_us, t.used_us, t.revoked_us`

// AddToken writes a new token.
func (s *Store) AddToken(ctx context.Context, t press.APIToken, act press.PersonAct) error {
	return s.changeAccount(ctx, "adding a token", act, `INSERT INTO tokens (id, account_id, hash, scope, note, created_us, expires_us, used_us, revoked_us) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0)`,
		t.ID, t.Account, t.Hash, strings.Join(t.Scope, ","), asText(t.Note), micros(t.Created), micros(t.Expires))
}

// TokenByID reads one; false where there is none.
func (s *Store) TokenByID(ctx context.Context, id press.ID) (press.APIToken, bool, error) {
	found, err := s.tokens(ctx, `WHERE t.id = ?`, id)
	if err != nil || len(found) == 0 {
		return press.APIToken{}, false, err
	}
	return found[0], true, nil
}

// Tokens lists an account's, or everybody's where it is zero, the newest first.
func (s *Store) Tokens(ctx context.Context, account press.ID) ([]press.APIToken, error) {
	if account.IsZero() {
		return s.tokens(ctx, `ORDER BY t.id DESC`)
	}
	return s.tokens(ctx, `WHERE t.account_id = ? ORDER BY t.id DESC`, account)
}

func (s *Store) tokens(ctx context.Context, where string, args ...any) ([]press.APIToken, error) {
	var found []struct {
		ID        press.ID `db:"id"`
		Account   press.ID `db:"account_id"`
		Login     string   `db:"login"`
		Hash      []byte   `db:"hash"`
		Scope     string   `db:"scope"`
		Note      string   `db:"note"`
		CreatedUS int64    `db:"created_us"`
		ExpiresUS int64    `db:"expires_us"`
		UsedUS    int64    `db:"used_us"`
		RevokedUS int64    `db:"revoked_us"`
	}
	query := `SELECT ` + tokenColumns + ` FROM tokens t JOIN accounts a ON a.id = t.account_id ` + where
	if err := s.db.SelectContext(ctx, &found, s.db.Rebind(query), args...); err != nil {
		return nil, fmt.Errorf("reading the tokens: %w", err)
	}
	all := make([]press.APIToken, len(found))
	for i, f := range found {
		all[i] = press.APIToken{
			ID: f.ID, Account: f.Account, Owner: f.Login, Hash: f.Hash, Scope: byCommas(f.Scope), Note: f.Note,
			Created: instant(f.CreatedUS), Expires: instant(f.ExpiresUS), Used: instant(f.UsedUS), Revoked: instant(f.RevokedUS),
		}
	}
	return all, nil
}

// RevokeToken ends a token. One that has ended already stays as it is.
func (s *Store) RevokeToken(ctx context.Context, id press.ID, now time.Time, act press.PersonAct) error {
	return s.changeAccount(ctx, "revoking a token", act, `UPDATE tokens SET revoked_us = ? WHERE id = ? AND revoked_us = 0`, micros(now), id)
}

// TokenUsed notes that a token was used, unless that was noted after an instant.
func (s *Store) TokenUsed(ctx context.Context, id press.ID, now, since time.Time) error {
	return s.tx(ctx, "noting that a token was used", func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE tokens SET used_us = ? WHERE id = ? AND used_us <= ?`), micros(now), id, micros(since))
		return err
	})
}

// Session reads what a browser's secret stands for; false where that has ended,
// or never was.
func (s *Store) Session(ctx context.Context, hash []byte, now time.Time) (press.Session, bool, error) {
	var found []struct {
		Account   press.ID `db:"account_id"`
		Data      []byte   `db:"data"`
		ExpiresUS int64    `db:"expires_us"`
	}
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT account_id, data, expires_us FROM sessions WHERE hash = ? AND expires_us > ? AND ended = 0`), hash, micros(now))
	if err != nil {
		return press.Session{}, false, fmt.Errorf("reading a session: %w", err)
	}
	if len(found) == 0 {
		return press.Session{}, false, nil
	}
	f := found[0]
	return press.Session{Hash: hash, Account: f.Account, Data: f.Data, Expires: instant(f.ExpiresUS)}, true, nil
}

// SaveSession writes a session. One that has ended stays ended.
func (s *Store) SaveSession(ctx context.Context, x press.Session) error {
	return s.tx(ctx, "keeping a session", func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO sessions (hash, account_id, data, expires_us, ended) VALUES (?, ?, ?, ?, 0)
			ON CONFLICT (hash) DO UPDATE SET account_id = excluded.account_id, data = excluded.data, expires_us = excluded.expires_us WHERE sessions.ended = 0`),
			x.Hash, x.Account, x.Data, micros(x.Expires))
		return err
	})
}

// EndSession ends one session for good.
func (s *Store) EndSession(ctx context.Context, hash []byte) error {
	return s.tx(ctx, "ending a session", func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE sessions SET ended = 1, data = ? WHERE hash = ?`), []byte{}, hash)
		return err
	})
}

// EndSessions ends all sessions of an account.
func (s *Store) EndSessions(ctx context.Context, account press.ID, act press.PersonAct) error {
	if account.IsZero() {
		return errors.New("ending an account's sessions: no account was named")
	}
	return s.tx(ctx, "ending an account's sessions", func(tx *sqlx.Tx) error { return endingSessions(ctx, tx, account, act) })
}

// sessionsAtOnce is how many sessions one step of SweepSessions removes.
const sessionsAtOnce = 500

// SweepSessions removes sessions that have expired, in steps that keep nobody
// waiting, and gives their number.
func (s *Store) SweepSessions(ctx context.Context, now time.Time) (int, error) {
	for all := 0; ; {
		var n int64
		err := s.tx(ctx, "removing sessions that have expired", func(tx *sqlx.Tx) error {
			result, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions WHERE expires_us <= ? ORDER BY expires_us LIMIT ?)`), micros(now), sessionsAtOnce)
			if err != nil {
				return err
			}
			n, err = result.RowsAffected()
			return err
		})
		all += int(n)
		if err != nil || n < sessionsAtOnce {
			return all, err
		}
	}
}
