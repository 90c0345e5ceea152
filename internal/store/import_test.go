package store_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/store"
)

func uza() press.Outlet {
	return press.Outlet{Name: "UzA", Country: "UZ", Kind: press.Wire, Website: "https://uza.example", Zone: "Asia/Tashkent", Agreement: press.Agreement{On: press.Date{Year: 2021, Month: 5, Day: 6}, By: "Olim"}}
}

func gazeta() press.Outlet { return press.Outlet{Name: "Gazeta", Country: "UZ", Kind: press.Online} }

// dilnoza has a value in every field.
func dilnoza() press.Contact {
	return press.Contact{
		Name: "Dilnoza Karimova", Addresses: []press.Address{"dilnoza@uza.example", "d.karimova@gazeta.example"}, Country: "UZ",
		Languages: []press.Lang{"uz-Latn", "ru"}, Beats: []string{"security", "courts and law"}, Tags: []string{"Tashkent 2022"},
		Zone: "Asia/Tashkent", LegalBasis: "legitimate interest", Source: "UzA's masthead", Outlets: []press.Outlet{uza(), gazeta()},
	}
}

func (h house) imports(cs ...press.Contact) press.Imported {
	h.t.Helper()
	done, _, err := h.ImportContacts(h.ctx(), batchOf(cs...), noon)
	h.must(err)
	return done
}

// batchOf makes a batch whose rows stand on the lines from 2 on.
func batchOf(cs ...press.Contact) press.ImportBatch {
	b := press.ImportBatch{Key: ring.AddressKey}
	for i, c := range cs {
		b.Rows = append(b.Rows, press.ImportRow{Line: i + 2, Contact: c})
	}
	return b
}

// contacts reads all contacts, without the ids that differ from run to run.
func (h house) contacts() []press.Contact {
	h.t.Helper()
	var all []press.Contact
	for c, err := range h.Contacts(h.ctx()) {
		h.must(err)
		c.ID = press.ID{}
		for i := range c.Outlets {
			c.Outlets[i].ID = press.ID{}
		}
		all = append(all, c)
	}
	return all
}

func (h house) wantContacts(want ...press.Contact) {
	h.t.Helper()
	if got := h.contacts(); !reflect.DeepEqual(got, want) {
		h.t.Errorf("the contacts are\n%+v\nwant\n%+v", got, want)
	}
}

func wantImported(t *testing.T, got, want press.Imported) {
	t.Helper()
	if got != want {
		t.Errorf("the import counts %+v, want %+v", got, want)
	}
}

func TestImportTwiceChangesNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		desk := press.Contact{Addresses: []press.Address{"desk@akipress.example"}, Country: "KG", Languages: []press.Lang{"ky"}}
		wantImported(t, h.imports(dilnoza(), desk), press.Imported{New: 2, Outlets: 2})
		h.wantContacts(dilnoza(), desk)
		updated := get[int64](h, `SELECT MAX(updated_us) FROM contacts`)
		done, _, err := h.ImportContacts(t.Context(), batchOf(dilnoza(), desk), noon.Add(time.Hour))
		h.must(err)
		wantImported(t, done, press.Imported{Unchanged: 2})
		h.wantContacts(dilnoza(), desk)
		if now := get[int64](h, `SELECT MAX(updated_us) FROM contacts`); now != updated {
			t.Errorf("an import that changed nothing counts as a change of %d", now)
		}
	})
}

func TestImportOverwritesWithAllButNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.imports(dilnoza())
		wantImported(t, h.imports(press.Contact{Addresses: dilnoza().Addresses[:1]}), press.Imported{Unchanged: 1})
		h.wantContacts(dilnoza())

		wantImported(t, h.imports(press.Contact{Addresses: dilnoza().Addresses[:1], Zone: "Asia/Samarkand", Beats: []string{"sport"}}), press.Imported{Changed: 1})
		changed := dilnoza()
		changed.Zone, changed.Beats = "Asia/Samarkand", []string{"sport"}
		h.wantContacts(changed)
	})
}

func TestImportKnowsAContactByAnyAddress(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.imports(dilnoza())
		wantImported(t, h.imports(press.Contact{Addresses: []press.Address{"DILNOZA@uza.example"}}), press.Imported{Unchanged: 1})
		wantImported(t, h.imports(press.Contact{Addresses: []press.Address{"d.karimova@gazeta.example"}, Source: "a card"}), press.Imported{Changed: 1})
		want := dilnoza()
		want.Source = "a card"
		h.wantContacts(want)
	})
}

// What is added later comes after what is on file: an import never changes by
// itself where a contact's mail goes, nor which outlet counts first.
func TestImportAppendsAddressesAndOutlets(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		want := dilnoza()
		h.imports(want)
		radio := press.Outlet{Name: "A Radio", Country: "UZ", Kind: press.Radio}
		wantImported(t, h.imports(press.Contact{
			Addresses: []press.Address{"a.first@radio.example", "z@radio.example", want.Addresses[1]}, Outlets: []press.Outlet{radio, gazeta()},
		}), press.Imported{Merged: 1, Outlets: 1})
		want.Addresses = append(want.Addresses, "a.first@radio.example", "z@radio.example")
		want.Outlets = append(want.Outlets, radio)
		h.wantContacts(want)
	})
}

func TestImportLeavesAnAddressWithItsContact(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		aziz := press.Contact{Name: "Aziz", Addresses: []press.Address{"aziz@kun.example"}, Country: "UZ", Languages: []press.Lang{"ru"}}
		h.imports(dilnoza(), aziz)
		wantImported(t, h.imports(press.Contact{Addresses: []press.Address{"aziz@kun.example", "dilnoza@uza.example"}}), press.Imported{Unchanged: 1, Clashes: 1})
		h.wantContacts(dilnoza(), aziz)
	})
}

func TestImportMakesAnOutletOnceAndFillsIt(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		at := func(address press.Address, o press.Outlet) press.Contact {
			return press.Contact{Addresses: []press.Address{address}, Country: "UZ", Languages: []press.Lang{"ru"}, Outlets: []press.Outlet{o}}
		}
		bare := press.Outlet{Name: "UZA", Country: "UZ"} // in other letters, and with nothing else
		abroad := press.Outlet{Name: "UzA", Country: "KZ"}
		wantImported(t, h.imports(at("a@uza.example", bare), at("b@uza.example", abroad)), press.Imported{New: 2, Outlets: 2})

		// What is known later is filled in; who has the agreement counts.
		wantImported(t, h.imports(at("c@uza.example", uza())), press.Imported{New: 1})
		filled := uza()
		filled.Name = "UZA"
		h.wantContacts(at("a@uza.example", filled), at("b@uza.example", abroad), at("c@uza.example", filled))

		// Nothing of it is lost to a file that does not have it.
		wantImported(t, h.imports(at("a@uza.example", bare)), press.Imported{Unchanged: 1})
		h.wantContacts(at("a@uza.example", filled), at("b@uza.example", abroad), at("c@uza.example", filled))

		moved := filled
		moved.Website, moved.Agreement.By = "https://new.uza.example", "Gulnora"
		wantImported(t, h.imports(at("a@uza.example", moved)), press.Imported{Changed: 1})
		h.wantContacts(at("a@uza.example", moved), at("b@uza.example", abroad), at("c@uza.example", moved))
	})
}

// An agreement is one value: a later one takes its place, one that was taken off
// by hand does not come back, and no half of one is put to half of another.
func TestImportTakesAnAgreementWholeOrNotAtAll(t *testing.T) {
	on := func(year int, by string, change ...func(*press.Agreement)) press.Agreement {
		d, err := press.ParseDate(fmt.Sprintf("%d-01-05", year))
		if err != nil {
			t.Fatal(err)
		}
		a := press.Agreement{On: d, By: by}
		for _, c := range change {
			c(&a)
		}
		return a
	}
	until := func(a *press.Agreement) { a.Until = press.DateOf(noon) }
	paper := func(a *press.Agreement) { a.Document = "DMS 7" }
	eachStore(t, func(t *testing.T, h house) {
		reader := func(a press.Agreement) press.Contact {
			return press.Contact{Addresses: []press.Address{"a@uza.example"}, Country: "UZ", Languages: []press.Lang{"ru"}, Outlets: []press.Outlet{{Name: "UzA", Country: "UZ", Kind: press.Wire, Agreement: a}}}
		}
		standing := func() press.Outlet {
			all, err := h.Outlets(t.Context())
			h.must(err)
			o := all[0]
			o.ID = press.ID{}
			return o
		}
		ended := press.Outlet{Name: "uza", Country: "UZ", Ended: press.Ended{On: on(2024, "").On, By: "Olim"}}
		for _, c := range []struct {
			name     string
			filed    press.Agreement
			set      *press.Outlet // by hand, before
			want     press.Agreement
			old, new string // in the diff
		}{
			{name: "the first", filed: on(2020, "Anna", until), want: on(2020, "Anna", until)},
			{name: "an older one", filed: on(2019, "Boris", paper), want: on(2020, "Anna", until)},
			{name: "the same without its end", filed: on(2020, "Boris", paper), want: on(2020, "Anna", until)},
			{name: "the same with more", filed: on(2020, "Anna", until, paper), want: on(2020, "Anna", until, paper), old: "2020-01-05, by Anna, until 2022-03-04", new: "2020-01-05, by Anna, until 2022-03-04, in DMS 7"},
			{name: "a later one with less", filed: on(2021, "Boris"), want: on(2021, "Boris"), old: "2020-01-05, by Anna, until 2022-03-04, in DMS 7", new: "2021-01-05, by Boris"},
			{name: "the same, taken off", filed: on(2021, "Boris"), set: &ended, want: press.Agreement{}},
			{name: "one from before it was taken off", filed: on(2023, "Boris"), want: press.Agreement{}},
			{name: "one of that day", filed: on(2024, "Boris"), want: press.Agreement{}},
			{name: "one given since", filed: on(2025, "Clara"), want: on(2025, "Clara"), old: "taken off on 2024-01-05 by Olim", new: "2025-01-05, by Clara"},
		} {
			if c.set != nil {
				_, err := h.SetAgreement(t.Context(), *c.set, noon)
				h.must(err)
			}
			_, changes, err := h.ImportContacts(t.Context(), batchOf(reader(c.filed)), noon)
			h.must(err)
			got := standing()
			if got.Agreement != c.want {
				t.Errorf("%s: on file is %s, want %s", c.name, got.Agreement.Text(), c.want.Text())
			}
			if got.Agreement.OnFile() == (got.Ended != press.Ended{}) {
				t.Errorf("%s: the mark is %+v beside %s", c.name, got.Ended, got.Agreement.Text())
			}
			var want []press.FieldChange
			if c.new != "" {
				want = []press.FieldChange{{Field: "agreement", Old: c.old, New: c.new}}
			}
			if changes[0].Verdict != press.ImportNew && !slices.Equal(changes[0].Fields, want) {
				t.Errorf("%s: the diff is %+v, want %+v", c.name, changes[0].Fields, want)
			}
		}
	})
}

func TestImportThatFailsLeavesNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		// The last contact of the batch cannot be attached to its outlet.
		h.must(h.exec(`INSERT INTO outlets (id, name, name_key, country, kind, website, zone, agreement_on, agreement_by, updated_us)
			VALUES (?, 'Broken', 'broken', 'UZ', '', '', '', '', '', 0)`, []byte("not an id")))
		broken := press.Contact{Addresses: []press.Address{"x@broken.example"}, Country: "UZ", Outlets: []press.Outlet{{Name: "Broken", Country: "UZ"}}}
		done, _, err := h.ImportContacts(t.Context(), batchOf(dilnoza(), broken), noon)
		if err == nil || !strings.HasPrefix(err.Error(), "importing contacts: ") {
			t.Fatalf("got %v, want an error", err)
		}
		wantImported(t, done, press.Imported{})
		for _, table := range []string{"contacts", "addresses", "affiliations"} {
			if n := get[int](h, `SELECT COUNT(*) FROM `+table); n != 0 {
				t.Errorf("%s has %d rows of a batch that failed", table, n)
			}
		}
		h.must(h.exec(`DELETE FROM outlets`))
		wantImported(t, h.imports(dilnoza(), broken), press.Imported{New: 2, Outlets: 3})
	})
}

// Two people may import overlapping files at once.
func TestImportsAtOnceMakeEachContactOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		batch := make([]press.Contact, 40)
		for i := range batch {
			a := press.Address(fmt.Sprintf("desk%d@paper.example", i))
			o := press.Outlet{Name: fmt.Sprintf("Paper %d", i), Country: "UZ"}
			batch[i] = press.Contact{Addresses: []press.Address{a}, Country: "UZ", Languages: []press.Lang{"ru"}, Outlets: []press.Outlet{o}}
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		var total press.Imported
		for i := range 4 {
			all.Go(func() {
				mine := slices.Clone(batch)
				if i%2 == 1 { // the other way round, so that each waits for the other's rows
					slices.Reverse(mine)
				}
				done, _, err := h.ImportContacts(t.Context(), batchOf(mine...), noon)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				total.Add(done)
				mu.Unlock()
			})
		}
		all.Wait()
		wantImported(t, total, press.Imported{New: 40, Unchanged: 120, Outlets: 40})
		if n := get[int](h, `SELECT COUNT(*) FROM contacts`); n != 40 {
			t.Errorf("there are %d contacts, want 40", n)
		}
	})
}

func TestContactsComeByID(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		want := make([]press.Contact, 60)
		for i := range want {
			want[i] = press.Contact{Addresses: []press.Address{press.Address(fmt.Sprintf("%c%d@paper.example", 'z'-i%26, i))}, Country: "UZ"}
		}
		h.imports(want...)
		h.wantContacts(want...)
		var last press.ID
		for c, err := range h.Contacts(t.Context()) {
			h.must(err)
			if string(c.ID[:]) <= string(last[:]) {
				t.Fatalf("%s comes after %s", c.ID, last)
			}
			last = c.ID
		}
	})
}

func TestContactsMayBeLeftEarlyAndAgain(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		if got := h.contacts(); len(got) != 0 {
			t.Errorf("an empty store has %d contacts", len(got))
		}
		h.imports(dilnoza(), press.Contact{Addresses: []press.Address{"b@x.example"}}, press.Contact{Addresses: []press.Address{"c@x.example"}})
		for range 40 { // more often than there are connections: a reader that was left must give its own back
			n := 0
			for _, err := range h.Contacts(t.Context()) {
				h.must(err)
				if n++; n == 2 {
					break
				}
			}
		}
		if got := len(h.contacts()); got != 3 {
			t.Errorf("then there are %d contacts, want 3", got)
		}
	})
}

func TestContactsTellTheirError(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.imports(dilnoza())
		h.must(h.exec(`INSERT INTO contacts VALUES (?, 'Broken', '', '', '', '', '', '', '', 0, 0, '', '')`, []byte{0xff}))
		h.must(h.exec(`INSERT INTO addresses VALUES ('x@broken.example', 'x@broken.example', ?, 0)`, []byte{0xff}))
		var errs []error
		for c, err := range h.Contacts(t.Context()) {
			if err == nil {
				t.Logf("before the error came %s", c.Name)
			}
			errs = append(errs, err)
		}
		if len(errs) == 0 || errs[len(errs)-1] == nil || !strings.HasPrefix(errs[len(errs)-1].Error(), "reading contacts: ") {
			t.Errorf("the sequence ended with %v, want an error", errs)
		}
		// An error that came after the reader has left would be the reader's panic.
		for _, err := range h.Contacts(t.Context()) {
			t.Logf("left at %v", err)
			break
		}
	})
}

// The store takes any text that PostgreSQL takes: all of Unicode but NUL.
func TestContactsKeepTheirText(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		odd := press.Contact{
			Name: "O'Brien; DROP TABLE contacts --\r\n\u202eгазета\u202c \U0001f4f0 ?", Addresses: []press.Address{"почта@пример.example"},
			Beats: []string{"a, b", `"quoted"`}, Source: strings.Repeat("long ", 20_000), Country: "UZ",
		}
		h.imports(odd)
		h.wantContacts(odd)
	})
}

func BenchmarkImportContacts(b *testing.B) {
	eachStoreBench(b, func(b *testing.B, h house) {
		const batch = 500
		for b.Loop() {
			cs := make([]press.Contact, batch)
			for i := range cs {
				id := store.NewID()
				cs[i] = press.Contact{Name: "Dilnoza", Addresses: []press.Address{press.Address(id.String() + "@paper.example")}, Country: "UZ", Outlets: []press.Outlet{uza()}}
			}
			h.imports(cs...)
		}
		perSecond(b, batch)
	})
}
