package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// Rhythms of alarms.
const (
	alarmCalm = 5 * time.Minute     // so long after it was told over, an alarm that is back is told again
	alarmKept = 30 * 24 * time.Hour // once it is over
)

// alarmRow is an alarm as it stands in the store.
type alarmRow struct {
	ID      press.ID `db:"id"`
	Name    string   `db:"name"`
	Cause   string   `db:"cause"`
	Release string   `db:"release"`
	Of      string   `db:"of_what"`
	What    string   `db:"what"`
	Do      string   `db:"todo"`
	SinceUS int64    `db:"since_us"`
	EndedUS int64    `db:"ended_us"`
}

const alarmColumns = `a.id, a.name, a.cause, a.release, a.of_what, a.what, a.todo, a.since_us, a.ended_us`

func (r alarmRow) alarm() press.Alarm {
	return press.Alarm{Cause: press.Cause(r.Cause), Release: r.Release, Of: r.Of, What: r.What, Do: r.Do, Since: instant(r.SinceUS)}
}

// RaiseAlarms takes down which alarms stand, all of them, and what each way has
// to tell of it. What stood before and does not now is over. Of several that are
// one by their key, as two daemons on one machine have them, the first counts.
func (s *Store) RaiseAlarms(ctx context.Context, standing []press.Alarm, ways []string, now time.Time) error {
	return s.tx(ctx, "noting alarms", func(tx *sqlx.Tx) error {
		if err := s.lockAlarms(ctx, tx); err != nil {
			return err
		}
		var known []alarmRow
		if err := tx.SelectContext(ctx, &known, `SELECT `+alarmColumns+` FROM alarms a`); err != nil {
			return err
		}
		before := make(map[string]alarmRow, len(known))
		for _, r := range known {
			before[r.Name] = r
		}
		for _, a := range distinct(standing) {
			r, again := before[a.Key()]
			if !again {
				r = alarmRow{ID: NewID()}
			}
			if err := raise(ctx, tx, a, r, ways, now); err != nil {
				return err
			}
			delete(before, a.Key())
		}
		for _, r := range before {
			if err := end(ctx, tx, r, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// distinct leaves the first of those alarms that are one by their key.
func distinct(all []press.Alarm) []press.Alarm {
	seen := make(map[string]bool, len(all))
	return slices.DeleteFunc(slices.Clone(all), func(a press.Alarm) bool {
		again := seen[a.Key()]
		seen[a.Key()] = true
		return again
	})
}

// lockAlarms lets one at a time note them.
func (s *Store) lockAlarms(ctx context.Context, tx *sqlx.Tx) error {
	if !s.postgres {
		return nil // the one writer has the whole file
	}
	_, err := tx.ExecContext(ctx, `LOCK TABLE alarms IN SHARE ROW EXCLUSIVE MODE`)
	return err
}

// raise notes an alarm that stands; was is what the store knew of it.
func raise(ctx context.Context, tx *sqlx.Tx, a press.Alarm, was alarmRow, ways []string, now time.Time) error {
	since := was.SinceUS
	if since == 0 || was.EndedUS != 0 { // it is new, or back
		since = micros(now)
		if !a.Since.IsZero() {
			since = micros(a.Since)
		}
	}
	_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO alarms (id, name, cause, release, of_what, what, todo, since_us, ended_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)
		ON CONFLICT (name) DO UPDATE SET what = excluded.what, todo = excluded.todo, since_us = excluded.since_us, ended_us = 0`),
		was.ID, a.Key(), string(a.Cause), a.Release, a.Of, asText(a.What), a.Do, since)
	if err != nil {
		return err
	}
	if was.EndedUS != 0 { // whoever was told of it a moment ago is not told again at once
		calm := alarmCalm.Microseconds()
		_, err = tx.ExecContext(ctx, tx.Rebind(`UPDATE alarm_tellings SET tries = 0, due_us = CASE WHEN told <> '' AND told_us + CAST(? AS BIGINT) > CAST(? AS BIGINT) THEN told_us + CAST(? AS BIGINT) ELSE CAST(? AS BIGINT) END WHERE alarm_id = ?`),
			calm, micros(now), calm, micros(now), was.ID)
		if err != nil {
			return err
		}
	}
	for _, way := range ways {
		if _, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO alarm_tellings (alarm_id, way, told, told_us, due_us, tries) VALUES (?, ?, '', 0, ?, 0) ON CONFLICT DO NOTHING`),
			was.ID, way, micros(now)); err != nil {
			return err
		}
	}
	return nil
}

// end notes that an alarm is over: whoever was told is told that, too.
func end(ctx context.Context, tx *sqlx.Tx, r alarmRow, now time.Time) error {
	if r.EndedUS != 0 {
		if r.EndedUS > micros(now.Add(-alarmKept)) {
			return nil
		}
		if _, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM alarm_tellings WHERE alarm_id = ?`), r.ID); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM alarms WHERE id = ?`), r.ID)
		return err
	}
	if _, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE alarms SET ended_us = ? WHERE id = ?`), micros(now), r.ID); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE alarm_tellings SET tries = 0, due_us = CASE WHEN told = 'begun' THEN CAST(? AS BIGINT) ELSE 0 END WHERE alarm_id = ?`), micros(now), r.ID)
	return err
}

// TakeTellings gives what a way has to tell now, and keeps it from other daemons
// for as long as the telling may take.
func (s *Store) TakeTellings(ctx context.Context, way string, now time.Time, lease time.Duration) ([]press.Telling, error) {
	var found []struct {
		alarmRow
		Told  string `db:"told"`
		Tries int    `db:"tries"`
	}
	err := s.tx(ctx, "reading which alarms are to be told", func(tx *sqlx.Tx) error {
		if err := s.lockAlarms(ctx, tx); err != nil {
			return err
		}
		found = nil
		if err := tx.SelectContext(ctx, &found, tx.Rebind(`SELECT `+alarmColumns+`, t.told, t.tries FROM alarm_tellings t JOIN alarms a ON a.id = t.alarm_id
			WHERE t.way = ? AND t.due_us > 0 AND t.due_us <= ? ORDER BY a.since_us, a.id`), way, micros(now)); err != nil {
			return err
		}
		for _, f := range found {
			if _, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE alarm_tellings SET due_us = ? WHERE alarm_id = ? AND way = ?`), micros(now.Add(lease)), f.ID, way); err != nil {
				return err
			}
		}
		return nil
	})
	all := make([]press.Telling, len(found))
	for i, f := range found {
		all[i] = press.Telling{ID: f.ID, Alarm: f.alarm(), Ended: instant(f.EndedUS), Again: f.Told == "begun" && f.EndedUS == 0, Tries: f.Tries}
	}
	return all, err
}

// NoteTelling notes that an alarm was told, and when it is to be told again
// while it stands. What has changed since it was taken is told at once.
func (s *Store) NoteTelling(ctx context.Context, t press.Telling, way string, next, now time.Time) error {
	return s.tx(ctx, "noting that an alarm was told", func(tx *sqlx.Tx) error {
		if err := s.lockAlarms(ctx, tx); err != nil {
			return err
		}
		var ended int64
		if err := tx.GetContext(ctx, &ended, tx.Rebind(`SELECT ended_us FROM alarms WHERE id = ?`), t.ID); err != nil {
			return err
		}
		told, due := "begun", micros(next)
		switch over := ended != 0; {
		case !t.Ended.IsZero() && over:
			told, due = "ended", 0
		case !t.Ended.IsZero(): // it is back since
			told, due = "ended", micros(now.Add(alarmCalm))
		case over:
			due = micros(now)
		}
		_, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE alarm_tellings SET told = ?, told_us = ?, due_us = ?, tries = 0 WHERE alarm_id = ? AND way = ?`), told, micros(now), due, t.ID, way)
		return err
	})
}

// DeferTelling notes that an alarm could not be told, and when it is tried again;
// the zero time is never.
func (s *Store) DeferTelling(ctx context.Context, t press.Telling, way string, next time.Time) error {
	return s.tx(ctx, "noting that an alarm could not be told", func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE alarm_tellings SET due_us = ?, tries = tries + 1 WHERE alarm_id = ? AND way = ? AND due_us > 0`), micros(next), t.ID, way)
		return err
	})
}

// StandingAlarms gives the alarms that daemons have raised and that are not
// over, with who was told.
func (s *Store) StandingAlarms(ctx context.Context) ([]press.StandingAlarm, error) {
	var found []struct {
		alarmRow
		Way    *string `db:"way"`
		ToldUS *int64  `db:"told_us"`
	}
	err := s.db.SelectContext(ctx, &found, `SELECT `+alarmColumns+`, t.way, t.told_us FROM alarms a LEFT JOIN alarm_tellings t ON t.alarm_id = a.id AND t.told = 'begun'
		WHERE a.ended_us = 0 ORDER BY a.since_us, a.id, t.way`)
	if err != nil {
		return nil, fmt.Errorf("reading the alarms: %w", err)
	}
	var all []press.StandingAlarm
	for i, f := range found {
		if i == 0 || found[i-1].ID != f.ID {
			all = append(all, press.StandingAlarm{Alarm: f.alarm(), Told: []press.ToldBy{}})
		}
		if f.Way != nil {
			last := &all[len(all)-1]
			last.Told = append(last.Told, press.ToldBy{Way: *f.Way, At: instant(*f.ToldUS)})
		}
	}
	return all, nil
}
