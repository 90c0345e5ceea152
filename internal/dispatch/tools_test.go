package dispatch_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dateline/internal/dispatch"
	"dateline/internal/press"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ours is the daemon of every test, theirs another one on the same store.
func ours() press.ID   { return press.ID{1} }
func theirs() press.ID { return press.ID{2} }

// hooked is a ledger that a test comes between.
type hooked struct {
	dispatch.Ledger
	gate   func(ctx context.Context, ask func() (press.Gate, error)) (press.Gate, error)
	record func(ctx context.Context, rs []press.Result, bs []press.Begin, write func() (map[press.ID]press.Verdict, error)) (map[press.ID]press.Verdict, error)
	frozen func(press.Frozen) press.Frozen
}

func (l *hooked) Gate(ctx context.Context, daemon press.ID, slugs []string) (press.Gate, error) {
	ask := func() (press.Gate, error) { return l.Ledger.Gate(ctx, daemon, slugs) }
	if l.gate == nil {
		return ask()
	}
	return l.gate(ctx, ask)
}

func (l *hooked) Record(ctx context.Context, daemon press.ID, rs []press.Result, bs []press.Begin, now time.Time) (map[press.ID]press.Verdict, error) {
	write := func() (map[press.ID]press.Verdict, error) { return l.Ledger.Record(ctx, daemon, rs, bs, now) }
	if l.record == nil {
		return write()
	}
	return l.record(ctx, rs, bs, write)
}

func (l *hooked) Frozen(ctx context.Context, id press.ID) (press.Frozen, error) {
	f, err := l.Ledger.Frozen(ctx, id)
	if l.frozen != nil && err == nil {
		f = l.frozen(f)
	}
	return f, err
}

// errGone is what a store says that is not there.
var errGone = errors.New("the database is gone")

// behind opens the store behind everybody's back.
func (h *house) behind(use func(*sql.DB) error) {
	h.t.Helper()
	db, err := sql.Open("sqlite", "file:"+h.store.File()+"?_pragma=busy_timeout(10000)")
	h.must(err)
	defer db.Close()
	h.must(use(db))
}

// exec changes the store behind everybody's back.
func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	h.behind(func(db *sql.DB) error {
		_, err := db.ExecContext(context.Background(), query, args...)
		return err
	})
}

// ids names the deliveries of an approval.
func (h *house) ids(approval press.ID) map[press.ID]bool {
	return column[press.ID](h, `SELECT id FROM deliveries WHERE approval_id = ?`, approval)
}

// sending names the mailboxes whose copy is under way, as the store knows it.
func (h *house) sending() map[press.Address]bool {
	return column[press.Address](h, `SELECT address FROM deliveries WHERE state = 'sending'`)
}

// column reads one column behind everybody's back.
func column[T comparable](h *house, query string, args ...any) map[T]bool {
	h.t.Helper()
	found := map[T]bool{}
	h.behind(func(db *sql.DB) error {
		rows, err := db.QueryContext(context.Background(), query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var value T
			if err := rows.Scan(&value); err != nil {
				return err
			}
			found[value] = true
		}
		return rows.Err()
	})
	return found
}

// trail gives the release's log, oldest first.
func (h *house) trail() []press.LogEntry {
	h.t.Helper()
	entries, err := h.store.Log(context.Background(), press.LogFilter{Release: slug})
	h.must(err)
	return entries
}

// unsent counts the entries of the trail that tell of a message which had begun
// in the ledger and went back.
func (h *house) unsent() int {
	n := 0
	for _, e := range h.trail() {
		if e.From == press.Sending && e.State == press.Planned {
			n++
		}
	}
	return n
}

// held is why the release is held.
func (h *house) held() string {
	h.t.Helper()
	rs, err := h.store.Releases(context.Background(), slug)
	h.must(err)
	return rs[0].Control.Held
}

// sent counts the messages over all relays.
func (h *house) sent() int {
	n := 0
	for _, r := range h.relays {
		n += len(r.all())
	}
	return n
}

// none fails the test if a message left between two instants.
func (h *house) none(from, to time.Time, why string) {
	h.t.Helper()
	for _, r := range h.relays {
		for _, m := range r.all() {
			if m.at.After(from) && m.at.Before(to) {
				h.t.Errorf("a message began at lift%+v, %s", m.at.Sub(h.lift), why)
			}
		}
	}
}

// begin claims n deliveries for a daemon and begins them in the ledger.
func (h *house) begin(daemon press.ID, n int) []press.Delivery {
	h.t.Helper()
	now := time.Now()
	ds, err := h.store.Claim(h.t.Context(), daemon, now, now, n)
	h.must(err)
	var begin []press.Begin
	for _, d := range ds {
		begin = append(begin, press.Begin{Delivery: d.ID})
	}
	verdicts, err := h.store.Record(h.t.Context(), daemon, nil, begin, now)
	h.must(err)
	for id, v := range verdicts {
		if v != press.Go {
			h.t.Fatalf("%s may not begin: %s", id, v)
		}
	}
	if len(ds) != n {
		h.t.Fatalf("began %d, want %d", len(ds), n)
	}
	return ds
}

// copiesTo counts the messages to an address, over all relays.
func (h *house) copiesTo(a press.Address) int {
	n := 0
	for _, r := range h.relays {
		for _, m := range r.all() {
			if m.envelope.To == a {
				n++
			}
		}
	}
	return n
}
