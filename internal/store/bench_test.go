package store_test

import (
	"testing"

	"dateline/internal/press"
)

func eachStoreBench(b *testing.B, bench func(b *testing.B, h house)) {
	for _, kind := range kinds {
		b.Run(kind.name, func(b *testing.B) { bench(b, openHouse(b, kind.url(b))) })
	}
}

// perSecond reports rows instead of nanoseconds.
func perSecond(b *testing.B, rowsEach int) {
	b.Helper()
	b.ReportMetric(float64(b.N*rowsEach)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkStageDeliveries(b *testing.B) {
	eachStoreBench(b, func(b *testing.B, h house) {
		const batch = 5000
		ds := copies(batch)
		a := h.stage("tashkent")
		for i := range ds {
			ds[i].Approval, ds[i].Release = a.ID, a.Release
		}
		for b.Loop() {
			h.must(h.StageDeliveries(b.Context(), ds, noon, nil))
		}
		perSecond(b, batch)
	})
}

func BenchmarkClaim(b *testing.B) {
	eachStoreBench(b, func(b *testing.B, h house) {
		const batch = 500
		h.approve("tashkent", copies(100*batch)...)
		for b.Loop() {
			if got := h.claim(berta, batch); len(got) != batch {
				b.StopTimer()
				h.must(h.exec(`UPDATE deliveries SET state = 'planned'`))
				h.must(h.exec(`UPDATE queue SET claimed_by = NULL`))
				b.StartTimer()
			}
		}
		perSecond(b, batch)
	})
}

// A step of ten connections: the last messages' results, the next ones' begin.
func BenchmarkRecord(b *testing.B) {
	eachStoreBench(b, func(b *testing.B, h house) {
		const connections = 10
		h.approve("tashkent", copies(20_000)...)
		claimed := ids(h.claim(berta, 20_000))
		var results []press.Result
		for b.Loop() {
			if len(claimed) < connections {
				b.StopTimer()
				h.must(h.exec(`DELETE FROM queue`))
				h.must(h.exec(`UPDATE deliveries SET state = 'claimed'`))
				h.must(h.exec(`INSERT INTO queue SELECT id, approval_id, due_us, deadline_us, ? FROM deliveries`, berta))
				claimed = list[press.ID](h, `SELECT id FROM deliveries`)
				results = nil
				b.StartTimer()
			}
			next := claimed[:connections]
			claimed = claimed[connections:]
			for id, v := range h.record(berta, results, next...) {
				if v != press.Go {
					b.Fatalf("%s: %s", id, v)
				}
			}
			results = results[:0]
			for _, id := range next {
				results = append(results, result(id, press.Accepted))
			}
		}
		perSecond(b, connections)
	})
}
