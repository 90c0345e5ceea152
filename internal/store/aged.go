package store

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// What is old is looked for outside of any transaction, and taken away in steps
// that keep no other writer waiting for long.
const (
	ageRows  = 100     // copies or mails that one step takes
	ageBytes = 4 << 20 // of mails; one may have more
	lookRows = 5000    // copies that are looked at in one reading
	ageDay   = 24 * time.Hour
)

// ageMails deletes a step of the mails that came in before an instant, the
// oldest first, and what they say of a person.
func (s *Store) ageMails(ctx context.Context, before time.Time) (int, error) {
	var old []struct {
		ID    press.ID `db:"id"`
		Bytes int      `db:"bytes"`
	}
	err := s.db.SelectContext(ctx, &old, s.db.Rebind(`SELECT id, LENGTH(raw) AS bytes FROM report_mails WHERE at_us < ? ORDER BY at_us LIMIT ?`), micros(before), ageRows)
	if err != nil || len(old) == 0 {
		return 0, failing("looking for old mails", err)
	}
	var ids []press.ID
	bytes := 0
	for _, m := range old {
		if bytes += m.Bytes; bytes > ageBytes && len(ids) > 0 {
			break
		}
		ids = append(ids, m.ID)
	}
	err = s.tx(ctx, "deleting old mails", func(tx *sqlx.Tx) error {
		these, set := s.among("mail_id", ids)
		if err := s.run(ctx, tx, `UPDATE reports SET recipient = '', diagnostic = '' WHERE `+these, set); err != nil {
			return err
		}
		these, set = s.among("id", ids)
		return s.run(ctx, tx, `DELETE FROM report_mails WHERE `+these, set)
	})
	return len(ids), err
}

// walk is how far the retention has come with the copies that were approved on
// one day, whose ids stand side by side. No copy comes to a day that is over, and
// none is settled before the present. So when a walk has ended, it is known until
// when there is nothing to take: until the first that it left comes of age. What
// has lost its person already is thus not read again each hour, but once in as
// long as the policy keeps.
type walk struct {
	Day    int64    `db:"day"`
	Last   press.ID `db:"last_id"`
	NextUS int64    `db:"next_us"`
	LeftUS int64    `db:"left_us"`
}

func dayOf(t time.Time) int64 { return t.UnixMilli() / ageDay.Milliseconds() }

func beginOf(day int64) press.ID { return press.FirstID(time.UnixMilli(day * ageDay.Milliseconds())) }

// ageCopies takes the person out of a step of the copies that were settled
// before an instant. A day that has nothing to take is walked through to its end.
func (s *Store) ageCopies(ctx context.Context, before, now time.Time) (int, error) {
	for {
		w, found, err := s.nextWalk(ctx, before, now)
		if err != nil || !found {
			return 0, failing("looking for old copies", err)
		}
		ids, err := s.walkOn(ctx, &w, before)
		if err != nil {
			return 0, failing("looking for old copies", err)
		}
		err = s.txBeside(ctx, "taking persons out of old copies", func(tx *sqlx.Tx) error {
			if err := s.holdCopies(ctx, tx, ids); err != nil {
				return err
			}
			if len(ids) > 0 {
				if err := s.blank(ctx, tx, ids); err != nil {
					return err
				}
			}
			return s.run(ctx, tx, `INSERT INTO aged (day, last_id, next_us, left_us) VALUES (?, ?, ?, ?)
				ON CONFLICT (day) DO UPDATE SET last_id = excluded.last_id, next_us = excluded.next_us, left_us = excluded.left_us`,
				[]any{w.Day, w.Last[:], w.NextUS, w.LeftUS})
		})
		if err != nil || len(ids) > 0 {
			return len(ids), err
		}
	}
}

// nextWalk finds a day that is to be gone on with, or walked through again, or
// for the first time. A day counts from the last of what it left, so that it is
// not walked through each hour while what was settled hour by hour comes of age.
func (s *Store) nextWalk(ctx context.Context, before, now time.Time) (walk, bool, error) {
	var due []walk
	err := s.db.SelectContext(ctx, &due, s.db.Rebind(`SELECT day, last_id, next_us, left_us FROM aged WHERE next_us < ? ORDER BY day LIMIT 1`), micros(before.Add(-ageDay)))
	if err != nil {
		return walk{}, false, err
	}
	if len(due) > 0 {
		w := due[0]
		if w.NextUS != 0 {
			w.Last, w.NextUS, w.LeftUS = beginOf(w.Day), 0, micros(now)
		}
		return w, true, nil
	}
	var known int64
	if err := s.db.GetContext(ctx, &known, `SELECT COALESCE(MAX(day), -1) FROM aged`); err != nil {
		return walk{}, false, err
	}
	var ids []press.ID
	err = s.db.SelectContext(ctx, &ids, s.db.Rebind(`SELECT id FROM deliveries WHERE id >= ? AND id < ? ORDER BY id LIMIT 1`), beginOf(known+1), beginOf(dayOf(before)))
	if err != nil || len(ids) == 0 {
		return walk{}, false, err
	}
	day := dayOf(ids[0].Made())
	return walk{Day: day, Last: beginOf(day), LeftUS: micros(now)}, true, nil
}

// walkOn goes on until it has a step's copies to take, or the day has ended.
func (s *Store) walkOn(ctx context.Context, w *walk, before time.Time) ([]press.ID, error) {
	var take []press.ID
	for {
		var next []struct {
			ID        press.ID    `db:"id"`
			State     press.State `db:"state"`
			Person    bool        `db:"person"`
			UpdatedUS int64       `db:"updated_us"`
		}
		err := s.db.SelectContext(ctx, &next, s.db.Rebind(`SELECT id, state, address <> '' AS person, updated_us FROM deliveries WHERE id > ? AND id < ? ORDER BY id LIMIT ?`), w.Last, beginOf(w.Day+1), lookRows)
		if err != nil {
			return nil, err
		}
		for _, d := range next {
			w.Last = d.ID
			switch {
			case !d.Person || !settled(d.State):
			case d.UpdatedUS >= micros(before):
				w.LeftUS = min(w.LeftUS, d.UpdatedUS)
			default:
				if take = append(take, d.ID); len(take) == ageRows {
					return take, nil
				}
			}
		}
		if len(next) < lookRows {
			w.NextUS = w.LeftUS
			return take, nil
		}
	}
}

// settled tells whether a copy's way has ended, as far as it is known.
func settled(s press.State) bool { return !s.Unsent() && s != press.Sending && s != press.Unknown }
