package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// importAbandoned is how long after its last sign of life an import counts as
// broken off for good.
const importAbandoned = 24 * time.Hour

// BeginImport notes that an import begins to write. An earlier one of the same
// file that was broken off is completed by it, and old ones are forgotten.
func (s *Store) BeginImport(ctx context.Context, file string, total int, now time.Time) (press.ID, error) {
	id := NewID()
	return id, s.tx(ctx, "beginning an import", func(tx *sqlx.Tx) error {
		const quiet = 30 * time.Second // longer than any batch takes: nobody is writing it
		if err := s.run(ctx, tx, `DELETE FROM imports WHERE file = ? AND seen_us < ? OR seen_us < ?`,
			[]any{asText(file), micros(now.Add(-quiet)), micros(now.Add(-importAbandoned))}); err != nil {
			return err
		}
		return s.run(ctx, tx, `INSERT INTO imports (id, file, started_us, seen_us, total, written) VALUES (?, ?, ?, ?, ?, 0)`,
			[]any{id[:], asText(file), micros(now), micros(now), int64(total)})
	})
}

// countPeople has PostgreSQL count contacts: by what it knew of them before, it
// would read all of them for each batch of an import until it counts by itself.
// It is done in no transaction, which would keep others' counting waiting.
func (s *Store) countPeople(ctx context.Context) error {
	if !s.postgres {
		return nil
	}
	_, err := s.db.ExecContext(ctx, `ANALYZE contacts, addresses, affiliations, outlets`)
	return failing("counting what was imported", err)
}

// EndImport notes that an import is whole, and has it counted.
func (s *Store) EndImport(ctx context.Context, id press.ID) error {
	if err := s.countPeople(ctx); err != nil {
		return err
	}
	return s.tx(ctx, "ending an import", func(tx *sqlx.Tx) error {
		return s.run(ctx, tx, `DELETE FROM imports WHERE id = ?`, []any{id[:]})
	})
}

// Imports lists the imports that have begun to write and not ended, the oldest
// first.
func (s *Store) Imports(ctx context.Context, now time.Time) ([]press.ImportUnderWay, error) {
	var found []struct {
		ID        press.ID `db:"id"`
		File      string   `db:"file"`
		StartedUS int64    `db:"started_us"`
		SeenUS    int64    `db:"seen_us"`
		Total     int      `db:"total"`
		Written   int      `db:"written"`
	}
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT id, file, started_us, seen_us, total, written FROM imports WHERE seen_us >= ? ORDER BY id`), micros(now.Add(-importAbandoned)))
	if err != nil {
		return nil, fmt.Errorf("reading which imports are under way: %w", err)
	}
	all := make([]press.ImportUnderWay, len(found))
	for i, f := range found {
		all[i] = press.ImportUnderWay{ID: f.ID, File: f.File, Started: instant(f.StartedUS), Seen: instant(f.SeenUS), Total: f.Total, Written: f.Written}
	}
	return all, nil
}

// SaveMapping keeps what an export's own column names mean, under a name.
func (s *Store) SaveMapping(ctx context.Context, name string, columns map[string]string) error {
	data, err := json.Marshal(columns)
	if err != nil {
		return fmt.Errorf("saving a mapping: %w", err)
	}
	return s.tx(ctx, "saving a mapping", func(tx *sqlx.Tx) error {
		return s.run(ctx, tx, `INSERT INTO mappings (name, columns) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET columns = excluded.columns`, []any{name, string(data)})
	})
}

// RemoveMapping forgets a mapping; false where there was none.
func (s *Store) RemoveMapping(ctx context.Context, name string) (bool, error) {
	n := int64(0)
	err := s.tx(ctx, "removing a mapping", func(tx *sqlx.Tx) error {
		res, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM mappings WHERE name = ?`), name)
		if err != nil {
			return err
		}
		n, err = res.RowsAffected()
		return err
	})
	return n > 0, err
}

// Mappings gives all mappings, by their names.
func (s *Store) Mappings(ctx context.Context) (map[string]map[string]string, error) {
	var found []struct {
		Name    string `db:"name"`
		Columns string `db:"columns"`
	}
	if err := s.db.SelectContext(ctx, &found, `SELECT name, columns FROM mappings`); err != nil {
		return nil, fmt.Errorf("reading the mappings: %w", err)
	}
	all := make(map[string]map[string]string, len(found))
	for _, f := range found {
		var columns map[string]string
		if err := json.Unmarshal([]byte(f.Columns), &columns); err != nil {
			return nil, fmt.Errorf("reading the mapping %s: %w", f.Name, err)
		}
		all[f.Name] = columns
	}
	return all, nil
}
