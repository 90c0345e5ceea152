package store_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"dateline/internal/press"
)

func (h house) troubles(at time.Time) press.Troubles {
	h.t.Helper()
	found, err := h.Troubles(h.ctx(), at)
	h.must(err)
	return found
}

// A lift is missed when a minute after it nothing has left; a slow one is not,
// nor one that is held or killed.
func TestWhetherALiftIsMissed(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent", append(copies(3), copyTo("later@paper.example", due(noon.Add(3*time.Hour))))...)
		if found := h.troubles(noon.Add(59 * time.Second)); len(found.Missed) != 0 {
			t.Errorf("within the minute: %+v", found.Missed)
		}
		want := []press.Missed{{Release: "tashkent", Send: "general", Due: noon, Copies: 3}}
		if found := h.troubles(noon.Add(2 * time.Minute)); !reflect.DeepEqual(found.Missed, want) {
			t.Errorf("after it: %+v, want %+v", found.Missed, want)
		}
		h.must(h.Hold(t.Context(), "tashkent", "legal", "Olim", noon))
		if found := h.troubles(noon.Add(2 * time.Minute)); len(found.Missed) != 0 {
			t.Errorf("while it is held: %+v", found.Missed)
		}
		h.must(h.Resume(t.Context(), "tashkent", "Olim", noon))
		id := h.claim(berta, 1)[0].ID
		h.record(berta, nil, id)
		if found := h.troubles(noon.Add(2 * time.Minute)); len(found.Missed) != 0 {
			t.Errorf("once one has begun: %+v", found.Missed)
		}
		want = []press.Missed{{Release: "tashkent", Send: "general", Due: noon.Add(3 * time.Hour), Copies: 1}}
		h.put(press.Accepted, "due_us = ?", noon.UnixMicro())
		if found := h.troubles(noon.Add(4 * time.Hour)); !reflect.DeepEqual(found.Missed, want) {
			t.Errorf("the second instant: %+v, want %+v", found.Missed, want)
		}
		h.must(h.Kill(t.Context(), "tashkent", "wrong", "Olim", noon))
		if found := h.troubles(noon.Add(4 * time.Hour)); !reflect.DeepEqual(found, press.Troubles{}) {
			t.Errorf("once it is killed: %+v", found)
		}
	})
}

// An outlet is not reached when each of its copies came to nothing; one that
// asked not to be written to is no trouble.
func TestWhichOutletsAreNotReached(t *testing.T) {
	at := func(outlet string) func(*press.Delivery) {
		return func(d *press.Delivery) { d.Outlet = outlet }
	}
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent",
			copyTo("a1@a.example", at("A")), copyTo("a2@a.example", at("A")), // both bounce
			copyTo("b1@b.example", at("B")), copyTo("b2@b.example", at("B")), // one does
			copyTo("c1@c.example", at("C")),                                  // asked for no more
			copyTo("d1@d.example", at("D")), copyTo("d2@d.example", at("D")), // one expired, one waits
			copyTo("e1@e.example", at("")), // a freelancer
		)
		h.put(press.Bounced, "address IN ('a1@a.example', 'b1@b.example', 'e1@e.example')")
		h.put(press.Rejected, "address = 'a2@a.example'")
		h.put(press.Accepted, "address = 'b2@b.example'")
		h.put(press.Skipped, "address = 'c1@c.example'")
		h.put(press.Expired, "address = 'd1@d.example'")
		found := h.troubles(noon.Add(30 * time.Second))
		if want := []press.Shortfall{{Release: "tashkent", N: 1}}; !reflect.DeepEqual(found.Unreached, want) || !reflect.DeepEqual(found.Expired, want) {
			t.Errorf("unreached %+v, expired %+v, want %+v each", found.Unreached, found.Expired, want)
		}
		h.put(press.Accepted, "address LIKE 'd%'")
		if found := h.troubles(noon.Add(4 * 24 * time.Hour)); len(found.Unreached)+len(found.Expired) != 0 {
			t.Errorf("days later: %+v", found)
		}
	})
}

func TestWhatWentToDeadAddresses(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		a := h.approve("tashkent", copies(10)...)
		h.put(press.Accepted, "approval_id = ?", a.ID)
		for i := range 6 {
			reason := press.ReasonUserUnknown
			if i == 5 {
				reason = press.ReasonMailboxFull
			}
			id := h.of(a, fmt.Sprintf("desk%05d@paper.example", i))
			if i == 4 {
				if found := h.troubles(time.Now()); len(found.Bounced) != 0 {
					t.Errorf("four are no share: %+v", found.Bounced)
				}
			}
			h.take(mail(fmt.Sprint(i), says(id, press.TieToken, press.ReportBounce, reason)))
		}
		if found := h.troubles(time.Now()); len(found.Bounced) != 1 || found.Bounced[0] != (press.Returned{Release: "tashkent", Bounced: 5, Sent: 10}) {
			t.Errorf("bounced: %+v", found.Bounced)
		}
	})
}
