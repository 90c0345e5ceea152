package store_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"dateline/internal/press"
)

func TestClaimGivesTheEarliestFirst(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		// Staged the other way round, so that ids and instants disagree.
		ds := copies(300)
		for i := range ds {
			ds[i].Due = noon.Add(-time.Duration(i) * time.Second)
		}
		h.approve("tashkent", ds...)
		slices.Reverse(ds)
		var got []press.Delivery
		for _, limit := range []int{1, 7, 200, 500} {
			some := h.claim(berta, limit)
			if len(some) > limit {
				t.Errorf("%d were claimed, with a limit of %d", len(some), limit)
			}
			got = append(got, some...)
		}
		if addressesOf(got) != addressesOf(ds) {
			t.Errorf("claimed in the order\n%s\nwant\n%s", addressesOf(got), addressesOf(ds))
		}
	})
}

func TestClaimKeepsTheApprovalsOrder(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		ds := copies(300)
		slices.Reverse(ds)
		h.approve("tashkent", ds...)
		if got := h.claim(berta, 300); addressesOf(got) != addressesOf(ds) {
			t.Errorf("copies of one instant were claimed in the order\n%s\nwant\n%s", addressesOf(got), addressesOf(ds))
		}
	})
}

func TestClaimOverSeveralReleases(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("late", copyTo("c@x.example", due(noon)))
		h.approve("early", copyTo("a@x.example", due(noon.Add(-time.Hour))), copyTo("d@x.example", due(noon.Add(time.Microsecond))))
		h.approve("middle", copyTo("b@x.example", due(noon.Add(-time.Minute))))
		if got := addressesOf(h.claim(berta, 2)); got != "a b" {
			t.Errorf("claimed the copies to %s, want the two earliest, a and b", got)
		}
		if got := addressesOf(h.claim(berta, 10)); got != "c" {
			t.Errorf("then %s, want c: d is not due yet", got)
		}
		if at, ok, err := h.NextDue(t.Context()); err != nil || !ok || !at.Equal(noon.Add(time.Microsecond)) {
			t.Errorf("NextDue is %v, %v, %v, want the instant of d", at, ok, err)
		}
	})
}

// The daemon claims ahead: `by` is when it is due, `now` is what a deadline is
// held against.
func TestClaimAhead(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent", copyTo("a@x.example"), copyTo("b@x.example", due(noon.Add(time.Minute))))
		ahead := noon.Add(-2 * time.Minute)
		ds, err := h.Claim(t.Context(), berta, noon, ahead, 10)
		if h.must(err); addressesOf(ds) != "a" {
			t.Fatalf("claimed %s, want a", addressesOf(ds))
		}
		if v, err := h.Record(t.Context(), berta, nil, begins(ds[0].ID), noon.Add(-time.Microsecond)); err != nil || v[ds[0].ID] != press.Early {
			t.Errorf("before its instant the verdict is %v, %v", v, err)
		}
		h.wantState(ds[0].ID, press.Planned) // given back, to be claimed again
		h.claim(berta, 1)
		if v := h.record(berta, nil, ds[0].ID); v[ds[0].ID] != press.Go {
			t.Errorf("at its instant the verdict is %v", v)
		}
	})
}

// Releases that are due together share a claim, however late one of them is;
// what one cannot use the others get.
func TestClaimIsSharedByReleases(t *testing.T) {
	type fairCase struct {
		have  map[string]int
		limit int
		want  map[string]int
	}
	eachCase(t, map[string]fairCase{
		"alike":            {map[string]int{"a": 50, "b": 50, "c": 50}, 30, map[string]int{"a": 10, "b": 10, "c": 10}},
		"one is small":     {map[string]int{"a": 50, "b": 2, "c": 50}, 30, map[string]int{"b": 2}},
		"all are small":    {map[string]int{"a": 5, "b": 2, "c": 1}, 30, map[string]int{"a": 5, "b": 2, "c": 1}},
		"the limit is one": {map[string]int{"a": 5, "b": 5}, 1, map[string]int{"a": 1}},
		"does not divide":  {map[string]int{"a": 5, "b": 5, "c": 5}, 10, nil},
	}, func(t *testing.T, h house, _ string, c fairCase) {
		early := noon.Add(-time.Hour) // of release a, whose copies would come first throughout
		total := 0
		for slug, n := range c.have {
			at := noon
			if slug == "a" {
				at = early
			}
			h.approve(slug, copies(n, due(at))...)
			total += n
		}
		got := map[string]int{}
		for _, d := range h.claim(berta, c.limit) {
			got[d.Release]++
		}
		sum, least := 0, c.limit/len(c.have)
		for slug, n := range c.have {
			sum += got[slug]
			if want, named := c.want[slug]; named && got[slug] != want {
				t.Errorf("of %s %d were claimed, want %d", slug, got[slug], want)
			}
			if got[slug] < min(least, n) {
				t.Errorf("of %s only %d were claimed", slug, got[slug])
			}
		}
		if want := min(total, c.limit); sum != want {
			t.Errorf("%d were claimed, want %d", sum, want)
		}
	})
}

func TestClaimLeavesWhatMustNotLeave(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("held", copies(2)...)
		h.must(h.Hold(t.Context(), "held", "wait", "Olim", noon))
		h.approve("killed", copies(2)...)
		h.must(h.Kill(t.Context(), "killed", "wrong", "Olim", noon))
		h.approve("past", copies(2, due(noon.Add(-2*time.Hour)))...)     // its deadline is now
		h.approve("future", copies(2, due(noon.Add(time.Second)))...)    // not due yet
		h.approve("nearly", copies(1, due(noon.Add(-7199999999999)))...) // its deadline comes in a nanosecond, that is, now
		if ds := h.claim(berta, 10); len(ds) != 0 {
			t.Errorf("claimed %v", ds)
		}
		h.must(h.Resume(t.Context(), "held", "Olim", noon))
		if ds := h.claim(berta, 10); len(ds) != 2 || ds[0].Release != "held" {
			t.Errorf("after Resume %v were claimed, want the two that were held", ds)
		}
	})
}

func TestClaimTakesDeferredOnesAtTheirInstant(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.sending("tashkent")
		r := result(id, press.Deferred)
		r.Next = noon.Add(30 * time.Second)
		h.record(berta, []press.Result{r})
		h.wantState(id, press.Deferred)
		for _, step := range []struct {
			at   time.Time
			want int
		}{{noon.Add(29 * time.Second), 0}, {r.Next, 1}, {r.Next, 0}} {
			ds, err := h.Claim(t.Context(), carla, step.at, step.at, 10)
			if h.must(err); len(ds) != step.want {
				t.Fatalf("at %v %d were claimed, want %d", step.at, len(ds), step.want)
			}
			if len(ds) == 1 && (ds[0].Attempts != 1 || !ds[0].Next.Equal(r.Next) || !ds[0].Due.Equal(noon)) {
				t.Errorf("claimed %+v, want one try behind it", ds[0])
			}
		}
	})
}

func TestReleaseGivesBackOnlyOnesOwnClaims(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent", copies(4)...)
		mine := ids(h.claim(berta, 2))
		others := ids(h.claim(carla, 2))
		h.record(berta, nil, mine[1])
		h.must(h.Release(t.Context(), berta, append(slices.Clone(mine), others...), noon))
		h.wantState(mine[0], press.Planned)
		h.wantState(mine[1], press.Sending)
		h.wantState(others[0], press.Claimed)
		h.wantState(others[1], press.Claimed)
		if again := ids(h.claim(carla, 10)); !slices.Equal(again, mine[:1]) {
			t.Errorf("then %v could be claimed, want what was given back", again)
		}
		h.must(h.Release(t.Context(), berta, nil, noon))
	})
}

// However many claim at once, and whatever they give back meanwhile, each copy
// is one daemon's, and no claim exceeds its limit.
func TestClaimersNeverShareACopy(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		const claimers, limit, total = 16, 7, 600
		for _, slug := range []string{"first", "second", "third"} {
			h.approve(slug, copies(total/3)...)
		}
		var mu sync.Mutex
		owner := map[press.ID]press.ID{}
		var all sync.WaitGroup
		for i := range claimers {
			all.Go(func() {
				me := press.ID{byte(i + 1)}
				for round := 0; ; round++ {
					ds, err := h.Claim(t.Context(), me, noon, noon, limit)
					if err != nil {
						t.Error(err)
						return
					}
					if len(ds) > limit {
						t.Errorf("a claim gave %d, with a limit of %d", len(ds), limit)
					}
					mu.Lock()
					done := len(ds) == 0 && len(owner) == total
					for _, d := range ds {
						if whose, taken := owner[d.ID]; taken {
							t.Errorf("%s was given to %s, which %s has", d.ID, me, whose)
						}
						owner[d.ID] = me
					}
					if len(ds) > 0 && round%5 == 4 { // give the first one back
						delete(owner, ds[0].ID)
					} else {
						ds = nil
					}
					mu.Unlock()
					if done || t.Failed() {
						return
					}
					if len(ds) > 0 {
						if err := h.Release(t.Context(), me, ids(ds[:1]), noon); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		all.Wait()
		for _, row := range list[struct {
			ID press.ID `db:"id"`
			By press.ID `db:"claimed_by"`
		}](h, `SELECT delivery_id AS id, claimed_by FROM queue`) {
			if owner[row.ID] != row.By {
				t.Errorf("%s is %s's in the store, and was given to %s", row.ID, row.By, owner[row.ID])
			}
		}
	})
}

func TestRestartSettlesAnEarlierLife(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		a := h.approve("tashkent", copies(5)...)
		mine := ids(h.claim(berta, 3))
		other := ids(h.claim(carla, 2))
		h.record(berta, nil, mine[0], mine[1])
		h.record(carla, nil, other[0])
		h.record(berta, []press.Result{result(mine[0], press.Accepted)})
		if sending, err := h.Sending(t.Context(), berta); err != nil || !slices.Equal(sending, mine[1:2]) {
			t.Errorf("being sent were %v, %v; want %v", sending, err, mine[1:2])
		}
		if done, want := h.restart(berta), (press.Recovered{Released: 1, Unknown: 1}); done != want {
			t.Errorf("recovered %+v, want %+v", done, want)
		}
		h.wantState(mine[0], press.Accepted)
		h.wantState(mine[1], press.Unknown)
		h.wantTrail(mine[1], "sending>unknown: the daemon died by "+berta.String())
		h.wantState(mine[2], press.Planned)
		h.wantState(other[0], press.Sending)
		h.wantState(other[1], press.Claimed)
		if done := h.restart(berta); done != (press.Recovered{}) {
			t.Errorf("a second time it found %+v", done)
		}
		if ds := h.claim(berta, 10); !slices.Equal(ids(ds), mine[2:]) {
			t.Errorf("then %v can be claimed, want what had not begun", ds)
		}
		holders, err := h.Holders(t.Context(), a.Release)
		if h.must(err); len(holders["general"]) != 3 {
			t.Errorf("%d have the text or may have it, want 3", len(holders["general"]))
		}
	})
}

func TestReplanTakesUnknownOnesOfApprovalsInForce(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		unknown := func(slug string, changes ...func(*press.Delivery)) press.ID {
			id := h.sending(slug, changes...)
			h.record(berta, []press.Result{result(id, press.Unknown)})
			return id
		}
		again := unknown("again")
		superseded := unknown("superseded")
		h.approve("superseded")
		killed := unknown("killed")
		h.must(h.Kill(t.Context(), "killed", "wrong", "Olim", noon))
		held := unknown("held")
		h.must(h.Hold(t.Context(), "held", "wait", "Olim", noon))
		late := unknown("late", due(noon.Add(-time.Hour)))

		now := noon.Add(time.Hour) // the deadline of the last one
		n, err := h.Replan(t.Context(), now)
		if h.must(err); n != 1 {
			t.Errorf("replanned %d, want 1", n)
		}
		h.wantState(again, press.Planned)
		if trail := h.trail(again); trail[len(trail)-1] != "unknown>planned: sent again, as the policy on_unknown: resend says by dateline" {
			t.Errorf("the trail ends with %s", trail[len(trail)-1])
		}
		// Each of these may be with its recipient: to plan it would hide that from a kill notice.
		for _, id := range []press.ID{superseded, killed, held, late} {
			h.wantState(id, press.Unknown)
		}
		ds, err := h.Claim(t.Context(), carla, now, now, 10)
		if h.must(err); len(ds) != 1 || ds[0].ID != again {
			t.Errorf("then %v can be claimed, want the one, under its old id", ds)
		}
	})
}
