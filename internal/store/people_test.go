package store_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
)

// reader imports a contact and gives their id.
func (h house) reader(c press.Contact) press.ID {
	h.t.Helper()
	h.imports(c)
	got, ok, err := h.ContactOf(h.ctx(), c.Addresses[0])
	h.must(err)
	if !ok {
		h.t.Fatalf("%s is not on file", c.Addresses[0])
	}
	return got.ID
}

// readersCopy approves a release with one copy for a contact's first address.
func (h house) readersCopy(slug string, contact press.ID, address press.Address) press.Copied {
	h.t.Helper()
	a := h.approve(slug, copyTo(string(address), func(d *press.Delivery) { d.Contact, d.Name = contact, "a person at "+string(address) }))
	c, ok, err := h.Copied(h.ctx(), h.of(a, string(address)))
	h.must(err)
	if !ok {
		h.t.Fatal("there is no copy")
	}
	return c
}

func (h house) wantSuppressed(address, want string) {
	h.t.Helper()
	if got := h.suppressed(address); got != want {
		h.t.Errorf("%s is suppressed by %q, want %q", address, got, want)
	}
}

const outOfTopic = "topic:water: opted out by contact"

// Whoever opts out does so with every address that they have, beside whatever was
// found out about a mailbox.
func TestOptOutHoldsForEveryAddress(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.reader(dilnoza())
		c := h.readersCopy("tashkent", id, "dilnoza@uza.example")
		h.must(h.exec(`INSERT INTO suppressions (address_key, scope, author, reason, said_by, at_us) VALUES (?, 'all', 'report', 'bounce: userunknown', 'report', 1)`, keyOf("d.karimova@gazeta.example")))
		for range 2 { // asked for twice, it is said once
			done, err := h.OptOut(t.Context(), c, press.ScopeAll, ring.AddressKey, noon)
			if h.must(err); done.Mailboxes != 2 {
				t.Errorf("it was said of %d mailboxes", done.Mailboxes)
			}
		}
		h.wantSuppressed("dilnoza@uza.example", "all: opted out by contact")
		h.wantSuppressed("d.karimova@gazeta.example", "all: opted out by contact, all: bounce: userunknown by report")

		// What follows, a planned copy, does not leave.
		h.approve("second", copyTo("dilnoza@uza.example"))
		for _, d := range h.claim(berta, 10) {
			if v := h.record(berta, nil, d.ID)[d.ID]; v != press.Suppressed {
				t.Errorf("a copy of %s may begin: %s", d.Release, v)
			}
		}

		done, err := h.OptIn(t.Context(), c, press.ScopeAll, ring.AddressKey, noon)
		if h.must(err); done.Mailboxes != 2 {
			t.Errorf("it was taken back of %d mailboxes", done.Mailboxes)
		}
		h.wantSuppressed("dilnoza@uza.example", "")
		h.wantSuppressed("d.karimova@gazeta.example", "all: bounce: userunknown by report")
	})
}

// What the team or a report says, a contact's opt-out and opt-in leave alone;
// what the contact says, the team's lift leaves alone.
func TestEachTakesBackTheirOwnWordAlone(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		const address, desks, own = "dilnoza@uza.example", "all: left by Olim", "all: opted out by contact"
		c := h.readersCopy("tashkent", h.reader(dilnoza()), address)
		block := func() { h.must(h.Suppress(t.Context(), keyOf(address), "all", "left", "Olim", noon)) }
		out := func() {
			_, err := h.OptOut(t.Context(), c, press.ScopeAll, ring.AddressKey, noon)
			h.must(err)
		}
		back := func() {
			_, err := h.OptIn(t.Context(), c, press.ScopeAll, ring.AddressKey, noon)
			h.must(err)
		}
		lift := func(want press.Lifted) {
			t.Helper()
			if got, err := h.Lift(t.Context(), lifting(address, "all")); err != nil || got != want {
				t.Errorf("lifted %+v, %v; want %+v", got, err, want)
			}
		}
		block()
		back()
		h.wantSuppressed(address, desks)
		out()
		h.wantSuppressed(address, own+", "+desks)
		back()
		h.wantSuppressed(address, desks)
		out()
		lift(press.Lifted{Lifted: true, Stays: true})
		h.wantSuppressed(address, own)
		lift(press.Lifted{Stays: true})
		block()
		h.wantSuppressed(address, own+", "+desks)
		back()
		lift(press.Lifted{Lifted: true})
		h.wantSuppressed(address, "")
		c.Delivery = press.ID{1}
		if _, err := h.OptOut(t.Context(), c, press.ScopeAll, ring.AddressKey, noon); err == nil {
			t.Error("a copy that is not in the ledger opts out")
		}
	})
}

// An accepted proposal and a merge bring addresses that an opt-out holds for, too.
func TestOptOutSpreadsToAddressesThatCome(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		keep, gone := dilnoza(), dilnoza()
		keep.Addresses, keep.Name, keep.Beats = keep.Addresses[:1], "", nil
		gone.Addresses, gone.Languages, gone.Outlets = gone.Addresses[1:], []press.Lang{"en"}, gone.Outlets[:1]
		one, two := h.reader(keep), h.reader(gone)
		c := h.readersCopy("tashkent", two, "d.karimova@gazeta.example")
		_, err := h.OptOut(t.Context(), c, press.TopicScope("water"), ring.AddressKey, noon)
		h.must(err)
		h.must(h.Ask(t.Context(), two, "d.karimova@gazeta.example", "new@gazeta.example", noon))
		asked, err := h.Proposals(t.Context(), false)
		h.must(err)
		if _, err := h.AcceptProposal(t.Context(), asked[0].ID, ring.AddressKey, "Olim", noon); err != nil {
			t.Fatal(err)
		}
		h.wantSuppressed("new@gazeta.example", outOfTopic)

		done, err := h.Merge(t.Context(), one, two, ring.AddressKey, "Olim", noon)
		h.must(err)
		if want := (press.Merged{Keep: one, Gone: two, Addresses: 2, Outlets: 0, Filled: []string{"name", "languages", "beats"}}); !reflect.DeepEqual(done, want) {
			t.Errorf("merged %+v, want %+v", done, want)
		}
		h.wantSuppressed("dilnoza@uza.example", outOfTopic)
		all := h.contacts()
		if len(all) != 1 || !slices.Equal(all[0].Addresses, []press.Address{"dilnoza@uza.example", "new@gazeta.example", "d.karimova@gazeta.example"}) ||
			!slices.Equal(all[0].Languages, []press.Lang{"uz-Latn", "ru", "en"}) || len(all[0].Outlets) != 2 || all[0].Name != "Dilnoza Karimova" {
			t.Errorf("the contacts are %+v", all)
		}
		if got, _, err := h.Copied(t.Context(), c.Delivery); err != nil || got.Contact != one {
			t.Errorf("the copy is %v's, %v; want %v", got.Contact, err, one)
		}
		d, err := h.Dossier(t.Context(), one, nil, ring.AddressKey, noon)
		h.must(err)
		if last := d.Acts[len(d.Acts)-1]; last.Act != "merged" || last.By != "Olim" || !strings.Contains(last.Detail, "new@gazeta.example") {
			t.Errorf("the trail ends with %+v", last)
		}
	})
}

func TestMergeRefuses(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.reader(dilnoza())
		for name, other := range map[string]press.ID{"itself": id, "nobody": {7}} {
			if _, err := h.Merge(t.Context(), id, other, ring.AddressKey, "Olim", noon); err == nil {
				t.Errorf("merged with %s", name)
			}
		}
		h.wantContacts(dilnoza())
	})
}

// wantNowhere looks for a text in every column of every table.
func (h house) wantNowhere(texts ...string) {
	h.t.Helper()
	for table, columns := range map[string]string{
		"contacts":     "name || notes || source || legal_basis",
		"addresses":    "address || address_norm",
		"deliveries":   "address || person",
		"events":       "reply",
		"reports":      "recipient || diagnostic",
		"report_mails": "to_address || ref",
		"proposals":    "old || address || said",
		"contact_acts": "detail",
		"suppressions": "reason || said_by",
	} {
		for _, all := range list[string](h, `SELECT `+columns+` FROM `+table) {
			for _, text := range texts {
				if strings.Contains(strings.ToLower(all), strings.ToLower(text)) {
					h.t.Errorf("%s still has %q: %s", table, text, all)
				}
			}
		}
	}
	for _, raw := range list[[]byte](h, `SELECT raw FROM report_mails`) {
		for _, text := range texts {
			if strings.Contains(string(raw), text) {
				h.t.Errorf("a mail still has %q", text)
			}
		}
	}
}

// An erasure takes a person out of every table, but for the hash that keeps them
// from being written to; another's traces stay.
func TestEraseLeavesTheHashAlone(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		other := press.Contact{Name: "Aziz", Addresses: []press.Address{"aziz@paper.example"}, Country: "UZ", Languages: []press.Lang{"ru"}}
		id, stays := h.reader(dilnoza()), h.reader(other)
		c := h.readersCopy("first", id, "dilnoza@uza.example")
		h.put(press.Accepted, "id = ?", c.Delivery)
		m := mail("m1", says(c.Delivery, press.TieToken, press.ReportBounce, press.ReasonMailboxFull))
		m.Raw, m.To = []byte("To: dilnoza@uza.example\n\n<dilnoza@uza.example> is full"), "dilnoza@uza.example"
		m.Reports[0].Recipient, m.Reports[0].Diagnostic = "dilnoza@uza.example", "552 <dilnoza@uza.example> full"
		h.take(m)
		planned := h.readersCopy("second", id, "dilnoza@uza.example")
		claimed := h.readersCopy("third", id, "d.karimova@gazeta.example")
		h.put(press.Planned, "id = ?", planned.Delivery)
		kept := h.readersCopy("fourth", stays, "aziz@paper.example")
		for _, d := range h.claim(berta, 10) {
			if d.ID == planned.Delivery {
				h.must(h.Release(t.Context(), berta, []press.ID{d.ID}, noon))
			}
		}
		h.must(h.Ask(t.Context(), id, "dilnoza@uza.example", "dk@else.example", noon))
		h.must(h.Suppress(t.Context(), keyOf("dilnoza@uza.example"), "topic:water", "Dilnoza asked by phone", "Olim", noon))

		done, err := h.Erase(t.Context(), id, nil, ring.AddressKey, press.ByContact, noon)
		h.must(err)
		if want := (press.Erased{Contact: id, Addresses: 2, Copies: 3, Stopped: 2, Reports: 1}); done != want {
			t.Errorf("erased %+v, want %+v", done, want)
		}
		h.wantNowhere("dilnoza", "karimova", "dk@else")
		h.wantSuppressed("dilnoza@uza.example", "all: erased by contact, topic:water:  by Olim")
		h.wantSuppressed("d.karimova@gazeta.example", "all: erased by contact")
		h.wantState(c.Delivery, press.Bounced)
		h.wantState(planned.Delivery, press.Skipped)
		h.wantState(claimed.Delivery, press.Skipped)
		if v := h.record(berta, nil, claimed.Delivery)[claimed.Delivery]; v == press.Go {
			t.Error("a copy that was composed before may begin")
		}
		if got, ok, err := h.Copied(t.Context(), kept.Delivery); err != nil || !ok || got.Address != "aziz@paper.example" {
			t.Errorf("another's copy is %+v, %v", got, err)
		}

		// A report that comes late brings nothing back.
		late := mail("m2", says(c.Delivery, press.TieToken, press.ReportAutoReply, press.ReasonVacation))
		late.Raw, late.To = []byte("From: dilnoza@uza.example\n\nDilnoza is away; write to dk@else.example"), "dilnoza@uza.example"
		late.Reports[0].Recipient, late.Reports[0].Diagnostic, late.Reports[0].Proposed = "dilnoza@uza.example", "Dilnoza is away", []press.Address{"dk@else.example"}
		h.take(late)
		h.wantNowhere("dilnoza", "karimova", "dk@else")

		// Asked for again, opted out and opted in, it stands.
		if _, err := h.OptOut(t.Context(), c, press.ScopeAll, ring.AddressKey, noon); err != nil {
			t.Error(err)
		}
		if _, err := h.Erase(t.Context(), id, []press.AddressKey{c.Key}, ring.AddressKey, press.ByContact, noon); err != nil {
			t.Error(err)
		}
		c.Contact = id
		h.wantSuppressed("dilnoza@uza.example", "all: opted out by contact, all: erased by contact, topic:water:  by Olim")
		if _, err := h.OptIn(t.Context(), c, press.ScopeAll, ring.AddressKey, noon); err != nil {
			t.Error(err)
		}
		h.wantSuppressed("dilnoza@uza.example", "all: erased by contact, topic:water:  by Olim")
	})
}

// A copy that was on its way at the erasure and comes back to the queue has
// nobody to go to; it ends there and does not hold its release.
func TestErasedCopyThatComesBackIsSkipped(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.reader(dilnoza())
		c := h.readersCopy("tashkent", id, "dilnoza@uza.example")
		h.claim(berta, 1)
		h.record(berta, nil, c.Delivery)
		_, err := h.Erase(t.Context(), id, nil, ring.AddressKey, "Olim", noon)
		h.must(err)
		h.wantState(c.Delivery, press.Sending)
		h.record(berta, []press.Result{result(c.Delivery, press.Deferred)})
		if got := h.claim(berta, 10); len(got) != 0 {
			t.Errorf("claimed %v", got)
		}
		h.wantState(c.Delivery, press.Skipped)
	})
}

func TestDossierHoldsEverything(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.reader(dilnoza())
		c := h.readersCopy("tashkent", id, "dilnoza@uza.example")
		h.put(press.Accepted, "id = ?", c.Delivery)
		h.take(mail("m1", says(c.Delivery, press.TieToken, press.ReportDelivered, "")))
		_, err := h.OptOut(t.Context(), c, press.SenderScope("conference"), ring.AddressKey, noon)
		h.must(err)
		h.must(h.SetLanguages(t.Context(), id, []press.Lang{"ru"}, noon))
		h.must(h.Prefer(t.Context(), id, "d.karimova@gazeta.example", press.ByContact, noon))
		d, err := h.Dossier(t.Context(), id, nil, ring.AddressKey, noon)
		h.must(err)
		if d.Contact == nil || d.Contact.Preferred() != "d.karimova@gazeta.example" || !slices.Equal(d.Contact.Languages, []press.Lang{"ru"}) || len(d.Contact.Outlets) != 2 {
			t.Errorf("the contact is %+v", d.Contact)
		}
		if len(d.Copies) != 1 || d.Copies[0].State != press.Delivered || len(d.Reports) != 1 || len(d.Suppressions) != 2 || len(d.Acts) != 3 {
			t.Errorf("the dossier is %+v", d)
		}
		none, err := h.Dossier(t.Context(), press.ID{7}, nil, ring.AddressKey, noon)
		if h.must(err); none.Contact != nil || len(none.Copies)+len(none.Reports)+len(none.Suppressions)+len(none.Acts) > 0 {
			t.Errorf("a stranger's dossier is %+v", none)
		}
	})
}

// What is old goes, in batches; what is young, or not settled, stays.
func TestRetention(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		c := h.readersCopy("tashkent", h.reader(dilnoza()), "dilnoza@uza.example")
		h.put(press.Accepted, "id = ?", c.Delivery)
		h.take(mail("m1", says(c.Delivery, press.TieToken, press.ReportDelivered, "")))
		policy := press.Retention{Mails: 24 * time.Hour, Ledger: 48 * time.Hour}
		later := time.Now()
		for _, x := range []struct {
			after time.Duration
			want  press.Aged
		}{{0, press.Aged{}}, {96 * time.Hour, press.Aged{Mails: 1, Copies: 1}}, {96 * time.Hour, press.Aged{}}} {
			h.must(h.exec(`UPDATE report_mails SET at_us = ?`, later.UnixMicro()))
			h.must(h.exec(`UPDATE deliveries SET updated_us = ?`, later.UnixMicro()))
			now := later.Add(x.after)
			counted, err := h.Aged(t.Context(), policy, now)
			h.must(err)
			done, err := h.Age(t.Context(), policy, now)
			h.must(err)
			if counted != x.want || done != x.want {
				t.Errorf("after %s counted %+v, took %+v, want %+v", x.after, counted, done, x.want)
			}
		}
		if got, _, err := h.Copied(t.Context(), c.Delivery); err != nil || got.Address != "" || got.Key != c.Key {
			t.Errorf("the copy is %+v, %v: its link must work for ever", got, err)
		}
		h.must(h.AgreeRetention(t.Context(), policy, "Olim", noon))
		if got, by, err := h.AgreedRetention(t.Context()); err != nil || got != policy || by != "Olim" {
			t.Errorf("agreed is %+v by %q, %v", got, by, err)
		}
	})
}
