package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"dateline/internal/press"
)

// Store is an open database. It is safe for concurrent use.
type Store struct {
	db       *sqlx.DB
	postgres bool
	file     string // of SQLite
	url      string // of PostgreSQL, with its password
	prepared prepared
	looks    bool          // and changes nothing
	writer   chan struct{} // SQLite has one writer: in this process it waits here, not in the busy handler's sleeps
}

// sqlitePragmas: a commit is on disk when it returns (FULL), readers never
// wait for the writer (WAL), a second writer waits its turn. A step changes
// as many pages as it has rows, since the keys of addresses lie all over their
// index: a cache of 16 MiB holds them, what a statement may have to undo stays in
// memory, and a page that changes again and again goes into the file only when the
// log has 16 MB.
const sqlitePragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)&_txlock=immediate" +
	"&_pragma=cache_size(-16384)&_pragma=temp_store(MEMORY)&_pragma=wal_autocheckpoint(4000)"

// Open opens the store that a URL names, sqlite:///path or postgres://…, and
// brings its schema up to date. A schema that a newer program has made is taken as
// it is where that program says so; the error says where not. So it does where a
// daemon of an older version is at work, for which the new schema would not do.
func Open(ctx context.Context, storeURL string) (*Store, error) {
	s, _, err := OpenAndMigrate(ctx, storeURL)
	return s, err
}

// OpenAndMigrate is Open, and tells which migrations it ran.
func OpenAndMigrate(ctx context.Context, storeURL string) (*Store, []string, error) {
	return openWith(ctx, storeURL, ours())
}

func openWith(ctx context.Context, storeURL string, to schema) (*Store, []string, error) {
	s, err := connect(ctx, storeURL, nil)
	if err != nil {
		return nil, nil, err
	}
	ran, err := s.migrate(ctx, to)
	if err == nil && len(ran) > 0 {
		err = s.tune(ctx)
	}
	if err == nil {
		err = s.usable(ctx)
	}
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return s, ran, nil
}

// idleLimit ends a transaction in which nothing is asked any more: a daemon
// that is stopped within one must not keep its rows from the others.
const idleLimit = "idle_in_transaction_session_timeout"

// compiles is whether PostgreSQL makes machine code of a long statement before it
// runs it. To count a release of 250,000 took 2 s with that, most of it to compile.
const compiles = "jit"

// SQLiteFile is the path that a store's URL names; false where it is not SQLite's.
func SQLiteFile(storeURL string) (string, bool) {
	path, is := strings.CutPrefix(storeURL, "sqlite:")
	return strings.TrimPrefix(path, "//"), is
}

// connect opens a database. Settings are what PostgreSQL's sessions begin with,
// besides what the URL says.
func connect(ctx context.Context, storeURL string, settings map[string]string) (*Store, error) {
	if path, is := SQLiteFile(storeURL); is {
		return connectSQLite(ctx, path)
	}
	u, err := url.Parse(storeURL)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return nil, errors.New("opening the store: its URL is neither sqlite:///path nor postgres://user@host/database")
	}
	dialled, query := *u, u.Query()
	if !query.Has("binary_parameters") {
		query.Set("binary_parameters", "yes") // one round trip a statement, not two
	}
	if !query.Has(idleLimit) {
		query.Set(idleLimit, "10000") // milliseconds
	}
	if !query.Has(compiles) {
		query.Set(compiles, "off")
	}
	for name, value := range settings {
		query.Set(name, value)
	}
	dialled.RawQuery = query.Encode()
	connector, err := pq.NewConnector(dialled.String())
	if err != nil {
		return nil, fmt.Errorf("opening the store at %s: %w", withoutPassword(u), err)
	}
	connector.Dialer(dialer{})
	db := sqlx.NewDb(sql.OpenDB(connector), "postgres")
	if err := db.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("opening the store at %s: %w", withoutPassword(u), errors.Join(err, db.Close()))
	}
	db.SetMaxOpenConns(16)
	return &Store{db: db, postgres: true, url: dialled.String()}, nil
}

// withoutPassword shows a URL; libpq's URLs may have the password among the
// parameters, too.
func withoutPassword(u *url.URL) string {
	query := u.Query()
	for name := range query {
		if strings.Contains(name, "password") {
			query.Set(name, "xxxxx")
		}
	}
	safe := *u
	safe.RawQuery = query.Encode()
	return safe.Redacted()
}

func connectSQLite(ctx context.Context, path string) (*Store, error) {
	fail := func(err error) (*Store, error) {
		return nil, fmt.Errorf("opening the store %s: %w; its folder must exist or be one that can be made, and be writable", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fail(err)
	}
	// Made by us, so that nobody else may read it and a read-only folder is told at once.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fail(err)
	}
	if err := f.Close(); err != nil {
		return fail(err)
	}
	db, err := openSQLite(path, sqlitePragmas)
	if err != nil {
		return fail(err)
	}
	db.SetMaxOpenConns(8)
	if err := pingSQLite(ctx, db); err != nil {
		return fail(errors.Join(err, db.Close()))
	}
	return &Store{db: db, file: path, writer: make(chan struct{}, 1)}, nil
}

func openSQLite(path, how string) (*sqlx.DB, error) {
	sqlx.BindDriver("sqlite", sqlx.QUESTION)
	return sqlx.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+how)
}

// pingSQLite makes the first connection. Where two processes open a fresh file
// at once, one of them turns its journal to WAL and the other is refused,
// without the wait that busy_timeout gives elsewhere; so it waits here.
func pingSQLite(ctx context.Context, db *sqlx.DB) error {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for tries := 0; ; tries++ {
		err := db.PingContext(ctx)
		if err == nil || tries == 100 || !strings.Contains(err.Error(), "SQLITE_BUSY") {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-again.C:
		}
	}
}

// Close closes the database.
func (s *Store) Close() error { return s.db.Close() }

// File is the path of the SQLite file, or "" for PostgreSQL.
func (s *Store) File() string { return s.file }

// BindKeyring holds the store to one keyring: the first one that it meets.
func (s *Store) BindKeyring(ctx context.Context, ring press.Keyring) error {
	const insert = `INSERT INTO settings (name, value) VALUES ('keyring', ?) ON CONFLICT (name) DO NOTHING`
	if _, err := s.db.ExecContext(ctx, s.db.Rebind(insert), ring.Fingerprint()); err != nil {
		return fmt.Errorf("binding the keyring: %w", err)
	}
	bound, err := s.Keyring(ctx)
	if err != nil {
		return err
	}
	if bound != ring.Fingerprint() {
		return fmt.Errorf("the keys file (%s) is not the one that this store was begun with (%s); put the right one back", ring.Fingerprint(), bound)
	}
	return nil
}

// Keyring is the fingerprint of the keyring that the store is held to; "" where
// it has met none.
func (s *Store) Keyring(ctx context.Context) (string, error) {
	var bound []string
	if err := s.db.SelectContext(ctx, &bound, `SELECT value FROM settings WHERE name = 'keyring'`); err != nil {
		return "", fmt.Errorf("reading which keyring the store has: %w", err)
	}
	return strings.Join(bound, ""), nil
}

// NewID makes a UUIDv7, later than every one that this process made before.
func NewID() press.ID { return press.ID(uuid.Must(uuid.NewV7())) }

// tx runs one transaction, and names what it was doing when it failed.
func (s *Store) tx(ctx context.Context, doing string, f func(*sqlx.Tx) error) error {
	if err := s.txOnce(ctx, doing, f); err != nil {
		return err
	}
	s.prepareNext(ctx)
	return nil
}

func (s *Store) txOnce(ctx context.Context, doing string, f func(*sqlx.Tx) error) error {
	if !s.postgres {
		select {
		case s.writer <- struct{}{}:
			defer func() { <-s.writer }()
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", doing, ctx.Err())
		}
	}
	tx, err := s.db.BeginTxx(ctx, &sql.TxOptions{ReadOnly: s.looks}) // else the driver asks PostgreSQL for one that writes
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if err := f(tx); err != nil {
		return fmt.Errorf("%s: %w", doing, errors.Join(err, ignoreDone(tx.Rollback())))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// rows gives n value groups of width columns: (?, ?), (?, ?).
func rows(n, width int) string {
	group := "(" + strings.TrimSuffix(strings.Repeat("?, ", width), ", ") + ")"
	return strings.TrimSuffix(strings.Repeat(group+", ", n), ", ")
}
