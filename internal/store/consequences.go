package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// SetBouncePolicy keeps the policy that all daemons follow.
func (s *Store) SetBouncePolicy(ctx context.Context, p press.BouncePolicy) error {
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("setting the bounce policy: %w", err)
	}
	return s.tx(ctx, "setting the bounce policy", func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO settings (name, value) VALUES ('bounce policy', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`), string(data))
		return err
	})
}

// BouncePolicy is the policy that all daemons follow.
func (s *Store) BouncePolicy(ctx context.Context) (press.BouncePolicy, error) {
	p, err := s.bouncePolicy(ctx, s.db)
	return p, failing("reading the bounce policy", err)
}

func (s *Store) bouncePolicy(ctx context.Context, q sqlx.QueryerContext) (press.BouncePolicy, error) {
	p := press.DefaultBouncePolicy()
	var found []string
	if err := sqlx.SelectContext(ctx, q, &found, `SELECT value FROM settings WHERE name = 'bounce policy'`); err != nil || len(found) == 0 {
		return p, err
	}
	if err := json.Unmarshal([]byte(found[0]), &p); err != nil {
		return p, fmt.Errorf("the bounce policy in the settings: %w", err)
	}
	return p, nil
}

// follow carries out what follows for the mailboxes, and tells what did of each
// finding: strikes may be enough to suppress one. All of a batch goes in a few
// statements.
func (i *intake) follow(ctx context.Context) ([]press.Consequence, error) {
	did := make([]press.Consequence, len(i.found))
	var complained, suppressed, struck, cleared [][]any
	for n := range i.found {
		f := &i.found[n]
		if f.copy == nil {
			continue
		}
		switch did[n] = f.Consequence(f.copy.Address); did[n] {
		case press.ConsequenceSuppress:
			row := i.suppression(f.copy.Key, string(f.Kind)+": "+string(f.Reason))
			if f.Kind == press.ReportComplaint {
				complained = append(complained, row)
			} else {
				suppressed = append(suppressed, row)
			}
		case press.ConsequenceStrike:
			struck = append(struck, []any{f.copy.Key[:], f.copy.ID[:], f.copy.DueUS, string(f.Reason)})
		case press.ConsequenceClear:
			cleared = append(cleared, []any{f.copy.Key, f.copy.DueUS})
		case press.ConsequenceNone:
		}
	}
	if err := i.insert(ctx, "strikes (address_key, delivery_id, due_us, reason)", "address_key, delivery_id", struck); err != nil {
		return nil, err
	}
	if len(cleared) > 0 {
		if err := i.store.run(ctx, i.tx, `DELETE FROM strikes WHERE address_key = ? AND due_us <= ?`, cleared...); err != nil {
			return nil, err
		}
	}
	more, err := i.strikeOut(ctx, did)
	if err != nil {
		return nil, err
	}
	if err := i.complained(ctx, complained); err != nil {
		return nil, err
	}
	return did, i.insert(ctx, "suppressions ("+suppressionColumns+")", suppressionKey, append(suppressed, more...))
}

// complained suppresses those who complained. Their word stands in place of what
// came back of them before: a dead mailbox may live again, and is lifted.
func (i *intake) complained(ctx context.Context, all [][]any) error {
	if len(all) == 0 {
		return nil
	}
	return i.store.run(ctx, i.tx, `INSERT INTO suppressions (`+suppressionColumns+`) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (`+suppressionKey+`) DO UPDATE SET reason = excluded.reason, at_us = excluded.at_us`, all...)
}

func (i *intake) suppression(key press.AddressKey, why string) []any {
	return []any{key[:], "all", string(press.AuthorReport), why, press.ByReport, micros(i.now)}
}

// insert adds rows to a table, but for those whose key stands there.
func (i *intake) insert(ctx context.Context, into, key string, all [][]any) error {
	for batch := range slices.Chunk(all, batchRows) {
		var args []any
		for _, row := range batch {
			args = append(args, row...)
		}
		if _, err := i.tx.ExecContext(ctx, i.tx.Rebind(`INSERT INTO `+into+` VALUES `+rows(len(batch), len(batch[0]))+` ON CONFLICT (`+key+`) DO NOTHING`), args...); err != nil {
			return err
		}
	}
	return nil
}

// strikeOut gives the suppressions of mailboxes whose soft bounces reach the
// policy's count and span with no copy between that arrived.
func (i *intake) strikeOut(ctx context.Context, did []press.Consequence) ([][]any, error) {
	last := map[press.AddressKey]press.Reason{}
	var keys []press.ID
	for n, c := range did {
		if c == press.ConsequenceStrike {
			keys = append(keys, i.found[n].copy.Key)
			last[i.found[n].copy.Key] = i.found[n].Reason
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	these, set := i.store.among("address_key", keys)
	var found []struct {
		Key   press.AddressKey `db:"address_key"`
		DueUS int64            `db:"due_us"`
	}
	// Planned anew each time, as in known.
	if err := i.tx.SelectContext(ctx, &found, i.tx.Rebind(`SELECT address_key, due_us FROM strikes WHERE `+these+` ORDER BY due_us`), set...); err != nil {
		return nil, err
	}
	strikes := map[press.AddressKey][]int64{}
	for _, f := range found {
		strikes[f.Key] = append(strikes[f.Key], f.DueUS)
	}
	var out [][]any
	for key, us := range strikes {
		us, err := i.inARow(ctx, key, us)
		if err != nil {
			return nil, err
		}
		if !i.policy.Reached(instants(us)) {
			continue
		}
		out = append(out, i.suppression(key, fmt.Sprintf("%d soft bounces since %s, the last for %s", len(us), instant(us[0]).Format(time.DateOnly), last[key])))
		for n := range did {
			if did[n] == press.ConsequenceStrike && i.found[n].copy.Key == key {
				did[n] = press.ConsequenceSuppress
			}
		}
	}
	return out, nil
}

// inARow leaves of a mailbox's soft bounces those after the last copy that
// arrived.
func (i *intake) inARow(ctx context.Context, key press.AddressKey, us []int64) ([]int64, error) {
	if !i.policy.Reached(instants(us)) {
		return us, nil // so few need no look into the ledger
	}
	between, err := i.arrivedBetween(ctx, key, us[0], us[len(us)-1])
	for len(us) > 0 && us[0] <= between {
		us = us[1:]
	}
	return us, err
}

func instants(us []int64) []time.Time {
	at := make([]time.Time, len(us))
	for i := range us {
		at[i] = instant(us[i])
	}
	return at
}

// sent is a send of a release that was approved.
type sent struct{ release, send string }

// sendsLimit bounds how many sends are looked through for an address.
const sendsLimit = 300

// recent gives the sends of releases that were approved lately, the newest
// first: by them an address is found in the ledger without an index of its own.
func (i *intake) recent(ctx context.Context) ([]sent, error) {
	if i.pairs != nil {
		return i.pairs, nil
	}
	var slugs []string
	err := i.store.read(ctx, i.tx, &slugs, `SELECT release FROM approvals WHERE state <> 'staging' GROUP BY release ORDER BY MAX(at_us) DESC LIMIT ?`, sendsLimit)
	if err != nil {
		return nil, err
	}
	i.pairs = []sent{}
	for _, slug := range slugs {
		for last := ""; len(i.pairs) < sendsLimit; {
			var next *string
			if err := i.tx.GetContext(ctx, &next, i.tx.Rebind(`SELECT MIN(send) FROM deliveries WHERE release = ? AND send > ?`), slug, last); err != nil {
				return nil, err
			}
			if next == nil {
				break
			}
			last = *next
			i.pairs = append(i.pairs, sent{slug, last})
		}
	}
	return i.pairs, nil
}

// inRecent is the condition that a delivery is of a recent send and for an
// address.
func (i *intake) inRecent(ctx context.Context, key press.AddressKey) (string, []any, error) {
	pairs, err := i.recent(ctx)
	if err != nil || len(pairs) == 0 {
		return "1 = 0", nil, err
	}
	args := []any{key}
	for _, p := range pairs {
		args = append(args, p.release, p.send)
	}
	return `address_key = ? AND (release, send) IN (VALUES ` + rows(len(pairs), 2) + `)`, args, nil
}

// arrivedBetween is when the newest copy was due that arrived, or as far as is
// known did, between two that did not; 0 where there is none.
func (i *intake) arrivedBetween(ctx context.Context, key press.AddressKey, first, last int64) (int64, error) {
	these, args, err := i.inRecent(ctx, key)
	if err != nil {
		return 0, err
	}
	var us *int64
	err = i.tx.GetContext(ctx, &us, i.tx.Rebind(`SELECT MAX(due_us) FROM deliveries WHERE `+these+` AND state IN ('accepted', 'delivered') AND due_us BETWEEN ? AND ?`),
		append(args, first, last)...)
	if err != nil || us == nil {
		return 0, err
	}
	return *us, nil
}

// lately is how long after a copy was due a report may be about it for no better
// key than its address.
const lately = 14 * 24 * time.Hour

// byAddress finds the newest copy for one of these addresses that had left when
// the report came.
func (i *intake) byAddress(ctx context.Context, keys []press.AddressKey, at time.Time) (*reported, error) {
	for _, key := range keys {
		these, args, err := i.inRecent(ctx, key)
		if err != nil {
			return nil, err
		}
		var ids []press.ID
		err = i.tx.SelectContext(ctx, &ids, i.tx.Rebind(`SELECT id FROM deliveries WHERE `+these+` AND state IN ('accepted', 'unknown', 'delivered', 'bounced', 'complained')
			AND due_us BETWEEN ? AND ? ORDER BY due_us DESC, id DESC LIMIT 1`), append(args, micros(at.Add(-lately)), micros(at))...)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			continue
		}
		if i.copies[ids[0]] == nil {
			if err := i.loadCopies(ctx, ids); err != nil {
				return nil, err
			}
		}
		return i.copies[ids[0]], nil
	}
	return nil, nil
}
