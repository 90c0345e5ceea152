package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"time"

	"github.com/lib/pq"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"dateline/migrations"
)

// schema is the migrations of a program, and the oldest version of the schema for
// which programs were made that can work on what they make.
type schema struct {
	files  fs.FS
	oldest int64
}

func ours() schema { return schema{files: migrations.Files, oldest: migrations.Oldest} }

// migrate brings the schema up to date and tells which migrations it ran. A store
// that a newer program has brought further is left as it is, if the newer one
// says that this one can work on it.
func (s *Store) migrate(ctx context.Context, to schema) ([]string, error) {
	p, err := s.provider(s.db.DB, to)
	if err != nil {
		return nil, err
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the store's schema version: %w", err)
	}
	done := func() error { return nil }
	if s.postgres && have < want {
		if p, done, err = s.migrating(ctx, to); err != nil {
			return nil, err
		}
	}
	results, err := s.upAmongOthers(ctx, p, to.oldest)
	if err := errors.Join(err, done()); err != nil {
		return nil, err
	}
	names := make([]string, len(results))
	for i, r := range results {
		names[i] = r.Source.Path
	}
	return names, nil
}

func (s *Store) provider(db *sql.DB, to schema) (*goose.Provider, error) {
	var options []goose.ProviderOption
	if s.postgres {
		// Two daemons may start at once: one migrates, the other looks again
		// every second, for five minutes.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return nil, fmt.Errorf("preparing the migrations' lock: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(s.dialect(), db, to.files, options...)
	if err != nil {
		return nil, fmt.Errorf("reading the migrations: %w", err)
	}
	return p, nil
}

// migrating opens PostgreSQL for migrations. They wait for a table no longer than
// half a second: daemons that are at work wait behind them meanwhile, and after a
// second one of these would be taken for the other side of a deadlock.
func (s *Store) migrating(ctx context.Context, to schema) (p *goose.Provider, done func() error, err error) {
	m, err := connect(ctx, s.url, map[string]string{"lock_timeout": "500"}) // milliseconds
	if err != nil {
		return nil, nil, err
	}
	p, err = s.provider(m.db.DB, to)
	if err != nil {
		return nil, nil, errors.Join(err, m.Close())
	}
	return p, m.Close, nil
}

// How often a migration tries to get hold of tables that daemons work with, and
// how long it leaves them to it in between.
const (
	migrationTries = 120
	migrationPause = 250 * time.Millisecond
)

// upAmongOthers is up, tried again where others were in the way. What a migration
// has done till then is undone. On SQLite two may start at once, too: the slower
// one fails on what the other has made meanwhile, and finds nothing left to do.
func (s *Store) upAmongOthers(ctx context.Context, p *goose.Provider, oldest int64) ([]*goose.MigrationResult, error) {
	var all []*goose.MigrationResult
	for tries := 1; ; tries++ {
		results, err := s.up(ctx, p, oldest)
		var part *goose.PartialError
		if errors.As(err, &part) {
			results = part.Applied
		}
		all = append(all, results...)
		switch {
		case err == nil:
			return all, nil
		case s.postgres && (!taken(err) || tries == migrationTries), !s.postgres && tries == 6:
			return nil, err
		}
		if s.postgres {
			pause := time.NewTimer(migrationPause/2 + rand.N(migrationPause))
			select {
			case <-ctx.Done():
				pause.Stop()
				return nil, err
			case <-pause.C:
			}
		}
	}
}

func (s *Store) dialect() goose.Dialect {
	if s.postgres {
		return goose.DialectPostgres
	}
	return goose.DialectSQLite3
}

func (s *Store) up(ctx context.Context, p *goose.Provider, oldest int64) ([]*goose.MigrationResult, error) {
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the store's schema version: %w", err)
	}
	if have > want {
		return nil, s.ourAge(ctx, have, want)
	}
	fail := func(err error) ([]*goose.MigrationResult, error) {
		return nil, fmt.Errorf("bringing the store's schema from version %d to %d: %w", have, want, err)
	}
	var results []*goose.MigrationResult
	if have > 0 {
		// Before anything is taken away: a daemon that starts now must know.
		err = s.closeTo(ctx, have, oldest)
	}
	if err == nil && have < want {
		results, err = p.Up(ctx)
	}
	if err == nil && have == 0 {
		err = s.keepOldest(ctx, oldest)
	}
	if err != nil {
		return fail(err)
	}
	return results, nil
}

// CreateSchema makes a schema in a PostgreSQL database, for a store that must
// not meet what is there already; name it as search_path in the URL to use it.
func CreateSchema(ctx context.Context, storeURL, schema string) error {
	s, err := connect(ctx, storeURL, nil)
	if err != nil {
		return err
	}
	_, err = s.db.ExecContext(ctx, "CREATE SCHEMA "+pq.QuoteIdentifier(schema))
	if err != nil {
		err = fmt.Errorf("making the schema %s: %w", schema, err)
	}
	return errors.Join(err, s.Close())
}
