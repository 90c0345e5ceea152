package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// What people do about deliveries of which nobody knows whether they left.

// unsureRow is a delivery that a person asked for, with what decides whether it
// may be sent again.
type unsureRow struct {
	ID         press.ID    `db:"id"`
	Approval   press.ID    `db:"approval_id"`
	InForce    press.ID    `db:"in_force"`
	Release    string      `db:"release"`
	Killed     string      `db:"killed"`
	Send       string      `db:"send"`
	Country    string      `db:"country"`
	Edition    string      `db:"edition"`
	Outlet     string      `db:"outlet"`
	Address    string      `db:"address"`
	State      press.State `db:"state"`
	DeadlineUS int64       `db:"deadline_us"`
	UpdatedUS  int64       `db:"updated_us"`
	Suppressed bool        `db:"is_suppressed"`
}

// final says why an unknown delivery cannot be sent again; "" where it can. A
// suppressed one stays what it is, since it would only be called skipped, as if
// it had never left.
func (r *unsureRow) final(now time.Time) string {
	switch {
	case r.Killed != "":
		return "the release was killed: " + r.Killed
	case r.Approval != r.InForce:
		return "another approval took its place"
	case r.DeadlineUS <= micros(now):
		return "its deadline passed at " + instant(r.DeadlineUS).Format("2006-01-02 15:04:05 UTC")
	case r.Address == "":
		return "its contact was erased"
	case r.Suppressed:
		return "its mailbox was suppressed"
	default:
		return ""
	}
}

// refusal says why a person's word cannot move this delivery; "" where it can.
func (r *unsureRow) refusal(p press.Pick, to press.State, now time.Time) string {
	switch {
	case p.Release != "" && r.Release != p.Release:
		return "it is a copy of " + r.Release + ", not of " + p.Release
	case r.State != press.Unknown:
		return "it is " + string(r.State) + ", not unknown"
	case to == press.Planned:
		return r.final(now)
	default:
		return ""
	}
}

// Unsure lists the deliveries that are unknown, of one release or of all, in
// the order in which they were to leave.
func (s *Store) Unsure(ctx context.Context, release string, now time.Time) ([]press.Unsure, error) {
	ids, err := s.unsureIDs(ctx, s.db, release)
	all := make([]press.Unsure, 0, len(ids))
	for batch := range slices.Chunk(ids, batchRows) {
		if err == nil {
			all, err = s.appendUnsure(ctx, all, batch, now)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("reading which deliveries are unknown: %w", err)
	}
	return all, nil
}

func (s *Store) appendUnsure(ctx context.Context, all []press.Unsure, ids []press.ID, now time.Time) ([]press.Unsure, error) {
	found, err := s.unsureRows(ctx, s.db, ids)
	if err != nil {
		return nil, err
	}
	last, err := s.lastUnknown(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range found {
		// One that was settled since its id was read is not unknown any more.
		if found[i].State == press.Unknown {
			all = append(all, found[i].unsure(last[found[i].ID], now))
		}
	}
	return all, nil
}

func (r *unsureRow) unsure(o press.Outcome, now time.Time) press.Unsure {
	why := o.Text
	if o.Code > 0 {
		why = strings.Join(strings.Fields(fmt.Sprintf("%d %s %s", o.Code, o.Enhanced, o.Text)), " ")
	}
	if o.At.IsZero() {
		o.At = instant(r.UpdatedUS)
	}
	return press.Unsure{
		Delivery: r.ID, Release: r.Release, Send: r.Send, Country: press.Country(r.Country), Edition: press.Lang(r.Edition),
		Outlet: r.Outlet, Address: press.Address(r.Address), Since: o.At, Relay: o.Relay, Why: why,
		Deadline: instant(r.DeadlineUS), Final: r.final(now),
	}
}

// unsureIDs names the deliveries that are unknown.
func (s *Store) unsureIDs(ctx context.Context, q sqlx.QueryerContext, release string) ([]press.ID, error) {
	query, args := `SELECT id FROM deliveries WHERE state = 'unknown'`, []any{}
	if release != "" {
		query, args = query+` AND release = ?`, append(args, release)
	}
	var ids []press.ID
	err := sqlx.SelectContext(ctx, q, &ids, s.db.Rebind(query+` ORDER BY id`), args...)
	return ids, err
}

// unsureRows reads deliveries in the order of their ids, whatever their state.
// Those of an approval that is still being written are not there yet.
func (s *Store) unsureRows(ctx context.Context, q sqlx.QueryerContext, ids []press.ID) ([]unsureRow, error) {
	these, set := s.among("d.id", ids)
	var found []unsureRow
	err := sqlx.SelectContext(ctx, q, &found, s.db.Rebind(`SELECT d.id, d.approval_id, r.approval_id AS in_force, d.release, r.killed, d.send, d.country, d.edition, d.outlet, d.address, d.state, d.deadline_us, d.updated_us,
		EXISTS (SELECT 1 FROM suppressions s WHERE s.address_key = d.address_key AND s.scope IN ('all', 'sender:' || r.sender, 'topic:' || r.topic)) AS is_suppressed
		FROM deliveries d JOIN releases r ON r.slug = d.release JOIN approvals a ON a.id = d.approval_id WHERE a.state <> 'staging' AND `+these+` ORDER BY d.id`), set...)
	return found, err
}

// lastUnknown gives what made each of these deliveries unknown, the last time.
func (s *Store) lastUnknown(ctx context.Context, ids []press.ID) (map[press.ID]press.Outcome, error) {
	these, set := s.among("delivery_id", ids)
	var found []struct {
		Delivery press.ID `db:"delivery_id"`
		AtUS     int64    `db:"at_us"`
		Relay    string   `db:"relay"`
		Code     int      `db:"code"`
		Enhanced string   `db:"enhanced"`
		Reply    string   `db:"reply"`
	}
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT delivery_id, at_us, relay, code, enhanced, reply FROM events WHERE state = 'unknown' AND `+these+` ORDER BY id`), set...)
	last := make(map[press.ID]press.Outcome, len(found))
	for _, f := range found { // a later one takes the place of an earlier one
		last[f.Delivery] = press.Outcome{At: instant(f.AtUS), Relay: f.Relay, Code: f.Code, Enhanced: f.Enhanced, Text: f.Reply}
	}
	return last, err
}

// Heed does what a person says of unknown deliveries: each keeps its id, and so
// its Message-ID, gets an event by that person, and each release an act. Where
// the word cannot hold for a delivery that was named, the others are moved all
// the same; so are those of a Pick without ids that may be.
//
// The releases stay as they are until the commit: no kill and no new approval
// comes in between.
func (s *Store) Heed(ctx context.Context, p press.Pick, w press.Word, now time.Time) (press.Heeded, error) {
	var done press.Heeded
	err := s.tx(ctx, "settling unknown deliveries", func(tx *sqlx.Tx) error {
		done = press.Heeded{Done: map[string]int{}, Refused: []press.Refusal{}}
		if !press.Unknown.MayBecome(w.State) {
			return fmt.Errorf("an unknown delivery cannot become %s", w.State)
		}
		ids, err := s.picked(ctx, tx, p)
		if err != nil || len(ids) == 0 {
			return err
		}
		for batch := range slices.Chunk(ids, batchRows) {
			if _, err := s.lockReleases(ctx, tx, batch); err != nil {
				return err
			}
		}
		for batch := range slices.Chunk(ids, batchRows) {
			if err := s.heedBatch(ctx, tx, p, w, batch, now, &done); err != nil {
				return err
			}
		}
		return s.noteWord(ctx, tx, w, done, now)
	})
	return done, err
}

// picked are the ids that are meant, each once and in order.
func (s *Store) picked(ctx context.Context, tx *sqlx.Tx, p press.Pick) ([]press.ID, error) {
	if len(p.IDs) == 0 {
		return s.unsureIDs(ctx, tx, p.Release)
	}
	ids := slices.Clone(p.IDs)
	slices.SortFunc(ids, func(a, b press.ID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(ids), nil
}

// heedBatch moves those of a batch that may be moved, and adds up.
func (s *Store) heedBatch(ctx context.Context, tx *sqlx.Tx, p press.Pick, w press.Word, ids []press.ID, now time.Time, done *press.Heeded) error {
	found, err := s.unsureRows(ctx, tx, ids)
	if err != nil {
		return err
	}
	refuse := func(id press.ID, release, why string) {
		done.Refused = append(done.Refused, press.Refusal{Delivery: id, Release: release, Why: why})
	}
	missing := make(map[press.ID]bool, len(ids))
	for _, id := range ids {
		missing[id] = true
	}
	var going []press.ID
	for i := range found {
		r := &found[i]
		delete(missing, r.ID)
		if why := r.refusal(p, w.State, now); why != "" {
			refuse(r.ID, r.Release, why)
		} else {
			going = append(going, r.ID)
		}
	}
	for _, id := range ids {
		if missing[id] {
			refuse(id, "", "there is no such delivery")
		}
	}
	if len(going) == 0 {
		return nil
	}
	moved := make(map[press.ID]bool, len(going))
	o := press.Outcome{State: w.State, At: now, Text: w.Why}
	if err := s.settleAlike(ctx, tx, press.Unknown, w.State, time.Time{}, alike(going, o), press.ID{}, w.By, moved); err != nil {
		return err
	}
	for i := range found {
		switch r := &found[i]; {
		case moved[r.ID]:
			done.Done[r.Release]++
		case slices.Contains(going, r.ID):
			refuse(r.ID, r.Release, "it was settled at this very moment")
		}
	}
	return nil
}

// noteWord writes the word into each release's trail, and wakes the daemons for
// what is to be sent again.
func (s *Store) noteWord(ctx context.Context, tx *sqlx.Tx, w press.Word, done press.Heeded, now time.Time) error {
	if done.Total() == 0 {
		return nil
	}
	name, as := "resend", ""
	if w.State != press.Planned {
		name, as = "settle", " as "+string(w.State)
	}
	var faults []error
	for _, release := range slices.Sorted(maps.Keys(done.Done)) {
		n, noun := done.Done[release], "copies"
		if n == 1 {
			noun = "copy"
		}
		faults = append(faults, act(ctx, tx, release, name, w.By, now, fmt.Sprintf("%d %s%s: %s", n, noun, as, asText(w.Why))))
	}
	return errors.Join(append(faults, s.notify(ctx, tx))...)
}
