package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/receipt"
	"dateline/internal/store"
)

// later is so long after all that a test has written that everything is old
// enough to be sealed.
func later() time.Time { return time.Now().Add(time.Hour) }

// sealAll seals whatever there is, and gives how many seals it took.
func (h house) sealAll() int {
	h.t.Helper()
	for n := 0; ; n++ {
		_, more, err := receipt.SealNext(h.ctx(), h.Store, ring, later())
		h.must(err)
		if !more {
			return n
		}
	}
}

func (h house) verify(release string) receipt.Verification {
	h.t.Helper()
	v, err := receipt.Verify(h.ctx(), h.Store, ring, release)
	h.must(err)
	return v
}

// trailed is a house with some trail, in two seals, and something unsealed.
func (h house) trailed() press.Approval {
	h.t.Helper()
	a := h.approve("tashkent", copies(6)...)
	ds := h.claim(berta, 6)
	h.record(berta, nil, ids(ds)...)
	h.record(berta, []press.Result{result(ds[0].ID, press.Accepted), result(ds[1].ID, press.Accepted), result(ds[2].ID, press.Unknown)})
	h.must(h.TestCopy(h.ctx(), "tashkent", keyOf("olim@house.example"), "ru", press.Outcome{State: press.Accepted, At: noon, Code: 250, Text: "queued"}))
	if h.sealAll() != 1 {
		h.t.Fatal("what was written is not one seal")
	}
	h.must(h.Hold(h.ctx(), "tashkent", "legal", "Olim", noon))
	h.record(berta, []press.Result{result(ds[3].ID, press.Rejected), result(ds[4].ID, press.Accepted)})
	if h.sealAll() != 1 {
		h.t.Fatal("what was written since is not one seal")
	}
	h.record(berta, []press.Result{result(ds[5].ID, press.Accepted)})
	return a
}

func TestSealedTrailIsWhole(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		if v := h.verify(""); !v.Whole() || v.Seals != 0 || v.Unsealed != 0 {
			t.Errorf("nothing at all: %+v", v)
		}
		h.trailed()
		v := h.verify("")
		if !v.Whole() || v.Seals != 2 || v.Computed != 2 || v.Events != 5 || v.Acts != 2 || v.Tests != 1 || v.Unsealed != 1 || time.Since(v.Since) > time.Minute {
			t.Errorf("%+v", v)
		}
		if v := h.verify("tashkent"); !v.Whole() || v.Computed != 2 || v.All {
			t.Errorf("of the release: %+v", v)
		}
		if n := h.sealAll(); n != 1 {
			t.Errorf("%d seals for the rest", n)
		}
		if n := h.sealAll(); n != 0 {
			t.Errorf("%d seals for nothing", n)
		}
	})
}

// What is too young is not sealed, nor does a seal take in more than it may.
func TestSealTakesWhatIsOldAndNoMoreThanItMay(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.trailed()
		h.must(h.exec(`DELETE FROM seals`))
		if _, more, err := receipt.SealNext(t.Context(), h.Store, ring, time.Now().Add(30*time.Second)); more || err != nil {
			t.Errorf("sealed what is 30 s old: %v", err)
		}
		var after press.ID
		for _, want := range []int{4, 2} {
			to, err := h.Stretch(t.Context(), after, later(), 4)
			h.must(err)
			sum, err := h.SumUp(t.Context(), after, to)
			h.must(err)
			if sum.Events != want {
				t.Errorf("a stretch has %d events, want %d", sum.Events, want)
			}
			after = to
		}
		if n, _, err := h.Entries(t.Context(), after); n != 0 || err != nil {
			t.Errorf("%d entries behind the last, %v", n, err)
		}
	})
}

// Every single change of what a seal covers, and of a seal, is found; what was
// not sealed yet may be anything.
func TestEveryChangeIsFound(t *testing.T) {
	id := func(table, nth string) string {
		return "(SELECT id FROM " + table + " ORDER BY id LIMIT 1 OFFSET " + nth + ")"
	}
	changes := map[string]string{
		"an event is taken away":           `DELETE FROM events WHERE id = ` + id("events", "1"),
		"the first event is taken away":    `DELETE FROM events WHERE id = ` + id("events", "0"),
		"an act is taken away":             `DELETE FROM acts WHERE id = ` + id("acts", "1"),
		"a test copy is taken away":        `DELETE FROM test_copies`,
		"an event is added":                `INSERT INTO events SELECT new.id, delivery_id, at_us, from_state, state, relay, verb, code, enhanced, reply, said_by, of_address FROM events, (SELECT id FROM deliveries ORDER BY id LIMIT 1) AS new WHERE events.id = ` + id("events", "1"),
		"two events swap their copies":     `UPDATE events SET delivery_id = CASE WHEN id = ` + id("events", "0") + ` THEN (SELECT delivery_id FROM events ORDER BY id LIMIT 1 OFFSET 1) ELSE (SELECT delivery_id FROM events ORDER BY id LIMIT 1) END WHERE id IN (` + id("events", "0") + `, ` + id("events", "1") + `)`,
		"a seal is taken away":             `DELETE FROM seals WHERE n = 1`,
		"a seal covers less":               `UPDATE seals SET to_id = ` + id("events", "1") + ` WHERE n = 1`,
		"a seal has another number":        `UPDATE seals SET n = 7 WHERE n = 2`,
		"a seal begins later":              `UPDATE seals SET after_id = ` + id("events", "3") + ` WHERE n = 2`,
		"a seal was made at another time":  `UPDATE seals SET at_us = at_us + 1 WHERE n = 2`,
		"a seal counts otherwise":          `UPDATE seals SET events = events + 1, acts = acts - 1 WHERE n = 2`,
		"a seal has another digest":        `UPDATE seals SET digest = previous WHERE n = 2`,
		"a seal has another previous mark": `UPDATE seals SET previous = digest WHERE n = 2`,
		"a seal has another mark":          `UPDATE seals SET mark = digest WHERE n = 2`,
		"a digest is computed anew":        `UPDATE seals SET mark = (SELECT digest FROM seals WHERE n = 2) WHERE n = 1`,
	}
	for _, column := range []string{"relay", "verb", "enhanced", "said_by", "from_state", "state"} {
		changes["an event's "+column] = `UPDATE events SET ` + column + ` = ` + column + ` || 'x' WHERE id = ` + id("events", "2")
	}
	for _, column := range []string{"at_us", "code"} {
		changes["an event's "+column] = `UPDATE events SET ` + column + ` = ` + column + ` + 1 WHERE id = ` + id("events", "2")
	}
	changes["an event's of_address"] = `UPDATE events SET of_address = 1 - of_address WHERE id = ` + id("events", "2")
	changes["an event's copy"] = `UPDATE events SET delivery_id = ` + id("deliveries", "5") + ` WHERE id = ` + id("events", "2")
	changes["an event's id"] = `UPDATE events SET id = ` + id("deliveries", "0") + ` WHERE id = ` + id("events", "2")
	for _, column := range []string{"release", "act", "said_by", "detail"} {
		changes["an act's "+column] = `UPDATE acts SET ` + column + ` = ` + column + ` || 'x' WHERE id = ` + id("acts", "1")
	}
	changes["an act's at_us"] = `UPDATE acts SET at_us = at_us - 1 WHERE id = ` + id("acts", "0")
	for _, column := range []string{"release", "edition", "state"} {
		changes["a test copy's "+column] = `UPDATE test_copies SET ` + column + ` = ` + column + ` || 'x'`
	}
	changes["a test copy's at_us"] = `UPDATE test_copies SET at_us = at_us + 1`
	changes["a test copy's id"] = `UPDATE test_copies SET id = address_key`
	changes["an act's id"] = `UPDATE acts SET id = (SELECT id FROM deliveries ORDER BY id LIMIT 1) WHERE id = (SELECT id FROM acts ORDER BY id LIMIT 1)`
	changes["a test copy's code"] = `UPDATE test_copies SET code = 550`
	changes["a test copy's mailbox"] = `UPDATE test_copies SET address_key = id`
	eachStore(t, func(t *testing.T, h house) {
		h.trailed()
		sealed := []string{"events", "acts", "test_copies", "seals"}
		h.keep(sealed...)
		for name, change := range changes {
			t.Run(name, func(t *testing.T) {
				h := house{h.Store, t, h.db}
				defer h.putBack(sealed...)
				h.must(h.exec(change))
				v := h.verify("")
				if v.Whole() {
					t.Errorf("nobody notices: %+v", v)
				}
				for _, b := range v.Breaks {
					if b.What == "" || b.To.Before(b.From) {
						t.Errorf("it is told as %+v", b)
					}
				}
			})
		}
		if v := h.verify(""); !v.Whole() {
			t.Errorf("it is broken though nothing was changed: %+v", v)
		}
		h.must(h.exec(`UPDATE events SET code = 999 WHERE id = (SELECT id FROM events ORDER BY id DESC LIMIT 1)`))
		if v := h.verify(""); !v.Whole() {
			t.Errorf("what is not sealed broke a seal: %+v", v)
		}
	})
}

// keep keeps tables as they are; putBack brings them back.
func (h house) keep(tables ...string) {
	h.t.Helper()
	for _, table := range tables {
		h.must(h.exec(`CREATE TABLE kept_` + table + ` AS SELECT * FROM ` + table))
	}
}

func (h house) putBack(tables ...string) {
	h.t.Helper()
	for _, table := range tables {
		h.must(h.exec(`DELETE FROM ` + table))
		h.must(h.exec(`INSERT INTO ` + table + ` SELECT * FROM kept_` + table))
	}
}

// Whoever can write the store and has no keys file cannot make the chain anew.
func TestNoSealWithoutTheKeys(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.trailed()
		h.must(h.exec(`DELETE FROM seals`))
		h.must(h.exec(`UPDATE events SET code = 999`))
		for {
			_, more, err := receipt.SealNext(t.Context(), h.Store, keyring("another key, also of 32 bytes!!!"), later())
			h.must(err)
			if !more {
				break
			}
		}
		if v := h.verify(""); v.Whole() || v.Seals == 0 {
			t.Errorf("it is whole: %+v", v)
		}
	})
}

// Two daemons that seal at once make one chain.
func TestTwoDaemonsSealAtOnce(t *testing.T) {
	twice := func(t *testing.T, url string) {
		h := openHouse(t, url)
		other, err := store.Open(t.Context(), url)
		h.must(err)
		defer other.Close()
		for round := range 5 {
			h.approve(fmt.Sprintf("release-%d", round), copies(3)...)
			var both sync.WaitGroup
			var made [2]int
			for i, s := range []*store.Store{h.Store, other} {
				both.Go(func() {
					_, more, err := receipt.SealNext(context.Background(), s, ring, later())
					if err != nil {
						t.Error(err)
					}
					if more {
						made[i]++
					}
				})
			}
			both.Wait()
			if made[0]+made[1] != 1 {
				t.Errorf("round %d made %v seals", round, made)
			}
		}
		if v := h.verify(""); !v.Whole() || v.Seals != 5 || v.Acts != 5 {
			t.Errorf("%+v", v)
		}
	}
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) { twice(t, kind.url(t)) })
	}
}

// What age and an erasure take away is in no seal.
func TestRetentionAndErasureBreakNoSeal(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		c := h.readersCopy("tashkent", h.reader(dilnoza()), "dilnoza@uza.example")
		h.put(press.Accepted, "id = ?", c.Delivery)
		h.take(mail("m1", says(c.Delivery, press.TieToken, press.ReportDelivered, "")))
		h.approve("samarkand", copyTo("a@paper.example"))
		ds := ids(h.claim(berta, 1))
		h.record(berta, nil, ds...)
		refused := result(ds[0], press.Rejected)
		refused.Outcome.Text = "550 no such user a@paper.example"
		h.record(berta, []press.Result{refused})
		h.sealAll()
		wantWhole := func(after string) {
			t.Helper()
			if v := h.verify(""); !v.Whole() || v.Events < 2 {
				t.Errorf("after %s: %+v", after, v)
			}
		}
		h.must(h.exec(`UPDATE deliveries SET updated_us = ?`, noon.UnixMicro()))
		h.ages(press.Retention{Mails: time.Hour, Ledger: time.Hour}, time.Now().Add(100*24*time.Hour))
		wantWhole("all came of age")
		if left := get[int](h, `SELECT COUNT(*) FROM events WHERE reply LIKE '%@%'`); left != 0 {
			t.Errorf("%d replies still name an address", left)
		}
		_, err := h.Erase(t.Context(), press.ID{7}, []press.AddressKey{keyOf("a@paper.example"), c.Key}, ring.AddressKey, "Olim", noon)
		h.must(err)
		wantWhole("an erasure")
	})
}

// A daemon that dies before its seal is written leaves nothing behind; the next
// one seals the same.
func TestACrashBeforeTheSealLeavesNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.trailed()
		dying, die := context.WithCancel(t.Context())
		if _, more, err := receipt.SealNext(dying, crashing{h.Store, die}, ring, later()); more || err == nil {
			t.Fatalf("a dead daemon sealed: %v", err)
		}
		if n := h.sealAll(); n != 1 {
			t.Errorf("%d seals, want 1", n)
		}
		if v := h.verify(""); !v.Whole() || v.Seals != 3 || v.Unsealed != 0 {
			t.Errorf("%+v", v)
		}
	})
}

// crashing ends its daemon once all is added up.
type crashing struct {
	*store.Store
	die context.CancelFunc
}

func (c crashing) SumUp(ctx context.Context, after, to press.ID) (press.Sum, error) {
	defer c.die()
	return c.Store.SumUp(ctx, after, to)
}
