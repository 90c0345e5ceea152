package store_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/store"
)

// Each verdict, and what the delivery is after it.
func TestVerdicts(t *testing.T) {
	const address = "a@paper.example"
	// suppress keeps the address from a scope, after the copy was claimed.
	suppress := func(scope string) func(house, press.ID) {
		return func(h house, _ press.ID) {
			h.must(h.Suppress(h.ctx(), keyOf(address), scope, "opted out", "the journalist", noon))
		}
	}
	asIs := func(house, press.ID) {}
	type verdictCase struct {
		before func(h house, id press.ID) // befalls the copy that berta has claimed
		at     time.Time
		want   press.Verdict
		state  press.State
	}
	eachCase(t, map[string]verdictCase{
		"go":                        {asIs, noon, press.Go, press.Sending},
		"go until the deadline":     {asIs, noon.Add(2*time.Hour - time.Microsecond), press.Go, press.Sending},
		"late":                      {asIs, noon.Add(2 * time.Hour), press.Late, press.Expired},
		"early":                     {asIs, noon.Add(-time.Microsecond), press.Early, press.Planned},
		"suppressed everywhere":     {suppress("all"), noon, press.Suppressed, press.Skipped},
		"suppressed for the sender": {suppress("sender:conference"), noon, press.Suppressed, press.Skipped},
		"suppressed for the topic":  {suppress("topic:security"), noon, press.Suppressed, press.Skipped},
		"another sender":            {suppress("sender:other"), noon, press.Go, press.Sending},
		"another topic":             {suppress("topic:sport"), noon, press.Go, press.Sending},
		"no scope at all":           {suppress("security"), noon, press.Go, press.Sending},
		"another address": {func(h house, _ press.ID) {
			h.must(h.Suppress(h.ctx(), keyOf("b@paper.example"), "all", "opted out", "the journalist", noon))
		}, noon, press.Go, press.Sending},
		"held": {func(h house, _ press.ID) { h.must(h.Hold(h.ctx(), "tashkent", "wait", "Olim", noon)) }, noon, press.Held, press.Planned},
		"held and resumed": {func(h house, _ press.ID) {
			h.must(h.Hold(h.ctx(), "tashkent", "wait", "Olim", noon))
			h.must(h.Resume(h.ctx(), "tashkent", "Olim", noon))
		}, noon, press.Go, press.Sending},
		"killed": {func(h house, _ press.ID) { h.must(h.Kill(h.ctx(), "tashkent", "wrong", "Olim", noon)) }, noon, press.Killed, press.Cancelled},
		"another release is killed": {func(h house, _ press.ID) {
			h.approve("other")
			h.must(h.Kill(h.ctx(), "other", "wrong", "Olim", noon))
		}, noon, press.Go, press.Sending},
		"lost: given back": {func(h house, id press.ID) { h.must(h.Release(h.ctx(), berta, []press.ID{id}, noon)) }, noon, press.Lost, press.Planned},
		"lost: another's by now": {func(h house, id press.ID) {
			h.must(h.Release(h.ctx(), berta, []press.ID{id}, noon))
			h.claim(carla, 1)
		}, noon, press.Lost, press.Claimed},
		"lost: begun by another": {func(h house, id press.ID) {
			h.must(h.Release(h.ctx(), berta, []press.ID{id}, noon))
			h.claim(carla, 1)
			h.record(carla, nil, id)
		}, noon, press.Lost, press.Sending},
		"lost: begun already": {func(h house, id press.ID) { h.record(berta, nil, id) }, noon, press.Lost, press.Sending},
		"lost: superseded":    {func(h house, _ press.ID) { h.approve("tashkent", copyTo(address)) }, noon, press.Lost, press.Planned},
	}, func(t *testing.T, h house, _ string, c verdictCase) {
		h.approve("tashkent", copyTo(address))
		id := ids(h.claim(berta, 1))[0]
		c.before(h, id)
		v, err := h.Record(t.Context(), berta, nil, begins(id), c.at)
		h.must(err)
		if len(v) != 1 || v[id] != c.want {
			t.Errorf("the verdicts are %v, want %s", v, c.want)
		}
		h.wantState(id, c.state)
		if text, ends := endings[c.want]; ends && c.state != press.Planned {
			h.wantTrail(id, "claimed>"+string(c.state)+": "+text+" by "+berta.String())
		} else {
			h.wantTrail(id)
		}
		want := map[press.State]int{press.Planned: 1, press.Claimed: 1, press.Sending: 1}[c.state]
		if n := get[int](h, `SELECT COUNT(*) FROM queue WHERE delivery_id = ?`, id); n != want {
			t.Errorf("it stands %d times in the queue, want %d", n, want)
		}
	})
}

// endings are what the trail says of a copy that will never begin.
var endings = map[press.Verdict]string{
	press.Killed: "the release was killed", press.Suppressed: "suppressed after the approval", press.Late: "its time had passed before it could be sent",
}

// One copy per address per send, over all approvals: what an earlier approval
// has sent, or may have, keeps the new one's copy back.
func TestEarlierCopyKeepsTheNewOneBack(t *testing.T) {
	const address = "a@paper.example"
	states := map[press.State]bool{}
	for _, s := range press.States() {
		states[s] = s.MayHaveLeft()
	}
	eachCase(t, states, func(t *testing.T, h house, state press.State, left bool) {
		first := h.approve("tashkent", copyTo(address), copyTo("b@paper.example"))
		h.put(state, `approval_id = ? AND address = ?`, first.ID, address)
		second := h.approve("tashkent", copyTo(address), copyTo(address, inSend("advance")))
		h.approve("other", copyTo(address))
		all := ids(h.claim(carla, 10))
		if len(all) != 3 {
			t.Fatalf("claimed %d copies, want 3", len(all))
		}
		id := get[press.ID](h, `SELECT id FROM deliveries WHERE approval_id = ? AND send = 'general'`, second.ID)
		for got, v := range h.record(carla, nil, all...) {
			// The same address in another send or release gets its own copy.
			want := press.Go
			switch {
			case got == id && state == press.Sending:
				want = press.Paced // what becomes of the other one is not known yet
			case got == id && left:
				want = press.Lost
			}
			if v != want {
				t.Errorf("with an earlier copy %s the verdict is %s, want %s", state, v, want)
			}
		}
		if !left {
			h.wantState(id, press.Sending)
			return
		}
		if state == press.Sending { // it asks again, and goes if the other one proves unsent
			h.wantState(id, press.Planned)
			h.wantTrail(id)
			other := get[press.ID](h, `SELECT id FROM deliveries WHERE approval_id = ? AND address = ?`, first.ID, address)
			h.record(berta, []press.Result{result(other, press.Planned)})
			ds, err := h.Claim(h.ctx(), carla, noon.Add(time.Second), noon.Add(time.Second), 10)
			if h.must(err); len(ds) != 1 || ds[0].ID != id {
				t.Fatalf("a second later %v can be claimed, want the new copy", ds)
			}
			v, err := h.Record(h.ctx(), carla, nil, begins(id), noon.Add(time.Second))
			if h.must(err); v[id] != press.Go {
				t.Errorf("when the other one had not left, the verdict is %s", v[id])
			}
			return
		}
		h.wantState(id, press.Cancelled)
		h.wantTrail(id, "claimed>cancelled: another copy for this address has left, or may have by "+carla.String())
	})
}

func TestVerdictsOfABatch(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent", copyTo("a@x.example"), copyTo("b@x.example"), copyTo("c@x.example", inSend("advance")))
		h.approve("held", copyTo("a@x.example"))
		ds := h.claim(berta, 4)
		h.must(h.Hold(t.Context(), "held", "wait", "Olim", noon))
		h.must(h.Suppress(t.Context(), keyOf("b@x.example"), "all", "opted out", "b", noon))
		unheard := store.NewID()
		want := map[press.ID]press.Verdict{unheard: press.Lost}
		for _, d := range ds {
			switch {
			case d.Release == "held":
				want[d.ID] = press.Held
			case d.Address == "b@x.example":
				want[d.ID] = press.Suppressed
			default:
				want[d.ID] = press.Go
			}
		}
		if got := h.record(berta, nil, append(ids(ds), unheard)...); !maps.Equal(got, want) {
			t.Errorf("the verdicts are %v, want %v", got, want)
		}
		if got := h.record(berta, nil); len(got) != 0 {
			t.Errorf("nothing was asked, and the verdicts are %v", got)
		}
	})
}

func TestBeginCountsAttempts(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.sending("tashkent")
		for want := 1; want < 4; want++ {
			if got := get[int](h, `SELECT attempts FROM deliveries`); got != want {
				t.Errorf("%d attempts are counted, want %d", got, want)
			}
			h.record(berta, []press.Result{result(id, press.Deferred)})
			h.claim(berta, 1)
			h.record(berta, nil, id)
		}
	})
}

// The scribe asks again when the answer was lost: the commit may have arrived.
func TestBeginAskedAgain(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		begun := h.sending("tashkent")
		again := func(daemon, id press.ID) press.Verdict {
			v, err := h.Record(t.Context(), daemon, nil, []press.Begin{{Delivery: id, Again: true}}, noon)
			h.must(err)
			return v[id]
		}
		if v := again(berta, begun); v != press.Go {
			t.Errorf("what berta had begun is %s, want go", v)
		}
		if v := again(carla, begun); v != press.Lost {
			t.Errorf("what berta had begun is %s for carla, want lost", v)
		}
		if n := get[int](h, `SELECT attempts FROM deliveries WHERE id = ?`, begun); n != 1 {
			t.Errorf("%d attempts are counted, want the one", n)
		}
		h.wantTrail(begun)

		h.approve("other", copyTo("b@paper.example"))
		lost := ids(h.claim(berta, 1))[0]
		if v := again(berta, lost); v != press.Go {
			t.Errorf("when the commit had not arrived it is %s, want go", v)
		}
		h.wantState(lost, press.Sending)
	})
}

// Nothing of what is asked again has left yet: a kill, a hold or a suppression
// that came in between holds, and the copy is planned again, for the sweep.
func TestBeginAskedAgainTooLate(t *testing.T) {
	eachCase(t, map[press.Verdict]func(house){
		press.Killed: func(h house) { h.must(h.Kill(h.ctx(), "tashkent", "wrong", "Olim", noon)) },
		press.Held:   func(h house) { h.must(h.Hold(h.ctx(), "tashkent", "wait", "Olim", noon)) },
		press.Suppressed: func(h house) {
			h.must(h.Suppress(h.ctx(), keyOf("a@paper.example"), "all", "opted out", "a", noon))
		},
		press.Lost: func(h house) { h.approve("tashkent") },
		press.Late: func(h house) { h.must(h.exec(`UPDATE queue SET deadline_us = ?`, noon.UnixMicro())) },
	}, func(t *testing.T, h house, want press.Verdict, between func(house)) {
		id := h.sending("tashkent")
		between(h)
		v, err := h.Record(t.Context(), berta, nil, []press.Begin{{Delivery: id, Again: true}}, noon)
		h.must(err)
		if v[id] != want {
			t.Errorf("the verdict is %s, want %s", v[id], want)
		}
		h.wantState(id, press.Planned)
		h.wantTrail(id, "sending>planned: it had not left, and now may not: "+string(want)+" by "+berta.String())
	})
}

func TestDatabaseRefusesASecondCopyInOneApproval(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent", copyTo("a@paper.example"))
		a := h.stage("tashkent", copyTo("a@paper.example"), copyTo("a@paper.example", inSend("advance")), copyTo("b@paper.example"))
		for name, d := range map[string]press.Delivery{"as it is": copyTo("a@paper.example"), "to another of their addresses": copyTo("a@paper.example", func(d *press.Delivery) { d.Address = "A@paper.example" })} {
			d.Approval, d.Release = a.ID, a.Release
			err := h.StageDeliveries(t.Context(), []press.Delivery{d}, noon, nil)
			if err == nil || !strings.Contains(strings.ToLower(err.Error()), "unique") {
				t.Errorf("a second copy, %s: the database says %v", name, err)
			}
		}
		if n := get[int](h, `SELECT COUNT(*) FROM queue WHERE approval_id = ?`, a.ID); n != 3 {
			t.Errorf("%d copies are in the queue, want the 3 of before", n)
		}
		// Within one batch, too, and nothing of the batch stays.
		twins := copies(3)
		twins[2] = twins[0]
		for i := range twins {
			twins[i].Approval, twins[i].Release = a.ID, a.Release
		}
		if err := h.StageDeliveries(t.Context(), twins, noon, nil); err == nil {
			t.Error("twins in one batch were staged")
		}
		if n := get[int](h, `SELECT COUNT(*) FROM deliveries WHERE approval_id = ?`, a.ID); n != 3 {
			t.Errorf("%d copies are staged, want the 3 of before", n)
		}
	})
}
