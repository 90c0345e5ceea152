package store

import (
	"context"
	"fmt"

	"dateline/internal/press"
)

// OutletPage gives a page of the outlets that a filter picks, by country and
// name, from after a place on.
func (s *Store) OutletPage(ctx context.Context, f press.OutletFilter, after press.OutletPlace, limit int) (press.Page[press.OutletRow, press.OutletPlace], error) {
	page, err := s.outletPage(ctx, f, after, limit)
	return page, failing("reading a page of the outlets", err)
}

func (s *Store) outletPage(ctx context.Context, f press.OutletFilter, after press.OutletPlace, limit int) (press.Page[press.OutletRow, press.OutletPlace], error) {
	page := press.Page[press.OutletRow, press.OutletPlace]{Rows: []press.OutletRow{}}
	where, args := s.outletPicks(f).with("(o.country, o.name_key) > (?, ?)", string(after.Country), after.Name)
	var found []struct {
		outletRow
		NameKey string `db:"name_key"`
	}
	limit = max(limit, 1)
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT `+outletColumns+`, o.name_key FROM outlets o`+where+` ORDER BY o.country, o.name_key LIMIT ?`), append(args, limit+1)...)
	if err != nil {
		return page, err
	}
	if len(found) > limit {
		found = found[:limit]
		last := found[limit-1]
		page.More, page.Next = true, press.OutletPlace{Country: press.Country(last.Country), Name: last.NameKey}
	}
	for i := range found {
		page.Rows = append(page.Rows, press.OutletRow{Outlet: found[i].outlet()})
	}
	return page, s.countAt(ctx, page.Rows)
}

// outletPicks are the conditions that a filter sets for an outlet o.
func (s *Store) outletPicks(f press.OutletFilter) conditions {
	var c conditions
	if f.Country != "" {
		c.add("o.country = ?", string(f.Country))
	}
	if f.Kind != "" {
		c.add("o.kind = ?", string(f.Kind))
	}
	if f.Text != "" {
		c.add(s.contains("o.name", f.Text))
	}
	if f.Agreed != nil {
		day := dayText(f.Day)
		in := `(o.agreement_on <> '' AND o.agreement_on <= ? AND (o.agreement_until = '' OR o.agreement_until >= ?))`
		if !*f.Agreed {
			in = "NOT " + in
		}
		c.add(in, day, day)
	}
	return c
}

// countAt adds to outlets how many contacts are at each.
func (s *Store) countAt(ctx context.Context, outlets []press.OutletRow) error {
	if len(outlets) == 0 {
		return nil
	}
	ids := make([]press.ID, len(outlets))
	for i := range outlets {
		ids[i] = outlets[i].ID
	}
	these, set := s.among("outlet_id", ids)
	var found []struct {
		ID press.ID `db:"outlet_id"`
		N  int      `db:"n"`
	}
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT outlet_id, COUNT(*) AS n FROM affiliations WHERE `+these+` GROUP BY outlet_id`), set...)
	n := make(map[press.ID]int, len(found))
	for _, f := range found {
		n[f.ID] = f.N
	}
	for i := range outlets {
		outlets[i].Contacts = n[outlets[i].ID]
	}
	return err
}

// OutletByID reads one outlet; false where there is none.
func (s *Store) OutletByID(ctx context.Context, id press.ID) (press.OutletRow, bool, error) {
	var found []outletRow
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT `+outletColumns+` FROM outlets o WHERE o.id = ?`), id)
	if err != nil || len(found) == 0 {
		return press.OutletRow{}, false, failing("reading an outlet", err)
	}
	rows := []press.OutletRow{{Outlet: found[0].outlet()}}
	if err := s.countAt(ctx, rows); err != nil {
		return press.OutletRow{}, false, fmt.Errorf("counting an outlet's contacts: %w", err)
	}
	return rows[0], true, nil
}

// Unreached lists the outlets of whose copies of a release, in all its sends,
// none arrived, and none is on its way: whatever was cancelled aside.
func (s *Store) Unreached(ctx context.Context, release string) ([]press.Unreached, error) {
	found := []press.Unreached{}
	sum := func(state press.State) string {
		return `SUM(CASE WHEN d.state = '` + string(state) + `' THEN 1 ELSE 0 END) AS ` + string(state)
	}
	lost := quoted([]press.State{press.Bounced, press.Rejected, press.Expired, press.Skipped})
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT d.outlet, MAX(d.outlet_kind) AS outlet_kind, MAX(d.country) AS country, COUNT(*) AS copies,
		`+sum(press.Bounced)+`, `+sum(press.Rejected)+`, `+sum(press.Expired)+`, `+sum(press.Skipped)+`
		FROM deliveries d WHERE d.release = ? AND d.outlet <> '' AND d.state <> 'cancelled' AND `+visible+`
		GROUP BY d.outlet HAVING SUM(CASE WHEN d.state IN (`+lost+`) THEN 0 ELSE 1 END) = 0 ORDER BY copies DESC, d.outlet`), release)
	return found, failing("looking for the outlets that a release has not reached", err)
}
