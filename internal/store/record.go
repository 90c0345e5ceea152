package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// Record is the ledger's one step: the results of messages that were sent, and
// the deliveries that are to begin now, in one transaction. For each of the
// latter it gives a verdict; only press.Go lets a byte leave, and says that
// `sending` is on disk. A hold, a kill, a suppression, a new approval and an
// earlier copy for the same address are all seen here, the last one by the
// database's own index.
func (s *Store) Record(ctx context.Context, daemon press.ID, results []press.Result, begin []press.Begin, now time.Time) (map[press.ID]press.Verdict, error) {
	var verdicts map[press.ID]press.Verdict
	err := s.tx(ctx, "writing the ledger", func(tx *sqlx.Tx) error {
		if err := finish(ctx, tx, daemon, results); err != nil {
			return err
		}
		if s.postgres && len(begin) > 0 {
			// Approve, Hold and Kill change these rows: whoever comes second waits.
			if err := lockReleases(ctx, tx, begin); err != nil {
				return err
			}
		}
		var err error
		verdicts, err = start(ctx, tx, daemon, begin, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return verdicts, nil
}

// lockReleases keeps the releases of these deliveries as they are, the held
// ones, too: they might be resumed and killed before the end of the step.
func lockReleases(ctx context.Context, tx *sqlx.Tx, begin []press.Begin) error {
	args := make([]any, len(begin))
	for i, b := range begin {
		args[i] = b.Delivery
	}
	var slugs []string
	return tx.SelectContext(ctx, &slugs, tx.Rebind(`SELECT slug FROM releases WHERE slug IN (SELECT release FROM deliveries WHERE id IN `+rows(1, len(begin))+`) ORDER BY slug FOR SHARE`), args...)
}

// standing is what start must know of a claimed delivery and its release.
type standing struct {
	ID         press.ID         `db:"id"`
	Release    string           `db:"release"`
	Send       string           `db:"send"`
	Key        press.AddressKey `db:"address_key"`
	State      press.State      `db:"state"`
	Mine       bool             `db:"mine"`
	NextUS     int64            `db:"next_us"`
	DeadlineUS int64            `db:"deadline_us"`
	Current    bool             `db:"current"`
	Held       bool             `db:"is_held"`
	Killed     bool             `db:"is_killed"`
	Suppressed bool             `db:"is_suppressed"`
	HasCopy    bool             `db:"has_copy"`
}

// verdict says whether a delivery may begin; begun: it stands in sending, but
// nothing of it has left.
func (d standing) verdict(begun bool, now int64) press.Verdict {
	switch {
	case !d.Mine || !d.Current || d.HasCopy || (d.State != press.Claimed && !begun):
		return press.Lost
	case d.Killed:
		return press.Killed
	case d.Held:
		return press.Held
	case d.Suppressed:
		return press.Suppressed
	case d.DeadlineUS <= now:
		return press.Late
	case d.NextUS > now:
		return press.Early
	default:
		return press.Go
	}
}

// start moves claimed deliveries to sending, or says why they must not leave.
// One that was asked for again had begun, if it stands in sending: the answer
// was lost, not the commit; what came in between still holds for it.
func start(ctx context.Context, tx *sqlx.Tx, daemon press.ID, begin []press.Begin, now time.Time) (map[press.ID]press.Verdict, error) {
	verdicts := make(map[press.ID]press.Verdict, len(begin))
	if len(begin) == 0 {
		return verdicts, nil
	}
	again := make(map[press.ID]bool, len(begin))
	for _, b := range begin {
		verdicts[b.Delivery] = press.Lost // what is not found is not ours
		again[b.Delivery] = b.Again
	}
	found, err := standings(ctx, tx, daemon, begin)
	if err != nil {
		return nil, err
	}
	type mailbox struct {
		release, send string
		key           press.AddressKey
	}
	taken := map[mailbox]bool{} // by a copy of this very batch
	var going []press.ID
	var second, unbegun []press.Result // with another copy out; begun, and now may not leave
	for _, d := range found {
		begun := again[d.ID] && d.Mine && d.State == press.Sending
		box := mailbox{d.Release, d.Send, d.Key}
		d.HasCopy = d.HasCopy || taken[box]
		v := d.verdict(begun, micros(now))
		verdicts[d.ID] = v
		switch {
		case v == press.Go:
			taken[box] = true
			if !begun {
				going = append(going, d.ID)
			}
		case begun:
			unbegun = append(unbegun, press.Result{Delivery: d.ID, Outcome: press.Outcome{State: press.Planned, At: now, Text: "it had not left, and now may not: " + string(v)}})
		case d.HasCopy && d.Mine && d.State == press.Claimed:
			second = append(second, press.Result{Delivery: d.ID, Outcome: press.Outcome{State: press.Cancelled, At: now, Text: "another copy for this address has left, or may have"}})
		}
	}
	if _, err := settle(ctx, tx, press.Sending, unbegun, daemon); err != nil {
		return nil, err
	}
	if _, err := settle(ctx, tx, press.Claimed, second, daemon); err != nil {
		return nil, err
	}
	return verdicts, begins(ctx, tx, daemon, going, now)
}

func standings(ctx context.Context, tx *sqlx.Tx, daemon press.ID, begin []press.Begin) ([]standing, error) {
	args := []any{daemon}
	for _, b := range begin {
		args = append(args, b.Delivery)
	}
	var found []standing
	err := tx.SelectContext(ctx, &found, tx.Rebind(`SELECT d.id, d.release, d.send, d.address_key, d.state, COALESCE(d.claimed_by = ?, FALSE) AS mine, d.next_us, d.deadline_us,
		d.approval_id = r.approval_id AS current, r.held <> '' AS is_held, r.killed <> '' AS is_killed, `+suppressed+` AS is_suppressed,
		EXISTS (SELECT 1 FROM deliveries o WHERE o.release = d.release AND o.send = d.send AND o.address_key = d.address_key AND o.id <> d.id
			AND o.state IN ('sending', 'accepted', 'unknown', 'delivered', 'bounced', 'complained')) AS has_copy
		FROM deliveries d JOIN releases r ON r.slug = d.release WHERE d.id IN `+rows(1, len(begin))+` ORDER BY d.id`), args...)
	return found, err
}

// stands is the condition that a delivery is in a state, and no other daemon
// has it. It is spelled so that no index serves it: these rows are looked up by
// id, and PostgreSQL, whose estimates lag behind a lift, would rather go
// through all that were claimed or sent.
const stands = `state || '' = ? AND COALESCE(claimed_by, ?) = ?`

// begins moves a daemon's claims to sending, all of them or none.
func begins(ctx context.Context, tx *sqlx.Tx, daemon press.ID, going []press.ID, now time.Time) error {
	if len(going) == 0 {
		return nil
	}
	args := []any{micros(now), string(press.Claimed), daemon, daemon}
	for _, id := range going {
		args = append(args, id)
	}
	res, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE deliveries SET state = 'sending', attempts = attempts + 1, updated_us = ?
		WHERE `+stands+` AND id IN `+rows(1, len(going))), args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || int(n) != len(going) {
		return errors.Join(err, fmt.Errorf("%d of %d deliveries could begin; the others were taken in between", n, len(going)))
	}
	return nil
}

// finish writes results. A delivery that was marked unknown meanwhile, because
// its daemon seemed dead, is settled by the relay's acceptance, or by the proof
// that nothing had left.
func finish(ctx context.Context, tx *sqlx.Tx, daemon press.ID, results []press.Result) error {
	moved, err := settle(ctx, tx, press.Sending, results, daemon)
	if err != nil || len(moved) == len(results) {
		return err
	}
	var late []press.Result
	for _, r := range results {
		if !moved[r.Delivery] && (r.Outcome.State == press.Accepted || r.Outcome.State == press.Planned) {
			late = append(late, r)
		}
	}
	_, err = settle(ctx, tx, press.Unknown, late, daemon)
	return err
}

// settle moves deliveries from one state to their outcomes' and adds an event
// to the trail of each that moved; it tells which did. What another daemon has
// by now does not move. A zero daemon stands for the program itself.
func settle(ctx context.Context, tx *sqlx.Tx, from press.State, results []press.Result, daemon press.ID) (map[press.ID]bool, error) {
	type to struct {
		state press.State
		next  int64
	}
	groups := map[to][]press.Result{}
	for _, r := range results {
		if !from.MayBecome(r.Outcome.State) {
			return nil, fmt.Errorf("delivery %s cannot go from %s to %s", r.Delivery, from, r.Outcome.State)
		}
		key := to{r.Outcome.State, micros(r.Next)}
		groups[key] = append(groups[key], r)
	}
	moved := make(map[press.ID]bool, len(results))
	for key, group := range groups {
		args := []any{string(key.state), micros(group[0].Outcome.At), sql.NullInt64{Int64: key.next, Valid: key.next > 0}, string(from), daemon, daemon}
		for _, r := range group {
			args = append(args, r.Delivery)
		}
		var ids []press.ID
		err := tx.SelectContext(ctx, &ids, tx.Rebind(`UPDATE deliveries SET state = ?, claimed_by = NULL, updated_us = ?, next_us = COALESCE(?, next_us)
			WHERE `+stands+` AND id IN `+rows(1, len(group))+` RETURNING id`), args...)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			moved[id] = true
		}
	}
	by := press.ByDateline
	if !daemon.IsZero() {
		by = daemon.String()
	}
	return moved, addEvents(ctx, tx, from, results, moved, by)
}

func addEvents(ctx context.Context, tx *sqlx.Tx, from press.State, results []press.Result, moved map[press.ID]bool, by string) error {
	const width = 11
	var args []any
	for _, r := range results {
		if o := r.Outcome; moved[r.Delivery] {
			args = append(args, NewID(), r.Delivery, micros(o.At), string(from), string(o.State), o.Relay, o.Verb, o.Code, o.Enhanced, asText(o.Text), by)
		}
	}
	if len(args) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO events (id, delivery_id, at_us, from_state, state, relay, verb, code, enhanced, reply, said_by) VALUES `+rows(len(args)/width, width)), args...)
	return err
}

// asText keeps a relay's words fit for a text column: they must not keep an
// outcome from the ledger.
func asText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// alike gives each delivery the same outcome.
func alike(ids []press.ID, o press.Outcome) []press.Result {
	results := make([]press.Result, len(ids))
	for i, id := range ids {
		results[i] = press.Result{Delivery: id, Outcome: o}
	}
	return results
}

// RecordDaemon notes that a daemon lives, and why it refused the config
// folder's newest state ("" where it did not).
func (s *Store) RecordDaemon(ctx context.Context, id press.ID, host string, pid int, started, now time.Time, config string) error {
	return s.tx(ctx, "noting the daemon", func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO daemons (id, host, pid, started_us, seen_us, config) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET host = excluded.host, pid = excluded.pid, started_us = excluded.started_us, seen_us = excluded.seen_us, config = excluded.config`),
			id, host, pid, micros(started), micros(now), config)
		return err
	})
}

// RecordRelay notes why a daemon cannot hand mail to a relay ("": it can).
func (s *Store) RecordRelay(ctx context.Context, daemon press.ID, relay, trouble string, since time.Time) error {
	return s.tx(ctx, "noting a relay's state", func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO relays (daemon_id, name, trouble, since_us) VALUES (?, ?, ?, ?)
			ON CONFLICT (daemon_id, name) DO UPDATE SET trouble = excluded.trouble, since_us = excluded.since_us`), daemon, relay, asText(trouble), micros(since))
		return err
	})
}
