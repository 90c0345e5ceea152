package store

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"dateline/internal/press"
)

// budget is how much a page may look through before it answers with what it has.
type budget struct {
	rows  int           // deliveries; 0: any number
	time  time.Duration // 0: any
	began time.Time
}

// A page answers within 100 ms, whatever it is asked for: after pageBudget it
// begins no further step, and a step that is late by more is broken off.
const (
	pageBudget = 60 * time.Millisecond
	lateness   = 15 * time.Millisecond
)

// Steps in which a page looks: the first is small, since most pages are full
// after it; the others grow while there is time.
const (
	firstStep = 500
	lastStep  = 50_000
)

func (b budget) spent(looked int) bool {
	return b.rows > 0 && looked >= b.rows || b.time > 0 && time.Since(b.began) >= b.time
}

func (b budget) first() int {
	if b.rows > 0 {
		return min(firstStep, b.rows)
	}
	return firstStep
}

// next is how many deliveries the next step looks at: up to four times as many
// as the last one, and no more than half of the time that is left has room for.
func (b budget) next(step, looked int) int {
	step = min(4*step, lastStep)
	if b.time > 0 {
		spent := time.Since(b.began)
		step = min(step, int(float64(looked)/float64(max(spent, 1))*float64(b.time-spent)/2))
	}
	if b.rows > 0 {
		step = min(step, b.rows-looked)
	}
	return max(step, 1)
}

// Deliveries gives a page of what a filter picks, newest first: those older than
// a delivery, or the newest (the zero id). It walks the index that fits the
// filter best, and has a budget: a filter that picks next to nothing of what it
// walks through takes several pages, none of which takes long.
func (s *Store) Deliveries(ctx context.Context, f press.DeliveryFilter, after press.ID, limit int) (press.DeliveryPage, error) {
	return s.deliveries(ctx, f, after, limit, budget{time: pageBudget})
}

// exportPage is how many rows EachDelivery holds at once.
const exportPage = 1000

// EachDelivery gives all that a filter picks, newest first, from after a
// delivery on, a thousand of them in memory at a time. An error is the last.
func (s *Store) EachDelivery(ctx context.Context, f press.DeliveryFilter, after press.ID) iter.Seq2[press.DeliveryRow, error] {
	return func(yield func(press.DeliveryRow, error) bool) {
		for {
			page, err := s.deliveries(ctx, f, after, exportPage, budget{})
			if err != nil {
				yield(press.DeliveryRow{}, err)
				return
			}
			for _, r := range page.Rows {
				if !yield(r, nil) {
					return
				}
			}
			if !page.More {
				return
			}
			after = page.Next
		}
	}
}

func (s *Store) deliveries(ctx context.Context, f press.DeliveryFilter, after press.ID, limit int, b budget) (press.DeliveryPage, error) {
	b.began = time.Now()
	src, err := s.sourceOf(ctx, f)
	var page press.DeliveryPage
	if err == nil {
		page, err = src.page(ctx, after, max(limit, 1), b)
	}
	if err == nil {
		err = s.tellLast(ctx, page.Rows)
	}
	if err != nil {
		return press.DeliveryPage{}, fmt.Errorf("reading the deliveries: %w", err)
	}
	return page, nil
}

// page walks a source until the page is full, there is no more, or the budget ends.
func (s source) page(ctx context.Context, after press.ID, limit int, b budget) (press.DeliveryPage, error) {
	page := press.DeliveryPage{Rows: []press.DeliveryRow{}}
	next, looked := s.from(after), 0
	for step := b.first(); ; step = b.next(step, looked) {
		seen, err := s.within(ctx, b, next, step, limit+1-len(page.Rows), looked > 0)
		if err != nil {
			return page, err
		}
		for i := range seen.rows {
			page.Rows = append(page.Rows, seen.rows[i].row())
		}
		if len(page.Rows) > limit { // one more than asked for tells that there is more
			page.Rows = page.Rows[:limit]
			page.More, page.Next = true, page.Rows[limit-1].ID
			return page, nil
		}
		if seen.end {
			return page, nil
		}
		if !seen.late {
			next = seen.last
			looked += step
		}
		if seen.late || b.spent(looked) {
			page.More, page.Next, page.Looked = true, next, looked
			return page, nil
		}
	}
}

// within is a step that is broken off where it takes much longer than the budget
// has room for: what the last step took tells little of rows that must come from
// the disk. The first one is never broken off, so that each page gets on.
func (s source) within(ctx context.Context, b budget, before press.ID, n, want int, bounded bool) (seen, error) {
	if !bounded || b.time == 0 {
		return s.step(ctx, before, n, want)
	}
	limited, cancel := context.WithDeadline(ctx, b.began.Add(b.time+lateness))
	defer cancel()
	found, err := s.step(limited, before, n, want)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return seen{late: true}, nil
	}
	return found, err
}

// loggedRow is a delivery with when it last changed.
type loggedRow struct {
	deliveryRow
	UpdatedUS int64 `db:"updated_us"`
}

func (r *loggedRow) row() press.DeliveryRow {
	return press.DeliveryRow{
		ID: r.ID, Release: r.Release, Send: r.Send, Contact: r.Contact, Address: press.Address(r.Address), Name: r.Person, Outlet: r.Outlet, OutletKind: press.OutletKind(r.OutletKind),
		Country: press.Country(r.Country), Edition: press.Lang(r.Edition), Due: instant(r.DueUS), State: press.State(r.State), Attempts: r.Attempts, Updated: instant(r.UpdatedUS),
	}
}

// conditions are parts of a WHERE, all of which must hold, with their arguments.
type conditions struct {
	parts []string
	args  []any
}

func (c *conditions) add(part string, args ...any) {
	c.parts, c.args = append(c.parts, part), append(c.args, args...)
}

// with are these conditions and another, as a WHERE.
func (c conditions) with(part string, args ...any) (string, []any) {
	parts := append(append([]string{}, c.parts...), part)
	return ` WHERE ` + strings.Join(parts, " AND "), append(append([]any{}, c.args...), args...)
}

// visible leaves out what no other view shows either: what is being staged, and
// what never left of an approval that another one has taken the place of.
const visible = `d.approval_id NOT IN (SELECT id FROM approvals WHERE state = 'staging')
	AND (d.state NOT IN ('planned', 'claimed', 'deferred', 'cancelled') OR d.approval_id NOT IN (SELECT id FROM approvals WHERE state = 'superseded'))`

// picks are the conditions that a filter sets for a row of deliveries d. What
// other tables must have of it is asked as a value: an EXISTS would let
// PostgreSQL gather all of that table first.
func (s *Store) picks(f press.DeliveryFilter) conditions {
	var c conditions
	equal := func(column, value string) {
		if value != "" {
			c.add("d."+column+" = ?", value)
		}
	}
	equal("release", f.Release)
	equal("country", string(f.Country))
	equal("edition", string(f.Edition))
	equal("outlet", f.Outlet)
	if len(f.States) > 0 {
		c.add("d.state IN (" + quoted(f.States) + ")")
	}
	if !f.Mailbox.IsZero() {
		c.add("d.address_key = ?", f.Mailbox)
	}
	c.add(visible)
	if f.Text != "" {
		condition, arg := s.contains(`d.address || '`+gap+`' || d.person || '`+gap+`' || d.outlet`, f.Text)
		c.add(condition, arg)
	}
	if of := reportOf(f); len(of.parts) > 0 {
		where, args := of.with("r.delivery_id = d.id")
		c.add(`COALESCE((SELECT 1 FROM reports r`+where+` LIMIT 1), 0) = 1`, args...)
	}
	if within := window(f); len(within.parts) > 0 {
		where, args := within.with("e.delivery_id = d.id")
		c.add(`COALESCE((SELECT 1 FROM events e`+where+` LIMIT 1), 0) = 1`, args...)
	}
	return c
}

// reportOf are a filter's conditions for a report r.
func reportOf(f press.DeliveryFilter) conditions {
	var c conditions
	if f.Reason != "" {
		c.add("r.reason = ?", string(f.Reason))
	}
	if f.Class != "" {
		c.add("r.kind = 'bounce'")
		c.add("r.class = ?", string(f.Class))
	}
	return c
}

// window are a filter's conditions for an event e: ids are in the order of time.
func window(f press.DeliveryFilter) conditions {
	var c conditions
	if !f.Since.IsZero() {
		c.add("e.id >= ?", press.FirstID(f.Since))
	}
	if !f.Until.IsZero() {
		c.add("e.id < ?", press.FirstID(f.Until))
	}
	return c
}

// quoted are words of a closed set as SQL has them: an index over some of them
// is used where the statement itself names them.
func quoted[W ~string](words []W) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = "'" + strings.ReplaceAll(string(w), "'", "''") + "'"
	}
	return strings.Join(all, ", ")
}

// tellLast adds to rows what befell them last, and why they came back.
func (s *Store) tellLast(ctx context.Context, rows []press.DeliveryRow) error {
	if len(rows) == 0 {
		return nil
	}
	place, ids := make(map[press.ID]int, len(rows)), make([]press.ID, len(rows))
	for i := range rows {
		place[rows[i].ID], ids[i] = i, rows[i].ID
	}
	events, err := s.eventsOf(ctx, ids)
	if err != nil {
		return err
	}
	for _, e := range events {
		rows[place[e.Delivery]].Last = e.outcome()
	}
	var reports []struct {
		Delivery press.ID     `db:"delivery_id"`
		Reason   press.Reason `db:"reason"`
		Class    press.Class  `db:"class"`
	}
	these, set := s.among("delivery_id", ids)
	if err := s.db.SelectContext(ctx, &reports, s.db.Rebind(`SELECT delivery_id, reason, class FROM reports WHERE `+these+` ORDER BY id`), set...); err != nil {
		return err
	}
	for _, r := range reports {
		row := &rows[place[r.Delivery]]
		row.Reason, row.Class = r.Reason, r.Class
	}
	return nil
}
