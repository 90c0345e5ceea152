package store_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"

	"dateline/internal/press"
	"dateline/internal/store"
	"dateline/migrations"
)

// older is a store's database by hand, for schemas that the program has left behind.
type older struct {
	house
	goose *goose.Provider
}

func openOlder(t *testing.T, url string) older {
	t.Helper()
	driver, dialect, source := "postgres", goose.DialectPostgres, url
	if path, isSQLite := strings.CutPrefix(url, "sqlite://"); isSQLite {
		driver, dialect, source = "sqlite", goose.DialectSQLite3, "file:"+path+"?_pragma=foreign_keys(ON)"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	p, err := goose.NewProvider(dialect, db, migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	return older{house{t: t, db: sqlx.NewDb(db, driver)}, p}
}

func (o older) to(version int64) {
	o.t.Helper()
	have, err := o.goose.GetDBVersion(o.ctx())
	o.must(err)
	if have < version {
		_, err = o.goose.UpTo(o.ctx(), version)
	} else {
		_, err = o.goose.DownTo(o.ctx(), version)
	}
	o.must(err)
}

// row is a delivery as version 1 had it.
type row struct {
	ID    press.ID    `db:"id"`
	State press.State `db:"state"`
	Next  int64       `db:"next_us"`
	By    press.ID    `db:"claimed_by"`
}

// fill writes a delivery in every state into a store of version 1: each may be
// claimed at an instant of its own.
func (o older) fill() []row {
	o.t.Helper()
	approval := press.ID{1}
	o.must(o.exec(`INSERT INTO approvals (id, release, digest, said_by, at_us, state, recipients, frozen) VALUES (?, 'tashkent', 'd', 'Olim', 1, 'approved', 13, ?)`, approval, []byte("{}")))
	o.must(o.exec(`INSERT INTO releases (slug, approval_id, sender, topic, held, held_by, held_us, killed, killed_by, killed_us) VALUES ('tashkent', ?, 'conference', 'security', '', '', 0, '', '', 0)`, approval))
	var all []row
	for i, s := range press.States() {
		r := row{ID: press.ID{2, byte(i)}, State: s, Next: noon.Add(time.Duration(i) * time.Second).UnixMicro()}
		var by any
		if s == press.Claimed || s == press.Sending {
			r.By, by = berta, berta
		}
		address := fmt.Sprintf("desk%d@paper.example", i)
		o.must(o.exec(`INSERT INTO deliveries (id, approval_id, release, send, address_key, contact_id, address, person, outlet, outlet_kind, country, edition, why, zone, due_us, deadline_us, next_us, state, attempts, claimed_by, updated_us)
			VALUES (?, ?, 'tashkent', 'general', ?, ?, ?, 'Dilnoza', 'UzA', 'wire', 'UZ', 'ru', 'first language', 'Asia/Tashkent', ?, ?, ?, ?, ?, ?, 1)`,
			r.ID, approval, keyOf(address), press.ID{3}, address, noon.UnixMicro(), noon.Add(2*time.Hour).UnixMicro(), r.Next, string(s), i, by))
		o.must(o.exec(`INSERT INTO events (id, delivery_id, at_us, from_state, state, relay, verb, code, enhanced, reply, said_by) VALUES (?, ?, 1, 'sending', ?, 'main', 'DATA', 250, '', 'ok', 'me')`, press.ID{4, byte(i)}, r.ID, string(s)))
		all = append(all, r)
	}
	return all
}

// A store of version 1 goes on where it was: what was unsettled stands in the
// queue, with its instant and its daemon.
func TestQueueIsMadeOfVersionOne(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			u := kind.url(t)
			o := openOlder(t, u)
			o.to(1)
			rows := o.fill()
			h := openHouse(t, u)
			for i, r := range rows {
				h.wantState(r.ID, r.State)
				if n := get[int](h, `SELECT attempts FROM deliveries WHERE id = ?`, r.ID); n != i {
					t.Errorf("%s has %d attempts, want %d", r.State, n, i)
				}
				queued := list[struct {
					Next int64    `db:"next_us"`
					End  int64    `db:"deadline_us"`
					By   press.ID `db:"claimed_by"`
				}](h, `SELECT next_us, deadline_us, claimed_by FROM queue WHERE delivery_id = ?`, r.ID)
				waits := r.State.Unsent() || r.State == press.Sending
				if waits != (len(queued) == 1) {
					t.Errorf("%s stands %d times in the queue", r.State, len(queued))
				} else if waits && (queued[0].Next != r.Next || queued[0].By != r.By || queued[0].End != noon.Add(2*time.Hour).UnixMicro()) {
					t.Errorf("%s stands in the queue as %+v, want %+v", r.State, queued[0], r)
				}
			}
			if got, want := h.restart(berta), (press.Recovered{Released: 1, Unknown: 1}); got != want {
				t.Errorf("the daemon recovered %+v, want %+v", got, want)
			}
			ds, err := h.Claim(t.Context(), berta, noon.Add(time.Hour), noon, 100)
			h.must(err)
			if len(ds) != 3 { // what was planned, claimed, deferred
				t.Errorf("%d can be claimed, want 3", len(ds))
			}
			v, err := h.Record(t.Context(), berta, nil, begins(ids(ds)...), noon.Add(time.Hour))
			h.must(err)
			for id, verdict := range v {
				if verdict != press.Go {
					t.Errorf("%s may not begin: %s", id, verdict)
				}
			}
			h.restart(berta)
			if n := h.sweepAll(noon.Add(3 * time.Hour)); n != 0 { // nothing waits any more
				t.Errorf("the sweep ended %d", n)
			}
			if entries, err := h.Log(t.Context(), press.LogFilter{}); err != nil || len(entries) != len(rows)+1+3 || entries[0].OfAddress {
				t.Errorf("the log has %d entries, %v", len(entries), err)
			}
		})
	}
}

// What waits and was never claimed expires, though version 1 knew no first
// deadline.
func TestVersionOneExpires(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			u := kind.url(t)
			o := openOlder(t, u)
			o.to(1)
			o.fill()
			h := openHouse(t, u)
			if n := h.sweepAll(noon.Add(time.Hour)); n != 0 {
				t.Errorf("before the deadline the sweep ended %d", n)
			}
			if n := h.sweepAll(noon.Add(2 * time.Hour)); n != 2 {
				t.Errorf("at the deadline the sweep ended %d, want the planned and the deferred one", n)
			}
		})
	}
}

// The way back, and forth again: nothing that version 1 held is lost.
func TestVersionOneComesBack(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			u := kind.url(t)
			o := openOlder(t, u)
			o.to(1)
			want := o.fill()
			for i, r := range want { // what is settled has lost when it might be claimed
				if !r.State.Unsent() && r.State != press.Sending {
					want[i].Next = noon.UnixMicro()
				}
			}
			for range 2 {
				s, err := store.Open(t.Context(), u)
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				o.to(1)
				if got := list[row](o.house, `SELECT id, state, next_us, claimed_by FROM deliveries ORDER BY id`); !slices.Equal(got, want) {
					t.Errorf("the deliveries are\n%+v\nwant\n%+v", got, want)
				}
			}
			if n := get[int](o.house, `SELECT COUNT(*) FROM events`); n != len(want) {
				t.Errorf("%d events are left, want %d", n, len(want))
			}
			// Version 1's own guard is back: a second copy that has left.
			if err := o.exec(`UPDATE deliveries SET state = 'sending', address_key = ? WHERE state = 'planned'`, keyOf("desk2@paper.example")); err == nil {
				t.Error("a second copy for one mailbox is sending")
			}
			o.to(0)
			if err := o.exec(`SELECT 1 FROM deliveries`); err == nil {
				t.Error("after the way down to nothing the deliveries are still there")
			}
		})
	}
}

// Version 4 kept one word a mailbox and scope; whose it was, its author told. On
// the way back the heaviest of several is kept.
func TestWordsGetTheirAuthors(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			u := kind.url(t)
			o := openOlder(t, u)
			o.to(4)
			for i, w := range [][2]string{{"erased", "Olim"}, {"opted out", "contact"}, {"bounce: userunknown", "report"}, {"asked by phone", "Olim"}} {
				o.must(o.exec(`INSERT INTO suppressions (address_key, scope, reason, said_by, at_us) VALUES (?, 'all', ?, ?, 1)`, press.ID{byte(i)}, w[0], w[1]))
			}
			h := openHouse(t, u)
			authors := func() []string {
				return list[string](h, `SELECT author FROM suppressions ORDER BY address_key`)
			}
			if got := authors(); !slices.Equal(got, []string{"erasure", "contact", "report", "desk"}) {
				t.Errorf("the authors are %v", got)
			}
			h.must(h.exec(`INSERT INTO suppressions (address_key, scope, author, reason, said_by, at_us) VALUES (?, 'all', 'contact', 'opted out', 'contact', 1)`, press.ID{3}))
			o.to(4)
			if got := list[string](o.house, `SELECT reason FROM suppressions ORDER BY address_key`); !slices.Equal(got, []string{"erased", "opted out", "bounce: userunknown", "opted out"}) {
				t.Errorf("on the way back the words are %v", got)
			}
		})
	}
}
