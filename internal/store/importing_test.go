package store_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"dateline/internal/press"
)

// A dry run tells what an import does, and does nothing.
func TestDryImportTellsAndWritesNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		aziz := press.Contact{Name: "Aziz", Addresses: []press.Address{"aziz@kun.example"}, Country: "UZ", Languages: []press.Lang{"ru"}}
		h.imports(dilnoza(), aziz)
		id, _, err := h.ContactOf(t.Context(), "dilnoza@uza.example")
		h.must(err)
		other, _, err := h.ContactOf(t.Context(), "aziz@kun.example")
		h.must(err)
		changed, merged, clash := dilnoza(), dilnoza(), aziz
		changed.Zone, changed.Beats = "Asia/Samarkand", []string{"sport", "water"}
		merged.Addresses = append(merged.Addresses[1:], "new@uza.example")
		clash.Addresses = []press.Address{"dilnoza@uza.example", "aziz@kun.example"}
		clash.Name = ""
		fresh := press.Contact{Addresses: []press.Address{"fresh@kun.example"}, Country: "UZ", Languages: []press.Lang{"ru"}}
		b := batchOf(changed, merged, clash, fresh, dilnoza())
		b.Dry = true
		for range 2 {
			done, changes, err := h.ImportContacts(t.Context(), b, noon)
			h.must(err)
			if want := (press.Imported{New: 1, Changed: 4, Clashes: 1}); done != want {
				t.Errorf("counted %+v, want %+v", done, want)
			}
			want := []press.ImportChange{
				{Line: 2, Verdict: press.ImportChanged, Contact: id.ID, Fields: []press.FieldChange{{Field: "zone", Old: "Asia/Tashkent", New: "Asia/Samarkand"}, {Field: "beats", Old: "security; courts and law", New: "sport; water"}}},
				{Line: 3, Verdict: press.ImportChanged, Contact: id.ID, Fields: []press.FieldChange{{Field: "zone", Old: "Asia/Samarkand", New: "Asia/Tashkent"}, {Field: "beats", Old: "sport; water", New: "security; courts and law"}, {Field: "address", Old: "", New: "new@uza.example"}}},
				{Line: 4, Verdict: press.ImportChanged, Contact: id.ID, Fields: []press.FieldChange{{Field: "languages", Old: "uz-Latn ru", New: "ru"}}, Clash: []press.ID{other.ID}},
				{Line: 5, Verdict: press.ImportNew, Fields: []press.FieldChange{{Field: "address", New: "fresh@kun.example"}}},
				{Line: 6, Verdict: press.ImportChanged, Contact: id.ID, Fields: []press.FieldChange{{Field: "languages", Old: "ru", New: "uz-Latn ru"}}}, // it takes back what line 4 said
			}
			if !reflect.DeepEqual(changes, want) {
				t.Errorf("told\n%+v\nwant\n%+v", changes, want)
			}
			h.wantContacts(dilnoza(), aziz)
		}
	})
}

// A value that was confirmed on an earlier day never overwrites a newer one; it
// fills what is empty.
func TestImportKeepsWhatIsNewer(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		day := func(d int) press.Date { return press.Date{Year: 2026, Month: 11, Day: d} }
		now := dilnoza()
		now.Confirmed, now.Zone = day(20), ""
		h.imports(now)
		old := dilnoza()
		old.Confirmed, old.Name, old.Notes = day(1), "Another Name", "calls back"
		h.imports(old)
		want := dilnoza()
		want.Confirmed, want.Notes = day(20), "calls back"
		h.wantContacts(want)
		newer := old
		newer.Confirmed, newer.Notes = day(21), ""
		h.imports(newer)
		want.Confirmed, want.Name = day(21), "Another Name"
		h.wantContacts(want)
	})
}

// Whoever was erased is not brought back, by whichever of their addresses, and
// whoever opted out stays so at an address that comes.
func TestImportRevivesNobody(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		_, err := h.Erase(t.Context(), press.ID{7}, []press.AddressKey{keyOf("aziz@kun.example")}, ring.AddressKey, "Olim", noon)
		h.must(err)
		aziz := press.Contact{Name: "Aziz", Addresses: []press.Address{"new@kun.example", "AZIZ@kun.example"}, Country: "UZ", Languages: []press.Lang{"ru"}}
		wantImported(t, h.imports(aziz), press.Imported{Withheld: 1})
		h.wantContacts()

		one := dilnoza()
		one.Addresses = one.Addresses[:1]
		c := h.readersCopy("tashkent", h.reader(one), one.Addresses[0])
		_, err = h.OptOut(t.Context(), c, press.TopicScope("water"), ring.AddressKey, noon)
		h.must(err)
		wantImported(t, h.imports(dilnoza()), press.Imported{Merged: 1})
		h.wantSuppressed("d.karimova@gazeta.example", outOfTopic)

		// Also where the contact itself is new, and only the mailbox is known to
		// have opted out.
		h.must(h.exec(`DELETE FROM affiliations`))
		h.must(h.exec(`DELETE FROM addresses`))
		h.must(h.exec(`DELETE FROM contacts`))
		more := dilnoza()
		more.Addresses = []press.Address{"third@uza.example", "dilnoza@uza.example"}
		wantImported(t, h.imports(more), press.Imported{New: 1})
		h.wantSuppressed("third@uza.example", outOfTopic)
	})
}

func TestImportsUnderWay(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		first, err := h.BeginImport(t.Context(), "uz.csv", 1000, noon)
		h.must(err)
		b := batchOf(dilnoza())
		b.Import = first
		_, _, err = h.ImportContacts(t.Context(), b, noon.Add(time.Second))
		h.must(err)
		all, err := h.Imports(t.Context(), noon.Add(time.Minute))
		h.must(err)
		if len(all) != 1 || all[0].File != "uz.csv" || all[0].Written != 1 || all[0].Total != 1000 || !all[0].Seen.Equal(noon.Add(time.Second)) {
			t.Errorf("under way are %+v", all)
		}
		// Broken off, and begun again: one remains, which then ends.
		second, err := h.BeginImport(t.Context(), "uz.csv", 1000, noon.Add(time.Minute))
		h.must(err)
		if all, err = h.Imports(t.Context(), noon.Add(time.Minute)); err != nil || len(all) != 1 || all[0].ID != second {
			t.Errorf("begun again, there are %+v, %v", all, err)
		}
		// Two people may import files of one name at once.
		_, err = h.BeginImport(t.Context(), "uz.csv", 1000, noon.Add(time.Minute+time.Second))
		h.must(err)
		if all, err = h.Imports(t.Context(), noon.Add(time.Minute)); err != nil || len(all) != 2 {
			t.Errorf("at once, there are %+v, %v", all, err)
		}
		h.must(h.EndImport(t.Context(), second))
		if all, err = h.Imports(t.Context(), noon.Add(26*time.Hour)); err != nil || len(all) != 0 {
			t.Errorf("a day later there are %+v, %v", all, err)
		}
	})
}

func TestMappings(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		want := map[string]string{"Media Outlet": "outlet", "Circulation": "-"}
		h.must(h.SaveMapping(t.Context(), "cision", map[string]string{"x": "name"}))
		h.must(h.SaveMapping(t.Context(), "cision", want))
		all, err := h.Mappings(t.Context())
		if h.must(err); !reflect.DeepEqual(all, map[string]map[string]string{"cision": want}) {
			t.Errorf("the mappings are %v", all)
		}
		for _, had := range []bool{true, false} {
			if got, err := h.RemoveMapping(t.Context(), "cision"); err != nil || got != had {
				t.Errorf("removed %v, %v", got, err)
			}
		}
	})
}

// Every field of a contact and an outlet comes back as it went in.
func TestImportKeepsEveryField(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		c := dilnoza()
		c.Notes, c.Confirmed = "calls back", press.Date{Year: 2026, Month: 11, Day: 1}
		o := c.Outlets[0]
		o.Agreement.Scope, o.Agreement.Until, o.Agreement.Document = "conference texts", press.Date{Year: 2027, Month: 1, Day: 31}, "DMS 7"
		c.Outlets = slices.Concat([]press.Outlet{o}, c.Outlets[1:])
		h.imports(c)
		h.wantContacts(c)
		wantImported(t, h.imports(c), press.Imported{Unchanged: 1})
		got, ok, err := h.ContactOf(t.Context(), "DILNOZA@uza.example")
		h.must(err)
		got.ID = press.ID{}
		for i := range got.Outlets {
			got.Outlets[i].ID = press.ID{}
		}
		if !ok || !reflect.DeepEqual(got.Contact, c) || !got.Created.Equal(noon) {
			t.Errorf("by address it is %+v", got)
		}
	})
}
