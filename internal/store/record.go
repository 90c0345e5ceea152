package store

import (
	"context"
	"fmt"
	"maps"
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
		if err := s.finish(ctx, tx, daemon, results); err != nil {
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
	found, err := s.standings(ctx, tx, daemon, ids)
	if err != nil {
		return nil, err
	}
	slugs := make(map[string]bool, 1)
	for i := range found {
		slugs[found[i].Release] = true
	}
	// Approve, Hold and Kill change the releases' rows: whoever comes second waits.
	// What stands above is the daemon's own, or moves only if it is as it was read.
	releases, err := s.lockSlugs(ctx, tx, slugs)
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

// lockReleases keeps the releases of these deliveries as they are.
func (s *Store) lockReleases(ctx context.Context, tx *sqlx.Tx, ids []press.ID) (map[string]approved, error) {
	these, set := s.among("id", ids)
	var found []string
	if err := s.read(ctx, tx, &found, `SELECT DISTINCT release FROM deliveries WHERE `+these, set...); err != nil {
		return nil, err
	}
	slugs := make(map[string]bool, len(found))
	for _, slug := range found {
		slugs[slug] = true
	}
	return s.lockSlugs(ctx, tx, slugs)
}

// lockSlugs reads releases and keeps them as they are, the held ones, too: they
// might be resumed and killed before the commit. All lock them in one order.
func (s *Store) lockSlugs(ctx context.Context, tx *sqlx.Tx, slugs map[string]bool) (map[string]approved, error) {
	releases := make(map[string]approved, len(slugs))
	for _, slug := range slices.Sorted(maps.Keys(slugs)) {
		if err := s.keepRelease(ctx, tx, slug); err != nil {
			return nil, err
		}
		var found []approved
		err := s.read(ctx, tx, &found, `SELECT `+releaseColumns+`, (SELECT COUNT(*) FROM approvals a WHERE a.release = slug AND a.state <> 'staging') > 1 AS again
			FROM releases WHERE slug = ?`, slug)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			releases[slug] = r
		}
	}
	return releases, nil
}

// standings reads what a daemon has claimed of these, in their order.
func (s *Store) standings(ctx context.Context, tx *sqlx.Tx, daemon press.ID, ids []press.ID) ([]standing, error) {
	these, set := s.among("q.delivery_id", ids)
	found := make([]standing, 0, len(ids))
	err := s.read(ctx, tx, &found, `SELECT d.id, d.approval_id, d.release, d.send, d.address_key, d.address, d.after_send, d.state, q.next_us, q.deadline_us,
		(SELECT COUNT(*) FROM suppressions s WHERE s.address_key = d.address_key) > 0 AS is_suppressed
		FROM queue q JOIN deliveries d ON d.id = q.delivery_id WHERE COALESCE(q.claimed_by, ?) = ? AND `+these+` ORDER BY d.id`, append([]any{press.ID{}, daemon}, set...)...)
	if err != nil {
		return nil, err
	}
	return found, s.narrow(ctx, tx, found)
}

// narrow leaves suppressed only what is so within a scope of its release; few
// addresses have any suppression at all.
func (s *Store) narrow(ctx context.Context, tx *sqlx.Tx, found []standing) error {
	var doubtful []press.ID
	for i := range found {
		if found[i].Suppressed {
			doubtful = append(doubtful, found[i].ID)
		}
	}
	if len(doubtful) == 0 {
		return nil
	}
	these, set := s.among("d.id", doubtful)
	var suppressed []press.ID
	err := s.read(ctx, tx, &suppressed, `SELECT DISTINCT d.id FROM deliveries d JOIN releases r ON r.slug = d.release JOIN suppressions s ON s.address_key = d.address_key
		WHERE s.scope IN ('all', 'sender:' || r.sender, 'topic:' || r.topic) AND `+these, set...)
	is := make(map[press.ID]bool, len(suppressed))
	for _, id := range suppressed {
		is[id] = true
	}
	for i := range found {
		found[i].Suppressed = is[found[i].ID]
	}
	return err
}

// carryOut writes down what was judged.
func (s *Store) carryOut(ctx context.Context, tx *sqlx.Tx, daemon press.ID, found []standing, j judgement) error {
	var going, waiting, paced []press.ID
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
			paced = append(paced, d.ID)
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
	if err := s.wait(ctx, tx, daemon, paced, j); err != nil {
		return err
	}
	return s.begins(ctx, tx, daemon, going, j.now)
}

// wait gives claims back, each until its own instant.
func (s *Store) wait(ctx context.Context, tx *sqlx.Tx, daemon press.ID, paced []press.ID, j judgement) error {
	if len(paced) == 0 {
		return nil
	}
	moved, err := s.move(ctx, tx, press.Claimed, press.Planned, daemon, paced, j.now)
	if err != nil || len(moved) == 0 {
		return err
	}
	return s.requeueEach(ctx, tx, moved, j.next)
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
