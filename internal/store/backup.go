package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"dateline/internal/press"
)

// versions is the migrations' own table, which every store fills itself.
const versions = "goose_db_version"

// Backup writes all of the store into a file that exists and is empty, as it is
// at one moment, and tells what is in it; who sends meanwhile is not kept
// waiting. Of SQLite the file is a database, of PostgreSQL the rows in pg_dump's
// custom format; pg_dump must be there, and no older than the server.
func (s *Store) Backup(ctx context.Context, file string) (press.Contents, error) {
	backup := s.backupSQLite
	if s.postgres {
		backup = s.backupPostgres
	}
	c, err := backup(ctx, file)
	if err != nil {
		return c, fmt.Errorf("backing up the store: %w", err)
	}
	return c, nil
}

func (s *Store) backupSQLite(ctx context.Context, file string) (press.Contents, error) {
	if _, err := s.db.ExecContext(ctx, `VACUUM INTO ?`, file); err != nil {
		return press.Contents{}, err
	}
	db, err := openSQLite(file, "mode=ro&immutable=1")
	if err != nil {
		return press.Contents{}, err
	}
	copied := &Store{db: db}
	c, err := copied.contents(ctx, db)
	return c, errors.Join(err, db.Close())
}

func (s *Store) backupPostgres(ctx context.Context, file string) (press.Contents, error) {
	var c press.Contents
	tx, err := s.db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return c, err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `SET LOCAL `+idleLimit+` = 0`); err != nil { // pg_dump takes its time
		return c, err
	}
	if c, err = s.contents(ctx, tx); err != nil {
		return c, err
	}
	var snapshot, schema string
	if err := errors.Join(tx.GetContext(ctx, &snapshot, `SELECT pg_export_snapshot()`), tx.GetContext(ctx, &schema, `SELECT current_schema()`)); err != nil {
		return c, err
	}
	return c, s.program(ctx, "pg_dump", "--format=custom", "--data-only", "--no-password", "--schema="+pq.QuoteIdentifier(schema),
		"--exclude-table="+pq.QuoteIdentifier(schema)+"."+versions, "--snapshot="+snapshot, "--file="+file)
}

// program runs one of PostgreSQL's own on this database. The password is not
// among its arguments, where everybody on the machine could read it.
func (s *Store) program(ctx context.Context, name string, args ...string) error {
	address, password, err := libpq(s.url)
	if err != nil {
		return err
	}
	args = append(args, "--dbname="+address)
	path, err := exec.LookPath(name)
	if err != nil {
		return fmt.Errorf("%s is not on this machine; install PostgreSQL's client programs (Debian: postgresql-client) and run this again. By hand it would be: %s %s", name, name, strings.Join(args, " "))
	}
	c := exec.CommandContext(ctx, path, args...)
	c.Env = append(c.Environ(), "PGPASSWORD="+password)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// libpq gives a store's URL as PostgreSQL's programs take it, and the password
// apart. They know fewer parameters than we set.
func libpq(storeURL string) (address, password string, err error) {
	u, err := url.Parse(storeURL)
	if err != nil {
		return "", "", errors.New("the store's URL cannot be read") // it may hold a password
	}
	known := []string{"host", "hostaddr", "port", "user", "dbname", "sslmode", "sslcert", "sslkey", "sslrootcert", "connect_timeout"}
	query := url.Values{}
	for name, values := range u.Query() {
		if slices.Contains(known, name) {
			query[name] = values
		}
	}
	password = u.Query().Get("password")
	if p, set := u.User.Password(); set {
		password = p
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	u.RawQuery = query.Encode()
	return u.String(), password, nil
}

// contents counts what is in the store.
func (s *Store) contents(ctx context.Context, q sqlx.QueryerContext) (press.Contents, error) {
	c := press.Contents{Kind: "sqlite", Rows: map[string]int64{}}
	if s.postgres {
		c.Kind = "postgres"
	}
	tables, err := s.tables(ctx, q)
	if err != nil {
		return c, err
	}
	for _, table := range tables {
		var n int64
		if err := sqlx.GetContext(ctx, q, &n, `SELECT COUNT(*) FROM `+pq.QuoteIdentifier(table)); err != nil {
			return c, err
		}
		c.Rows[table] = n
	}
	var keyring []string
	err = errors.Join(
		sqlx.GetContext(ctx, q, &c.Schema, `SELECT COALESCE(MAX(version_id), 0) FROM `+versions+` WHERE is_applied`),
		sqlx.SelectContext(ctx, q, &keyring, `SELECT value FROM settings WHERE name = 'keyring'`))
	c.Keyring = strings.Join(keyring, "")
	return c, err
}

// tables names the store's tables, but for the migrations' own.
func (s *Store) tables(ctx context.Context, q sqlx.QueryerContext) ([]string, error) {
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> '` + versions + `' ORDER BY name`
	if s.postgres {
		query = `SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename <> '` + versions + `' ORDER BY tablename`
	}
	var tables []string
	err := sqlx.SelectContext(ctx, q, &tables, query)
	return tables, err
}
