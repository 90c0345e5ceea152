package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"dateline/internal/press"
	"dateline/migrations"
)

// restoring is the setting that stands in a store while one is put back into it.
// With it, nobody may open the store but Restore.
const restoring = "restoring"

// Restore puts a store back that Backup wrote, into one that is empty, and
// settles what may have happened since. The file must lie in the folder of the
// SQLite store, which it then is. Until all is done nobody can open the store;
// where it fails before, a further Restore of the same file goes on.
func Restore(ctx context.Context, storeURL, file string, c press.Contents, taken, now time.Time) (press.Restored, error) {
	done, err := restore(ctx, storeURL, file, c, taken, now)
	if err != nil {
		return done, fmt.Errorf("restoring the store: %w", err)
	}
	return done, nil
}

func restore(ctx context.Context, storeURL, file string, c press.Contents, taken, now time.Time) (press.Restored, error) {
	path, sqlite := SQLiteFile(storeURL)
	switch {
	case sqlite && c.Kind == "sqlite":
		return restoreSQLite(ctx, path, file, c, taken, now)
	case !sqlite && c.Kind == "postgres":
		return restorePostgres(ctx, storeURL, file, c, taken, now)
	default:
		return press.Restored{}, fmt.Errorf("the backup is one of a %s store, and the config names another kind; a backup goes back into its own kind", c.Kind)
	}
}

// restoreSQLite settles the copy first; then it takes the place of the empty
// store, in one step.
func restoreSQLite(ctx context.Context, path, file string, c press.Contents, taken, now time.Time) (press.Restored, error) {
	if err := emptySQLite(ctx, path); err != nil {
		return press.Restored{}, err
	}
	s, err := connectSQLite(ctx, file)
	if err != nil {
		return press.Restored{}, err
	}
	var done press.Restored
	if err = s.same(ctx, c, false); err == nil {
		done, err = s.restored(ctx, taken, now)
	}
	if err := errors.Join(err, s.Close()); err != nil {
		return done, err
	}
	for _, beside := range []string{"-wal", "-shm"} { // of the empty one: they would be read as this one's
		if err := os.Remove(path + beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return done, err
		}
	}
	if err := os.Rename(file, path); err != nil {
		return done, err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return done, err
	}
	return done, errors.Join(folder.Sync(), folder.Close())
}

// emptySQLite says what is in the store that should be empty.
func emptySQLite(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	db, err := openSQLite(path, "_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	s := &Store{db: db, file: path}
	err = s.empty(ctx)
	return errors.Join(err, s.Close())
}

// empty says what is in the store, besides what each one has that was opened.
func (s *Store) empty(ctx context.Context) error {
	tables, err := s.tables(ctx, s.db)
	if err != nil {
		return err
	}
	var full []string
	for _, table := range tables {
		if slices.Contains(opened(), table) {
			continue
		}
		var some []int
		if err := s.db.SelectContext(ctx, &some, `SELECT 1 FROM "`+table+`" LIMIT 1`); err != nil {
			return err
		}
		if len(some) > 0 {
			full = append(full, table)
		}
	}
	if len(full) > 0 {
		return fmt.Errorf("the store is not empty (it has %s), and a backup goes only into an empty one; name a new file or database as `store` in dateline.yaml", strings.Join(full, ", "))
	}
	return nil
}

// opened are the tables that a store has rows in without anybody's data, those
// that hang on others first.
func opened() []string {
	return []string{"alarm_tellings", "alarms", "disks", "mailboxes", "relays", "daemons", "domain_limits", "aged", "sessions", "settings"}
}

func restorePostgres(ctx context.Context, storeURL, file string, c press.Contents, taken, now time.Time) (press.Restored, error) {
	var done press.Restored
	s, err := connect(ctx, storeURL, nil)
	if err != nil {
		return done, err
	}
	err = s.load(ctx, file, c, now)
	if err == nil {
		done, err = s.restored(ctx, taken, now)
	}
	return done, errors.Join(err, s.Close())
}

// load puts the rows into the empty store. They come all or none, and from
// before they come nobody can open the store.
func (s *Store) load(ctx context.Context, file string, c press.Contents, now time.Time) error {
	loaded, err := s.begun(ctx)
	if err != nil {
		return err
	}
	if loaded {
		return s.same(ctx, c, true)
	}
	for _, step := range []func() error{
		func() error { return s.empty(ctx) },
		func() error { return s.unserved(ctx, now) },
		func() error { return s.migrateTo(ctx, c.Schema) },
		func() error { return s.tune(ctx) },
		func() error { return s.alone(ctx) },
		func() error {
			return s.program(ctx, "pg_restore", "--data-only", "--single-transaction", "--exit-on-error", "--no-password", file)
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return s.same(ctx, c, false)
}

// unserved says which daemon works with the store.
func (s *Store) unserved(ctx context.Context, now time.Time) error {
	tables, err := s.tables(ctx, s.db)
	if err != nil || !slices.Contains(tables, "daemons") {
		return err
	}
	var hosts []string
	err = s.db.SelectContext(ctx, &hosts, fmt.Sprintf(`SELECT host FROM daemons WHERE seen_us > %s - %d`, s.nowUS(now), silentAfter.Microseconds()))
	if err == nil && len(hosts) > 0 {
		err = fmt.Errorf("a daemon on %s serves from this store; stop it first", strings.Join(hosts, ", "))
	}
	return err
}

// begun tells whether a restore into this store has come as far as its rows.
func (s *Store) begun(ctx context.Context) (bool, error) {
	tables, err := s.tables(ctx, s.db)
	if err != nil || !slices.Contains(tables, "settings") {
		return false, err
	}
	marked, err := s.restoring(ctx)
	if err != nil || !marked {
		return false, err
	}
	return s.empty(ctx) != nil, nil
}

func (s *Store) restoring(ctx context.Context) (bool, error) {
	var n int
	err := s.db.GetContext(ctx, &n, s.db.Rebind(`SELECT COUNT(*) FROM settings WHERE name = ?`), restoring)
	return n > 0, err
}

// migrateTo gives an empty store the schema that the backup was made of.
func (s *Store) migrateTo(ctx context.Context, version int64) error {
	p, err := goose.NewProvider(s.dialect(), s.db.DB, migrations.Files)
	if err != nil {
		return err
	}
	have, want, err := p.GetVersions(ctx)
	switch {
	case err != nil:
		return err
	case version > want:
		return fmt.Errorf("the backup's schema is version %d and this program knows %d; use the newer program", version, want)
	case have > version:
		_, err = p.DownTo(ctx, version)
	case have < version:
		_, err = p.UpTo(ctx, version)
	}
	return err
}

// alone keeps everybody else from the store, and takes away what only its having
// been opened left there.
func (s *Store) alone(ctx context.Context) error {
	tables, err := s.tables(ctx, s.db)
	if err != nil {
		return err
	}
	for _, table := range opened() {
		if !slices.Contains(tables, table) {
			continue
		}
		if _, err := s.db.ExecContext(ctx, `DELETE FROM `+table); err != nil {
			return err
		}
	}
	_, err = s.db.ExecContext(ctx, s.db.Rebind(`INSERT INTO settings (name, value) VALUES (?, 'a restore has begun and not ended')`), restoring)
	return err
}

// usable says whether a restore into this store has not ended.
func (s *Store) usable(ctx context.Context) error {
	marked, err := s.restoring(ctx)
	if err == nil && marked {
		err = errors.New("opening the store: a restore into it has begun and not ended; run `dateline restore` with the same file again")
	}
	return err
}
