package store_test

import (
	"strconv"
	"testing"

	"dateline/internal/press"
	"dateline/internal/store"
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
		for b.Loop() {
			b.StopTimer() // an approval has a mailbox once
			a := h.stage("tashkent")
			for i := range ds {
				ds[i].Approval, ds[i].Release = a.ID, a.Release
			}
			b.StartTimer()
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
				_, err := h.ReleaseOthers(b.Context(), berta, nil, noon)
				h.must(err)
				b.StartTimer()
			}
		}
		perSecond(b, batch)
	})
}

// BenchmarkRecord is a daemon's step: the last messages' results and the next
// ones' begin. A row is one copy that passes through both.
func BenchmarkRecord(b *testing.B) {
	for _, batch := range []int{10, 500} {
		b.Run(strconv.Itoa(batch), func(b *testing.B) {
			eachStoreBench(b, func(b *testing.B, h house) { benchRecord(b, h, batch) })
		})
	}
}

func benchRecord(b *testing.B, h house, batch int) {
	claimed := h.claimedCopies(20_000)
	var results []press.Result
	for b.Loop() {
		if len(claimed) < batch {
			b.StopTimer()
			h.record(berta, results)
			results = results[:0]
			claimed = h.claimedCopies(20_000)
			b.StartTimer()
		}
		next := claimed[:batch]
		claimed = claimed[batch:]
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
	perSecond(b, batch)
}

// claimedCopies are n fresh copies that berta has claimed; those of before go.
func (h house) claimedCopies(n int) []press.ID {
	h.t.Helper()
	for _, table := range []string{"events", "queue", "deliveries"} {
		h.must(h.exec("DELETE FROM " + table))
	}
	if h.File() == "" {
		h.must(h.exec("VACUUM ANALYZE"))
	}
	h.approve("release-"+store.NewID().String(), copies(n)...)
	var claimed []press.ID
	for len(claimed) < n {
		claimed = append(claimed, ids(h.claim(berta, 500))...)
	}
	return claimed
}
