package store_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"dateline/internal/press"
	"dateline/internal/store"
)

// logged is a delivery as the test wrote it, with what a filter may ask of it.
type logged struct {
	press.Delivery
	of      wave
	events  []press.ID
	reports []press.Report
}

// hidden are those of what is being staged, or was superseded before they left.
func (l *logged) hidden() bool {
	return l.of.state == "staging" || l.of.state == "superseded" && (l.State.Unsent() || l.State == press.Cancelled)
}

// archive is a store with deliveries, beside what the test knows of them.
type archive struct {
	house
	rows   []logged // oldest first
	waves  []wave
	chance *rand.Rand
	made   uint32
}

// id is one that was made so many seconds after noon.
func (a *archive) id(seconds int) press.ID {
	a.made++
	id := press.FirstID(noon.Add(time.Duration(seconds) * time.Second))
	binary.BigEndian.PutUint32(id[12:], a.made)
	return id
}

func oneOf[T any](a *archive, some ...T) T { return some[a.chance.IntN(len(some))] }

// What people write in names, and relays in replies.
var (
	names   = []string{"Dilnoza", "Ольга Ким", `<b>"O'Neill"</b>`, "=cmd|' /C calc'!A0", `100 %_*?[x]\`, "\u212Aelvin Straße ſ", ""}
	outlets = []string{"UzA", "Халық сөзі", "\"Line\nfeed\"", "Der Standard"}
	replies = []string{"2.0.0 queued", "550 \xff\xfe \x00 not UTF-8", "=1+1", "two\r\nlines"}
)

// wave is an approval of a release.
type wave struct {
	release string
	state   string
	id      press.ID
}

func newArchive(h house, n int) *archive {
	a := &archive{house: h, chance: rand.New(rand.NewPCG(1, 2))}
	a.waves = []wave{{"tashkent", "approved", a.id(-9)}, {"astana", "superseded", a.id(-8)}, {"astana", "approved", a.id(-7)}, {"bishkek", "staging", a.id(-6)}}
	for _, w := range a.waves {
		h.must(h.exec(`INSERT INTO approvals (id, release, digest, said_by, at_us, state, recipients, frozen) VALUES (?, ?, 'd', 'Olim', 1, ?, 1, ?)`, w.id, w.release, w.state, []byte("{}")))
	}
	for range n {
		a.add()
	}
	return a
}

// add writes the next delivery, a second after the one before.
func (a *archive) add() {
	a.t.Helper()
	n, w, state := len(a.rows), oneOf(a, a.waves...), oneOf(a, press.States()...)
	d := copyTo(fmt.Sprintf("Desk%02d@paper%d.example", a.chance.IntN(20), a.chance.IntN(3)), in(oneOf[press.Country](a, "UZ", "KZ", "AT"), oneOf[press.Lang](a, "ru", "en", "uz-Cyrl")))
	d.ID, d.Approval, d.Release, d.Send, d.State = a.id(n), w.id, w.release, fmt.Sprintf("send%d", n%7), state
	d.AddressKey, d.Name, d.Outlet = keyOf(string(d.Address)), oneOf(a, names...), oneOf(a, outlets...)
	row := logged{Delivery: d, of: w}
	if a.exec(`INSERT INTO deliveries (id, approval_id, release, send, address_key, contact_id, address, person, outlet, outlet_kind, country, edition, why, zone, due_us, deadline_us, state, attempts, updated_us)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'wire', ?, ?, '', '', 1, 2, ?, 0, 3)`, d.ID, d.Approval, d.Release, d.Send, d.AddressKey, d.Contact, string(d.Address), d.Name, d.Outlet, string(d.Country), string(d.Edition), string(state)) != nil {
		return // the mailbox has a copy of that send
	}
	if state.Unsent() || state == press.Sending {
		a.must(a.exec(`INSERT INTO queue (delivery_id, approval_id, next_us, deadline_us) VALUES (?, ?, 1, 2)`, d.ID, d.Approval))
	}
	before := []press.State{}
	for range a.chance.IntN(3) { // it was unknown, more than once
		before = append(before, press.Unknown)
	}
	if !state.Unsent() && state != press.Sending {
		before = append(before, state)
	}
	for _, s := range before {
		a.event(&row, s, n+a.chance.IntN(100))
	}
	for range a.chance.IntN(3) {
		r := press.Report{Kind: oneOf(a, press.ReportBounce, press.ReportDelayed), Reason: oneOf(a, press.ReasonUserUnknown, press.ReasonMailboxFull, press.ReasonDelivered)}
		r.Class = r.Reason.Class()
		row.reports = append(row.reports, r)
		a.must(a.exec(`INSERT INTO reports (id, at_us, delivery_id, tie, kind, recipient, domain, action, status, code, class, reason, diagnostic, did) VALUES (?, 5, ?, 'token', ?, '', '', '', '', 0, ?, ?, '', '')`, a.id(n), d.ID, string(r.Kind), string(r.Class), string(r.Reason)))
	}
	a.rows = append(a.rows, row)
}

// event writes that a delivery came into a state.
func (a *archive) event(row *logged, s press.State, seconds int) {
	a.t.Helper()
	id := a.id(seconds)
	row.events = append(row.events, id)
	a.must(a.exec(`INSERT INTO events (id, delivery_id, at_us, from_state, state, relay, verb, code, enhanced, reply, said_by) VALUES (?, ?, 5, 'sending', ?, 'main', 'DATA', 250, '', ?, 'x')`, id, row.ID, string(s), store.AsText(oneOf(a, replies...))))
}

// happens is what goes on between two pages: a copy is approved, and one that
// was on a page before comes back.
func (a *archive) happens(shown []press.ID) {
	a.t.Helper()
	a.add()
	if len(shown) == 0 {
		return
	}
	id := oneOf(a, shown...)
	row := &a.rows[slices.IndexFunc(a.rows, func(l logged) bool { return l.ID == id })]
	row.State = press.Bounced
	a.must(a.exec(`DELETE FROM queue WHERE delivery_id = ?`, id))
	a.must(a.exec(`UPDATE deliveries SET state = 'bounced' WHERE id = ?`, id))
	a.event(row, press.Bounced, len(a.rows))
}

// picks is what a filter means, without a thought of any index.
func (l *logged) picks(f press.DeliveryFilter) bool {
	in := slices.ContainsFunc(l.events, func(id press.ID) bool {
		return (f.Since.IsZero() || !id.Made().Before(f.Since)) && (f.Until.IsZero() || id.Made().Before(f.Until))
	})
	came := slices.ContainsFunc(l.reports, func(r press.Report) bool {
		return (f.Reason == "" || r.Reason == f.Reason) && (f.Class == "" || r.Class == f.Class && r.Kind == press.ReportBounce)
	})
	return !l.hidden() && (f.Release == "" || l.Release == f.Release) && (f.Country == "" || l.Country == f.Country) && (f.Edition == "" || l.Edition == f.Edition) &&
		(f.Outlet == "" || l.Outlet == f.Outlet) && (len(f.States) == 0 || slices.Contains(f.States, l.State)) && (f.Mailbox.IsZero() || l.AddressKey == f.Mailbox) &&
		(f.Since.IsZero() && f.Until.IsZero() || in) && (f.Reason == "" && f.Class == "" || came) &&
		(has(string(l.Address), f.Text) || has(l.Name, f.Text) || has(l.Outlet, f.Text))
}

// has tells whether a text has a part, whatever the case of its letters.
func has(text, part string) bool {
	in, want := []rune(text), []rune(part)
	for at := 0; at+len(want) <= len(in); at++ {
		if alike(in[at:at+len(want)], want) {
			return true
		}
	}
	return false
}

func alike(a, b []rune) bool {
	for i := range a {
		if !strings.EqualFold(string(a[i]), string(b[i])) || (a[i] < utf8.RuneSelf) != (b[i] < utf8.RuneSelf) && b[i] < utf8.RuneSelf {
			return false
		}
	}
	return true
}

// want are the deliveries that a filter picks, newest first.
func (a *archive) want(f press.DeliveryFilter) []press.ID {
	ids := []press.ID{}
	for i := len(a.rows) - 1; i >= 0; i-- {
		if a.rows[i].picks(f) {
			ids = append(ids, a.rows[i].ID)
		}
	}
	return ids
}

// filters draws filters, most of which pick something.
func filters(a *archive) *rapid.Generator[press.DeliveryFilter] {
	times := rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "ever") {
			return time.Time{}
		}
		return noon.Add(time.Duration(rapid.IntRange(-5, len(a.rows)+150).Draw(t, "second")) * time.Second)
	})
	return rapid.Custom(func(t *rapid.T) press.DeliveryFilter {
		f := press.DeliveryFilter{Since: times.Draw(t, "since"), Until: times.Draw(t, "until")}
		row := a.rows[rapid.IntRange(0, len(a.rows)-1).Draw(t, "like")]
		if rapid.Bool().Draw(t, "states") {
			f.States = rapid.SliceOfNDistinct(rapid.SampledFrom(press.States()), 1, 4, func(s press.State) press.State { return s }).Draw(t, "state")
		}
		for _, field := range rapid.SliceOfN(rapid.IntRange(0, 8), 0, 3).Draw(t, "fields") {
			switch field {
			case 0:
				f.Release = rapid.SampledFrom([]string{"tashkent", "astana", "bishkek", "nowhere"}).Draw(t, "release")
			case 1:
				f.Country = row.Country
			case 2:
				f.Edition = row.Edition
			case 3:
				f.Outlet = row.Outlet
			case 4:
				f.Reason = rapid.SampledFrom([]press.Reason{press.ReasonUserUnknown, press.ReasonMailboxFull, press.ReasonDelivered, press.ReasonVacation}).Draw(t, "reason")
			case 5:
				f.Class = rapid.SampledFrom([]press.Class{press.Hard, press.Soft}).Draw(t, "class")
			case 6:
				f.Mailbox = row.AddressKey
			default:
				f.Text = part(t, rapid.SampledFrom([]string{string(row.Address), row.Name, row.Outlet}).Draw(t, "of"))
			}
		}
		return f
	})
}

// part draws a part of a text, with the case of its letters turned.
func part(t *rapid.T, of string) string {
	runes := []rune(of)
	from := rapid.IntRange(0, len(runes)).Draw(t, "from")
	to := rapid.IntRange(from, len(runes)).Draw(t, "to")
	return rapid.SampledFrom([]func(string) string{strings.ToUpper, strings.ToLower, strings.Clone}).Draw(t, "case")(string(runes[from:to]))
}

// Pages joined together are what a filter picks, in order and none twice,
// however short their budget is, while copies are approved and come back.
func TestPagesAreWhatAFilterPicks(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		a := newArchive(h, 200)
		checkEvery(t, 5, func(t *rapid.T) {
			f := filters(a).Draw(t, "filter")
			limit, look := rapid.IntRange(1, 40).Draw(t, "limit"), rapid.IntRange(1, 300).Draw(t, "budget")
			want, got, after := a.want(f), []press.ID{}, press.ID{}
			for pages := 0; ; pages++ {
				page, err := h.DeliveriesWithin(h.ctx(), f, after, limit, look)
				if err != nil {
					t.Fatal(err)
				}
				if len(page.Rows) > limit || page.Looked > look || pages > 1000 {
					t.Fatalf("page %d has %d rows and has looked at %d", pages, len(page.Rows), page.Looked)
				}
				for _, r := range page.Rows {
					got = append(got, r.ID)
				}
				if !page.More {
					break
				}
				after = page.Next
				if len(a.rows) < 400 && a.chance.IntN(10) == 0 {
					a.happens(got)
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("got %d: %v\nwant %d: %v", len(got), got, len(want), want)
			}
		})
	})
}

// A copy's row tells what befell it last and why it came back; its trail tells
// all, with the mail as it came.
func TestTheTrailOfADelivery(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		a := h.approve("tashkent", copyTo("a@paper.example"), copyTo("b@paper.example"))
		id, other := h.of(a, "a@paper.example"), h.of(a, "b@paper.example")
		h.claim(berta, 2)
		h.record(berta, nil, id)
		r := result(id, press.Accepted)
		r.Outcome.Text = "2.0.0 \xff queued\x00\nas <x>"
		h.record(berta, []press.Result{r})
		raw := []byte("From: x\r\n\r\n\xff\x00")
		_, err := h.TakeMails(h.ctx(), []press.Incoming{{
			Mail:    press.Mail{Mailbox: "bounces", Ref: "1", Format: press.FormatMessage, At: noon, Raw: raw},
			Key:     press.MailKey{1},
			Reports: []press.Tied{{Report: press.Report{Kind: press.ReportBounce, Class: press.Hard, Reason: press.ReasonUserUnknown, Diagnostic: "no such user"}, Delivery: id, Tie: press.TieToken}},
		}}, noon)
		h.must(err)

		trail, ok, err := h.Delivery(h.ctx(), id)
		h.must(err)
		if !ok || trail.Delivery.State != press.Bounced || len(trail.Events) != 2 || len(trail.Reports) != 1 || trail.Updated.IsZero() {
			t.Fatalf("the trail is %+v, %v", trail, ok)
		}
		if e := trail.Events[0]; e.From != press.Sending || e.State != press.Accepted || e.Text != "2.0.0 \uFFFD queued\uFFFD\nas <x>" || e.By == "" || e.ID.IsZero() {
			t.Errorf("the first event is %+v", e)
		}
		if r := trail.Reports[0]; !bytes.Equal(r.Raw, raw) || r.Reason != press.ReasonUserUnknown || r.Mailbox != "bounces" || r.Delivery != id {
			t.Errorf("the report is %+v", r)
		}
		page, err := h.Deliveries(h.ctx(), press.DeliveryFilter{}, press.ID{}, 10)
		h.must(err)
		if len(page.Rows) != 2 || page.More || page.Rows[1].ID != id || page.Rows[1].Last.State != press.Bounced || page.Rows[1].Reason != press.ReasonUserUnknown || page.Rows[1].Class != press.Hard {
			t.Errorf("the page is %+v", page)
		}
		if page.Rows[0].ID != other || !page.Rows[0].Last.At.IsZero() || page.Rows[0].Reason != "" {
			t.Errorf("a copy that nothing befell is %+v", page.Rows[0])
		}
		staged := h.of(h.stage("astana", copyTo("c@paper.example")), "c@paper.example")
		for _, none := range []press.ID{staged, {7}} {
			if _, ok, err := h.Delivery(h.ctx(), none); ok || err != nil {
				t.Errorf("%s is there: %v, %v", none, ok, err)
			}
		}
	})
}

// An export reads on over the ends of pages, stops where its reader does, and
// says what failed.
func TestEachDeliveryIsGivenOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		a := h.approve("tashkent", copies(2345)...)
		seen := map[press.ID]bool{}
		last := press.ID{}
		for r, err := range h.EachDelivery(h.ctx(), press.DeliveryFilter{Release: "tashkent"}, press.ID{}) {
			h.must(err)
			if seen[r.ID] || !last.IsZero() && last.Compare(r.ID) <= 0 {
				t.Fatalf("%s comes again, or out of order", r.ID)
			}
			seen[r.ID], last = true, r.ID
		}
		if len(seen) != a.Recipients {
			t.Errorf("%d deliveries, want %d", len(seen), a.Recipients)
		}
		for _, err := range h.EachDelivery(h.ctx(), press.DeliveryFilter{}, press.ID{}) {
			h.must(err)
			break
		}
		ctx, cancel := context.WithCancel(h.ctx())
		defer cancel()
		var failed error
		n := 0
		for _, err := range h.EachDelivery(ctx, press.DeliveryFilter{}, press.ID{}) {
			if n++; n == 10 {
				cancel()
			}
			failed = err
		}
		if !errors.Is(failed, context.Canceled) || n < 10 {
			t.Errorf("after %d rows it failed with %v", n, failed)
		}
	})
}

// A step over rows that must come from a slow disk is broken off: the page tells
// how far it came. Where the one who asks has gone, it fails instead.
func TestAPageKeepsItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		page, steps, err := store.SlowPage(t.Context())
		if took := time.Since(began); took > 100*time.Millisecond {
			t.Errorf("it took %s", took)
		}
		if err != nil || steps != 2 || !page.More || page.Next != (press.ID{5}) || page.Looked != 500 {
			t.Errorf("after %d steps: %+v, %v", steps, page, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, _, err := store.SlowPage(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("nobody waits any more, and it says %v", err)
		}
	})
}
