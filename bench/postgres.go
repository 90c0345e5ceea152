package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"time"

	"github.com/lib/pq"

	"dateline/internal/testenv"
)

// postgres is a private server that keeps its promises to the disk, as Debian
// sets it up and that of the tests does not.
type postgres struct {
	server *testenv.Server
	url    *url.URL
	db     *sql.DB
	made   int
}

func startPostgres(ctx context.Context) (*postgres, error) {
	server, err := testenv.StartServer()
	if err != nil {
		return nil, err
	}
	p := &postgres{server: server}
	if err := p.set(ctx); err != nil {
		_ = p.stop() // the first failure says more
		return nil, fmt.Errorf("setting up the PostgreSQL server: %w", err)
	}
	return p, nil
}

func (p *postgres) set(ctx context.Context) (err error) {
	if p.url, err = url.Parse(p.server.URL()); err != nil {
		return err
	}
	connector, err := pq.NewConnector(p.url.String())
	if err != nil {
		return err
	}
	p.db = sql.OpenDB(connector)
	for _, statement := range []string{"ALTER SYSTEM SET fsync = on", "ALTER SYSTEM SET full_page_writes = on", "SELECT pg_reload_conf()"} {
		if _, err := p.db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		var synced bool
		err := p.db.QueryRowContext(ctx, "SELECT bool_and(setting = 'on') FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')").Scan(&synced)
		if err != nil || synced {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// database makes an empty database and gives its URL and what removes it.
func (p *postgres) database(ctx context.Context) (string, func(context.Context) error, error) {
	p.made++
	name := fmt.Sprintf("bench_%d", p.made)
	if _, err := p.db.ExecContext(ctx, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return "", nil, fmt.Errorf("making a database: %w", err)
	}
	own := *p.url
	own.Path = "/" + name
	return own.String(), func(ctx context.Context) error {
		if _, err := p.db.ExecContext(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			return fmt.Errorf("removing a database: %w", err)
		}
		return nil
	}, nil
}

func (p *postgres) stop() error {
	if p.db != nil {
		_ = p.db.Close() // its server ends with it
	}
	return p.server.Stop()
}
