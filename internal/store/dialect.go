package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"dateline/internal/press"
)

// The few things in which the two databases differ.

// among is the condition that a column is one of these ids, and its arguments.
func (s *Store) among(column string, ids []press.ID) (string, []any) {
	if s.postgres {
		set := make(pq.ByteaArray, len(ids))
		for i := range ids {
			set[i] = ids[i][:]
		}
		return column + " = ANY(?::bytea[])", []any{set}
	}
	return column + " IN (SELECT unhex(value) FROM json_each(?))", []any{hexes(ids)}
}

// hexes are ids as a JSON array, by which SQLite takes any number of them in one
// argument.
func hexes(ids []press.ID) string {
	list := make([]byte, 0, len(ids)*(2*len(press.ID{})+3)+2)
	list = append(list, '[')
	for i := range ids {
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, '"')
		list = hex.AppendEncode(list, ids[i][:])
		list = append(list, '"')
	}
	return string(append(list, ']'))
}

// skipLocked lets several daemons claim at once on PostgreSQL.
func (s *Store) skipLocked() string {
	if s.postgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// keepRelease keeps a release's row as it is until the transaction ends, beside
// others that keep it, too. On PostgreSQL it is an advisory lock and not one on
// the row: a row's is given to whoever comes to share it, however long a kill
// has waited.
func (s *Store) keepRelease(ctx context.Context, tx *sqlx.Tx, slug string) error {
	return s.lockRelease(ctx, tx, "pg_advisory_xact_lock_shared", slug)
}

// changeRelease waits until nobody keeps a release's row, and keeps others from
// it until the transaction ends.
func (s *Store) changeRelease(ctx context.Context, tx *sqlx.Tx, slug string) error {
	return s.lockRelease(ctx, tx, "pg_advisory_xact_lock", slug)
}

func (s *Store) lockRelease(ctx context.Context, tx *sqlx.Tx, function, slug string) error {
	if !s.postgres {
		return nil // the one writer has the whole file
	}
	return s.run(ctx, tx, `SELECT `+function+`(hashtextextended('dateline release ' || ?, 0))`, []any{slug})
}

// forShare keeps rows as they are until the transaction ends.
func (s *Store) forShare() string {
	if s.postgres {
		return " FOR SHARE"
	}
	return ""
}

// forUpdate keeps rows for this transaction alone.
func (s *Store) forUpdate() string {
	if s.postgres {
		return " FOR UPDATE"
	}
	return ""
}

// tune sets what SQL for both cannot say. Space is left on PostgreSQL's pages,
// so that the next versions of all its rows find room beside them; the queue, which is written
// and emptied in minutes, is cleaned early. Mails that came in are kept as they
// are: to compress them is a third of their price. And it checks a reference
// row by row, which is half the price of staging and of an import, and a third of
// the ledger's: those of the large tables, whose rows are written beside the ones
// that they refer to and in the same step, only SQLite holds.
func (s *Store) tune(ctx context.Context) error {
	if !s.postgres {
		return nil
	}
	_, err := s.db.ExecContext(ctx, `ALTER TABLE deliveries SET (fillfactor = 45); ALTER TABLE report_mails ALTER raw SET STORAGE EXTERNAL; ALTER TABLE queue SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
		ALTER TABLE deliveries DROP CONSTRAINT IF EXISTS deliveries_approval_id_fkey;
		ALTER TABLE queue DROP CONSTRAINT IF EXISTS queue_delivery_id_fkey;
		ALTER TABLE events DROP CONSTRAINT IF EXISTS events_delivery_id_fkey;
		ALTER TABLE addresses DROP CONSTRAINT IF EXISTS addresses_contact_id_fkey;
		ALTER TABLE affiliations DROP CONSTRAINT IF EXISTS affiliations_contact_id_fkey, DROP CONSTRAINT IF EXISTS affiliations_outlet_id_fkey`)
	if err != nil {
		return fmt.Errorf("setting how the tables are filled: %w", err)
	}
	return nil
}

// takeStock lets PostgreSQL count what was staged before anybody asks for it: by
// what it knew of the tables before, it would read and sort all of the queue for
// each claim. Its own counting comes a minute late.
func (s *Store) takeStock(ctx context.Context) error {
	if !s.postgres {
		return nil
	}
	_, err := s.db.ExecContext(ctx, `ANALYZE queue, deliveries`)
	return err
}

// Clock is the database's own; zero on SQLite, which has this machine's.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	if !s.postgres {
		return time.Time{}, nil
	}
	var us int64
	err := s.db.GetContext(ctx, &us, `SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint`)
	return instant(us), err
}

// nowUS is an expression for the instant in microseconds, by the database's
// clock where it has one: daemons on several machines are judged by it.
func (s *Store) nowUS(now time.Time) string {
	if s.postgres {
		return `(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint`
	}
	return fmt.Sprint(micros(now))
}

// domainOf is an expression for an address's domain, in lower case.
func (s *Store) domainOf(address string) string {
	if s.postgres {
		return `LOWER(split_part(` + address + `, '@', 2))`
	}
	return `LOWER(substr(` + address + `, instr(` + address + `, '@') + 1))`
}

// requeueEach frees deliveries for the next claim, each at its own instant, but
// not past its deadline.
func (s *Store) requeueEach(ctx context.Context, tx *sqlx.Tx, ids []press.ID, next map[press.ID]time.Time) error {
	if s.postgres {
		set, at := make(pq.ByteaArray, len(ids)), make(pq.Int64Array, len(ids))
		for i := range ids {
			set[i], at[i] = ids[i][:], micros(next[ids[i]])
		}
		return s.run(ctx, tx, `UPDATE queue SET claimed_by = NULL, next_us = LEAST(n.us, deadline_us) FROM unnest(?::bytea[], ?::bigint[]) AS n (id, us) WHERE delivery_id = n.id`, []any{set, at})
	}
	each := make([][]any, len(ids))
	for i, id := range ids {
		each[i] = []any{micros(next[id]), id[:]}
	}
	return s.run(ctx, tx, `UPDATE queue SET claimed_by = NULL, next_us = MIN(?, deadline_us) WHERE delivery_id = ?`, each...)
}

// event is a row of the trail.
type event struct {
	id       press.ID
	delivery press.ID
	press.Outcome
}

// addEvents adds a batch to the trail. All leave one state, by one hand.
func (s *Store) addEvents(ctx context.Context, tx *sqlx.Tx, from press.State, by string, events []event) error {
	if len(events) == 0 {
		return nil
	}
	if s.postgres {
		return s.unnestEvents(ctx, tx, from, by, events)
	}
	all := make([][]any, len(events))
	for i := range events {
		e := &events[i]
		all[i] = []any{e.id[:], e.delivery[:], micros(e.At), string(from), string(e.State), e.Relay, e.Verb, int64(e.Code), e.Enhanced, asText(e.Text), flag(e.OfAddress), by}
	}
	return s.run(ctx, tx, `INSERT INTO events (id, delivery_id, at_us, from_state, state, relay, verb, code, enhanced, reply, of_address, said_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, all...)
}

// unnestEvents gives PostgreSQL one array a column instead of one argument a value.
func (s *Store) unnestEvents(ctx context.Context, tx *sqlx.Tx, from press.State, by string, events []event) error {
	n := len(events)
	ids, deliveries := make(pq.ByteaArray, n), make(pq.ByteaArray, n)
	at, code, ofAddress := make(pq.Int64Array, n), make(pq.Int64Array, n), make(pq.Int64Array, n)
	state, relay, verb, enhanced, reply := make(pq.StringArray, n), make(pq.StringArray, n), make(pq.StringArray, n), make(pq.StringArray, n), make(pq.StringArray, n)
	for i := range events {
		e := &events[i]
		ids[i], deliveries[i], at[i], code[i], ofAddress[i] = e.id[:], e.delivery[:], micros(e.At), int64(e.Code), flag(e.OfAddress)
		state[i], relay[i], verb[i], enhanced[i], reply[i] = string(e.State), e.Relay, e.Verb, e.Enhanced, asText(e.Text)
	}
	return s.run(ctx, tx, `INSERT INTO events (id, delivery_id, at_us, state, relay, verb, code, enhanced, reply, of_address, from_state, said_by)
		SELECT e.*, $11::text, $12::text FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[], $10::bigint[]) AS e`,
		[]any{ids, deliveries, at, state, relay, verb, code, enhanced, reply, ofAddress, string(from), by})
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// asText keeps a relay's words fit for a text column: they must not keep an
// outcome from the ledger.
func asText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
