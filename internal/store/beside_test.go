package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"dateline/internal/press"
)

// readers imports n contacts and gives their ids, and a copy for each.
func (h house) readers(n int) ([]press.ID, []press.Delivery) {
	h.t.Helper()
	people := make([]press.Contact, n)
	for i := range people {
		people[i] = press.Contact{Name: "a reader", Addresses: []press.Address{press.Address(fmt.Sprintf("reader%04d@paper.example", i))}, Country: "UZ", Languages: []press.Lang{"ru"}}
	}
	h.imports(people...)
	var ids []press.ID
	var ds []press.Delivery
	for c, err := range h.Contacts(h.ctx()) {
		h.must(err)
		ids = append(ids, c.ID)
		ds = append(ds, copyTo(string(c.Preferred()), func(d *press.Delivery) { d.Contact = c.ID }))
	}
	return ids, ds
}

// A lift claims, sends and records while people are erased and merged: nobody of
// them is refused because of another.
func TestErasuresAndMergesBesideALift(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		people, ds := h.readers(120)
		h.approve("tashkent", ds...)
		var all sync.WaitGroup
		done := make(chan struct{})
		all.Go(func() {
			defer close(done)
			for i := 0; i < len(people); i += 3 {
				if _, err := h.Erase(t.Context(), people[i], nil, ring.AddressKey, "Olim", noon); err != nil {
					t.Errorf("an erasure: %v", err)
				}
				if _, err := h.Merge(t.Context(), people[i+1], people[i+2], ring.AddressKey, "Olim", noon); err != nil {
					t.Errorf("a merge: %v", err)
				}
			}
		})
		for _, daemon := range []press.ID{berta, carla} {
			all.Go(func() {
				for going := true; going; {
					select {
					case <-done:
						going = false
					default:
					}
					if err := h.turn(daemon); err != nil {
						t.Errorf("a daemon's turn: %v", err)
						return
					}
				}
			})
		}
		all.Wait()
		if n := get[int](h, `SELECT COUNT(*) FROM deliveries WHERE address <> ''`); n != 80 {
			t.Errorf("%d copies have a person, want 80", n)
		}
	})
}

// turn claims some copies, begins them, hands half of them back as not sent and
// defers the others.
func (h house) turn(daemon press.ID) error {
	ds, err := h.Claim(h.ctx(), daemon, noon, noon, 100)
	if err != nil {
		return err
	}
	verdicts, err := h.Record(h.ctx(), daemon, nil, begins(ids(ds)...), noon)
	for err != nil && strings.Contains(err.Error(), "taken in between") { // by an erasure: it is asked again
		verdicts, err = h.Record(h.ctx(), daemon, nil, begins(ids(ds)...), noon)
	}
	if err != nil {
		return err
	}
	var results []press.Result
	for i, d := range ds {
		if verdicts[d.ID] == press.Go {
			r := result(d.ID, []press.State{press.Planned, press.Deferred}[i%2])
			r.Next = noon
			results = append(results, r)
		}
	}
	_, err = h.Record(h.ctx(), daemon, results, nil, noon)
	return err
}

// A person who is erased while an approval with a copy for them is staged is in
// none of it: neither in what was staged before, nor in what is staged after.
func TestErasedWhileAnApprovalIsStaged(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.reader(dilnoza())
		mine := func(slug string) []press.Delivery {
			return []press.Delivery{copyTo("dilnoza@uza.example", func(d *press.Delivery) { d.Contact, d.Name, d.Release = id, "Dilnoza Karimova", slug }), copyTo("aziz@kun.example")}
		}
		before := h.stage("before", mine("before")...)
		_, err := h.Erase(t.Context(), id, nil, ring.AddressKey, "Olim", noon)
		h.must(err)
		if n := get[int](h, `SELECT COUNT(*) FROM deliveries WHERE person LIKE 'Dilnoza K%' OR address LIKE 'dilnoza%'`); n != 0 {
			t.Errorf("%d copies that were staged before the erasure have the person", n)
		}
		after := h.stage("after", mine("after")...)
		for _, a := range []press.Approval{before, after} {
			h.must(h.Approve(t.Context(), a, releaseOf(a.Release)))
		}
		h.wantNowhere("dilnoza@", "karimova")
		if got := addressesOf(h.claim(berta, 10)); got != "aziz aziz" {
			t.Errorf("claimed the copies of %q", got)
		}
		if n := get[int](h, `SELECT COUNT(*) FROM deliveries WHERE state = 'skipped'`); n != 2 {
			t.Errorf("%d copies are skipped, want 2", n)
		}
		// An approval that is broken off goes with all that it has.
		h.stage("third", mine("third")...)
		id = h.reader(press.Contact{Name: "Aziz", Addresses: []press.Address{"aziz@kun.example"}, Country: "UZ", Languages: []press.Lang{"ru"}})
		_, err = h.Erase(t.Context(), id, nil, ring.AddressKey, "Olim", noon)
		h.must(err)
		h.must(h.SweepStaged(t.Context(), noon))
		if n := get[int](h, `SELECT COUNT(*) FROM deliveries WHERE release = 'third'`); n != 0 {
			t.Errorf("%d copies of the broken approval are left", n)
		}
	})
}
