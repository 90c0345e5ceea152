package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dateline/internal/press"
	"dateline/internal/receipt"
	"dateline/internal/store"
)

// machine does to a store, in random order, what desks and daemons do. What it
// keeps of it is only what a daemon would: its claims, what it sent, the clock.
type machine struct {
	h     house
	t     *rapid.T
	now   time.Time
	have  map[press.ID][]press.ID // by daemon: claimed
	sent  map[press.ID][]press.ID // by daemon: begun
	begun map[copyOf]press.ID     // every copy that was let go, and was not proved unsent
	each  time.Duration           // between two messages to paper.example; 0: no limit
	last  time.Time               // when the last one was let go
}

type copyOf struct {
	release, send string
	key           press.AddressKey
}

var machineReleases = []string{"tashkent", "astana"}

func (m *machine) slug() string { return rapid.SampledFrom(machineReleases).Draw(m.t, "release") }

func (m *machine) daemon() press.ID {
	return rapid.SampledFrom([]press.ID{berta, carla}).Draw(m.t, "daemon")
}

func (m *machine) ok(err error) {
	if err != nil {
		m.t.Fatal(err)
	}
}

// act is ok for what only an approved release takes.
func (m *machine) act(err error) {
	if _, never := errors.AsType[press.ErrNeverApproved](err); !never {
		m.ok(err)
	}
}

func (m *machine) Approve(t *rapid.T) {
	m.t = t
	slug := m.slug()
	a := press.Approval{ID: store.NewID(), Release: slug, Digest: "d", By: "Olim", At: m.now}
	m.ok(m.h.Stage(m.h.ctx(), a, press.Frozen{}))
	var ds []press.Delivery
	for _, send := range []string{"advance", "general"} {
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 4), 0, 3, rapid.ID[int]).Draw(t, send) {
			wait := time.Duration(rapid.IntRange(-30, 30).Draw(t, "minutes")) * time.Minute
			d := copyTo(fmt.Sprintf("desk%d@paper.example", i), inSend(send), due(m.now.Add(wait)))
			d.Approval, d.Release = a.ID, slug
			ds = append(ds, d)
			if rapid.IntRange(0, 3).Draw(t, "follow-up") == 0 {
				d.Send, d.After = "follow-"+send, send
				ds = append(ds, d)
			}
		}
	}
	m.ok(m.h.StageDeliveries(m.h.ctx(), ds, m.now, nil))
	if rapid.IntRange(0, 9).Draw(t, "crash") == 0 {
		return // it stays staged
	}
	m.ok(m.h.Approve(m.h.ctx(), a, releaseOf(slug)))
}

func (m *machine) Claim(t *rapid.T) {
	m.t = t
	d := m.daemon()
	ds, err := m.h.Claim(m.h.ctx(), d, m.now.Add(time.Minute), m.now, rapid.IntRange(1, 5).Draw(t, "limit"))
	m.ok(err)
	m.have[d] = append(m.have[d], ids(ds)...)
}

// Record tells what became of some of what a daemon sent, and begins some of
// what it has; now and then once more, as if the answer had been lost.
func (m *machine) Record(t *rapid.T) {
	m.t = t
	d := m.daemon()
	var results []press.Result
	for range rapid.IntRange(0, len(m.sent[d])).Draw(t, "results") {
		id := m.sent[d][0]
		m.sent[d] = m.sent[d][1:]
		r := result(id, rapid.SampledFrom(press.Sending.Next()).Draw(t, "outcome"))
		r.Outcome.At = m.now
		if r.Outcome.State == press.Deferred {
			r.Next = m.now.Add(time.Minute)
		}
		results = append(results, r)
	}
	n := rapid.IntRange(0, len(m.have[d])).Draw(t, "begins")
	begin := begins(m.have[d][:n]...)
	m.have[d] = m.have[d][n:]
	v, err := m.h.Record(m.h.ctx(), d, results, begin, m.now)
	m.ok(err)
	for _, r := range results {
		if r.Outcome.State == press.Deferred || r.Outcome.State == press.Rejected || r.Outcome.State == press.Planned {
			m.unsent(r.Delivery)
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "lost answer") == 0 {
		for i := range begin {
			begin[i].Again = true
		}
		for id, verdict := range v {
			if verdict != press.Go {
				begin = deleteBegin(begin, id)
			}
		}
		if rapid.Bool().Draw(t, "killed meanwhile") {
			m.act(m.h.Kill(m.h.ctx(), m.slug(), "wrong", "Olim", m.now))
		}
		v, err = m.h.Record(m.h.ctx(), d, results, begin, m.now)
		m.ok(err)
	}
	for _, id := range slices.SortedFunc(maps.Keys(v), func(a, b press.ID) int { return bytes.Compare(a[:], b[:]) }) {
		if v[id] == press.Go {
			m.sent[d] = append(m.sent[d], id)
			m.goes(id)
		}
	}
}

func deleteBegin(bs []press.Begin, id press.ID) []press.Begin {
	for i, b := range bs {
		if b.Delivery == id {
			return append(bs[:i:i], bs[i+1:]...)
		}
	}
	return bs
}

// goes holds what is let go against what went before.
func (m *machine) goes(id press.ID) {
	box := m.box(id)
	if before, twice := m.begun[box]; twice && before != id {
		m.t.Fatalf("%s gets a copy of %s %s, and has or may have one (%s)", id, box.release, box.send, before)
	}
	m.begun[box] = id
	if m.each > 0 {
		if m.now.Sub(m.last) < m.each {
			m.t.Fatalf("%s was let go %v after the last one, with a limit of %v", id, m.now.Sub(m.last), m.each)
		}
		m.last = m.now
	}
	if send, follows := strings.CutPrefix(box.send, "follow-"); follows {
		if n := get[int](m.h, `SELECT COUNT(*) FROM deliveries WHERE release = ? AND send = ? AND address_key = ? AND state IN ('accepted', 'delivered')`, box.release, send, box.key); n != 1 {
			m.t.Fatalf("%s follows up a copy that was not accepted", id)
		}
	}
	control := m.h.control(box.release)
	if control.Held != "" || control.Killed != "" {
		m.t.Fatalf("%s was let go, with the control %+v", id, control)
	}
}

// unsent forgets that a copy was let go, unless it was let go again meanwhile.
func (m *machine) unsent(id press.ID) {
	if box := m.box(id); m.begun[box] == id && !m.h.state(id).MayHaveLeft() {
		delete(m.begun, box)
	}
}

func (m *machine) box(id press.ID) copyOf {
	var row struct {
		Release string           `db:"release"`
		Send    string           `db:"send"`
		Key     press.AddressKey `db:"address_key"`
	}
	m.h.must(m.h.DB().GetContext(m.h.ctx(), &row, m.h.DB().Rebind(`SELECT release, send, address_key FROM deliveries WHERE id = ?`), id))
	return copyOf{row.Release, row.Send, row.Key}
}

func (m *machine) Release(t *rapid.T) {
	m.t = t
	d := m.daemon()
	m.ok(m.h.Release(m.h.ctx(), d, m.have[d], m.now))
	m.have[d] = nil
}

// Restart is a crash and a new start of a daemon, without its journal.
func (m *machine) Restart(t *rapid.T) {
	m.t = t
	d := m.daemon()
	sending, err := m.h.Sending(m.h.ctx(), d)
	m.ok(err)
	var results []press.Result
	for _, id := range sending {
		results = append(results, press.Result{Delivery: id, Outcome: press.Outcome{State: press.Unknown, At: m.now}})
	}
	_, err = m.h.Record(m.h.ctx(), d, results, nil, m.now)
	m.ok(err)
	_, err = m.h.ReleaseOthers(m.h.ctx(), d, nil, m.now)
	m.ok(err)
	m.have[d] = nil
	if rapid.Bool().Draw(t, "memory lost") {
		m.sent[d] = nil
	}
}

// TakeOver settles what one daemon has, which knows nothing of it: it goes on
// with what it believes to have, and tells what became of what it sent.
func (m *machine) TakeOver(t *rapid.T) {
	m.t = t
	_, err := m.h.TakeOver(m.h.ctx(), m.daemon(), 0, m.now)
	m.ok(err)
}

// Limit sets how fast mail may go to the one domain of all these copies.
func (m *machine) Limit(t *rapid.T) {
	m.t = t
	limits := map[string]time.Duration{}
	if m.each = time.Duration(rapid.IntRange(0, 3).Draw(t, "minutes")) * 10 * time.Minute; m.each > 0 {
		limits["paper.example"] = m.each
	} else {
		m.last = time.Time{} // a limit that comes later knows nothing of before
	}
	m.ok(m.h.LimitDomains(m.h.ctx(), limits))
}

func (m *machine) Replan(t *rapid.T) {
	m.t = t
	_, err := m.h.Replan(m.h.ctx(), m.now)
	m.ok(err)
	for _, id := range m.begun { // the policy has it that these may leave twice
		if m.h.state(id) == press.Planned {
			m.unsent(id)
		}
	}
}

func (m *machine) Sweep(t *rapid.T) {
	m.t = t
	_, err := m.h.Sweep(m.h.ctx(), m.now)
	m.ok(err)
	m.ok(m.h.SweepStaged(m.h.ctx(), m.now.Add(-time.Hour)))
}

func (m *machine) Hold(t *rapid.T) {
	m.t = t
	by := rapid.SampledFrom([]string{"Olim", press.ByDateline}).Draw(t, "by")
	m.act(m.h.Hold(m.h.ctx(), m.slug(), "wait", by, m.now))
}

func (m *machine) Resume(t *rapid.T) {
	m.t = t
	m.act(m.h.Resume(m.h.ctx(), m.slug(), "Olim", m.now))
}

func (m *machine) Kill(t *rapid.T) {
	m.t = t
	if rapid.IntRange(0, 4).Draw(t, "really") == 0 {
		m.act(m.h.Kill(m.h.ctx(), m.slug(), "wrong", "Olim", m.now))
	}
}

func (m *machine) Suppress(t *rapid.T) {
	m.t = t
	key := keyOf(fmt.Sprintf("desk%d@paper.example", rapid.IntRange(0, 4).Draw(t, "address")))
	m.ok(m.h.Suppress(m.h.ctx(), key, rapid.SampledFrom([]string{"all", "topic:security", "topic:sport"}).Draw(t, "scope"), "opted out", "a", m.now))
}

func (m *machine) Wait(t *rapid.T) {
	m.t = t
	m.now = m.now.Add(time.Duration(rapid.IntRange(1, 45).Draw(t, "minutes")) * time.Minute)
}

// Seal seals all that was written so far; nothing that comes after may break it.
func (m *machine) Seal(t *rapid.T) {
	m.t = t
	if v := m.h.verify(""); !v.Whole() {
		t.Fatalf("the trail is broken: %+v", v.Breaks)
	}
	m.h.sealAll()
	if v := m.h.verify(""); !v.Whole() || v.Unsealed > 0 {
		t.Fatalf("what was just sealed is broken, or %d entries are not sealed: %+v", v.Unsealed, v.Breaks)
	}
}

// Held compares who holds a copy by the trail with who does by the ledger.
func (m *machine) Held(t *rapid.T) {
	m.t = t
	slug := m.slug()
	want, err := m.h.HeldCopies(m.h.ctx(), slug)
	m.ok(err)
	later := m.now.Add(1000 * time.Hour)
	r, err := receipt.Draw(m.h.ctx(), m.h.Store, ring, receipt.Ask{Release: slug, HeldAt: later}, later)
	m.act(err)
	if err == nil && r.Held.Copies != len(want) {
		t.Fatalf("by the trail %d copies of %s are held, by the ledger %d", r.Held.Copies, slug, len(want))
	}
}

// Check is what must be true after every step.
func (m *machine) Check(t *rapid.T) {
	events := list[struct {
		ID       press.ID    `db:"id"`
		Delivery press.ID    `db:"delivery_id"`
		From     press.State `db:"from_state"`
		To       press.State `db:"state"`
		AtUS     int64       `db:"at_us"`
	}](m.h, `SELECT id, delivery_id, from_state, state, at_us FROM events ORDER BY at_us, id`)
	last := map[press.ID]press.State{}
	var newest press.ID
	for _, e := range events {
		if !e.From.MayBecome(e.To) {
			t.Fatalf("%s went from %s to %s", e.Delivery, e.From, e.To)
		}
		// Claims and begins leave no event: from the last one the delivery must have got here without one.
		if before, has := last[e.Delivery]; has && !silently(before, e.From) {
			t.Fatalf("%s went to %s, and then on from %s", e.Delivery, before, e.From)
		}
		if bytes.Compare(e.ID[:], newest[:]) <= 0 {
			t.Fatalf("event %s was written after %s", e.ID, newest)
		}
		last[e.Delivery], newest = e.To, e.ID
	}
	rows := list[struct {
		ID      press.ID         `db:"id"`
		State   press.State      `db:"state"`
		Release string           `db:"release"`
		Send    string           `db:"send"`
		Key     press.AddressKey `db:"address_key"`
		By      press.ID         `db:"claimed_by"`
		Queued  bool             `db:"is_queued"`
		NextUS  int64            `db:"next_us"`
		EndUS   int64            `db:"deadline_us"`
		DueUS   int64            `db:"due_us"`
	}](m.h, `SELECT d.id, d.state, d.release, d.send, d.address_key, q.claimed_by, q.delivery_id IS NOT NULL AS is_queued,
		COALESCE(q.next_us, d.due_us) AS next_us, d.deadline_us, d.due_us FROM deliveries d LEFT JOIN queue q ON q.delivery_id = d.id`)
	left := map[copyOf]press.ID{}
	for _, r := range rows {
		if before, has := last[r.ID]; has && !silently(before, r.State) {
			t.Fatalf("%s is %s, and its last event says %s", r.ID, r.State, before)
		}
		if claimed := r.State == press.Claimed || r.State == press.Sending; claimed == r.By.IsZero() {
			t.Fatalf("%s is %s, and claimed by %s", r.ID, r.State, r.By)
		}
		if waits := r.State.Unsent() || r.State == press.Sending; waits != r.Queued {
			t.Fatalf("%s is %s, and that it is in the queue is %v", r.ID, r.State, r.Queued)
		}
		if r.NextUS < r.DueUS || r.NextUS > r.EndUS {
			t.Fatalf("%s may be claimed at %d, and is due from %d to %d", r.ID, r.NextUS, r.DueUS, r.EndUS)
		}
		if r.State.MayHaveLeft() {
			box := copyOf{r.Release, r.Send, r.Key}
			if other, two := left[box]; two {
				t.Fatalf("%s and %s are two copies for one address", r.ID, other)
			}
			left[box] = r.ID
		}
	}
}

// silently tells whether a delivery may go from one state to the other without
// an event: claims, their return and begins are columns, not outcomes.
func silently(from, to press.State) bool {
	if from == to {
		return true
	}
	waits := from == press.Planned || from == press.Deferred
	return waits && (to == press.Planned || to == press.Claimed || to == press.Sending)
}

// TestAnySequenceOfOperations is the property. Of the sequences that
// `-rapid.checks` sets SQLite has every second one, and PostgreSQL every tenth.
func TestAnySequenceOfOperations(t *testing.T) {
	every := map[string]int{"sqlite": 2, "postgres": 10}
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			h := openHouse(t, kind.url(t))
			if kind.name == "sqlite" {
				// The property is about states; what a power cut does is no part of it.
				h.DB().SetMaxOpenConns(1)
				h.must(h.exec(`PRAGMA synchronous = OFF`))
			}
			checkEvery(t, every[kind.name], func(rt *rapid.T) {
				for _, table := range []string{"taken", "seals", "events", "acts", "queue", "deliveries", "releases", "approvals", "suppressions", "domain_limits"} {
					h.must(h.exec("DELETE FROM " + table))
				}
				m := &machine{h: h, now: noon, have: map[press.ID][]press.ID{}, sent: map[press.ID][]press.ID{}, begun: map[copyOf]press.ID{}}
				rt.Repeat(rapid.StateMachineActions(m))
			})
		})
	}
}

// checkEvery is rapid.Check for a property that takes long with a database: of
// the cases that `-rapid.checks` sets it has one in so many. Each run draws
// others.
func checkEvery(t *testing.T, one int, property func(*rapid.T)) {
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		if runs++; runs%one == 1 {
			property(rt)
		}
	})
}
