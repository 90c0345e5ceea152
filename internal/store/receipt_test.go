package store_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/receipt"
	"dateline/internal/store"
)

func (h house) receipt(ask receipt.Ask) receipt.Receipt {
	h.t.Helper()
	r, err := receipt.Draw(h.ctx(), h.Store, ring, ask, later())
	h.must(err)
	return r
}

// settled moves copies that berta has begun to their ends.
func (h house) settled(a press.Approval, ends map[string]press.Outcome) {
	h.t.Helper()
	var results []press.Result
	for _, name := range slices.Sorted(maps.Keys(ends)) {
		results = append(results, press.Result{Delivery: h.of(a, name+"@paper.example"), Outcome: ends[name]})
	}
	h.record(berta, results)
}

func outcome(s press.State, after time.Duration) press.Outcome {
	o := press.Outcome{State: s, At: noon.Add(after), Relay: "main", Verb: "DATA", Code: 250, Enhanced: "2.0.0", Text: "queued"}
	if s == press.Rejected {
		o.Code, o.Enhanced, o.Text = 550, "5.1.1", "no such user"
	}
	if s == press.Unknown {
		o.Code, o.Enhanced, o.Text = 0, "", "the connection broke"
	}
	return o
}

// sentOut is a release that was approved twice, held and resumed, and of whose
// copies each came to another end; its kill notice is approved.
func (h house) sentOut() {
	h.t.Helper()
	h.must(h.TestCopy(h.ctx(), "tashkent", keyOf("olim@house.example"), "ru", outcome(press.Accepted, -2*time.Hour)))
	h.approve("tashkent", copyTo("a@paper.example"))
	at := func(name string, d time.Duration, more ...func(*press.Delivery)) press.Delivery {
		return copyTo(name+"@paper.example", append(more, due(noon.Add(d)))...)
	}
	a := press.Approval{ID: store.NewID(), Release: "tashkent", Digest: "second", By: "Dilnoza", At: noon.Add(-30 * time.Minute), Recipients: 7}
	frozen := press.Frozen{Release: releaseOf("tashkent")}
	frozen.Release.Kind, frozen.Release.Embargo.Lift = press.News, press.Moment{At: noon, Zone: "UTC"}
	frozen.Release.Editions = []press.Edition{{Lang: "ru", Headline: "Ташкент"}, {Lang: "de", Headline: "Taschkent"}}
	frozen.Release.Sends = []press.Send{{Name: "early", Kind: press.Advance}, {Name: "general", Kind: press.General}}
	h.must(h.Stage(h.ctx(), a, frozen))
	ds := []press.Delivery{
		at("a", 0), at("b", 0), at("c", 0, in("AT", "de")), at("d", 0, in("AT", "de")), at("e", 0), at("f", 0), at("w", -10*time.Minute, inSend("early")),
	}
	for i := range ds {
		ds[i].Approval, ds[i].Release = a.ID, "tashkent"
	}
	h.must(h.StageDeliveries(h.ctx(), ds, a.At, nil))
	h.must(h.Approve(h.ctx(), a, frozen.Release))
	h.must(h.Hold(h.ctx(), "tashkent", "legal", "Olim", noon.Add(-20*time.Minute)))
	h.must(h.Resume(h.ctx(), "tashkent", "Olim", noon.Add(-15*time.Minute)))
	h.must(h.Suppress(h.ctx(), keyOf("f@paper.example"), "all", "opted out", "contact", noon))
	h.record(berta, nil, ids(h.claim(berta, 10))...)
	h.settled(a, map[string]press.Outcome{
		"a": outcome(press.Accepted, 12*time.Microsecond), "b": outcome(press.Accepted, 3*time.Second), "c": outcome(press.Accepted, 1500*time.Millisecond),
		"d": outcome(press.Rejected, time.Second), "e": outcome(press.Unknown, time.Minute), "w": outcome(press.Accepted, -9*time.Minute),
	})
	h.take(mail("m1", says(h.of(a, "b@paper.example"), press.TieToken, press.ReportBounce, press.ReasonUserUnknown)))
	h.approve(press.KillSlug("tashkent"), copyTo("a@paper.example", inSend(press.NoticeSend)))
}

func TestReceipt(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		if _, err := receipt.Draw(t.Context(), h.Store, ring, receipt.Ask{Release: "tashkent"}, later()); err == nil || !strings.Contains(err.Error(), "never approved") {
			t.Errorf("of a release that is not there: %v", err)
		}
		h.sentOut()
		r := h.receipt(receipt.Ask{Release: "tashkent"})
		h.wantStory(r)
		h.wantReasons(r)
		if r.Seal != nil || r.Verified != nil || r.Held != nil {
			t.Errorf("what was not asked for: %+v", r)
		}
		h.sealAll()
		if r := h.receipt(receipt.Ask{Release: "tashkent", Verify: true}); r.Seal == nil || r.Seal.N != 1 || !r.Verified.Whole() || r.Verified.Computed != 1 || r.Verified.All {
			t.Errorf("sealed: %+v, %+v", r.Seal, r.Verified)
		} else if known, err := receipt.Contains(t.Context(), h.Store, r.Seal.Mark); !known || err != nil {
			t.Errorf("its own mark is not in the chain: %v", err)
		}
		h.wantHeld(map[time.Duration]string{
			-3 * time.Hour:        "",
			-time.Hour:            "test ru",
			-5 * time.Minute:      "UZ/UzA early accepted 1, test ru",
			11 * time.Microsecond: "UZ/UzA early accepted 1, UZ/UzA general sending 1, test ru",
			time.Second:           "UZ/UzA early accepted 1, UZ/UzA general accepted 1, UZ/UzA general sending 1, test ru",
			2 * time.Minute:       "AT/UzA general accepted 1, UZ/UzA early accepted 1, UZ/UzA general accepted 2, UZ/UzA general unknown 1, test ru",
		})
	})
}

// wantStory is what the receipt of sentOut says of approvals, acts and copies.
func (h house) wantStory(r receipt.Receipt) {
	h.t.Helper()
	if r.Kind != press.News || !r.Lift.At.Equal(noon) || len(r.Titles) != 2 || r.Titles[1] != (receipt.Title{Lang: "de", Headline: "Taschkent"}) {
		h.t.Errorf("it is a %s of %s, %v", r.Kind, r.Lift.At, r.Titles)
	}
	if len(r.Approvals) != 2 || r.Approvals[0].InForce || !r.Approvals[1].InForce || r.Approvals[1].By != "Dilnoza" || r.Approvals[1].Recipients != 7 {
		h.t.Errorf("approvals %+v", r.Approvals)
	}
	if len(r.Acts) != 2 || r.Acts[0].Act != "hold" || r.Acts[1].Act != "resume" || !r.Acts[0].At.Equal(noon.Add(-20*time.Minute)) {
		h.t.Errorf("acts %+v", r.Acts)
	}
	if want := map[press.State]int{press.Accepted: 3, press.Bounced: 1, press.Rejected: 1, press.Unknown: 1, press.Skipped: 1}; r.Copies != 7 || !maps.Equal(r.States, want) {
		h.t.Errorf("%d copies, %v; want %v", r.Copies, r.States, want)
	}
	part := func(all []receipt.Part, of string) string {
		for _, p := range all {
			if p.Of == of {
				return fmt.Sprintf("%d %d %s %s", p.Copies, p.Accepted, p.First.Sub(noon), p.Last.Sub(noon))
			}
		}
		return "none"
	}
	for _, x := range [][3]string{
		{"AT", part(r.Countries, "AT"), "2 1 1.5s 1.5s"},
		{"UZ", part(r.Countries, "UZ"), "5 3 -9m0s 3s"},
		{"de", part(r.Languages, "de"), "2 1 1.5s 1.5s"},
		{"general", part(r.Sends, "general"), "6 3 12µs 3s"},
		{"early", part(r.Sends, "early"), "1 1 -9m0s -9m0s"},
	} {
		if x[1] != x[2] {
			h.t.Errorf("%s is %s, want %s", x[0], x[1], x[2])
		}
	}
}

// wantReasons is what it says of why, when and what else.
func (h house) wantReasons(r receipt.Receipt) {
	h.t.Helper()
	if want := (receipt.Lateness{Accepted: 3, First: 12 * time.Microsecond, Half: 2 * time.Second, Most: 3 * time.Second, Last: 3 * time.Second}); r.Lateness != want {
		h.t.Errorf("lateness %+v, want %+v", r.Lateness, want)
	}
	if want := []press.Failed{{State: press.Bounced, Class: press.Hard, Reason: press.ReasonUserUnknown, N: 1}, {State: press.Rejected, N: 1}}; !slices.Equal(r.Failed, want) {
		h.t.Errorf("failed %+v, want %+v", r.Failed, want)
	}
	if want := []press.Unsent{{State: press.Skipped, Why: "suppressed after the approval", N: 1}}; !slices.Equal(r.Unsent, want) {
		h.t.Errorf("did not leave: %+v, want %+v", r.Unsent, want)
	}
	if len(r.Tests) != 1 || r.Tests[0].N != 1 || r.Tests[0].Edition != "ru" || len(r.Notices) != 1 || r.Notices[0].Kind != press.KillNotice || r.Notices[0].States[press.Planned] != 1 {
		h.t.Errorf("tests %+v, notices %+v", r.Tests, r.Notices)
	}
}

func (h house) wantHeld(want map[time.Duration]string) {
	h.t.Helper()
	for after, want := range want {
		r := h.receipt(receipt.Ask{Release: "tashkent", HeldAt: noon.Add(after)})
		var got []string
		for _, x := range r.Held.Holders {
			got = append(got, fmt.Sprintf("%s/%s %s %s %d", x.Country, x.Outlet, x.Send, x.State, x.Copies))
		}
		slices.Sort(got)
		for _, x := range r.Held.Tests {
			got = append(got, "test "+string(x.Edition))
		}
		if strings.Join(got, ", ") != want {
			h.t.Errorf("at %s they held\n%s\nwant\n%s", after, strings.Join(got, ", "), want)
		}
	}
}
