package store

import "github.com/jmoiron/sqlx"

// DB lets the suite look at the tables, and break the rules that the methods keep.
func (s *Store) DB() *sqlx.DB { return s.db }

// DueQuery is the statement by which a claim finds what is due.
const DueQuery = dueQuery
