package store

import (
	"context"
	"slices"
	"time"

	"dateline/internal/press"
)

// seen is what a step of a source found.
type seen struct {
	rows []loggedRow // that the filter picks, newest first
	last press.ID    // the oldest delivery that was looked at
	end  bool        // there is none older
	late bool        // it was broken off, and looked at none
}

// source is an order in which deliveries are looked at, newest first.
type source struct {
	newest press.ID // none is newer
	// step looks at n deliveries older than one, and gives up to want of those
	// that the filter picks.
	step func(ctx context.Context, before press.ID, n, want int) (seen, error)
}

// lastID is above every id that is made.
func lastID() press.ID {
	var id press.ID
	for i := range id {
		id[i] = 0xff
	}
	return id
}

// from is where a walk begins that goes on from a delivery, or at the newest.
func (s source) from(after press.ID) press.ID {
	if after.IsZero() || after.Compare(s.newest) > 0 {
		return s.newest
	}
	return after
}

// fewEvents is up to how many events of a span of time are gathered at once.
const fewEvents = 2000

// sourceOf chooses what is walked for a filter: that of which the filter is
// likely to pick most.
func (s *Store) sourceOf(ctx context.Context, f press.DeliveryFilter) (source, error) {
	picks := s.picks(f)
	if !f.Mailbox.IsZero() {
		ids, err := s.copiesFor(ctx, s.db, []press.AddressKey{f.Mailbox})
		return s.listed(picks, ids), err
	}
	if !f.Since.IsZero() || !f.Until.IsZero() {
		ids, few, err := s.fewWithin(ctx, f)
		if err != nil || few {
			return s.listed(picks, ids), err
		}
	}
	from, err := s.span(ctx, f)
	if err != nil {
		return source{}, err
	}
	switch indexes := indexesFor(f); {
	case from.none:
		return s.listed(picks, nil), nil
	case len(indexes) > 0:
		return s.indexed(picks, from, indexes), nil
	case f.Release != "":
		var release conditions
		release.add("d.release = ?", f.Release)
		return s.walked(picks, from, release), nil
	default:
		return s.walked(picks, from, conditions{}), nil
	}
}

// span is between which ids a filter's deliveries are.
type span struct {
	oldest, newest press.ID
	none           bool
}

// clocksApart is by how much the clocks of two machines may differ that make ids.
const clocksApart = time.Minute

func (s *Store) span(ctx context.Context, f press.DeliveryFilter) (span, error) {
	all := span{newest: lastID()}
	if !f.Until.IsZero() { // nothing befell a delivery before it was made
		all.newest = press.FirstID(f.Until.Add(clocksApart))
	}
	if f.Release == "" {
		return all, nil
	}
	var ends []press.ID
	err := s.db.SelectContext(ctx, &ends, s.db.Rebind(`SELECT id FROM (SELECT id FROM deliveries WHERE release = ? ORDER BY id LIMIT 1) AS oldest
		UNION ALL SELECT id FROM (SELECT id FROM deliveries WHERE release = ? ORDER BY id DESC LIMIT 1) AS newest`), f.Release, f.Release)
	if err != nil || len(ends) == 0 {
		all.none = err == nil
		return all, err
	}
	all.oldest = ends[0]
	if after := following(ends[len(ends)-1]); after.Compare(all.newest) < 0 {
		all.newest = after
	}
	return all, nil
}

// following is the id next to one.
func following(id press.ID) press.ID {
	for i := len(id) - 1; i >= 0; i-- {
		if id[i]++; id[i] != 0 {
			break
		}
	}
	return id
}

// walked looks at the deliveries themselves, in the order of an index: that of
// their ids, or that which a condition leads to.
func (s *Store) walked(picks conditions, from span, lead conditions) source {
	return source{newest: from.newest, step: func(ctx context.Context, before press.ID, n, want int) (seen, error) {
		var found seen
		var bounds []press.ID // the oldest of the step
		where, args := lead.with("d.id < ?", before)
		err := s.db.SelectContext(ctx, &bounds, s.db.Rebind(`SELECT d.id FROM deliveries d`+where+` ORDER BY d.id DESC LIMIT 1 OFFSET ?`), append(args, n-1)...)
		if err != nil {
			return found, err
		}
		found.last, found.end = from.oldest, len(bounds) == 0
		if !found.end {
			found.last = bounds[0]
		}
		both := conditions{append(slices.Clone(lead.parts), picks.parts...), append(slices.Clone(lead.args), picks.args...)}
		where, args = both.with("d.id < ? AND d.id >= ?", before, found.last)
		err = s.db.SelectContext(ctx, &found.rows, s.db.Rebind(`SELECT `+deliveryColumns+`, updated_us FROM deliveries d`+where+` ORDER BY d.id DESC LIMIT ?`), append(args, want)...)
		return found, err
	}}
}

// inEventsState is the condition of the index events_state, word by word: SQLite
// uses a partial index only where the statement has it.
const inEventsState = `state IN ('rejected', 'unknown', 'delivered', 'bounced', 'complained', 'skipped', 'cancelled', 'expired')`

// index gives the ids of deliveries in another table's index.
type index struct {
	table string
	where string // and the delivery's id orders it
	args  []any
}

// query reads ids that are lower than one and not below another, so many.
func (x index) query() string {
	return `SELECT DISTINCT delivery_id FROM ` + x.table + ` WHERE ` + x.where + ` AND delivery_id < ? AND delivery_id >= ? ORDER BY delivery_id DESC LIMIT ?`
}

// indexesFor are indexes that have, together, every delivery that a filter
// picks, and few others; none where no filter of that sort is set.
func indexesFor(f press.DeliveryFilter) []index {
	switch {
	case f.Reason != "" && f.Reason != press.ReasonDelivered:
		return []index{{table: "reports", where: "reason = ?", args: []any{string(f.Reason)}}}
	case f.Class == press.Hard || f.Class == press.Soft:
		return []index{{table: "reports", where: "kind = 'bounce' AND class = ?", args: []any{string(f.Class)}}}
	}
	var all []index
	queued := false
	for _, state := range f.States {
		switch state {
		case press.Accepted: // nearly all are
			return nil
		case press.Planned, press.Claimed, press.Sending, press.Deferred:
			if !queued {
				all = append(all, index{table: "queue", where: "1 = 1"})
			}
			queued = true
		default:
			all = append(all, index{table: "events", where: inEventsState + " AND state = " + quoted([]press.State{state})})
		}
	}
	return all
}

// indexed looks at the deliveries that other tables' indexes lead to.
func (s *Store) indexed(picks conditions, from span, indexes []index) source {
	return source{newest: from.newest, step: func(ctx context.Context, before press.ID, n, want int) (seen, error) {
		var ids []press.ID
		for _, x := range indexes {
			var some []press.ID
			args := append(slices.Clone(x.args), before, from.oldest, n)
			err := s.db.SelectContext(ctx, &some, s.db.Rebind(x.query()), args...)
			if err != nil {
				return seen{}, err
			}
			ids = append(ids, some...)
		}
		ids = newestFirst(ids)
		return s.chosen(ctx, picks, ids[:min(n, len(ids))], len(ids) < n, want)
	}}
}

// listed looks at deliveries whose ids are at hand.
func (s *Store) listed(picks conditions, ids []press.ID) source {
	ids = newestFirst(ids)
	return source{newest: lastID(), step: func(ctx context.Context, before press.ID, n, want int) (seen, error) {
		older, _ := slices.BinarySearchFunc(ids, before, func(id, before press.ID) int {
			if id.Compare(before) >= 0 {
				return -1
			}
			return 1
		})
		rest := ids[older:]
		return s.chosen(ctx, picks, rest[:min(n, len(rest))], len(rest) <= n, want)
	}}
}

// newestFirst orders ids, each once.
func newestFirst(ids []press.ID) []press.ID {
	slices.SortFunc(ids, func(a, b press.ID) int { return b.Compare(a) })
	return slices.Compact(ids)
}

// chosen reads those of a step's deliveries that the filter picks. They are put
// in order here: told to, PostgreSQL may walk all deliveries in that order instead.
func (s *Store) chosen(ctx context.Context, picks conditions, ids []press.ID, end bool, want int) (seen, error) {
	found := seen{end: end}
	if len(ids) == 0 {
		return found, nil
	}
	found.last = ids[len(ids)-1]
	these, set := s.among("d.id", ids)
	where, args := picks.with(these, set...)
	err := s.db.SelectContext(ctx, &found.rows, s.db.Rebind(`SELECT `+deliveryColumns+`, updated_us FROM deliveries d`+where), args...)
	slices.SortFunc(found.rows, func(a, b loggedRow) int { return b.ID.Compare(a.ID) })
	found.rows = found.rows[:min(want, len(found.rows))]
	return found, err
}

// fewWithin are the deliveries of which something was written down in a filter's
// span of time, where that are few; false where they are many.
func (s *Store) fewWithin(ctx context.Context, f press.DeliveryFilter) ([]press.ID, bool, error) {
	within := window(f)
	where, args := within.with("1 = 1")
	var ids []press.ID
	err := s.db.SelectContext(ctx, &ids, s.db.Rebind(`SELECT e.delivery_id FROM events e`+where+` ORDER BY e.id LIMIT ?`), append(args, fewEvents+1)...)
	return ids, len(ids) <= fewEvents, err
}
