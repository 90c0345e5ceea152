package store_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/store"
)

// invisible fails if anything of a release can be seen that was only staged.
func (h house) wantInvisible(staged press.Approval) {
	h.t.Helper()
	if at, ok, err := h.NextDue(h.ctx()); err != nil || ok {
		h.t.Errorf("NextDue is %v, %v, %v", at, ok, err)
	}
	if ds := h.claim(berta, 1000); len(ds) != 0 {
		h.t.Errorf("%d copies were claimed", len(ds))
	}
	// Past every deadline all that the sweep sees would expire.
	if n, err := h.Sweep(h.ctx(), noon.Add(48*time.Hour)); err != nil || n != 0 {
		h.t.Errorf("the sweep found %d copies, %v", n, err)
	}
	states, err := h.Releases(h.ctx(), "")
	h.must(err)
	for _, s := range states {
		if s.Approval.ID == staged.ID || len(s.Counts) != 0 {
			h.t.Errorf("Releases shows %+v", s)
		}
	}
}

func TestStagedIsInvisibleUntilApprove(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		a := h.stage("tashkent", copies(3)...)
		h.wantInvisible(a)
		if _, ok, err := h.Approved(t.Context(), "tashkent"); ok || err != nil {
			t.Errorf("it counts as approved (%v)", err)
		}
		h.must(h.Approve(t.Context(), a, releaseOf("tashkent")))
		if at, ok, err := h.NextDue(t.Context()); err != nil || !ok || !at.Equal(noon) {
			t.Errorf("then NextDue is %v, %v, %v, want noon", at, ok, err)
		}
		got, ok, err := h.Approved(t.Context(), "tashkent")
		if h.must(err); !ok || got != a {
			t.Errorf("approved is %+v, want %+v", got, a)
		}
		if ds := h.claim(berta, 1000); len(ds) != 3 {
			t.Errorf("then %d copies are claimed, want 3", len(ds))
		}
	})
}

// A staged second approval changes nothing of the first one, either.
func TestStagedBesideAnApprovalIsInvisible(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		first := h.approve("tashkent")
		second := h.stage("tashkent", copies(3)...)
		h.wantInvisible(second)
		got, _, err := h.Approved(t.Context(), "tashkent")
		if h.must(err); got != first {
			t.Errorf("approved is %+v, want the first one", got)
		}
	})
}

func TestStageDeliveriesTellsEachBatch(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		a := h.stage("tashkent")
		ds := copies(1203)
		for i := range ds {
			ds[i].Approval, ds[i].Release = a.ID, a.Release
		}
		var told []int
		h.must(h.StageDeliveries(t.Context(), ds, noon, func(n int) { told = append(told, n) }))
		if !slices.Equal(told, []int{500, 500, 203}) {
			t.Errorf("progress was %v", told)
		}
		got := list[string](h, `SELECT address FROM deliveries ORDER BY id`)
		for i, d := range ds {
			if got[i] != string(d.Address) {
				t.Fatalf("by id, copy %d goes to %s, want %s: ids do not ascend with the order given", i, got[i], d.Address)
			}
		}
	})
}

func TestStageDeliveriesNeedsAnApproval(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		err := h.StageDeliveries(t.Context(), copies(2), noon, func(int) { t.Error("progress was told") })
		if err == nil || !strings.HasPrefix(err.Error(), "staging deliveries: ") {
			t.Errorf("got %v", err)
		}
		// What is approved, or was, takes no more: nobody has said yes to it.
		for _, a := range []press.Approval{h.approve("tashkent"), h.approve("tashkent")} {
			late := copies(1)
			late[0].Approval, late[0].Release = a.ID, a.Release
			if err := h.StageDeliveries(t.Context(), late, noon, nil); err == nil || !strings.Contains(err.Error(), a.ID.String()+" is not being staged") {
				t.Errorf("after the approval it gave %v", err)
			}
		}
		if n := get[int](h, `SELECT COUNT(*) FROM deliveries`); n != 0 {
			t.Errorf("%d copies belong to no approval", n)
		}
	})
}

// What is claimed is what was staged, to the last field.
func TestDeliveryRoundTrip(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		want := copyTo("a@paper.example", due(noon.Add(-time.Microsecond)))
		a := h.approve("tashkent", want)
		ds := h.claim(berta, 1)
		if len(ds) != 1 || ds[0].ID.IsZero() {
			t.Fatalf("claimed %v", ds)
		}
		want.ID, want.Approval, want.Release, want.State, want.Next = ds[0].ID, a.ID, "tashkent", press.Claimed, want.Due
		if !reflect.DeepEqual(ds[0], want) {
			t.Errorf("claimed\n%+v\nwant\n%+v", ds[0], want)
		}
	})
}

func TestSweepStagedRemovesLeftoversAlone(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		approved := h.approve("tashkent", copies(3)...)
		left := h.stage("tashkent", copies(1700)...) // more than three batches; staged an hour before noon
		h.must(h.SweepStaged(t.Context(), left.At))
		if n := get[int](h, `SELECT COUNT(*) FROM deliveries WHERE approval_id = ?`, left.ID); n != 1700 {
			t.Fatalf("of an approval that began at the instant itself %d copies are left, want all 1700", n)
		}
		h.must(h.SweepStaged(t.Context(), left.At.Add(time.Microsecond)))
		if n := get[int](h, `SELECT COUNT(*) FROM approvals WHERE id = ?`, left.ID); n != 0 {
			t.Error("the leftover is still there")
		}
		if n := get[int](h, `SELECT COUNT(*) FROM deliveries WHERE approval_id = ?`, left.ID); n != 0 {
			t.Errorf("%d copies of the leftover are still there", n)
		}
		if n := get[int](h, `SELECT COUNT(*) FROM queue`); n != 3 {
			t.Errorf("%d copies stand in the queue, want the approval's 3", n)
		}
		if n := get[int](h, `SELECT COUNT(*) FROM deliveries WHERE approval_id = ?`, approved.ID); n != 3 {
			t.Errorf("the approval has %d copies, want its 3", n)
		}
		again := h.approve("tashkent", copies(2)...)
		h.must(h.SweepStaged(t.Context(), noon.Add(time.Hour)))
		if n := get[int](h, `SELECT COUNT(*) FROM deliveries WHERE approval_id IN (?, ?)`, approved.ID, again.ID); n != 5 {
			t.Errorf("the superseded approval and the new one have %d copies, want 3 and 2", n)
		}
	})
}

func TestApproveTakesOnlyWhatIsStaged(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		first := h.approve("tashkent", copies(2)...)
		second := h.approve("tashkent", copies(2)...)
		swept := h.stage("tashkent", copies(2)...)
		h.must(h.SweepStaged(t.Context(), noon))
		acts := get[int](h, `SELECT COUNT(*) FROM acts`)
		for name, a := range map[string]press.Approval{"superseded": first, "approved already": second, "swept": swept, "unknown": {ID: store.NewID(), Release: "tashkent"}} {
			if err := h.Approve(t.Context(), a, releaseOf("tashkent")); err == nil || !strings.HasPrefix(err.Error(), "approving tashkent: ") {
				t.Errorf("approving what is %s gave %v", name, err)
			}
		}
		if got, _, err := h.Approved(t.Context(), "tashkent"); err != nil || got != second {
			t.Errorf("approved is %+v, want the second one", got)
		}
		if state := get[string](h, `SELECT state FROM approvals WHERE id = ?`, second.ID); state != "approved" {
			t.Errorf("the second approval is %s", state)
		}
		if n := get[int](h, `SELECT COUNT(*) FROM acts`); n != acts {
			t.Errorf("the refusals wrote %d acts", n-acts)
		}
	})
}

func TestNewApprovalSupersedes(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		first := h.approve("tashkent", copyTo("a@paper.example"), copyTo("b@paper.example"))
		second := h.approve("tashkent", copyTo("b@paper.example"), copyTo("c@paper.example"))
		ds := h.claim(berta, 10)
		for _, d := range ds {
			if d.Approval != second.ID {
				t.Errorf("a copy of the superseded approval was claimed: %s", d.Address)
			}
		}
		if got := addressesOf(ds); got != "b c" {
			t.Errorf("claimed the copies to %s, want b and c", got)
		}
		n, err := h.Sweep(t.Context(), noon)
		if h.must(err); n != 2 {
			t.Errorf("the sweep found %d, want the 2 of the first approval", n)
		}
		for _, address := range []string{"a@paper.example", "b@paper.example"} {
			h.wantState(h.of(first, address), press.Cancelled)
			h.wantTrail(h.of(first, address), "planned>cancelled: another approval took its place by dateline")
		}
	})
}

func TestNewApprovalEndsTheProgramsHoldAlone(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("drifted", copies(1)...)
		h.must(h.Hold(t.Context(), "drifted", "drift", press.ByDateline, noon))
		h.approve("doubted", copies(1)...)
		h.must(h.Hold(t.Context(), "doubted", "legal has a question", "Olim", noon))
		h.approve("killed", copies(1)...)
		h.must(h.Kill(t.Context(), "killed", "wrong", "Olim", noon))
		for slug, want := range map[string]press.Control{
			"drifted": {},
			"doubted": {Held: "legal has a question", HeldBy: "Olim", HeldAt: noon},
			"killed":  {Killed: "wrong", KillBy: "Olim", KillAt: noon},
		} {
			h.approve(slug, copies(1)...)
			states, err := h.Releases(t.Context(), slug)
			if h.must(err); states[0].Control != want {
				t.Errorf("%s: after a new approval the control is %+v, want %+v", slug, states[0].Control, want)
			}
		}
		if ds := h.claim(berta, 10); len(ds) != 1 || ds[0].Release != "drifted" {
			t.Errorf("claimed %v, want the copy of the one that drifted", ds)
		}
	})
}

// A new approval takes the sender and topic, by which suppressions hold.
func TestNewApprovalBringsItsTopic(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.must(h.Suppress(t.Context(), keyOf("a@paper.example"), "topic:sport", "opted out", "the journalist", noon))
		h.approve("tashkent", copyTo("a@paper.example"))
		a := h.stage("tashkent", copyTo("a@paper.example"))
		h.must(h.Approve(t.Context(), a, press.Release{Slug: "tashkent", Sender: "conference", Topic: "sport"}))
		id := ids(h.claim(berta, 1))[0]
		if v := h.record(berta, nil, id); v[id] != press.Suppressed {
			t.Errorf("the copy for who opted out of this topic is %s", v[id])
		}
		h.wantState(id, press.Skipped)
	})
}

// fullRelease has a value in every field, so that none is lost unseen.
func fullRelease() press.Frozen {
	lift := press.Moment{At: noon, Zone: "Asia/Tashkent"}
	return press.Frozen{
		Release: press.Release{
			Slug: "tashkent", Kind: press.News, Topic: "security", Sender: "conference",
			Event:    press.Occasion{From: press.Date{Year: 2022, Month: 3, Day: 3}, To: press.Date{Year: 2022, Month: 3, Day: 4}},
			Dateline: press.Dateline{Cities: []string{"Tashkent", "Vienna"}, Date: press.Date{Year: 2022, Month: 3, Day: 4}, Zone: "Asia/Tashkent"},
			Embargo:  press.Embargo{Lift: lift},
			Editions: []press.Edition{{
				Lang: "uz-Cyrl", Headline: "Тошкент \u2028<&>\x00\U0001f4f0", Subject: "Мавзу", Event: "Конференция", Cities: []string{"Тошкент", "Вена"},
				Body: strings.Repeat("Матн. \"'`$1?\r\n", 20_000), File: "uz-Cyrl.md", BodyLine: 7,
			}},
			Sends: []press.Send{
				{Name: "advance", Kind: press.Advance, Lists: []string{"wires"}, At: press.Schedule{Before: 24 * time.Hour}, LateAfter: time.Hour},
				{Name: "general", Kind: press.General, Lists: []string{"everyone"}, At: press.Schedule{Moment: lift}, LateAfter: time.Nanosecond, Again: true},
			},
			MediaContacts: []press.MediaContact{{Name: press.Text{"": "Olim", "ru": "Олим"}, Role: press.Text{"en": "press officer"}, Email: "olim@conference.example", Phone: "+998 71 000 00 00"}},
			Website:       "https://conference.example", Background: []press.Background{{Title: press.Text{"": "Programme"}, URL: "https://conference.example/p"}},
		},
		Sender: press.Sender{
			ID: "conference", Name: press.Text{"": "Conference"}, From: "press@conference.example", ReplyTo: "r@conference.example", Bounces: "b@conference.example",
			ListID: "releases.conference.example", Organisation: press.Text{"ru": "Конференция"}, Address: press.Text{"en": "1 Street"}, Website: "https://conference.example",
		},
		Files: map[string]string{"base.txt.tmpl": "{{.Body}}\n", "phrases/ru.yaml": "tag: ru\n"}, Renderer: "7", Zones: "zz",
		Probes: map[press.Lang]string{"uz-Cyrl": "abc"}, Inputs: "def",
	}
}

func TestFrozenRoundTrip(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		immediate := press.Frozen{Release: press.Release{Slug: "now", Embargo: press.Embargo{None: true}}}
		for name, want := range map[string]press.Frozen{"full": fullRelease(), "immediate": immediate, "empty": {}} {
			a := press.Approval{ID: store.NewID(), Release: name, At: noon}
			h.must(h.Stage(t.Context(), a, want))
			got, err := h.Frozen(t.Context(), a.ID)
			if h.must(err); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: what comes back is\n%+v\nwant\n%+v", name, got, want)
			}
		}
		unknown := store.NewID()
		if _, err := h.Frozen(t.Context(), unknown); err == nil || !strings.Contains(err.Error(), unknown.String()) {
			t.Errorf("the frozen release of no approval gave %v", err)
		}
	})
}

func TestHoldersHaveOrMayHaveTheText(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		want := map[string]map[press.AddressKey]bool{}
		var ds []press.Delivery
		for _, state := range press.States() {
			for _, send := range []string{"advance", "general"} {
				d := copyTo(string(state)+"@paper.example", inSend(send))
				ds = append(ds, d)
				if state.MayHaveLeft() {
					if want[send] == nil {
						want[send] = map[press.AddressKey]bool{}
					}
					want[send][d.AddressKey] = true
				}
			}
		}
		h.approve("tashkent", ds...)
		h.approve("other", copies(2)...)
		for _, state := range press.States() {
			h.put(state, `release = 'tashkent' AND address = ?`, string(state)+"@paper.example")
		}
		h.put(press.Accepted, `release = 'other'`)
		h.approve("tashkent") // who had the superseded text still has it
		got, err := h.Holders(t.Context(), "tashkent")
		if h.must(err); !maps.EqualFunc(got, want, maps.Equal) {
			t.Errorf("the holders are %v, want %v", got, want)
		}
		if none, err := h.Holders(t.Context(), "unknown"); err != nil || len(none) != 0 {
			t.Errorf("an unknown release has holders %v, %v", none, err)
		}
	})
}
