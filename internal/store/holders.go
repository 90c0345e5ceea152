package store

import (
	"context"
	"fmt"
	"slices"

	"dateline/internal/press"
)

// What notices need to know: who holds a release, and who was told of it what.

// EarlierHolders is Holders of the copies of other approvals than this one: as
// things stood when it was given, and nothing was on its way.
func (s *Store) EarlierHolders(ctx context.Context, release string, approval press.ID) (map[string]map[press.AddressKey]bool, error) {
	return s.holders(ctx, release, ` AND d.approval_id <> ?`, approval)
}

// holding is the state of a copy that its recipient has, or may have.
const holding = `'sending', 'accepted', 'unknown', 'delivered', 'complained'`

// HeldCopies gives the copies of a release, of any approval, that their
// recipients have or may have, in the order of their ids. One that bounced is
// not among them. One that was unknown and is to be sent again, or was, is,
// unless a person or the daemon itself settled that it had not left.
func (s *Store) HeldCopies(ctx context.Context, release string) ([]press.Delivery, error) {
	failed := func(err error) error { return fmt.Errorf("reading who holds a copy of %s: %w", release, err) }
	doubtful, err := s.doubtful(ctx, release)
	if err != nil {
		return nil, failed(err)
	}
	var found []deliveryRow
	err = s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT `+deliveryColumns+` FROM deliveries WHERE release = ? AND state IN (`+holding+`)`), release)
	if err != nil {
		return nil, failed(err)
	}
	for batch := range slices.Chunk(doubtful, batchRows) {
		these, set := s.among("id", batch)
		var more []deliveryRow
		if err := s.db.SelectContext(ctx, &more, s.db.Rebind(`SELECT `+deliveryColumns+` FROM deliveries WHERE `+these+` AND state NOT IN (`+holding+`)`), set...); err != nil {
			return nil, failed(err)
		}
		found = append(found, more...)
	}
	slices.SortFunc(found, func(a, b deliveryRow) int { return slices.Compare(a.ID[:], b.ID[:]) })
	held := make([]press.Delivery, len(found))
	for i := range found {
		held[i] = found[i].delivery(instant(found[i].DueUS))
	}
	return held, nil
}

// doubtful gives the deliveries of a release that were unknown, are not any
// more, and of which nobody has settled that they had not left.
func (s *Store) doubtful(ctx context.Context, release string) ([]press.ID, error) {
	var events []struct {
		Delivery press.ID    `db:"delivery_id"`
		From     press.State `db:"from_state"`
		State    press.State `db:"state"`
		By       string      `db:"said_by"`
	}
	err := s.db.SelectContext(ctx, &events, s.db.Rebind(`SELECT e.delivery_id, e.from_state, e.state, e.said_by FROM deliveries d JOIN events e ON e.delivery_id = d.id
		WHERE d.release = ? AND d.attempts > 0 AND d.state NOT IN (`+holding+`, 'bounced')
		AND EXISTS (SELECT 1 FROM events u WHERE u.delivery_id = d.id AND u.state = 'unknown') ORDER BY e.delivery_id, e.id`), release)
	if err != nil {
		return nil, err
	}
	var ids []press.ID
	for _, e := range events {
		last := len(ids) - 1
		in := last >= 0 && ids[last] == e.Delivery
		switch {
		case e.State == press.Unknown && !in:
			ids = append(ids, e.Delivery)
		case e.From != press.Unknown || !in:
		case e.State == press.Cancelled, e.State == press.Planned && saidByDaemon(e.By):
			ids = ids[:last]
		}
	}
	return ids, nil
}

// saidByDaemon tells a daemon, which signs with its id, from a person and from
// the policy that sends unknown copies again. Only a daemon knows what became of
// its own dialogue.
func saidByDaemon(by string) bool {
	_, err := press.ParseID(by)
	return err == nil
}

// Told gives the mailboxes that a notice has gone to, or may have, and those
// that it still will: of the approval in force, if it was not killed.
func (s *Store) Told(ctx context.Context, notice string) ([]press.Told, error) {
	var found []struct {
		ID      press.ID         `db:"id"`
		Key     press.AddressKey `db:"address_key"`
		Pending bool             `db:"pending"`
	}
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT d.id, d.address_key, d.state IN ('planned', 'claimed', 'deferred') AS pending FROM deliveries d JOIN releases r ON r.slug = d.release
		WHERE d.release = ? AND (d.state IN (`+holding+`, 'bounced') OR (d.state IN ('planned', 'claimed', 'deferred') AND d.approval_id = r.approval_id AND r.killed = '')) ORDER BY d.id`), notice)
	if err != nil {
		return nil, fmt.Errorf("reading whom the notice %s went to: %w", notice, err)
	}
	told := make([]press.Told, len(found))
	for i, f := range found {
		told[i] = press.Told{Delivery: f.ID, AddressKey: f.Key, Pending: f.Pending}
	}
	return told, nil
}

// Approvals gives every approval that a release ever had, oldest first.
func (s *Store) Approvals(ctx context.Context, release string) ([]press.Approval, error) {
	var found []approvalRow
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT `+approvalColumns+` FROM approvals a WHERE a.release = ? AND a.state <> 'staging' ORDER BY a.at_us, a.id`), release)
	if err != nil {
		return nil, fmt.Errorf("reading the approvals of %s: %w", release, err)
	}
	all := make([]press.Approval, len(found))
	for i, r := range found {
		all[i] = r.approval()
	}
	return all, nil
}

// Notices gives the slugs of the approved notices that are about a release.
func (s *Store) Notices(ctx context.Context, about string) ([]string, error) {
	var slugs []string
	err := s.db.SelectContext(ctx, &slugs, s.db.Rebind(`SELECT slug FROM releases WHERE substr(slug, 1, ?) = ? ORDER BY slug`), len(about)+1, about+"@")
	if err != nil {
		return nil, fmt.Errorf("reading the notices about %s: %w", about, err)
	}
	return slices.DeleteFunc(slugs, func(slug string) bool {
		of, _, _, ok := press.SplitNotice(slug)
		return !ok || of != about
	}), nil
}

// TestCopies counts the mailboxes that hold a test copy of a release.
func (s *Store) TestCopies(ctx context.Context, release string) (int, error) {
	var n int
	err := s.db.GetContext(ctx, &n, s.db.Rebind(`SELECT COUNT(DISTINCT address_key) FROM test_copies WHERE release = ? AND state IN ('accepted', 'unknown')`), release)
	if err != nil {
		return 0, fmt.Errorf("counting the test copies of %s: %w", release, err)
	}
	return n, nil
}
