package store

import (
	"context"
	"database/sql"
	"io/fs"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"dateline/internal/press"
)

// DB lets the suite look at the tables, and break the rules that the methods keep.
func (s *Store) DB() *sqlx.DB { return s.db }

// DueQuery is the statement by which a claim finds what is due.
const DueQuery = dueQuery

// OpenAsProgram is OpenAndMigrate by a program with other migrations than ours.
func OpenAsProgram(ctx context.Context, storeURL string, files fs.FS, oldest int64) (*Store, []string, error) {
	return openWith(ctx, storeURL, schema{files: files, oldest: oldest})
}

// DeliveriesWithin is Deliveries with a budget of so many deliveries.
func (s *Store) DeliveriesWithin(ctx context.Context, f press.DeliveryFilter, after press.ID, limit, look int) (press.DeliveryPage, error) {
	return s.deliveries(ctx, f, after, limit, budget{rows: look})
}

// AsText is what a relay's words are in the store.
func AsText(s string) string { return asText(s) }

// SlowPage is a page over a source whose first step finds nothing, and whose
// next one takes as long as it is let; how many steps there were.
func SlowPage(ctx context.Context) (page press.DeliveryPage, steps int, err error) {
	src := source{newest: lastID(), step: func(ctx context.Context, _ press.ID, _, _ int) (seen, error) {
		if steps++; steps == 1 {
			return seen{last: press.ID{5}}, nil
		}
		<-ctx.Done()
		return seen{}, ctx.Err()
	}}
	page, err = src.page(ctx, press.ID{}, 10, budget{time: pageBudget, began: time.Now()})
	return page, steps, err
}

// RareStateQuery is the statement that finds the copies in a state by the trail.
func RareStateQuery(state press.State) string {
	return indexesFor(press.DeliveryFilter{States: []press.State{state}})[0].query()
}

// ContactsWithin is ContactPage with a budget of so many contacts.
func (s *Store) ContactsWithin(ctx context.Context, f press.ContactFilter, after press.ID, limit, look int) (press.Page[press.Contact, press.ID], error) {
	return s.contactPage(ctx, f, after, limit, budget{rows: look})
}

// SuppressionsWithin is SuppressionPage with a budget of so many suppressions.
func (s *Store) SuppressionsWithin(ctx context.Context, f press.SuppressionFilter, after press.Suppression, limit, look int) (press.Page[press.Suppression, press.Suppression], error) {
	return s.suppressionPage(ctx, f, after, limit, budget{rows: look})
}

// ReportsWithin is ReportPage with a budget of so many reports.
func (s *Store) ReportsWithin(ctx context.Context, f press.ReportFilter, after press.ID, limit, look int) (press.Page[press.ReportEntry, press.ID], error) {
	return s.reportPage(ctx, f, after, limit, budget{rows: look})
}

// OpenExplained opens a store on PostgreSQL that tells how it goes about each
// statement, by auto_explain.
func OpenExplained(ctx context.Context, storeURL string, hear func(*pq.Error)) (*Store, error) {
	s, err := connect(ctx, storeURL, map[string]string{
		"session_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0", "auto_explain.log_level": "notice",
	})
	if err != nil {
		return nil, err
	}
	dialled := s.url
	if err := s.Close(); err != nil {
		return nil, err
	}
	connector, err := pq.NewConnector(dialled)
	if err != nil {
		return nil, err
	}
	s = &Store{db: sqlx.NewDb(sql.OpenDB(pq.ConnectorWithNoticeHandler(connector, hear)), "postgres"), postgres: true, url: dialled}
	return s, nil
}
