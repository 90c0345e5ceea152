package store_test

import (
	"testing"
	"time"

	"dateline/internal/press"
)

func after(send string) func(*press.Delivery) {
	return func(d *press.Delivery) { d.Send, d.After = "follow-up", send }
}

// A follow-up goes to those of whom it is known that they have the copy that it
// follows, and its trail says so of the others.
func TestFollowUpWantsTheCopyItFollows(t *testing.T) {
	states := map[press.State]bool{}
	for _, s := range press.States() {
		states[s] = s == press.Accepted || s == press.Delivered
	}
	eachCase(t, states, func(t *testing.T, h house, state press.State, goes bool) {
		follow := copyTo("a@paper.example", after("advance"))
		a := h.approve("tashkent", copyTo("a@paper.example", inSend("advance")), copyTo("a@paper.example"), follow)
		h.put(press.Delivered, `send = 'general'`) // another send's copy does not stand for it
		h.put(state, `send = 'advance'`)
		id := get[press.ID](h, `SELECT id FROM deliveries WHERE approval_id = ? AND send = 'follow-up'`, a.ID)
		ds := h.claim(carla, 10)
		for _, d := range ds {
			if d.ID == id && d.After != "advance" {
				t.Errorf("it was claimed as one that follows %q", d.After)
			}
		}
		v := h.record(carla, nil, id)
		if goes {
			if v[id] != press.Go {
				t.Errorf("after one that is %s the verdict is %s", state, v[id])
			}
			h.wantState(id, press.Sending)
			return
		}
		if v[id] != press.NotHeld {
			t.Errorf("after one that is %s the verdict is %s", state, v[id])
		}
		h.wantState(id, press.Skipped)
		h.wantTrail(id, "claimed>skipped: the copy that it follows up was not accepted by "+carla.String())
	})
}

// Who has the text by an earlier approval gets the follow-up of the new one; a
// copy of another release, or for another mailbox, does not count.
func TestFollowUpOverApprovals(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent", copyTo("a@paper.example"))
		h.approve("other", copyTo("b@paper.example"))
		h.put(press.Accepted, `send = 'general'`)
		h.approve("tashkent", copyTo("a@paper.example", after("general")), copyTo("b@paper.example", after("general")))
		want := map[press.Address]press.Verdict{"a@paper.example": press.Go, "b@paper.example": press.NotHeld}
		ds := h.claim(berta, 10)
		if len(ds) != 2 {
			t.Fatalf("claimed %d, want 2", len(ds))
		}
		v := h.record(berta, nil, ids(ds)...)
		for _, d := range ds {
			if v[d.ID] != want[d.Address] {
				t.Errorf("the follow-up to %s is %s, want %s", d.Address, v[d.ID], want[d.Address])
			}
		}
	})
}

// A batch holds follow-ups to those who have the copy and to those who do not,
// a suppression counts all the same, and a bounce takes the copy away again.
func TestFollowUpsOfABatch(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		const n = 60
		h.approve("tashkent", append(copies(n), copies(n, after("general"))...)...)
		h.put(press.Bounced, `send = 'general'`)
		for i, d := range copies(n) {
			if i%3 == 0 {
				h.put(press.Delivered, `send = 'general' AND address = ?`, d.Address)
			}
		}
		out := copies(n)[3] // who has it, and opted out since
		h.must(h.Suppress(t.Context(), out.AddressKey, "all", "opted out", "a", noon))
		ds := h.claim(berta, n)
		counts := map[press.Verdict]int{}
		for _, verdict := range h.record(berta, nil, ids(ds)...) {
			counts[verdict]++
		}
		if counts[press.Go] != n/3-1 || counts[press.Suppressed] != 1 || counts[press.NotHeld] != n-n/3 {
			t.Errorf("the verdicts are %v", counts)
		}
		if at, ok, err := h.NextDue(t.Context()); ok || err != nil {
			t.Errorf("something still waits for %v, %v", at, err)
		}
	})
}

// A follow-up that was late, or came too early, is that before all.
func TestFollowUpHasItsInstant(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent", copyTo("a@paper.example", after("general")))
		id := ids(h.claim(berta, 1))[0]
		v, err := h.Record(t.Context(), berta, nil, begins(id), noon.Add(-time.Second))
		if h.must(err); v[id] != press.Early {
			t.Errorf("before its instant it is %s", v[id])
		}
		h.wantState(id, press.Planned)
	})
}
