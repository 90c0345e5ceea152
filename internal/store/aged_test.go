package store_test

import (
	"fmt"
	"testing"
	"time"

	"dateline/internal/press"
)

// ages lets the retention run until nothing is left to take, and tells how many
// copies lost their person in each step.
func (h house) ages(r press.Retention, now time.Time) []int {
	h.t.Helper()
	var steps []int
	for {
		done, err := h.Age(h.ctx(), r, now)
		h.must(err)
		if done == (press.Aged{}) {
			return steps
		}
		steps = append(steps, done.Copies+done.Mails)
	}
}

// Copies go when they have come of age, whenever they were settled; what was
// walked through is not read again before it can have something to take.
func TestTheLedgerIsWalkedThroughOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		const day = 24 * time.Hour
		policy := press.Retention{Ledger: 30 * day}
		h.approve("tashkent", copies(450)...)
		begin := get[press.ID](h, `SELECT id FROM deliveries ORDER BY id LIMIT 1`).Made()
		ids := list[press.ID](h, `SELECT id FROM deliveries ORDER BY id`)
		settle := func(s press.State, after time.Duration, ids ...press.ID) {
			for _, id := range ids {
				h.put(s, "id = ?", id)
				h.must(h.exec(`UPDATE deliveries SET updated_us = ? WHERE id = ?`, begin.Add(after).UnixMicro(), id))
			}
		}
		persons := func() int { return get[int](h, `SELECT COUNT(*) FROM deliveries WHERE address <> ''`) }
		h.put(press.Accepted, "1 = 1")
		h.must(h.exec(`UPDATE deliveries SET updated_us = ?`, begin.UnixMicro()))
		settle(press.Bounced, 10*day, ids[0], ids[449])
		settle(press.Unknown, 0, ids[1])
		for _, x := range []struct {
			at   time.Duration
			want string
			left int
		}{
			{29 * day, "[]", 450},
			{32 * day, "[100 100 100 100 47]", 3}, // in steps, and past what stays
			{33 * day, "[]", 3},
			{42 * day, "[2]", 1},
		} {
			if got := fmt.Sprint(h.ages(policy, begin.Add(x.at))); got != x.want || persons() != x.left {
				t.Errorf("after %s: took %s and left %d, want %s and %d", x.at, got, persons(), x.want, x.left)
			}
		}
		// One that nobody can have settled so long ago: it is not looked for.
		h.must(h.exec(`UPDATE deliveries SET address = 'a@x.example' WHERE id = ?`, ids[2]))
		if got := h.ages(policy, begin.Add(43*day)); got != nil {
			t.Errorf("the ledger was read again, and %v taken", got)
		}
		// What was unknown is settled at last, and comes of age in its time.
		settle(press.Accepted, 60*day, ids[1])
		for i, at := range []time.Duration{89 * day, 92 * day} {
			h.ages(policy, begin.Add(at))
			if get[int](h, `SELECT COUNT(*) FROM deliveries WHERE address <> '' AND id = ?`, ids[1]) != 1-i {
				t.Errorf("after %s what was settled late is gone, or is not", at)
			}
		}
	})
}

// Old mails go in steps that stay small however large the mails are.
func TestOldMailsGoInSmallSteps(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.standing("tashkent", press.Accepted)
		for i := range 210 {
			h.take(mail(fmt.Sprint("small", i), says(id, press.TieToken, press.ReportDelivered, "")))
		}
		h.must(h.exec(`UPDATE report_mails SET at_us = at_us - 1000000`))
		for i := range 3 {
			m := mail(fmt.Sprint("large", i))
			m.Raw = make([]byte, 3<<20)
			h.take(m)
		}
		policy := press.Retention{Mails: time.Hour}
		if got := fmt.Sprint(h.ages(policy, noon.Add(24*time.Hour))); got != "[100 100 11 1 1]" {
			t.Errorf("took %s", got)
		}
		if n := get[int](h, `SELECT COUNT(*) FROM report_mails`) + get[int](h, `SELECT COUNT(*) FROM reports WHERE diagnostic <> ''`); n != 0 {
			t.Errorf("%d are left", n)
		}
	})
}
