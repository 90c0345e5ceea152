package store_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"dateline/internal/press"
)

// workers send as daemons do until the test ends them: claim, begin, tell the
// result with the next begin. begun is called for each copy that may leave.
func (h house) workers(n int, over *atomic.Bool, begun func()) *sync.WaitGroup {
	var all sync.WaitGroup
	for i := range n {
		me := press.ID{byte(i + 1)}
		all.Go(func() {
			var results []press.Result
			for !over.Load() || len(results) > 0 {
				ds, err := h.Claim(h.ctx(), me, noon, noon, 3)
				if err != nil {
					h.t.Error(err)
					return
				}
				v, err := h.Record(h.ctx(), me, results, begins(ids(ds)...), noon)
				if err != nil {
					h.t.Error(err)
					return
				}
				results = nil
				for id, verdict := range v {
					if verdict == press.Go {
						begun()
						results = append(results, result(id, press.Accepted))
					}
				}
				if err := h.Release(h.ctx(), me, ids(ds), noon); err != nil {
					h.t.Error(err)
					return
				}
			}
		})
	}
	return &all
}

// left lists the copies of a release that ever began.
func (h house) left(slug string) []press.ID {
	return list[press.ID](h, `SELECT id FROM deliveries WHERE release = ? AND attempts > 0 ORDER BY id`, slug)
}

// What had begun when Kill returned is all that ever begins, whatever several
// daemons are doing, and though somebody holds and resumes the release.
func TestNothingBeginsAfterKill(t *testing.T) {
	for name, toggled := range map[string]bool{"alone": false, "amid holds": true} {
		t.Run(name, func(t *testing.T) {
			eachStore(t, func(t *testing.T, h house) {
				for round := range 3 {
					slug := fmt.Sprintf("release-%d", round)
					h.approve(slug, copies(150)...)
					var count atomic.Int32
					var over atomic.Bool
					enough := make(chan struct{})
					all := h.workers(6, &over, func() {
						if count.Add(1) == int32(10*(round+1)) {
							close(enough)
						}
					})
					if toggled {
						all.Go(func() {
							for i := 0; !over.Load(); i++ {
								if err := h.Hold(h.ctx(), slug, "wait", "Olim", noon); err != nil {
									t.Error(err)
								}
								if err := h.Resume(h.ctx(), slug, "Olim", noon); err != nil {
									t.Error(err)
								}
								for range i % 4 { // turns of another kind: else a worker might meet every hold
									if err := h.RecordDaemon(h.ctx(), berta, "here", 1, noon, noon, ""); err != nil {
										t.Error(err)
									}
								}
							}
						})
					}
					<-enough
					h.must(h.Kill(t.Context(), slug, "wrong", "Olim", noon))
					before := h.left(slug)
					for range 10 { // the workers go on meanwhile
						_, err := h.Sweep(t.Context(), noon)
						h.must(err)
					}
					over.Store(true)
					all.Wait()
					if after := h.left(slug); !slices.Equal(before, after) {
						t.Errorf("when Kill returned %d copies had begun, in the end %d", len(before), len(after))
					}
					if n := int(count.Load()); n != len(before) {
						t.Errorf("%d copies were let go, and %d had begun when Kill returned", n, len(before))
					}
					for n := 1; n > 0; {
						var err error
						n, err = h.Sweep(t.Context(), noon)
						h.must(err)
					}
					if n := get[int](h, `SELECT COUNT(*) FROM deliveries WHERE release = ? AND state NOT IN ('accepted', 'cancelled')`, slug); n != 0 {
						t.Errorf("%d copies are neither sent nor cancelled", n)
					}
				}
			})
		})
	}
}

// A new approval takes effect between two messages, too: no copy that it
// supersedes begins once Approve has returned, and no address gets two.
func TestNothingSupersededBeginsAfterApprove(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		first := h.approve("tashkent", copies(800)...)
		second := h.stage("tashkent", copies(800)...) // beforehand: only to take effect is left
		var over atomic.Bool
		var count atomic.Int32
		enough := make(chan struct{})
		all := h.workers(6, &over, func() {
			if count.Add(1) == 20 {
				close(enough)
			}
		})
		<-enough
		h.must(h.Approve(t.Context(), second, releaseOf("tashkent")))
		before := list[press.ID](h, `SELECT id FROM deliveries WHERE approval_id = ? AND attempts > 0 ORDER BY id`, first.ID)
		for get[int](h, `SELECT COUNT(*) FROM deliveries WHERE approval_id = ? AND attempts > 0`, second.ID) < 20 && !t.Failed() {
			_, err := h.Sweep(t.Context(), noon)
			h.must(err)
			if get[int](h, `SELECT COUNT(*) FROM queue WHERE approval_id = ? AND next_us <= ?`, second.ID, noon.UnixMicro()) == 0 {
				t.Error("the first approval had sent nearly all before the second one took effect")
			}
		}
		over.Store(true)
		all.Wait()
		if after := list[press.ID](h, `SELECT id FROM deliveries WHERE approval_id = ? AND attempts > 0 ORDER BY id`, first.ID); !slices.Equal(before, after) {
			t.Errorf("when Approve returned %d superseded copies had begun, in the end %d", len(before), len(after))
		}
		if n := get[int](h, `SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE attempts > 0 GROUP BY send, address_key HAVING COUNT(*) > 1) AS twice`); n != 0 {
			t.Errorf("%d addresses got two copies", n)
		}
	})
}
