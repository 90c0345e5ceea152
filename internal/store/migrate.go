package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/lib/pq"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"dateline/migrations"
)

// migrate brings the schema up to date and tells which migrations it ran.
func (s *Store) migrate(ctx context.Context) ([]string, error) {
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
	p, err := goose.NewProvider(s.dialect(), s.db.DB, migrations.Files, options...)
	if err != nil {
		return nil, fmt.Errorf("reading the migrations: %w", err)
	}
	// On SQLite two may start at once, too: the slower one fails on what the
	// other has made meanwhile, and finds nothing left to do when it looks again.
	results, err := up(ctx, p)
	for tries := 0; err != nil && !s.postgres && tries < 5; tries++ {
		results, err = up(ctx, p)
	}
	if err != nil {
		return nil, err
	}
	names := make([]string, len(results))
	for i, r := range results {
		names[i] = r.Source.Path
	}
	return names, nil
}

func (s *Store) dialect() goose.Dialect {
	if s.postgres {
		return goose.DialectPostgres
	}
	return goose.DialectSQLite3
}

func up(ctx context.Context, p *goose.Provider) ([]*goose.MigrationResult, error) {
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the store's schema version: %w", err)
	}
	if have > want {
		return nil, fmt.Errorf("the store's schema is version %d and this program knows %d; use the newer program", have, want)
	}
	if have == want {
		return nil, nil
	}
	results, err := p.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("bringing the store's schema from version %d to %d: %w", have, want, err)
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
