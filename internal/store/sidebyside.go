package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dateline/internal/press"
)

// oldestProgram is the setting by which a program tells older ones which of them
// can work on the schema that it has made: those made for so high a version.
const oldestProgram = "oldest program"

// silentAfter is when a daemon that gave no sign of life counts as gone.
const silentAfter = 15 * time.Second

// worksFor is the version from which on programs can work on the store; 0 where
// nobody has said.
func (s *Store) worksFor(ctx context.Context) (int64, error) {
	var found []string
	if err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT value FROM settings WHERE name = ?`), oldestProgram); err != nil || len(found) == 0 {
		return 0, failing("reading which programs the store works for", err)
	}
	version, err := strconv.ParseInt(found[0], 10, 64)
	return version, failing("reading which programs the store works for", err)
}

// ourAge refuses a store whose schema a newer program has made, unless that one
// says that programs of our age can work on it.
func (s *Store) ourAge(ctx context.Context, have, want int64) error {
	oldest, err := s.worksFor(ctx)
	switch {
	case err != nil:
		return err
	case oldest == 0:
		return fmt.Errorf("the store's schema is version %d and this program knows %d; use the newer program", have, want)
	case oldest > want:
		return fmt.Errorf("the store's schema is version %d, which works for programs made for version %d and later, and this one knows %d; use the newer program", have, oldest, want)
	}
	return nil
}

// closeTo keeps programs that were made for less than the oldest version from the
// store. It says which daemon is at work that could not go on.
func (s *Store) closeTo(ctx context.Context, have, oldest int64) error {
	known, err := s.worksFor(ctx)
	if err != nil || known >= oldest {
		return err
	}
	madeFor := "made_for"
	if have < 12 {
		madeFor = strconv.FormatInt(have, 10) // no daemon told yet
	}
	var older []struct {
		ID      press.ID `db:"id"`
		Host    string   `db:"host"`
		PID     int      `db:"pid"`
		MadeFor int64    `db:"made_for"`
	}
	query := fmt.Sprintf(`SELECT id, host, pid, %s AS made_for FROM daemons WHERE seen_us > %s - %d AND %s < ? ORDER BY started_us`,
		madeFor, s.nowUS(time.Now()), silentAfter.Microseconds(), madeFor)
	if err := s.db.SelectContext(ctx, &older, s.db.Rebind(query), oldest); err != nil {
		return fmt.Errorf("looking for daemons of older versions: %w", err)
	}
	if len(older) == 0 {
		return s.keepOldest(ctx, oldest)
	}
	said := make([]string, len(older))
	for i, d := range older {
		said[i] = fmt.Sprintf("the daemon on %s (process %d) was made for version %d", d.Host, d.PID, d.MadeFor)
	}
	return fmt.Errorf("%s, and could not go on: the new schema works for version %d and later; stop it first, or go by way of a release in between", strings.Join(said, ", "), oldest)
}

func (s *Store) keepOldest(ctx context.Context, oldest int64) error {
	_, err := s.db.ExecContext(ctx, s.db.Rebind(`INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`), oldestProgram, strconv.FormatInt(oldest, 10))
	return failing("noting which programs the store works for", err)
}
