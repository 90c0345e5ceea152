package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
	"dateline/internal/store"
	"dateline/internal/testenv"
)

// noon is when most copies of the suite are due. It is long past, so that the
// ids that the store makes by the machine's clock come after it.
var noon = time.Date(2022, 3, 4, 12, 0, 0, 0, time.UTC)

// Two daemons of the suite.
var (
	berta = press.ID{0xb}
	carla = press.ID{0xc}
)

var ring = keyring("the suite's own key of 32 bytes!")

func keyring(key string) press.Keyring {
	r, err := press.ParseKeyring(press.FormatKeyring([]byte(key), []byte(key)))
	if err != nil {
		panic(err)
	}
	return r
}

func keyOf(address string) press.AddressKey { return ring.AddressKey(press.Address(address)) }

// kinds are the stores that the suite runs against, each as the URL of a fresh one.
var kinds = []struct {
	name string
	url  func(testing.TB) string
}{
	{"sqlite", func(t testing.TB) string { return "sqlite://" + filepath.Join(t.TempDir(), "dateline.db") }},
	{"postgres", testenv.Postgres},
}

// house is a store with what the tests do to it over and over.
type house struct {
	*store.Store
	t  testing.TB
	db *sqlx.DB
}

// eachStore runs a test against a fresh store of each kind. The tests wait for
// disks most of the time, and so run beside each other.
func eachStore(t *testing.T, test func(t *testing.T, h house)) {
	t.Helper()
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			test(t, openHouse(t, kind.url(t)))
		})
	}
}

// eachCase runs the cases of a table one after the other in a store of each
// kind, which is emptied before each.
func eachCase[K ~string, C any](t *testing.T, cases map[K]C, test func(t *testing.T, h house, name K, c C)) {
	t.Helper()
	eachStore(t, func(t *testing.T, h house) {
		for name, c := range cases {
			t.Run(string(name), func(t *testing.T) {
				h := house{h.Store, t, h.db}
				for _, table := range []string{"reports", "report_mails", "strikes", "proposals", "events", "acts", "queue", "deliveries", "releases", "approvals", "suppressions", "daemons", "domain_limits"} {
					h.must(h.exec("DELETE FROM " + table))
				}
				test(t, h, name, c)
			})
		}
	})
}

func openHouse(t testing.TB, url string) house {
	t.Helper()
	s, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return house{s, t, s.DB()}
}

func (h house) ctx() context.Context { return h.t.Context() }

func (h house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// exec runs a statement of the test's own.
func (h house) exec(query string, args ...any) error {
	_, err := h.db.ExecContext(h.ctx(), h.db.Rebind(query), args...)
	return err
}

func get[T any](h house, query string, args ...any) T {
	h.t.Helper()
	var v T
	h.must(h.db.GetContext(h.ctx(), &v, h.db.Rebind(query), args...))
	return v
}

func list[T any](h house, query string, args ...any) []T {
	h.t.Helper()
	var v []T
	h.must(h.db.SelectContext(h.ctx(), &v, h.db.Rebind(query), args...))
	return v
}

// copyTo is a planned copy of the send "general", due at noon, for two hours.
func copyTo(address string, changes ...func(*press.Delivery)) press.Delivery {
	d := press.Delivery{
		Send: "general", AddressKey: keyOf(address),
		Recipient: press.Recipient{
			Contact: store.NewID(), Address: press.Address(address), Name: "Dilnoza", Outlet: "UzA", OutletKind: press.Wire, Country: "UZ",
			Edition: "ru", Why: "first language", Zone: "Asia/Tashkent", Due: noon, Deadline: noon.Add(2 * time.Hour),
		},
	}
	for _, change := range changes {
		change(&d)
	}
	return d
}

func due(at time.Time) func(*press.Delivery) {
	return func(d *press.Delivery) { d.Due, d.Deadline = at, at.Add(2*time.Hour) }
}

func inSend(name string) func(*press.Delivery) { return func(d *press.Delivery) { d.Send = name } }

func in(c press.Country, l press.Lang) func(*press.Delivery) {
	return func(d *press.Delivery) { d.Country, d.Edition = c, l }
}

// copies are n copies to different addresses, in the order of their names.
func copies(n int, changes ...func(*press.Delivery)) []press.Delivery {
	ds := make([]press.Delivery, n)
	for i := range ds {
		ds[i] = copyTo(fmt.Sprintf("desk%05d@paper.example", i), changes...)
	}
	return ds
}

// stage begins an approval with its copies and does not end it.
func (h house) stage(slug string, ds ...press.Delivery) press.Approval {
	h.t.Helper()
	a := press.Approval{ID: store.NewID(), Release: slug, Digest: "digest of " + slug, By: "Olim", At: noon.Add(-time.Hour), Recipients: len(ds)}
	h.must(h.Stage(h.ctx(), a, press.Frozen{Release: releaseOf(slug)}))
	ds = slices.Clone(ds)
	for i := range ds {
		ds[i].Approval, ds[i].Release = a.ID, slug
	}
	h.must(h.StageDeliveries(h.ctx(), ds, a.At, nil))
	return a
}

// approve approves a release with these copies.
func (h house) approve(slug string, ds ...press.Delivery) press.Approval {
	h.t.Helper()
	a := h.stage(slug, ds...)
	h.must(h.Approve(h.ctx(), a, releaseOf(slug)))
	return a
}

func releaseOf(slug string) press.Release {
	return press.Release{Slug: slug, Sender: "conference", Topic: "security"}
}

// claim takes what is due at noon for a daemon.
func (h house) claim(daemon press.ID, limit int) []press.Delivery {
	h.t.Helper()
	ds, err := h.Claim(h.ctx(), daemon, noon, noon, limit)
	h.must(err)
	return ds
}

// record is Record at noon, and must succeed.
func (h house) record(daemon press.ID, results []press.Result, begin ...press.ID) map[press.ID]press.Verdict {
	h.t.Helper()
	v, err := h.Record(h.ctx(), daemon, results, begins(begin...), noon)
	h.must(err)
	return v
}

func begins(ids ...press.ID) []press.Begin {
	bs := make([]press.Begin, len(ids))
	for i, id := range ids {
		bs[i].Delivery = id
	}
	return bs
}

func result(id press.ID, s press.State) press.Result {
	return press.Result{Delivery: id, Outcome: press.Outcome{State: s, At: noon, Relay: "main", Verb: "DATA", Code: 250, Enhanced: "2.0.0", Text: "queued"}}
}

// sending gives a copy of a new release that berta has begun.
func (h house) sending(slug string, changes ...func(*press.Delivery)) press.ID {
	h.t.Helper()
	h.approve(slug, copyTo("a@paper.example", changes...))
	ds := h.claim(berta, 1)
	if len(ds) != 1 || ds[0].Release != slug {
		h.t.Fatalf("claimed %v, want the one copy of %s", ds, slug)
	}
	if v := h.record(berta, nil, ds[0].ID); v[ds[0].ID] != press.Go {
		h.t.Fatalf("the copy may not begin: %v", v)
	}
	return ds[0].ID
}

// restart is a new life of a daemon whose journal is gone: what it was sending
// is unknown, what it had claimed is given back.
func (h house) restart(daemon press.ID) press.Recovered {
	h.t.Helper()
	sending, err := h.Sending(h.ctx(), daemon)
	h.must(err)
	results := make([]press.Result, len(sending))
	for i, id := range sending {
		results[i] = press.Result{Delivery: id, Outcome: press.Outcome{State: press.Unknown, At: noon, Text: "the daemon died"}}
	}
	h.record(daemon, results)
	released, err := h.ReleaseOthers(h.ctx(), daemon, nil, noon)
	h.must(err)
	return press.Recovered{Released: released, Unknown: len(sending)}
}

// put makes deliveries stand in a state, in the ledger and in the queue, without
// the steps that lead there. Where says which ones.
func (h house) put(s press.State, where string, args ...any) {
	h.t.Helper()
	chosen := ` IN (SELECT id FROM deliveries WHERE ` + where + `)`
	h.must(h.exec(`DELETE FROM queue WHERE delivery_id`+chosen, args...))
	if s.Unsent() || s == press.Sending {
		h.must(h.exec(`INSERT INTO queue (delivery_id, approval_id, next_us, deadline_us) SELECT id, approval_id, due_us, deadline_us FROM deliveries WHERE id`+chosen, args...))
	}
	if s == press.Claimed || s == press.Sending {
		h.must(h.exec(`UPDATE queue SET claimed_by = ? WHERE delivery_id`+chosen, append([]any{berta}, args...)...))
	}
	h.must(h.exec(`UPDATE deliveries SET state = ? WHERE id`+chosen, append([]any{string(s)}, args...)...))
}

// next is when a delivery may be claimed.
func (h house) next(id press.ID) time.Time {
	h.t.Helper()
	return time.UnixMicro(get[int64](h, `SELECT next_us FROM queue WHERE delivery_id = ?`, id)).UTC()
}

// gate is what a daemon is told of releases.
func (h house) gate(daemon press.ID, slugs ...string) press.Gate {
	h.t.Helper()
	g, err := h.Gate(h.ctx(), daemon, slugs)
	h.must(err)
	return g
}

// now is the instant by the clock that judges daemons: the database's, or noon.
func (h house) now() time.Time {
	h.t.Helper()
	if at := h.gate(berta).Clock; !at.IsZero() {
		return at
	}
	return noon
}

// seen dates a daemon's last sign of life, which PostgreSQL else does by its own
// clock.
func (h house) seen(daemon press.ID, at time.Time) {
	h.t.Helper()
	h.must(h.exec(`UPDATE daemons SET seen_us = ? WHERE id = ?`, at.UnixMicro(), daemon))
}

func (h house) state(id press.ID) press.State {
	h.t.Helper()
	return get[press.State](h, `SELECT state FROM deliveries WHERE id = ?`, id)
}

func (h house) wantState(id press.ID, want press.State) {
	h.t.Helper()
	if got := h.state(id); got != want {
		h.t.Errorf("delivery %s is %s, want %s", id, got, want)
	}
}

// trail is a delivery's events as "from>to: text by whom".
func (h house) trail(id press.ID) []string {
	h.t.Helper()
	return list[string](h, `SELECT from_state || '>' || state || ': ' || reply || ' by ' || said_by FROM events WHERE delivery_id = ? ORDER BY id`, id)
}

func (h house) wantTrail(id press.ID, want ...string) {
	h.t.Helper()
	if got := h.trail(id); !slices.Equal(got, want) {
		h.t.Errorf("the trail of %s is\n%s\nwant\n%s", id, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// of is the id of an approval's copy to an address.
func (h house) of(a press.Approval, address string) press.ID {
	h.t.Helper()
	return get[press.ID](h, `SELECT id FROM deliveries WHERE approval_id = ? AND address = ?`, a.ID, address)
}

func ids(ds []press.Delivery) []press.ID {
	out := make([]press.ID, len(ds))
	for i, d := range ds {
		out[i] = d.ID
	}
	return out
}

func addressesOf(ds []press.Delivery) string {
	out := make([]string, len(ds))
	for i, d := range ds {
		out[i] = d.Address.Local()
	}
	return strings.Join(out, " ")
}
