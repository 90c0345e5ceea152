package store

import (
	"context"
	"fmt"

	"dateline/internal/press"
)

// Delivery gives one delivery with everything that befell it and came back for
// it; false where there is none of that id, or not yet.
func (s *Store) Delivery(ctx context.Context, id press.ID) (press.DeliveryTrail, bool, error) {
	fail := func(err error) (press.DeliveryTrail, bool, error) {
		return press.DeliveryTrail{}, false, fmt.Errorf("reading delivery %s: %w", id, err)
	}
	var rows []loggedRow
	err := s.db.SelectContext(ctx, &rows, s.db.Rebind(`SELECT `+deliveryColumns+`, updated_us FROM deliveries d WHERE d.id = ? AND d.approval_id NOT IN (SELECT id FROM approvals WHERE state = 'staging')`), id)
	if err != nil {
		return fail(err)
	}
	if len(rows) == 0 {
		return press.DeliveryTrail{}, false, nil
	}
	t := press.DeliveryTrail{Delivery: rows[0].delivery(instant(rows[0].DueUS)), Updated: instant(rows[0].UpdatedUS), Events: []press.Event{}, Reports: []press.TrailReport{}}
	var next []int64
	if err := s.db.SelectContext(ctx, &next, s.db.Rebind(`SELECT next_us FROM queue WHERE delivery_id = ?`), id); err != nil {
		return fail(err)
	}
	if len(next) > 0 {
		t.Delivery.Next = instant(next[0])
	}
	events, err := s.eventsOf(ctx, []press.ID{id})
	if err != nil {
		return fail(err)
	}
	for _, e := range events {
		t.Events = append(t.Events, press.Event{ID: e.ID, From: press.State(e.From), Outcome: e.outcome(), By: e.By})
	}
	if t.Reports, err = s.reportsOn(ctx, id); err != nil {
		return fail(err)
	}
	return t, true, nil
}

// eventRow is a row of the trail.
type eventRow struct {
	ID       press.ID `db:"id"`
	Delivery press.ID `db:"delivery_id"`
	AtUS     int64    `db:"at_us"`
	From     string   `db:"from_state"`
	State    string   `db:"state"`
	Relay    string   `db:"relay"`
	Verb     string   `db:"verb"`
	Code     int      `db:"code"`
	Enhanced string   `db:"enhanced"`
	Reply    string   `db:"reply"`
	OfAddr   int      `db:"of_address"`
	By       string   `db:"said_by"`
}

func (r *eventRow) outcome() press.Outcome {
	return press.Outcome{
		State: press.State(r.State), At: instant(r.AtUS), Relay: r.Relay, Verb: r.Verb, Code: r.Code, Enhanced: r.Enhanced, Text: r.Reply, OfAddress: r.OfAddr != 0,
	}
}

// eventsOf reads what befell deliveries, oldest first.
func (s *Store) eventsOf(ctx context.Context, ids []press.ID) ([]eventRow, error) {
	these, set := s.among("delivery_id", ids)
	var events []eventRow
	err := s.db.SelectContext(ctx, &events, s.db.Rebind(`SELECT id, delivery_id, at_us, from_state, state, relay, verb, code, enhanced, reply, of_address, said_by FROM events WHERE `+these+` ORDER BY id`), set...)
	return events, err
}

// reportsOn reads what came back for a delivery, oldest first, each with its mail.
func (s *Store) reportsOn(ctx context.Context, id press.ID) ([]press.TrailReport, error) {
	return s.trailReports(ctx, "r.delivery_id = ?", id)
}

// trailReports reads some reports, oldest first, each with its mail.
func (s *Store) trailReports(ctx context.Context, where string, args ...any) ([]press.TrailReport, error) {
	var found []struct {
		reportRow
		Format press.MailFormat `db:"format"`
		Raw    []byte           `db:"raw"`
	}
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT `+reportColumns+`, COALESCE(m.format, '') AS format, m.raw`+reportJoin+` WHERE `+where+` ORDER BY r.id`), args...)
	reports := make([]press.TrailReport, len(found))
	for i := range found {
		reports[i] = press.TrailReport{ReportEntry: found[i].entry(), Format: found[i].Format, Raw: found[i].Raw}
	}
	return reports, err
}
