package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"dateline/migrations"
)

// OpenToLook opens a store for one that only reads, such as a check that must
// leave no trace. It makes no file, runs no migration, and the database refuses
// every change. The store must be there, and have the schema of this program;
// the error says which of these it is not. A server that does not answer is given
// up after a second.
func OpenToLook(ctx context.Context, storeURL string) (*Store, error) {
	s, err := connectToLook(ctx, storeURL)
	if err != nil {
		return nil, err
	}
	if err := s.wantSchema(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func connectToLook(ctx context.Context, storeURL string) (*Store, error) {
	path, is := SQLiteFile(storeURL)
	if !is {
		// The driver heeds the context until the server takes the call, and then its own limit.
		s, err := connect(ctx, storeURL, map[string]string{"default_transaction_read_only": "on", "connect_timeout": "1"})
		if err != nil {
			return nil, err
		}
		s.looks = true
		return s, nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no store at %s yet", path)
	}
	how := "mode=ro&_pragma=busy_timeout(1000)&_pragma=query_only(ON)"
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		// Nobody has the file open. A reader that looked out for others would
		// leave the files that they meet by.
		how += "&immutable=1"
	}
	db, err := openSQLite(path, how)
	if err != nil {
		return nil, fmt.Errorf("opening the store %s to read: %w", path, err)
	}
	if err := db.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("opening the store %s to read: %w", path, errors.Join(err, db.Close()))
	}
	return &Store{db: db, file: path, looks: true, writer: make(chan struct{}, 1)}, nil
}

// wantSchema refuses a store whose schema is another than this program's, unless
// a newer program has made it and says that this one can work on it.
func (s *Store) wantSchema(ctx context.Context) error {
	fail := func(err error) error { return fmt.Errorf("reading the store's schema version: %w", err) }
	versions, err := database.NewStore(s.dialect(), goose.DefaultTablename)
	if err != nil {
		return fail(err)
	}
	have, err := versions.GetLatestVersion(ctx, s.db)
	if err != nil {
		return fail(err)
	}
	want := migrations.Newest()
	if have > want {
		return s.ourAge(ctx, have, want)
	}
	if have != want {
		return fmt.Errorf("the store's schema is version %d and this program's %d", have, want)
	}
	return nil
}
