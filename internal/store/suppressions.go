package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// Suppress keeps a mailbox from being written to by the desk's word, within a
// scope: `all`, `sender:ID` or `topic:NAME`. One that the desk said before is
// left as it is.
func (s *Store) Suppress(ctx context.Context, key press.AddressKey, scope, reason, by string, now time.Time) error {
	return s.tx(ctx, "suppressing an address", func(tx *sqlx.Tx) error {
		return s.bar(ctx, tx, []press.AddressKey{key}, press.Suppression{Scope: scope, Author: press.AuthorDesk, Reason: reason, By: by, At: now})
	})
}

// Lift takes away what keeps a mailbox from being written to within a scope, but
// for the journalist's own word.
func (s *Store) Lift(ctx context.Context, key press.AddressKey, scope string) (press.Lifted, error) {
	var done press.Lifted
	err := s.tx(ctx, "lifting a suppression", func(tx *sqlx.Tx) error {
		res, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM suppressions WHERE address_key = ? AND scope = ? AND author <> ?`), key, scope, press.AuthorContact)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		done.Lifted = n > 0
		var own int
		err = tx.GetContext(ctx, &own, tx.Rebind(`SELECT COUNT(*) FROM suppressions WHERE address_key = ? AND scope = ?`), key, scope)
		done.Stays = own > 0
		return err
	})
	return done, err
}

// bar puts one word against each mailbox. What its author has said before stands.
func (s *Store) bar(ctx context.Context, tx *sqlx.Tx, keys []press.AddressKey, word press.Suppression) error {
	each := make([][]any, len(keys))
	for i, key := range keys {
		each[i] = []any{key[:], word.Scope, string(word.Author), asText(word.Reason), asText(word.By), micros(word.At)}
	}
	if len(each) == 0 {
		return nil
	}
	return s.run(ctx, tx, `INSERT INTO suppressions (`+suppressionColumns+`) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (`+suppressionKey+`) DO NOTHING`, each...)
}

const (
	suppressionColumns = `address_key, scope, author, reason, said_by, at_us`
	suppressionKey     = `address_key, scope, author`
)

// AllSuppressions lists them, the oldest first.
func (s *Store) AllSuppressions(ctx context.Context) ([]press.Suppression, error) {
	all, err := s.suppressions(ctx, s.db, "")
	return all, failing("reading the suppressions", err)
}

// suppressions reads some of them, the oldest first.
func (s *Store) suppressions(ctx context.Context, q sqlx.QueryerContext, where string, args ...any) ([]press.Suppression, error) {
	return s.readSuppressions(ctx, q, ` `+where+` ORDER BY at_us, address_key, scope, author`, args...)
}

// readSuppressions reads of suppressions s what the rest of a query says.
func (s *Store) readSuppressions(ctx context.Context, q sqlx.QueryerContext, rest string, args ...any) ([]press.Suppression, error) {
	var found []struct {
		Key    press.AddressKey `db:"address_key"`
		Scope  string           `db:"scope"`
		Author press.Author     `db:"author"`
		Reason string           `db:"reason"`
		By     string           `db:"said_by"`
		AtUS   int64            `db:"at_us"`
	}
	err := sqlx.SelectContext(ctx, q, &found, s.db.Rebind(`SELECT `+suppressionColumns+` FROM suppressions s`+rest), args...)
	all := make([]press.Suppression, len(found))
	for i, f := range found {
		all[i] = press.Suppression{AddressKey: f.Key, Scope: f.Scope, Author: f.Author, Reason: f.Reason, By: f.By, At: instant(f.AtUS)}
	}
	return all, err
}

// Suppressions gives, by address key, why a release of this sender and topic
// may not go there: of several words the first.
func (s *Store) Suppressions(ctx context.Context, sender, topic string) (map[press.AddressKey]string, error) {
	var found []struct {
		Key    press.AddressKey `db:"address_key"`
		Reason string           `db:"reason"`
	}
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT address_key, reason FROM suppressions WHERE scope IN ('all', ?, ?) ORDER BY at_us DESC, scope DESC, author DESC`),
		"sender:"+sender, "topic:"+topic)
	if err != nil {
		return nil, fmt.Errorf("reading the suppressions: %w", err)
	}
	why := make(map[press.AddressKey]string, len(found))
	for _, f := range found {
		why[f.Key] = f.Reason
	}
	return why, nil
}
