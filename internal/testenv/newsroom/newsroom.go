// Package newsroom is a small press office for tests of what stands above the
// use cases: a real store with the sample's release in its eight languages, made-up
// contacts, and a clock that tests set.
package newsroom

import (
	"io/fs"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"dateline/internal/config"
	"dateline/internal/contactfile"
	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/internal/store"
	"dateline/templates"
)

// Slug is the sample's release.
const Slug = "tashkent-2022"

// Lift is when its embargo lifts.
func Lift() time.Time { return time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC) }

// Newsroom is a press office.
type Newsroom struct {
	Store *store.Store
	Desk  *desk.Desk
	Keys  press.Keyring

	t   testing.TB
	mu  sync.Mutex
	now time.Time
}

// Open opens one over a store, with so many contacts; the sample's folder lies at
// dir. Of its editions those in the languages are kept, or all; each takes its time
// to compose. The clock stands at two days before the lift.
func Open(t testing.TB, dir, url string, contacts int, langs ...press.Lang) *Newsroom {
	t.Helper()
	if url == "" {
		url = "sqlite://" + filepath.Join(t.TempDir(), "dateline.db")
	}
	s, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	ring, err := press.ParseKeyring(press.FormatKeyring(make([]byte, 32), make([]byte, 32)))
	if err != nil {
		t.Fatal(err)
	}
	n := &Newsroom{Store: s, Keys: ring, t: t, now: Lift().Add(-50 * time.Hour)}
	batch := press.ImportBatch{Key: ring.AddressKey}
	for c := range contactfile.Generate(contacts, 1) {
		batch.Rows = append(batch.Rows, press.ImportRow{Contact: c})
	}
	if _, _, err := s.ImportContacts(t.Context(), batch, n.now); err != nil {
		t.Fatal(err)
	}
	n.Desk = &desk.Desk{Store: s, Config: load(t, dir), Keys: ring, NewID: store.NewID}
	if f := &n.Desk.Config.Releases[0]; len(langs) > 0 {
		f.Editions = slices.DeleteFunc(f.Editions, func(e press.Edition) bool { return !slices.Contains(langs, e.Lang) })
	}
	return n
}

func load(t testing.TB, dir string) *config.Config {
	t.Helper()
	shipped := map[string]string{}
	err := fs.WalkDir(templates.Files, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := templates.Files.ReadFile(path)
		shipped[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(dir, shipped, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Now is the newsroom's clock.
func (n *Newsroom) Now() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now
}

// Set sets the clock.
func (n *Newsroom) Set(at time.Time) {
	n.mu.Lock()
	n.now = at
	n.mu.Unlock()
}

// Approved has the sample's release approved.
func (n *Newsroom) Approved() press.Approval {
	n.t.Helper()
	p, err := n.Desk.Plan(n.t.Context(), Slug, n.Now(), false)
	if err != nil {
		n.t.Fatal(err)
	}
	a, err := n.Desk.Approve(n.t.Context(), desk.Yes{Release: Slug, Digest: p.Digest, By: "Dilnoza Karimova"}, n.Now(), func(int, int) {})
	if err != nil {
		n.t.Fatal(err)
	}
	return a
}

// Sent has so many copies leave at the clock's instant, 7 ms after each other,
// and end as a function says.
func (n *Newsroom) Sent(copies int, became func(i int, d press.Delivery) press.Outcome) []press.Delivery {
	n.t.Helper()
	ctx, now := n.t.Context(), n.Now()
	daemon := store.NewID()
	if err := n.Store.RecordDaemon(ctx, daemon, "press1", 4711, now.Add(-time.Hour), now, ""); err != nil {
		n.t.Fatal(err)
	}
	claimed, err := n.Store.Claim(ctx, daemon, now, now, copies)
	if err != nil {
		n.t.Fatal(err)
	}
	var begin []press.Begin
	var results []press.Result
	for i, d := range claimed {
		begin = append(begin, press.Begin{Delivery: d.ID})
		o := became(i, d)
		o.At = now.Add(time.Duration(i) * 7 * time.Millisecond)
		r := press.Result{Delivery: d.ID, Outcome: o}
		if o.State == press.Deferred {
			r.Next = now.Add(time.Minute)
		}
		results = append(results, r)
	}
	if _, err := n.Store.Record(ctx, daemon, nil, begin, now); err != nil {
		n.t.Fatal(err)
	}
	if _, err := n.Store.Record(ctx, daemon, results, nil, now); err != nil {
		n.t.Fatal(err)
	}
	return claimed
}
