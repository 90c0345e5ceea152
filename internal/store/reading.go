package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dateline/internal/press"
)

// Releases gives every release that was approved, or the one named.
func (s *Store) Releases(ctx context.Context, only string) ([]press.ReleaseState, error) {
	states, err := s.ReleaseHeads(ctx, only)
	if err != nil {
		return nil, err
	}
	for i, r := range states {
		if states[i].Counts, err = s.Counts(ctx, r.Approval); err != nil {
			return nil, err
		}
	}
	return states, nil
}

// ReleaseHeads gives every release that was approved, or the one named, without
// counting its copies.
func (s *Store) ReleaseHeads(ctx context.Context, only string) ([]press.ReleaseState, error) {
	var found []struct {
		releaseRow
		Digest     string `db:"digest"`
		By         string `db:"said_by"`
		AtUS       int64  `db:"at_us"`
		Recipients int    `db:"recipients"`
		FirstUS    *int64 `db:"first_us"`
		ClaimedUS  *int64 `db:"claimed_us"`
	}
	// No index has all of a release's queue in order: what nobody has claimed is in
	// one, and what daemons have, which is not much, is read once for all releases.
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`WITH claimed AS (SELECT approval_id, MIN(next_us) AS claimed_us FROM queue WHERE claimed_by IS NOT NULL GROUP BY approval_id)
		SELECT r.slug, r.approval_id, r.held, r.held_by, r.held_us, r.killed, r.killed_by, r.killed_us, a.digest, a.said_by, a.at_us, a.recipients,
		`+firstOf+` AS first_us, c.claimed_us
		FROM releases r JOIN approvals a ON a.id = r.approval_id LEFT JOIN claimed c ON c.approval_id = r.approval_id WHERE ? = '' OR r.slug = ? ORDER BY a.at_us, r.slug`), only, only)
	if err != nil {
		return nil, fmt.Errorf("reading the releases: %w", err)
	}
	states := make([]press.ReleaseState, len(found))
	for i, f := range found {
		states[i] = press.ReleaseState{Approval: approvalRow{f.Approval, f.Slug, f.Digest, f.By, f.AtUS, f.Recipients}.approval(), Control: f.control()}
		for _, us := range []*int64{f.FirstUS, f.ClaimedUS} {
			if us != nil && (states[i].FirstDue.IsZero() || instant(*us).Before(states[i].FirstDue)) {
				states[i].FirstDue = instant(*us)
			}
		}
	}
	return states, nil
}

// Counts tells how the copies of a release stand, whose approval in force is
// given. Of a superseded one only what left, or may have, still counts.
func (s *Store) Counts(ctx context.Context, a press.Approval) ([]press.Count, error) {
	var counts []press.Count
	first, err := s.firstCopy(ctx, a.Release)
	if err != nil || first.IsZero() {
		return nil, err
	}
	err = s.db.SelectContext(ctx, &counts, s.db.Rebind(`SELECT send, country, edition, outlet_kind, state, COUNT(*) AS n FROM deliveries
		WHERE id >= ? AND release = ? AND (approval_id = ? OR state NOT IN ('planned', 'claimed', 'deferred', 'cancelled')) AND approval_id IN (SELECT id FROM approvals WHERE state <> 'staging')
		GROUP BY send, country, edition, outlet_kind, state ORDER BY send, country, edition, outlet_kind, state`), first, a.Release, a.ID) // in the order of the table, see ofRelease
	if err != nil {
		return nil, fmt.Errorf("counting the copies of %s: %w", a.Release, err)
	}
	return counts, nil
}

// firstCopy is the copy of a release that has the lowest id; none where it has no
// copy. Whoever counts begins there: else PostgreSQL would read the copies of
// every release from end to end to count those of one that is a tenth of them.
func (s *Store) firstCopy(ctx context.Context, release string) (press.ID, error) {
	var ids []press.ID
	if err := s.db.SelectContext(ctx, &ids, s.db.Rebind(`SELECT id FROM deliveries WHERE release = ? ORDER BY id LIMIT 1`), release); err != nil || len(ids) == 0 {
		return press.ID{}, failing("looking for the first copy of "+release, err)
	}
	return ids[0], nil
}

type logRow struct {
	ID       press.ID `db:"id"`
	AtUS     int64    `db:"at_us"`
	Delivery press.ID `db:"delivery_id"`
	Release  string   `db:"release"`
	Send     string   `db:"send"`
	Country  string   `db:"country"`
	Edition  string   `db:"edition"`
	Outlet   string   `db:"outlet"`
	Address  string   `db:"address"`
	From     string   `db:"from_state"`
	State    string   `db:"state"`
	Relay    string   `db:"relay"`
	Verb     string   `db:"verb"`
	Code     int      `db:"code"`
	Enhanced string   `db:"enhanced"`
	Reply    string   `db:"reply"`
	OfAddr   int      `db:"of_address"`
}

func (r logRow) entry() press.LogEntry {
	return press.LogEntry{
		ID: r.ID, At: instant(r.AtUS), Delivery: r.Delivery, Release: r.Release, Send: r.Send, Country: press.Country(r.Country),
		Edition: press.Lang(r.Edition), Outlet: r.Outlet, Address: press.Address(r.Address), From: press.State(r.From), State: press.State(r.State),
		Relay: r.Relay, Verb: r.Verb, Code: r.Code, Enhanced: r.Enhanced, Reply: r.Reply, OfAddress: r.OfAddr != 0,
	}
}

// Log reads the delivery log, oldest first.
func (s *Store) Log(ctx context.Context, f press.LogFilter) ([]press.LogEntry, error) {
	where, args := []string{"e.id > ?"}, []any{f.After}
	add := func(condition string, arg any) {
		where = append(where, condition)
		args = append(args, arg)
	}
	if f.Release != "" {
		add("d.release = ?", f.Release)
	}
	if f.Country != "" {
		add("d.country = ?", string(f.Country))
	}
	if f.State != "" {
		add("e.state = ?", string(f.State))
	}
	if !f.Since.IsZero() {
		add("e.at_us >= ?", micros(f.Since))
		add("e.id >= ?", press.FirstID(f.Since)) // an event is written after it befell; ids are indexed
	}
	query := `SELECT e.id, e.at_us, e.delivery_id, d.release, d.send, d.country, d.edition, d.outlet, d.address, e.from_state, e.state, e.relay, e.verb, e.code, e.enhanced, e.reply, e.of_address
		FROM events e JOIN deliveries d ON d.id = e.delivery_id WHERE ` + strings.Join(where, " AND ") + ` ORDER BY e.id DESC`
	if f.Limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", f.Limit)
	}
	var found []logRow
	if err := s.db.SelectContext(ctx, &found, s.db.Rebind(query), args...); err != nil {
		return nil, fmt.Errorf("reading the delivery log: %w", err)
	}
	entries := make([]press.LogEntry, len(found))
	for i, r := range found {
		entries[len(found)-1-i] = r.entry()
	}
	return entries, nil
}

// Daemons gives the daemons that were seen after an instant, with their relays.
func (s *Store) Daemons(ctx context.Context, after time.Time) ([]press.DaemonState, error) {
	fail := func(err error) ([]press.DaemonState, error) { return nil, fmt.Errorf("reading the daemons: %w", err) }
	var found []struct {
		ID        press.ID `db:"id"`
		Host      string   `db:"host"`
		PID       int      `db:"pid"`
		StartedUS int64    `db:"started_us"`
		SeenUS    int64    `db:"seen_us"`
		Config    string   `db:"config"`
	}
	if err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT id, host, pid, started_us, seen_us, config FROM daemons WHERE seen_us > ? ORDER BY started_us`), micros(after)); err != nil {
		return fail(err)
	}
	relays, err := s.health(ctx, "relays")
	if err != nil {
		return fail(err)
	}
	mailboxes, err := s.health(ctx, "mailboxes")
	if err != nil {
		return fail(err)
	}
	disks, err := s.health(ctx, "disks")
	if err != nil {
		return fail(err)
	}
	states := make([]press.DaemonState, len(found))
	for i, f := range found {
		states[i] = press.DaemonState{
			ID: f.ID, Host: f.Host, PID: f.PID, Started: instant(f.StartedUS), Seen: instant(f.SeenUS), Config: f.Config,
			Relays: relays[f.ID], Mailboxes: mailboxes[f.ID], Disks: disks[f.ID],
		}
	}
	return states, nil
}

// health gives, by daemon, how its relays, mailboxes or disks stand, by their names.
func (s *Store) health(ctx context.Context, table string) (map[press.ID][]press.RelayState, error) {
	var found []struct {
		Daemon  press.ID `db:"daemon_id"`
		Name    string   `db:"name"`
		Trouble string   `db:"trouble"`
		SinceUS int64    `db:"since_us"`
	}
	if err := s.db.SelectContext(ctx, &found, `SELECT daemon_id, name, trouble, since_us FROM `+table+` ORDER BY name`); err != nil {
		return nil, err
	}
	all := map[press.ID][]press.RelayState{}
	for _, r := range found {
		all[r.Daemon] = append(all[r.Daemon], press.RelayState{Daemon: r.Daemon, Name: r.Name, Trouble: r.Trouble, Since: instant(r.SinceUS)})
	}
	return all, nil
}

// Acts reads what people, and the program, did to releases, oldest first: of one
// release or of all, the newest so many (0: all). The copies of `dateline test`
// are among them; nobody is named with those.
func (s *Store) Acts(ctx context.Context, release string, limit int) ([]press.Act, error) {
	query := `SELECT id, release, act, said_by, at_us, detail FROM (
		SELECT id, release, act, said_by, at_us, detail FROM acts
		UNION ALL SELECT id, release, 'test', '', at_us, edition || ' ' || state || ': ' || reply FROM test_copies) AS t
		WHERE ? = '' OR release = ? ORDER BY id DESC`
	if limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", limit)
	}
	var found []struct {
		ID      press.ID `db:"id"`
		Release string   `db:"release"`
		Act     string   `db:"act"`
		By      string   `db:"said_by"`
		AtUS    int64    `db:"at_us"`
		Detail  string   `db:"detail"`
	}
	if err := s.db.SelectContext(ctx, &found, s.db.Rebind(query), release, release); err != nil {
		return nil, fmt.Errorf("reading what was done to releases: %w", err)
	}
	acts := make([]press.Act, len(found))
	for i, f := range found {
		acts[len(found)-1-i] = press.Act{ID: f.ID, At: instant(f.AtUS), Release: f.Release, Act: f.Act, By: f.By, Detail: f.Detail}
	}
	return acts, nil
}
