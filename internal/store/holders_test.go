package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"dateline/internal/press"
)

// held names the addresses of the copies that are out, or may be.
func (h house) held(slug string) []press.Address {
	h.t.Helper()
	copies, err := h.HeldCopies(h.ctx(), slug)
	h.must(err)
	var all []press.Address
	for _, c := range copies {
		all = append(all, c.Address)
	}
	return all
}

func TestHeldCopiesAreThoseThatAreOutOrMayBe(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		var ds []press.Delivery
		want := []press.Address{}
		for i, s := range press.States() {
			address := fmt.Sprintf("%02d-%s@paper.example", i, s)
			ds = append(ds, copyTo(address, func(d *press.Delivery) { d.Edition = "kk" }))
			if s.MayHaveLeft() && s != press.Bounced {
				want = append(want, press.Address(address))
			}
		}
		first := h.approve("water", ds...)
		for _, s := range press.States() {
			h.put(s, `release = 'water' AND address LIKE ?`, "%-"+string(s)+"@paper.example")
		}
		if got := h.held("water"); !slices.Equal(got, want) {
			t.Errorf("held by %v, want %v", got, want)
		}
		// A copy of an approval that is not in force any more is held all the same;
		// one that is only staged, or of another release, is not.
		h.approve("water", copyTo("later@paper.example"))
		h.approve("other", copyTo("other@paper.example"))
		h.put(press.Accepted, `address IN ('later@paper.example', 'other@paper.example')`)
		h.stage("water", copyTo("staged@paper.example"))
		if got := h.held("water"); !slices.Equal(got, append(want, "later@paper.example")) {
			t.Errorf("held by %v", got)
		}
		copies, err := h.HeldCopies(h.ctx(), "water")
		h.must(err)
		if c := copies[0]; c.Approval != first.ID || c.Edition != "kk" || c.Name != "Dilnoza" || c.Zone != "Asia/Tashkent" || !c.Due.Equal(noon) || c.AddressKey != keyOf(string(c.Address)) || c.State != press.Sending {
			t.Errorf("%+v", c)
		}
	})
}

// A copy that was unknown once may be out, whatever its row says by now, but for
// what was settled.
func TestHeldCopiesAreThoseThatWereUnknown(t *testing.T) {
	word := func(h house, id press.ID, s press.State) {
		_, err := h.Heed(h.ctx(), press.Pick{IDs: []press.ID{id}}, press.Word{State: s, By: "Anna", Why: "asked"}, noon)
		h.must(err)
	}
	kill := func(h house, slug string) {
		h.must(h.Kill(h.ctx(), slug, "wrong", "Anna", noon))
		_, err := h.Sweep(h.ctx(), noon)
		h.must(err)
	}
	for name, c := range map[string]struct {
		then func(h house, slug string, id press.ID)
		held bool
	}{
		"unknown":                    {func(house, string, press.ID) {}, true},
		"sent again by a person":     {func(h house, _ string, id press.ID) { word(h, id, press.Planned) }, true},
		"sent again, and killed":     {func(h house, slug string, id press.ID) { word(h, id, press.Planned); kill(h, slug) }, true},
		"settled as never sent":      {func(h house, _ string, id press.ID) { word(h, id, press.Cancelled) }, false},
		"settled as accepted":        {func(h house, _ string, id press.ID) { word(h, id, press.Accepted) }, true},
		"refused, as the daemon saw": {func(h house, _ string, id press.ID) { h.record(berta, []press.Result{result(id, press.Rejected)}) }, false},
		"accepted, as it saw":        {func(h house, _ string, id press.ID) { h.record(berta, []press.Result{result(id, press.Accepted)}) }, true},
		"proved unsent, and killed": {func(h house, slug string, id press.ID) {
			h.record(berta, []press.Result{result(id, press.Planned)})
			kill(h, slug)
		}, false},
		"sent again by the policy": {func(h house, _ string, id press.ID) {
			if n, err := h.Replan(h.ctx(), noon.Add(time.Minute)); err != nil || n != 1 {
				h.t.Fatalf("%d planned again, %v", n, err)
			}
		}, true},
		"sent again, refused": {func(h house, _ string, id press.ID) {
			word(h, id, press.Planned)
			h.claim(berta, 1)
			h.record(berta, nil, id)
			h.record(berta, []press.Result{result(id, press.Rejected)})
		}, true},
		"sent again, unknown, never sent": {func(h house, _ string, id press.ID) {
			word(h, id, press.Planned)
			h.claim(berta, 1)
			h.record(berta, nil, id)
			h.record(berta, []press.Result{result(id, press.Unknown)})
			word(h, id, press.Cancelled)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			eachStore(t, func(t *testing.T, h house) {
				id := h.sending("water")
				h.takeOver(berta)
				c.then(h, "water", id)
				if got := len(h.held("water")) == 1; got != c.held {
					t.Errorf("held %v, want %v; it is %s", got, c.held, h.state(id))
				}
			})
		})
	}
}

func TestToldAreThoseWithANoticeOrOneOnItsWay(t *testing.T) {
	const slug = "water@kill"
	eachStore(t, func(t *testing.T, h house) {
		told := func() map[press.AddressKey]bool {
			h.t.Helper()
			all, err := h.Told(h.ctx(), slug)
			h.must(err)
			pending := map[press.AddressKey]bool{}
			for _, one := range all {
				if one.Delivery.IsZero() {
					t.Error("a delivery without an id")
				}
				pending[one.AddressKey] = one.Pending
			}
			return pending
		}
		var ds []press.Delivery
		for _, s := range press.States() {
			ds = append(ds, copyTo(string(s)+"@paper.example"))
		}
		h.approve(slug, ds...)
		for _, s := range press.States() {
			h.put(s, `release = ? AND address = ?`, slug, string(s)+"@paper.example")
		}
		got := told()
		for _, s := range press.States() {
			pending, ok := got[keyOf(string(s)+"@paper.example")]
			if want := s.MayHaveLeft() || s.Unsent(); ok != want || pending != s.Unsent() {
				t.Errorf("%s: told %v, pending %v", s, ok, pending)
			}
		}
		// What waits of an approval that was superseded, or killed, does not come.
		h.approve(slug, copyTo("next@paper.example"))
		if got := told(); got[keyOf("planned@paper.example")] || !got[keyOf("next@paper.example")] {
			t.Errorf("after a new approval: %v", got)
		}
		h.must(h.Kill(h.ctx(), slug, "enough", "Anna", noon))
		for key, pending := range told() {
			if pending {
				t.Errorf("a killed notice is still to come to %v", key)
			}
		}
	})
}

func TestApprovalsNoticesAndEarlierHolders(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		first := h.approve("water", copyTo("a@paper.example"))
		h.put(press.Accepted, `address = 'a@paper.example'`)
		second := h.approve("water", copyTo("b@paper.example"))
		h.put(press.Accepted, `address = 'b@paper.example'`)
		h.stage("water")
		for _, slug := range []string{"water@kill", "water@embargo-2", "water@2027-03-08", "water@2027-03-08@kill", "water-2@kill", "waterx@kill"} {
			h.approve(slug)
		}
		all, err := h.Approvals(h.ctx(), "water")
		h.must(err)
		if len(all) != 2 || all[0].ID != first.ID || all[1].ID != second.ID || all[0].By != "Olim" {
			t.Errorf("approvals %v", all)
		}
		notices, err := h.Notices(h.ctx(), "water")
		h.must(err)
		if want := []string{"water@embargo-2", "water@kill"}; !slices.Equal(notices, want) {
			t.Errorf("notices %v, want %v", notices, want)
		}
		before, err := h.EarlierHolders(h.ctx(), "water", second.ID)
		h.must(err)
		if len(before["general"]) != 1 || !before["general"][keyOf("a@paper.example")] {
			t.Errorf("earlier holders %v", before)
		}
		now, err := h.Holders(h.ctx(), "water")
		h.must(err)
		if len(now["general"]) != 2 {
			t.Errorf("holders %v", now)
		}
	})
}

func TestTestCopiesCountMailboxes(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		for _, c := range []struct {
			address string
			state   press.State
		}{{"a@desk.example", press.Accepted}, {"a@desk.example", press.Accepted}, {"b@desk.example", press.Unknown}, {"c@desk.example", press.Rejected}} {
			h.must(h.TestCopy(h.ctx(), "water", keyOf(c.address), "en", press.Outcome{State: c.state, At: noon}))
		}
		if n, err := h.TestCopies(h.ctx(), "water"); err != nil || n != 2 {
			t.Errorf("%d mailboxes, %v; want 2", n, err)
		}
	})
}

func TestANoticeKeepsTheCopyThatItAnswers(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("water@kill", copyTo("a@paper.example", func(d *press.Delivery) { d.InReplyTo = "copy@conference.example" }), copyTo("b@paper.example"))
		ds := h.claim(berta, 2)
		if len(ds) != 2 || ds[0].InReplyTo != "copy@conference.example" || ds[1].InReplyTo != "" {
			t.Errorf("%+v", ds)
		}
	})
}
