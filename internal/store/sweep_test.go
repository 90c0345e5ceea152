package store_test

import (
	"testing"
	"time"

	"dateline/internal/press"
)

// sweepAll sweeps until nothing is left, and tells how many ended.
func (h house) sweepAll(now time.Time) int {
	h.t.Helper()
	total := 0
	for {
		n, err := h.Sweep(h.ctx(), now)
		h.must(err)
		if n == 0 {
			return total
		}
		total += n
	}
}

func TestSweepWritesDownWhy(t *testing.T) {
	const address = "a@paper.example"
	type sweepCase struct {
		before func(h house)
		at     time.Time
		want   press.State
		text   string
	}
	suppress := func(h house) { h.must(h.Suppress(h.ctx(), keyOf(address), "topic:security", "opted out", "a", noon)) }
	kill := func(h house) { h.must(h.Kill(h.ctx(), "tashkent", "wrong", "Olim", noon)) }
	supersede := func(h house) { h.approve("tashkent") }
	asIs := func(house) {}
	end := noon.Add(2 * time.Hour)
	eachCase(t, map[string]sweepCase{
		"nothing":            {asIs, end.Add(-time.Microsecond), "", ""},
		"expired":            {asIs, end, press.Expired, "its time had passed before it could be sent"},
		"expired while held": {func(h house) { h.must(h.Hold(h.ctx(), "tashkent", "wait", "Olim", noon)) }, end, press.Expired, "its time had passed before it could be sent"},
		"a clock is in doubt": {func(h house) {
			h.must(h.Hold(h.ctx(), "tashkent", press.ClockHold+"it was moved", press.ByDateline, noon))
		}, end, "", ""},
		"held":                  {func(h house) { h.must(h.Hold(h.ctx(), "tashkent", "wait", "Olim", noon)) }, noon, "", ""},
		"killed":                {kill, noon.Add(-24 * time.Hour), press.Cancelled, "the release was killed"},
		"killed and past":       {kill, end, press.Cancelled, "the release was killed"},
		"superseded":            {supersede, noon.Add(-24 * time.Hour), press.Cancelled, "another approval took its place"},
		"superseded and killed": {func(h house) { supersede(h); kill(h) }, noon, press.Cancelled, "the release was killed"},
		"suppressed, due":       {suppress, noon, "", ""}, // Record skips it when its turn comes
		"suppressed, and past":  {suppress, end, press.Expired, "its time had passed before it could be sent"},
	}, func(t *testing.T, h house, _ string, c sweepCase) {
		a := h.approve("tashkent", copyTo(address), copyTo(address, inSend("advance")))
		h.put(press.Deferred, `send = 'advance'`)
		c.before(h)
		want := 0
		if c.want != "" {
			want = 2
		}
		if got := h.sweepAll(c.at); got != want {
			t.Errorf("the sweep ended %d copies, want %d", got, want)
		}
		for send, from := range map[string]press.State{"general": press.Planned, "advance": press.Deferred} {
			id := get[press.ID](h, `SELECT id FROM deliveries WHERE approval_id = ? AND send = ?`, a.ID, send)
			if c.want == "" {
				h.wantState(id, from)
				h.wantTrail(id)
				continue
			}
			h.wantState(id, c.want)
			h.wantTrail(id, string(from)+">"+string(c.want)+": "+c.text+" by dateline")
			if at := get[int64](h, `SELECT at_us FROM events WHERE delivery_id = ?`, id); at != c.at.UnixMicro() {
				t.Errorf("it befell at %v, want %v", time.UnixMicro(at).UTC(), c.at)
			}
		}
	})
}

// Whatever came to pass, what a daemon has or what has ended stays as it is.
func TestSweepTouchesOnlyWhatWaits(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		var ds []press.Delivery
		for _, s := range press.States() {
			ds = append(ds, copyTo(string(s)+"@paper.example"))
		}
		a := h.approve("tashkent", ds...)
		for _, s := range press.States() {
			h.put(s, `address = ?`, string(s)+"@paper.example")
		}
		h.must(h.Kill(t.Context(), "tashkent", "wrong", "Olim", noon))
		if n := h.sweepAll(noon.Add(24 * time.Hour)); n != 2 {
			t.Errorf("the sweep ended %d copies, want the planned and the deferred one", n)
		}
		for _, s := range press.States() {
			want := s
			if s == press.Planned || s == press.Deferred {
				want = press.Cancelled
			}
			h.wantState(h.of(a, string(s)+"@paper.example"), want)
		}
	})
}

func TestSweepEndsMoreThanABatch(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent", copies(1203)...)
		h.must(h.Kill(t.Context(), "tashkent", "wrong", "Olim", noon))
		if n := h.sweepAll(noon); n != 1203 {
			t.Errorf("the sweep ended %d copies, want 1203", n)
		}
		if n := get[int](h, `SELECT COUNT(*) FROM events WHERE state = 'cancelled'`); n != 1203 {
			t.Errorf("%d of them have an event", n)
		}
	})
}

// What was deferred past its deadline waits in the queue no longer than that.
func TestRequeueNeverPassesTheDeadline(t *testing.T) {
	end := noon.Add(2 * time.Hour)
	type requeueCase struct {
		back func(h house, id press.ID)
		from press.State
	}
	later := func(id press.ID, s press.State) press.Result {
		r := result(id, s)
		r.Next = end.Add(time.Hour)
		return r
	}
	eachCase(t, map[string]requeueCase{
		"deferred": {func(h house, id press.ID) { h.record(berta, []press.Result{later(id, press.Deferred)}) }, press.Deferred},
		"planned":  {func(h house, id press.ID) { h.record(berta, []press.Result{later(id, press.Planned)}) }, press.Planned},
		"unknown for long": {func(h house, id press.ID) {
			h.takeOver(berta)
			h.record(berta, []press.Result{later(id, press.Deferred)})
		}, press.Planned},
	}, func(t *testing.T, h house, _ string, c requeueCase) {
		id := h.sending("tashkent")
		c.back(h, id)
		h.wantState(id, c.from)
		if got := h.next(id); !got.Equal(end) {
			t.Errorf("it may be claimed at %v, want its deadline", got)
		}
		if n := h.sweepAll(end); n != 1 {
			t.Errorf("at the deadline the sweep ended %d copies, want the one", n)
		}
		h.wantState(id, press.Expired)
	})
}
