package store_test

import (
	"fmt"
	"strings"
	"testing"

	"dateline/internal/press"
)

// Outlets by country and name, with how many are at each, and whose agreement is
// in force.
func TestPagesOfOutlets(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.imports(crowd(60)...)
		h.imports(dilnoza())
		agreed, day := true, press.DateOf(noon)
		for name, c := range map[string]struct {
			f    press.OutletFilter
			want func(press.Outlet) bool
		}{
			"all":     {press.OutletFilter{}, func(press.Outlet) bool { return true }},
			"text":    {press.OutletFilter{Text: "gAZ"}, func(o press.Outlet) bool { return has(o.Name, "gaz") }},
			"country": {press.OutletFilter{Country: "UZ", Kind: press.Wire}, func(o press.Outlet) bool { return o.Country == "UZ" && o.Kind == press.Wire }},
			"agreed":  {press.OutletFilter{Agreed: &agreed, Day: day}, func(o press.Outlet) bool { return o.Agreement.InForce(day) }},
			"none":    {press.OutletFilter{Country: "AQ"}, func(press.Outlet) bool { return false }},
		} {
			all, err := h.Outlets(h.ctx())
			h.must(err)
			want, got := map[press.ID]int{}, map[press.ID]int{}
			for _, o := range all {
				if c.want(o) {
					want[o.ID] = 0
				}
			}
			for _, p := range h.onFile() {
				for _, o := range p.Outlets {
					if _, is := want[o.ID]; is {
						want[o.ID]++
					}
				}
			}
			for after := (press.OutletPlace{}); ; {
				page, err := h.OutletPage(h.ctx(), c.f, after, 1)
				h.must(err)
				for _, o := range page.Rows {
					got[o.ID] = o.Contacts
				}
				if after = page.Next; !page.More {
					break
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
			for id, n := range got {
				if o, ok, err := h.OutletByID(h.ctx(), id); err != nil || !ok || o.Contacts != n {
					t.Errorf("%s: %+v, %v, %v", name, o, ok, err)
				}
			}
		}
	})
}

// An outlet is unreached where nothing arrived and nothing is on its way.
func TestUnreached(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		cases := map[string]struct {
			states []press.State
			want   string
		}{
			"lost":       {[]press.State{press.Bounced, press.Bounced, press.Rejected, press.Expired, press.Skipped}, "5 2 1 1 1"},
			"one is":     {[]press.State{press.Bounced, press.Accepted}, ""},
			"one may be": {[]press.State{press.Rejected, press.Unknown}, ""},
			"under way":  {[]press.State{press.Rejected, press.Deferred}, ""},
			"cancelled":  {[]press.State{press.Cancelled}, ""},
			"half":       {[]press.State{press.Cancelled, press.Skipped}, "1 0 0 0 1"},
		}
		var ds []press.Delivery
		for name, c := range cases {
			for i := range c.states {
				ds = append(ds, copyTo(fmt.Sprintf("a%d@%s.example", i, strings.ReplaceAll(name, " ", "-")), func(d *press.Delivery) { d.Outlet = name }))
			}
		}
		a := h.approve("tashkent", ds...)
		for name, c := range cases {
			for i, s := range c.states {
				h.must(h.exec(`UPDATE deliveries SET state = ? WHERE id = ?`, string(s), h.of(a, fmt.Sprintf("a%d@%s.example", i, strings.ReplaceAll(name, " ", "-")))))
			}
		}
		found, err := h.Unreached(h.ctx(), "tashkent")
		h.must(err)
		got := map[string]string{}
		for _, u := range found {
			got[u.Outlet] = fmt.Sprint(u.Copies, u.Bounced, u.Rejected, u.Expired, u.Skipped)
		}
		for name, c := range cases {
			if got[name] != c.want {
				t.Errorf("%s: %q, want %q", name, got[name], c.want)
			}
		}
		if none, err := h.Unreached(h.ctx(), "nowhere"); err != nil || len(none) != 0 {
			t.Errorf("of none: %v, %v", none, err)
		}
	})
}

// What the desk says against a contact is said of every mailbox that they have,
// and can be lifted there.
func TestSuppressContact(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.reader(dilnoza())
		for range 2 { // said twice, it stands once
			n, err := h.SuppressContact(h.ctx(), id, ring.AddressKey, press.Suppression{Scope: "topic:water", Reason: "asked on the phone", By: "Olim", At: noon})
			if h.must(err); n != 2 {
				t.Errorf("it was said of %d mailboxes", n)
			}
		}
		h.wantSuppressed("dilnoza@uza.example", "topic:water: asked on the phone by Olim")
		h.wantSuppressed("d.karimova@gazeta.example", "topic:water: asked on the phone by Olim")
		done, err := h.Lift(h.ctx(), press.Lifting{Address: "dilnoza@uza.example", Key: keyOf("dilnoza@uza.example"), Scope: "topic:water", By: "Olim", Why: "asked again", At: noon})
		if h.must(err); !done.Lifted || done.Stays {
			t.Errorf("lifting gave %+v", done)
		}
		d, err := h.Dossier(h.ctx(), id, nil, ring.AddressKey, noon)
		h.must(err)
		var trail []string
		for _, a := range d.Acts {
			trail = append(trail, a.Act+" by "+a.By+" "+a.Detail)
		}
		if last := strings.Join(trail[max(0, len(trail)-2):], ", "); last != "suppressed by Olim topic:water: asked on the phone, lifted by Olim topic:water: asked again" {
			t.Errorf("the trail is %+v", d.Acts)
		}
	})
}
