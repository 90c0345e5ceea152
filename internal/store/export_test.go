package store

import "github.com/jmoiron/sqlx"

// DB lets the suite look at the tables, and break the rules that the methods keep.
func (s *Store) DB() *sqlx.DB { return s.db }
