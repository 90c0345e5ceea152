package store

import (
	"context"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// DB lets the suite look at the tables, and break the rules that the methods keep.
func (s *Store) DB() *sqlx.DB { return s.db }

// DueQuery is the statement by which a claim finds what is due.
const DueQuery = dueQuery

// DeliveriesWithin is Deliveries with a budget of so many deliveries.
func (s *Store) DeliveriesWithin(ctx context.Context, f press.DeliveryFilter, after press.ID, limit, look int) (press.DeliveryPage, error) {
	return s.deliveries(ctx, f, after, limit, budget{rows: look})
}

// AsText is what a relay's words are in the store.
func AsText(s string) string { return asText(s) }
