package store

import (
	"context"
	"database/sql"
	"sync"

	"github.com/jmoiron/sqlx"
)

// prepared keeps the statements of the ledger's steps prepared, on each
// connection: to read and plan them anew costs more than to run them for a few
// rows. Only texts of which there are few come here, none that grows with its
// arguments.
type prepared struct {
	mu   sync.Mutex
	kept map[string]*sqlx.Stmt // nil: met once, or being prepared
	next []string              // to be prepared once no transaction holds a connection
}

// of is the statement prepared, or nil where it is not yet.
func (p *prepared) of(query string) *sqlx.Stmt {
	p.mu.Lock()
	defer p.mu.Unlock()
	stmt, met := p.kept[query]
	if stmt == nil && !met {
		if p.kept == nil {
			p.kept = map[string]*sqlx.Stmt{}
		}
		p.kept[query] = nil
		p.next = append(p.next, query)
	}
	return stmt
}

// due takes what is to be prepared.
func (p *prepared) due() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := p.next
	p.next = nil
	return next
}

// prepareNext prepares what the last transactions met. It must not run within
// one, since it takes a connection of its own. A statement that cannot be
// prepared now goes on without.
func (s *Store) prepareNext(ctx context.Context) {
	for _, query := range s.prepared.due() {
		stmt, err := s.db.PreparexContext(ctx, query) //nolint:sqlclosecheck // open as long as the store is
		s.prepared.mu.Lock()
		if err == nil {
			s.prepared.kept[query] = stmt
		} else {
			delete(s.prepared.kept, query) // it is met again
		}
		s.prepared.mu.Unlock()
	}
}

// read is SelectContext by a statement that is kept prepared.
func (s *Store) read(ctx context.Context, tx *sqlx.Tx, into any, query string, args ...any) error {
	query = s.db.Rebind(query)
	if stmt := s.prepared.of(query); stmt != nil {
		own := tx.StmtxContext(ctx, stmt)
		defer own.Close()
		return own.SelectContext(ctx, into, args...)
	}
	return tx.SelectContext(ctx, into, query, args...)
}

// run is ExecContext by a statement that is kept prepared, once for each of
// these rows of arguments.
func (s *Store) run(ctx context.Context, tx *sqlx.Tx, query string, rows ...[]any) error {
	query = s.db.Rebind(query)
	exec := func(args []any) (sql.Result, error) { return tx.ExecContext(ctx, query, args...) }
	if stmt := s.prepared.of(query); stmt != nil {
		own := tx.StmtxContext(ctx, stmt)
		defer own.Close()
		exec = func(args []any) (sql.Result, error) { return own.ExecContext(ctx, args...) }
	}
	for _, args := range rows {
		if _, err := exec(args); err != nil {
			return err
		}
	}
	return nil
}
