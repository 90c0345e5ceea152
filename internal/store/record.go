package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// Record is the ledger's one step: the results of messages that were sent, and
// the deliveries that are to begin now, in one transaction. For each of the
// latter it gives a verdict; only press.Go lets a byte leave, and says that
// `sending` is on disk. A hold, a kill, a suppression, a new approval, an
// earlier copy for the same address and a domain's limit are all seen here.
//
// Whatever does not go is settled in the same step: given back to the queue
// (held, early, paced), or ended (killed, suppressed, late, a second copy, one
// whose earlier copy was not accepted).
func (s *Store) Record(ctx context.Context, daemon press.ID, results []press.Result, begin []press.Begin, now time.Time) (map[press.ID]press.Verdict, error) {
	var verdicts map[press.ID]press.Verdict
	err := s.tx(ctx, "writing the ledger", func(tx *sqlx.Tx) error {
		if err := s.finish(ctx, tx, daemon, results, now); err != nil {
			return err
		}
		var err error
		verdicts, err = s.start(ctx, tx, daemon, begin, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return verdicts, nil
}

// standing is what start must know of a delivery that is to begin.
type standing struct {
	ID         press.ID         `db:"id"`
	Approval   press.ID         `db:"approval_id"`
	Release    string           `db:"release"`
	Send       string           `db:"send"`
	Key        press.AddressKey `db:"address_key"`
	Address    press.Address    `db:"address"`
	After      string           `db:"after_send"`
	State      press.State      `db:"state"`
	NextUS     int64            `db:"next_us"`
	DeadlineUS int64            `db:"deadline_us"`
	Suppressed bool             `db:"is_suppressed"`
	begun      bool             // it stands in sending, but nothing of it has left
}

// approved is a release as start sees it, and may not change before the commit.
type approved struct {
	releaseRow
	Again bool `db:"again"` // there was an approval before this one
}

// verdict says whether a delivery may begin, as far as its own row and its
// release's tell.
func (d *standing) verdict(r approved, now int64) press.Verdict {
	switch {
	case d.Approval != r.Approval || (d.State != press.Claimed && !d.begun):
		return press.Lost
	case r.Killed != "":
		return press.Killed
	case r.Held != "":
		return press.Held
	case d.Suppressed:
		return press.Suppressed
	case d.DeadlineUS <= now:
		return press.Late
	case d.NextUS > now:
		return press.Early
	default:
		return press.Go
	}
}

// start moves claimed deliveries to sending, or says why they must not leave.
// One that was asked for again had begun, if it stands in sending: the answer
// was lost, not the commit; what came in between still holds for it.
func (s *Store) start(ctx context.Context, tx *sqlx.Tx, daemon press.ID, begin []press.Begin, now time.Time) (map[press.ID]press.Verdict, error) {
	verdicts := make(map[press.ID]press.Verdict, len(begin))
	if len(begin) == 0 {
		return verdicts, nil
	}
	again := make(map[press.ID]bool, len(begin))
	ids := make([]press.ID, len(begin))
	for i, b := range begin {
		verdicts[b.Delivery] = press.Lost // what is not found is not ours
		again[b.Delivery] = b.Again
		ids[i] = b.Delivery
	}
	// Approve, Hold and Kill change the releases' rows: whoever comes second waits.
	releases, err := s.lockReleases(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	found, err := s.standings(ctx, tx, daemon, ids)
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i].begun = again[found[i].ID] && found[i].State == press.Sending
	}
	j := judgement{store: s, tx: tx, now: now, releases: releases, verdicts: verdicts}
	if err := j.judge(ctx, found); err != nil {
		return nil, err
	}
	return verdicts, s.carryOut(ctx, tx, daemon, found, j)
}

// lockReleases reads the releases of these deliveries and keeps them as they
// are, the held ones, too: they might be resumed and killed before the commit.
func (s *Store) lockReleases(ctx context.Context, tx *sqlx.Tx, ids []press.ID) (map[string]approved, error) {
	these, set := s.among("id", ids)
	var slugs []string
	if err := tx.SelectContext(ctx, &slugs, tx.Rebind(`SELECT DISTINCT release FROM deliveries WHERE `+these), set...); err != nil {
		return nil, err
	}
	if len(slugs) == 0 {
		return nil, nil // no such deliveries
	}
	args := make([]any, len(slugs))
	for i, slug := range slugs {
		args[i] = slug
	}
	var found []approved
	err := tx.SelectContext(ctx, &found, tx.Rebind(`SELECT `+releaseColumns+`, (SELECT COUNT(*) FROM approvals a WHERE a.release = slug AND a.state <> 'staging') > 1 AS again
		FROM releases WHERE slug IN `+rows(1, len(args))+` ORDER BY slug`+s.forShare()), args...)
	if err != nil {
		return nil, err
	}
	releases := make(map[string]approved, len(found))
	for _, r := range found {
		releases[r.Slug] = r
	}
	return releases, nil
}

// standings reads what a daemon has claimed of these, in their order.
func (s *Store) standings(ctx context.Context, tx *sqlx.Tx, daemon press.ID, ids []press.ID) ([]standing, error) {
	these, set := s.among("q.delivery_id", ids)
	found := make([]standing, 0, len(ids))
	err := tx.SelectContext(ctx, &found, tx.Rebind(`SELECT d.id, d.approval_id, d.release, d.send, d.address_key, d.address, d.after_send, d.state, q.next_us, q.deadline_us,
		EXISTS (SELECT 1 FROM suppressions s JOIN releases r ON r.slug = d.release WHERE s.address_key = d.address_key AND s.scope IN ('all', 'sender:' || r.sender, 'topic:' || r.topic)) AS is_suppressed
		FROM queue q JOIN deliveries d ON d.id = q.delivery_id WHERE COALESCE(q.claimed_by, ?) = ? AND `+these+` ORDER BY d.id`), append([]any{press.ID{}, daemon}, set...)...)
	return found, err
}

// carryOut writes down what was judged.
func (s *Store) carryOut(ctx context.Context, tx *sqlx.Tx, daemon press.ID, found []standing, j judgement) error {
	var going, waiting []press.ID
	ended := map[press.State][]press.Result{} // by the state that they leave
	for i := range found {
		d := &found[i]
		v := j.verdicts[d.ID]
		o, ends := ending(v)
		switch {
		case v == press.Go && !d.begun:
			going = append(going, d.ID)
		case v == press.Go: // it stands in sending already
		case d.begun:
			ended[press.Sending] = append(ended[press.Sending], press.Result{Delivery: d.ID, Outcome: press.Outcome{State: press.Planned, At: j.now, Text: "it had not left, and now may not: " + string(v)}})
		case d.State != press.Claimed:
		case ends && !(v == press.Lost && !j.second[d.ID]):
			o.At = j.now
			ended[press.Claimed] = append(ended[press.Claimed], press.Result{Delivery: d.ID, Outcome: o})
		case v == press.Paced:
			if err := s.wait(ctx, tx, daemon, d.ID, j.next[d.ID], j.now); err != nil {
				return err
			}
		default:
			waiting = append(waiting, d.ID)
		}
	}
	for from, results := range ended {
		if _, err := s.settle(ctx, tx, from, results, daemon); err != nil {
			return err
		}
	}
	if _, err := s.unclaim(ctx, tx, daemon, waiting, j.now); err != nil {
		return err
	}
	return s.begins(ctx, tx, daemon, going, j.now)
}

// wait gives one claim back until an instant.
func (s *Store) wait(ctx context.Context, tx *sqlx.Tx, daemon, id press.ID, next, now time.Time) error {
	moved, err := s.move(ctx, tx, press.Claimed, press.Planned, daemon, []press.ID{id}, now)
	if err != nil || len(moved) == 0 {
		return err
	}
	return s.requeue(ctx, tx, moved, next)
}

// ending is what becomes of a delivery that will never begin.
func ending(v press.Verdict) (press.Outcome, bool) {
	switch v {
	case press.Killed:
		return press.Outcome{State: press.Cancelled, Text: "the release was killed"}, true
	case press.Suppressed:
		return press.Outcome{State: press.Skipped, Text: "suppressed after the approval"}, true
	case press.Late:
		return press.Outcome{State: press.Expired, Text: "its time had passed before it could be sent"}, true
	case press.NotHeld:
		return press.Outcome{State: press.Skipped, Text: "the copy that it follows up was not accepted"}, true
	case press.Lost:
		return press.Outcome{State: press.Cancelled, Text: "another copy for this address has left, or may have"}, true
	case press.Go, press.Held, press.Early, press.Paced:
		return press.Outcome{}, false
	default:
		return press.Outcome{}, false
	}
}

// begins moves a daemon's claims to sending, all of them or none.
func (s *Store) begins(ctx context.Context, tx *sqlx.Tx, daemon press.ID, going []press.ID, now time.Time) error {
	if len(going) == 0 {
		return nil
	}
	moved, err := s.move(ctx, tx, press.Claimed, press.Sending, daemon, going, now)
	if err == nil && len(moved) != len(going) {
		err = fmt.Errorf("%d of %d deliveries could begin; the others were taken in between", len(moved), len(going))
	}
	return err
}

// idsOf names a batch of results.
func idsOf(results []press.Result) []press.ID {
	ids := make([]press.ID, len(results))
	for i := range results {
		ids[i] = results[i].Delivery
	}
	slices.SortFunc(ids, func(a, b press.ID) int { return slices.Compare(a[:], b[:]) })
	return ids
}
