package store_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/receipt"
)

// sent is a release with so many copies, all accepted, a thousand a second.
func (h house) sent(slug string, n int) press.Approval {
	h.t.Helper()
	a := h.stage(slug)
	countries := []press.Country{"UZ", "KZ", "AT", "DE", "FR", "US", "JP", "IN", "BR", "ZA"}
	langs := []press.Lang{"ru", "en", "de"}
	const batch = 20_000
	for from := 0; from < n; from += batch {
		ds := make([]press.Delivery, 0, batch)
		for i := from; i < min(n, from+batch); i++ {
			d := copyTo("desk"+strconv.Itoa(i)+"@paper.example", in(countries[i%len(countries)], langs[i%len(langs)]))
			d.Approval, d.Release = a.ID, slug
			ds = append(ds, d)
		}
		h.must(h.StageDeliveries(h.ctx(), ds, a.At, nil))
	}
	h.must(h.Approve(h.ctx(), a, releaseOf(slug)))
	h.must(h.exec(`DELETE FROM queue`))
	h.must(h.exec(`UPDATE deliveries SET state = 'accepted', attempts = 1 WHERE approval_id = ?`, a.ID))
	h.must(h.exec(`INSERT INTO events (id, delivery_id, at_us, from_state, state, relay, verb, code, enhanced, reply, of_address, said_by)
		SELECT id, id, due_us + 1000 * ROW_NUMBER() OVER (ORDER BY id), 'sending', 'accepted', 'main', 'DATA', 250, '2.0.0', '2.0.0 Ok: queued as 4XyZ1', 0, ? FROM deliveries WHERE approval_id = ?`, berta.String(), a.ID))
	if h.File() == "" {
		h.must(h.exec("VACUUM ANALYZE"))
	}
	return a
}

// receiptCopies is how many copies the release of a measurement has.
func receiptCopies(b *testing.B) int {
	b.Helper()
	n, err := strconv.Atoi(os.Getenv("DATELINE_BENCH_COPIES"))
	if err != nil {
		return 20_000
	}
	return n
}

// BenchmarkReceipt is what a receipt costs of a release, the seals of its trail
// and the walk along them. DATELINE_BENCH_COPIES tells of how many copies.
func BenchmarkReceipt(b *testing.B) {
	eachStoreBench(b, func(b *testing.B, h house) {
		n := receiptCopies(b)
		a := h.sent("tashkent", n)
		draw := func(ask receipt.Ask) func() {
			return func() {
				_, err := receipt.Draw(b.Context(), h.Store, ring, ask, later())
				h.must(err)
			}
		}
		for b.Loop() {
			h.must(h.exec(`DELETE FROM seals`))
			for _, x := range []struct {
				name string
				do   func()
			}{
				{"counts", func() { _, err := h.Counts(b.Context(), a); h.must(err) }},
				{"accepted", func() { h.must(h.Accepted(b.Context(), "tashkent", func(press.AcceptedPart) {})) }},
				{"receipt", draw(receipt.Ask{Release: "tashkent"})},
				{"held", draw(receipt.Ask{Release: "tashkent", HeldAt: noon.Add(time.Hour)})},
				{"seals", func() { h.sealAll() }},
				{"verified", draw(receipt.Ask{Release: "tashkent", Verify: true})},
			} {
				begun := time.Now()
				x.do()
				b.ReportMetric(time.Since(begun).Seconds(), "s-"+x.name)
			}
		}
	})
}
