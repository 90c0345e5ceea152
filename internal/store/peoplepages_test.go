package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dateline/internal/press"
)

// walk joins the pages that a reading gives, and holds each to its bounds.
func walk[Row, Place any](t *rapid.T, limit, look int, read func(after Place) (press.Page[Row, Place], error)) []Row {
	var all []Row
	var after Place
	for pages := 0; ; pages++ {
		page, err := read(after)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Rows) > limit || page.Looked > look || pages > 1000 {
			t.Fatalf("page %d has %d rows and has looked at %d", pages, len(page.Rows), page.Looked)
		}
		if all = append(all, page.Rows...); !page.More {
			return all
		}
		after = page.Next
	}
}

// crowd are contacts that differ in all that a filter asks for.
func crowd(n int) []press.Contact {
	chance := rand.New(rand.NewPCG(3, 4))
	some := func(of ...string) string { return of[chance.IntN(len(of))] }
	all := make([]press.Contact, n)
	for i := range all {
		c := press.Contact{
			Name: some("Dilnoza", "Ольга Ким", `<b>"O'Neill"</b>`, `100 %_*?[x]\`, ""), Country: press.Country(some("UZ", "KZ", "AT")),
			Addresses: []press.Address{press.Address(fmt.Sprintf("Desk%03d@paper%d.example", i, i%3))},
			Languages: []press.Lang{press.Lang(some("ru", "en", "uz-Cyrl"))}, Beats: []string{some("security", "courts")}, Tags: []string{some("Tashkent 2022", "water")},
		}
		if i%4 == 0 {
			c.Addresses = append(c.Addresses, press.Address(fmt.Sprintf("second%03d@other.example", i)))
			c.Languages = append(c.Languages, "kk")
		}
		if i%3 > 0 {
			c.Outlets = append(c.Outlets, press.Outlet{Name: some("UzA", "Gazeta"), Country: "UZ", Kind: press.Wire})
		}
		all[i] = c
	}
	return all
}

// onFile are all contacts with their ids.
func (h house) onFile() []press.Contact {
	var all []press.Contact
	for c, err := range h.Contacts(h.ctx()) {
		h.must(err)
		all = append(all, c)
	}
	return all
}

// The pages of contacts, joined together, are what a filter picks, the newest
// first and none twice, however short their budget is.
func TestPagesOfContactsAreWhatAFilterPicks(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.imports(crowd(120)...)
		all := h.onFile()
		slices.SortFunc(all, func(a, b press.Contact) int { return b.ID.Compare(a.ID) })
		checkEvery(t, 3, func(t *rapid.T) {
			like := all[rapid.IntRange(0, len(all)-1).Draw(t, "like")]
			var f press.ContactFilter
			for _, field := range rapid.SliceOfN(rapid.IntRange(0, 7), 0, 3).Draw(t, "fields") {
				switch field {
				case 0:
					f.Country = like.Country
				case 1:
					f.Language = like.Languages[len(like.Languages)-1]
				case 2:
					if len(like.Outlets) > 0 {
						f.Outlet = like.Outlets[0].ID
					}
				case 3:
					f.Mark = strings.ToUpper(rapid.SampledFrom([]string{like.Beats[0], like.Tags[0], "wat"}).Draw(t, "mark"))
				case 4:
					f.Among = amongLike(t, like)
					f.Picks = func(c press.Contact) bool { return f.Among.Matches(c, press.DateOf(noon)) }
				case 5:
					f.Picks, f.Among = func(c press.Contact) bool { return len(c.Addresses) > 1 || len(c.Outlets) > 0 }, press.Filter{}
				case 6:
					f.Text = string(like.Addresses[len(like.Addresses)-1])
				default:
					f.Text = part(t, rapid.SampledFrom([]string{string(like.Preferred()), like.Name}).Draw(t, "of"))
				}
			}
			var want []press.ID
			for _, c := range all {
				if pickedBy(f, c) {
					want = append(want, c.ID)
				}
			}
			limit, look := rapid.IntRange(1, 40).Draw(t, "limit"), rapid.IntRange(1, 200).Draw(t, "budget")
			var got []press.ID
			for _, c := range walk(t, limit, look, func(after press.ID) (press.Page[press.Contact, press.ID], error) {
				return h.ContactsWithin(h.ctx(), f, after, limit, look)
			}) {
				i := slices.IndexFunc(all, func(o press.Contact) bool { return o.ID == c.ID })
				if !slices.Equal(c.Addresses, all[i].Addresses) || len(c.Outlets) != len(all[i].Outlets) {
					t.Fatalf("a page has %+v of %+v", c, all[i])
				}
				got = append(got, c.ID)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%+v gives %d: %v\nwant %d: %v", f, len(got), got, len(want), want)
			}
		})
	})
}

// amongLike is the filter of a list that picks a contact, perhaps.
func amongLike(t *rapid.T, like press.Contact) press.Filter {
	var f press.Filter
	for _, field := range rapid.SliceOfN(rapid.IntRange(0, 4), 0, 3).Draw(t, "among") {
		switch field {
		case 0:
			f.Countries = []press.Country{like.Country, "AT"}
		case 1:
			f.Languages = like.Languages
		case 2:
			f.Beats = append([]string{"none"}, like.Beats...)
		case 3:
			f.Tags = like.Tags
		default:
			f.OutletKinds = []press.OutletKind{rapid.SampledFrom(press.OutletKinds()[:2]).Draw(t, "outlet")}
		}
	}
	return f
}

// pickedBy is what a filter means, without a thought of any index.
func pickedBy(f press.ContactFilter, c press.Contact) bool {
	folds := func(words []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return len([]rune(w)) == len([]rune(f.Mark)) && has(w, f.Mark) })
	}
	holds := func(text string) bool { return has(text, f.Text) }
	return (f.Country == "" || c.Country == f.Country) && (f.Language == "" || slices.Contains(c.Languages, f.Language)) &&
		(f.Outlet.IsZero() || slices.ContainsFunc(c.Outlets, func(o press.Outlet) bool { return o.ID == f.Outlet })) &&
		(f.Mark == "" || folds(c.Beats) || folds(c.Tags)) && (f.Picks == nil || f.Picks(c)) &&
		(holds(c.Name) || slices.ContainsFunc(c.Addresses, func(a press.Address) bool { return holds(string(a)) }))
}

// Suppressions in pages: of one instant and of many, by each thing that a filter
// asks for.
func TestPagesOfSuppressionsAreWhatAFilterPicks(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent", copyTo("a3@x.example"), copyTo("a4@x.example", func(d *press.Delivery) { d.Send = "advance" }))
		chance := rand.New(rand.NewPCG(5, 6))
		for range 150 {
			author := []string{"contact", "desk", "report", "erasure"}[chance.IntN(4)]
			h.must(h.exec(`INSERT INTO suppressions (address_key, scope, author, reason, said_by, at_us) VALUES (?, ?, ?, ?, 'x', ?) ON CONFLICT DO NOTHING`,
				keyOf(fmt.Sprintf("a%d@x.example", chance.IntN(9))), []string{"all", "topic:water", "sender:uza"}[chance.IntN(3)], author, []string{"opted out", "bounce: userunknown", "50% [off]"}[chance.IntN(3)], 1+chance.IntN(5)))
		}
		all, err := h.AllSuppressions(h.ctx())
		h.must(err)
		slices.Reverse(all)
		checkEvery(t, 3, func(t *rapid.T) {
			like := all[rapid.IntRange(0, len(all)-1).Draw(t, "like")]
			var f press.SuppressionFilter
			for _, field := range rapid.SliceOfN(rapid.IntRange(0, 4), 0, 2).Draw(t, "fields") {
				switch field {
				case 0:
					f.Author = like.Author
				case 1:
					f.Scope = like.Scope
				case 2:
					f.Reason = part(t, like.Reason)
				case 3:
					f.Release = rapid.SampledFrom([]string{"tashkent", "nowhere"}).Draw(t, "release")
				default:
					f.Mailbox = rapid.SampledFrom([]press.AddressKey{like.AddressKey, keyOf("nobody@x.example")}).Draw(t, "mailbox")
				}
			}
			var want []press.Suppression
			for _, s := range all {
				held := s.AddressKey == keyOf("a3@x.example") || s.AddressKey == keyOf("a4@x.example")
				if (f.Author == "" || s.Author == f.Author) && (f.Scope == "" || s.Scope == f.Scope) && has(s.Reason, f.Reason) &&
					(f.Release == "" || f.Release == "tashkent" && held) && (f.Mailbox.IsZero() || s.AddressKey == f.Mailbox) {
					want = append(want, s)
				}
			}
			limit, look := rapid.IntRange(1, 20).Draw(t, "limit"), rapid.IntRange(1, 100).Draw(t, "budget")
			got := walk(t, limit, look, func(after press.Suppression) (press.Page[press.Suppression, press.Suppression], error) {
				return h.SuppressionsWithin(h.ctx(), f, after, limit, look)
			})
			if !slices.Equal(got, want) {
				t.Fatalf("%+v gives %+v\nwant %+v", f, got, want)
			}
		})
	})
}

// Reports in pages, counted by day and by domain, and one with its mail.
func TestPagesOfReportsAreWhatAFilterPicks(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		a := h.approve("tashkent", copyTo("a@paper.example"), copyTo("b@other.example", in("KZ", "ru")))
		b := h.approve("astana", copyTo("a@paper.example"))
		copies := []press.ID{h.of(a, "a@paper.example"), h.of(a, "b@other.example"), h.of(b, "a@paper.example"), {}}
		chance := rand.New(rand.NewPCG(7, 8))
		for i := range 90 {
			kind := []press.ReportKind{press.ReportBounce, press.ReportAutoReply, press.ReportComplaint}[chance.IntN(3)]
			reason := []press.Reason{press.ReasonUserUnknown, press.ReasonMailboxFull}[chance.IntN(2)]
			m := mail(fmt.Sprint(i), says(copies[chance.IntN(4)], press.TieMessage, kind, reason))
			m.At = noon.Add(time.Duration(chance.IntN(4*24)) * time.Hour)
			m.Reports[0].Recipient = press.Address([]string{"x@Paper.example", "y@other.example"}[chance.IntN(2)])
			h.take(m)
		}
		all, err := h.Reports(h.ctx(), press.ReportFilter{})
		h.must(err)
		slices.Reverse(all)
		checkEvery(t, 3, func(t *rapid.T) {
			like := all[rapid.IntRange(0, len(all)-1).Draw(t, "like")]
			var f press.ReportFilter
			for _, field := range rapid.SliceOfN(rapid.IntRange(0, 6), 0, 3).Draw(t, "fields") {
				switch field {
				case 0:
					f.Release = rapid.SampledFrom([]string{"tashkent", "astana", "nowhere"}).Draw(t, "release")
				case 1:
					f.Country = like.Country
				case 2:
					f.Kind = like.Kind
				case 3:
					f.Class = like.Class
				case 4:
					f.Reason = like.Reason
				case 5:
					f.Domain = strings.ToUpper(like.Domain)
				default:
					f.Since = noon.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "hours")) * time.Hour)
				}
			}
			var want []press.ReportEntry
			days, bounces := map[string]int{}, 0
			for _, e := range all {
				if reportPicked(f, e) {
					want = append(want, e)
					days[fmt.Sprint(press.DateOf(e.At), e.Kind, e.Class, e.Reason)]++
					if e.Kind == press.ReportBounce || e.Kind == press.ReportComplaint {
						bounces++
					}
				}
			}
			limit, look := rapid.IntRange(1, 20).Draw(t, "limit"), rapid.IntRange(1, 100).Draw(t, "budget")
			got := walk(t, limit, look, func(after press.ID) (press.Page[press.ReportEntry, press.ID], error) {
				return h.ReportsWithin(h.ctx(), f, after, limit, look)
			})
			if !slices.Equal(got, want) {
				t.Fatalf("%+v gives %d reports, want %d", f, len(got), len(want))
			}
			counts, err := h.ReportDays(h.ctx(), f)
			if err != nil || len(counts) != len(days) {
				t.Fatalf("%+v is counted as %+v, want %v: %v", f, counts, days, err)
			}
			for _, c := range counts {
				if days[fmt.Sprint(c.Day, c.Kind, c.Class, c.Reason)] != c.N {
					t.Fatalf("%+v is counted as %+v, want %v", f, c, days)
				}
			}
			domains, err := h.ReportDomains(h.ctx(), f, 10)
			for _, d := range domains {
				bounces -= d.All()
			}
			if err != nil || bounces != 0 {
				t.Fatalf("%+v by domain is %+v, %d amiss: %v", f, domains, bounces, err)
			}
		})
		one, ok, err := h.Report(h.ctx(), all[0].ID)
		h.must(err)
		if !ok || one.ReportEntry != all[0] || string(one.Raw) != "raw 89" || one.Format != press.FormatMessage {
			t.Errorf("the newest is %+v, %v", one, ok)
		}
		if _, ok, err := h.Report(h.ctx(), press.ID{7}); ok || err != nil {
			t.Errorf("one that is not there: %v, %v", ok, err)
		}
	})
}

func reportPicked(f press.ReportFilter, e press.ReportEntry) bool {
	return (f.Release == "" || e.Release == f.Release) && (f.Country == "" || e.Country == f.Country) && (f.Kind == "" || e.Kind == f.Kind) &&
		(f.Class == "" || e.Class == f.Class) && (f.Reason == "" || e.Reason == f.Reason) && (f.Domain == "" || strings.EqualFold(e.Domain, f.Domain)) && !e.At.Before(f.Since)
}
