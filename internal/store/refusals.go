package store

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// Refusals gives what relays refused since an instant and TakeRefusals has not
// had, the oldest first: at most so many.
func (s *Store) Refusals(ctx context.Context, since time.Time, limit int) ([]press.LogEntry, error) {
	var found []logRow
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT e.id, e.at_us, e.delivery_id, d.release, d.send, d.country, d.edition, d.outlet, d.address, e.from_state, e.state, e.relay, e.verb, e.code, e.enhanced, e.reply, e.of_address
		FROM events e JOIN deliveries d ON d.id = e.delivery_id
		WHERE e.state = 'rejected' AND e.from_state = 'sending' AND e.id >= ? AND NOT EXISTS (SELECT 1 FROM reports r WHERE r.event_id = e.id) ORDER BY e.id LIMIT ?`), press.FirstID(since), limit)
	entries := make([]press.LogEntry, len(found))
	for i, r := range found {
		entries[i] = r.entry()
	}
	return entries, failing("reading what relays refused", err)
}

// TakeRefusals writes down what relays' refusals mean, by the event that each
// stands in, and what follows for the mailbox. What another daemon has taken
// meanwhile counts once.
func (s *Store) TakeRefusals(ctx context.Context, read map[press.ID]press.Tied, now time.Time) error {
	return s.tx(ctx, "taking relays' refusals", func(tx *sqlx.Tx) error {
		i := intake{store: s, tx: tx, now: now, copies: map[press.ID]*reported{}}
		var err error
		if i.policy, err = s.bouncePolicy(ctx, tx); err != nil {
			return err
		}
		var wanted []press.ID
		for _, r := range read {
			wanted = append(wanted, r.Delivery)
		}
		if err := i.loadCopies(ctx, wanted); err != nil {
			return err
		}
		var events []press.ID
		for _, event := range sortedKeys(read) {
			fresh, err := i.refusal(ctx, event, read[event])
			if err != nil {
				return err
			}
			if fresh {
				events = append(events, event)
			}
		}
		return i.writeRefusals(ctx, events)
	})
}

// refusal notes one, and tells whether it is new.
func (i *intake) refusal(ctx context.Context, event press.ID, r press.Tied) (bool, error) {
	d := i.copies[r.Delivery]
	if d == nil {
		return false, nil
	}
	var taken []press.ID
	if err := i.store.read(ctx, i.tx, &taken, `SELECT id FROM reports WHERE event_id = ?`, event); err != nil || len(taken) > 0 {
		return false, err
	}
	i.found = append(i.found, finding{at: r.At, Tied: r, copy: d})
	i.propose(r, d, r.At)
	return true, nil
}

// writeRefusals writes what was noted, each with its event.
func (i *intake) writeRefusals(ctx context.Context, events []press.ID) error {
	did, err := i.follow(ctx)
	if err != nil {
		return err
	}
	for n := range i.found {
		row := i.found[n].row(did[n])
		row[1] = nil // no mail
		if err := i.store.run(ctx, i.tx, `INSERT INTO reports (`+strings.Join(reportTable(), ", ")+`, event_id) VALUES `+rows(1, len(row)+1), append(row, events[n][:])); err != nil {
			return err
		}
	}
	return i.writeProposals(ctx)
}

func sortedKeys(m map[press.ID]press.Tied) []press.ID {
	return slices.SortedFunc(maps.Keys(m), func(a, b press.ID) int { return bytes.Compare(a[:], b[:]) })
}
