package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// Accounts, and the trail of what people did. Each change stands in the trail in
// the transaction that makes it.

const accountColumns = `id, login, name, email, roles, disabled, source, subject, password, created_us`

type accountRow struct {
	ID        press.ID `db:"id"`
	Login     string   `db:"login"`
	Name      string   `db:"name"`
	Email     string   `db:"email"`
	Roles     string   `db:"roles"`
	Disabled  int64    `db:"disabled"`
	Source    string   `db:"source"`
	Subject   string   `db:"subject"`
	Password  string   `db:"password"`
	CreatedUS int64    `db:"created_us"`
}

func (r accountRow) account() press.Account {
	return press.Account{
		ID: r.ID, Login: r.Login, Name: r.Name, Email: r.Email, Roles: byCommas(r.Roles), Disabled: r.Disabled != 0,
		Source: r.Source, Subject: r.Subject, Password: r.Password, Created: instant(r.CreatedUS),
	}
}

func byCommas(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

// Accounts lists them by login name.
func (s *Store) Accounts(ctx context.Context) ([]press.Account, error) {
	return s.accounts(ctx, "ORDER BY login_key")
}

func (s *Store) accounts(ctx context.Context, where string, args ...any) ([]press.Account, error) {
	var found []accountRow
	if err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT `+accountColumns+` FROM accounts `+where), args...); err != nil {
		return nil, fmt.Errorf("reading the accounts: %w", err)
	}
	all := make([]press.Account, len(found))
	for i, f := range found {
		all[i] = f.account()
	}
	return all, nil
}

func (s *Store) oneAccount(ctx context.Context, where string, arg any) (press.Account, bool, error) {
	found, err := s.accounts(ctx, where, arg)
	if err != nil || len(found) == 0 {
		return press.Account{}, false, err
	}
	return found[0], true, nil
}

// AccountByID reads one; false where there is none.
func (s *Store) AccountByID(ctx context.Context, id press.ID) (press.Account, bool, error) {
	return s.oneAccount(ctx, "WHERE id = ?", id)
}

// AccountByLogin finds one by its login name, whatever the case.
func (s *Store) AccountByLogin(ctx context.Context, login string) (press.Account, bool, error) {
	return s.oneAccount(ctx, "WHERE login_key = ?", asText(strings.ToLower(login)))
}

// AccountBySubject finds the one that a provider means.
func (s *Store) AccountBySubject(ctx context.Context, subject string) (press.Account, bool, error) {
	return s.oneAccount(ctx, "WHERE subject = ? AND subject <> ''", asText(subject))
}

// AddAccount writes a new account; false where its login name, or its provider's
// subject, has one already.
func (s *Store) AddAccount(ctx context.Context, a press.Account, act press.PersonAct) (bool, error) {
	added := false
	err := s.tx(ctx, "adding an account", func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO accounts (`+accountColumns+`, login_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`),
			a.ID, a.Login, asText(a.Name), asText(a.Email), strings.Join(a.Roles, ","), flag(a.Disabled), a.Source, asText(a.Subject), a.Password, micros(a.Created), strings.ToLower(a.Login))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if added = n == 1; err != nil || !added {
			return err
		}
		return addPersonAct(ctx, tx, act)
	})
	return added, err
}

// ChangeRoles gives an account other roles.
func (s *Store) ChangeRoles(ctx context.Context, id press.ID, roles []string, act press.PersonAct) error {
	return s.changeAccount(ctx, "changing an account's roles", act, `UPDATE accounts SET roles = ? WHERE id = ?`, strings.Join(roles, ","), id)
}

// FollowProvider writes what a provider says by now of one of its people.
func (s *Store) FollowProvider(ctx context.Context, a press.Account, act press.PersonAct) error {
	return s.changeAccount(ctx, "following the provider's word", act, `UPDATE accounts SET name = ?, email = ?, roles = ? WHERE id = ?`,
		asText(a.Name), asText(a.Email), strings.Join(a.Roles, ","), a.ID)
}

// DisableAccount shuts an account out, with its sessions, or lets it in again.
func (s *Store) DisableAccount(ctx context.Context, id press.ID, disabled bool, act press.PersonAct) error {
	return s.tx(ctx, "disabling or enabling an account", func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE accounts SET disabled = ? WHERE id = ?`), flag(disabled), id); err != nil {
			return err
		}
		return endingSessions(ctx, tx, id, act)
	})
}

// ChangePassword sets an account's hash, and ends its sessions: whoever knew the
// old password may sit in one.
func (s *Store) ChangePassword(ctx context.Context, id press.ID, hash string, act press.PersonAct) error {
	return s.tx(ctx, "changing a password", func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE accounts SET password = ? WHERE id = ?`), hash, id); err != nil {
			return err
		}
		return endingSessions(ctx, tx, id, act)
	})
}

// Rehash puts a stronger hash of the same password in place of another, unless
// the password was changed meanwhile.
func (s *Store) Rehash(ctx context.Context, id press.ID, old, hash string) error {
	return s.tx(ctx, "hashing a password anew", func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE accounts SET password = ? WHERE id = ? AND password = ?`), hash, id, old)
		return err
	})
}

func (s *Store) changeAccount(ctx context.Context, doing string, act press.PersonAct, query string, args ...any) error {
	return s.tx(ctx, doing, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, tx.Rebind(query), args...); err != nil {
			return err
		}
		return addPersonAct(ctx, tx, act)
	})
}

func endingSessions(ctx context.Context, tx *sqlx.Tx, account press.ID, act press.PersonAct) error {
	if _, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE sessions SET ended = 1, data = ? WHERE account_id = ? AND ended = 0`), []byte{}, account); err != nil {
		return err
	}
	return addPersonAct(ctx, tx, act)
}

// AddPersonAct writes a line into the trail.
func (s *Store) AddPersonAct(ctx context.Context, act press.PersonAct) error {
	return s.tx(ctx, "writing down who did what", func(tx *sqlx.Tx) error { return addPersonAct(ctx, tx, act) })
}

func addPersonAct(ctx context.Context, tx *sqlx.Tx, a press.PersonAct) error {
	_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO people_acts (id, at_us, account_id, name, via, act, target, detail, network) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
		a.ID, micros(a.At), a.Account, asText(a.Name), a.Via, asText(a.Act), asText(a.Target), asText(a.Detail), a.Network)
	return err
}

// PeopleActs reads the trail, newest first.
func (s *Store) PeopleActs(ctx context.Context, q press.PersonActs) ([]press.PersonAct, error) {
	query, args := `SELECT id, at_us, account_id, name, via, act, target, detail, network FROM people_acts WHERE at_us >= ?`, []any{micros(q.Since)}
	if !q.Before.IsZero() {
		query, args = query+` AND id < ?`, append(args, q.Before)
	}
	query += ` ORDER BY id DESC`
	if q.Limit > 0 && q.By == "" {
		query, args = query+` LIMIT ?`, append(args, q.Limit)
	}
	found, err := s.db.QueryxContext(ctx, s.db.Rebind(query), args...)
	if err != nil {
		return nil, fmt.Errorf("reading who did what: %w", err)
	}
	defer found.Close()
	var acts []press.PersonAct
	// A name is compared here: LOWER of SQLite knows ASCII alone.
	by := strings.ToLower(q.By)
	for found.Next() && (q.Limit == 0 || len(acts) < q.Limit) {
		a, err := scanPersonAct(found)
		if err != nil {
			return nil, fmt.Errorf("reading who did what: %w", err)
		}
		if strings.Contains(strings.ToLower(a.Name), by) {
			acts = append(acts, a)
		}
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("reading who did what: %w", err)
	}
	return acts, nil
}

func scanPersonAct(from *sqlx.Rows) (press.PersonAct, error) {
	var a press.PersonAct
	var at int64
	err := from.Scan(&a.ID, &at, &a.Account, &a.Name, &a.Via, &a.Act, &a.Target, &a.Detail, &a.Network)
	a.At = instant(at)
	return a, err
}

// NoteYes notes a person's yes to a digest, once for each person, and gives all
// yeses to it, the first one first. Yeses to other digests of the release are
// forgotten: whoever said one of them meant something else.
func (s *Store) NoteYes(ctx context.Context, release, digest string, yes press.SaidYes) ([]press.SaidYes, error) {
	err := s.tx(ctx, "noting a yes to "+release, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM yeses WHERE release = ? AND digest <> ?`), release, digest); err != nil {
			return err
		}
		// One account is one person, by whatever name it signed before.
		result, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO yeses (release, digest, person_key, said_by, account_id, at_us)
			SELECT ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM yeses WHERE release = ? AND digest = ? AND account_id = ? AND account_id <> ?)
			ON CONFLICT DO NOTHING`),
			release, digest, strings.ToLower(asText(yes.By)), asText(yes.By), yes.Account, micros(yes.At), release, digest, yes.Account, press.ID{})
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return act(ctx, tx, release, "yes", yes.By, yes.At, digest)
	})
	if err != nil {
		return nil, err
	}
	return s.Yeses(ctx, release, digest)
}

// Yeses are those who have said yes to a digest, the first one first.
func (s *Store) Yeses(ctx context.Context, release, digest string) ([]press.SaidYes, error) {
	var found []struct {
		By      string   `db:"said_by"`
		Account press.ID `db:"account_id"`
		AtUS    int64    `db:"at_us"`
	}
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT said_by, account_id, at_us FROM yeses WHERE release = ? AND digest = ? ORDER BY at_us, person_key`), release, digest)
	if err != nil {
		return nil, fmt.Errorf("reading who has said yes to %s: %w", release, err)
	}
	all := make([]press.SaidYes, len(found))
	for i, f := range found {
		all[i] = press.SaidYes{By: f.By, Account: f.Account, At: instant(f.AtUS)}
	}
	return all, nil
}
