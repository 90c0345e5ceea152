package dispatch_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"dateline/internal/dispatch"
	"dateline/internal/press"
)

// lostAnswers is a store that commits, and whose answer is lost, for some of its
// steps.
func (h *house) lostAnswers(lost func(nth int) bool) (*hooked, *int) {
	nth, n := 0, 0
	var mu sync.Mutex // begins and results go their own ways
	return &hooked{Ledger: h.store, record: func(_ context.Context, _ []press.Result, _ []press.Begin, write func() (map[press.ID]press.Verdict, error)) (map[press.ID]press.Verdict, error) {
		v, err := write()
		mu.Lock()
		defer mu.Unlock()
		nth++
		if err == nil && lost(nth) {
			n++
			return nil, errGone
		}
		return v, err
	}}, &n
}

// Whether the commit came about is not known then. What had begun by it leaves
// once, and no result counts twice.
func TestAnAnswerThatWasLostLosesAndRepeatsNothing(t *testing.T) {
	for name, lost := range map[string]func(nth int) bool{
		"the first":      func(nth int) bool { return nth == 1 },
		"each second":    func(nth int) bool { return nth%2 == 0 },
		"three in a row": func(nth int) bool { return nth%5 > 1 },
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, 300, func(t *testing.T, h *house) {
				all := h.approve()
				ledger, n := h.lostAnswers(lost)
				h.serve(ledger, nil)
				h.pass(toLift + 2*time.Minute)
				h.onceEach(all)
				h.expect(map[press.State]int{press.Accepted: len(all)})
				accepted := map[press.ID]int{}
				for _, e := range h.trail() {
					accepted[e.Delivery]++
				}
				for id, times := range accepted {
					if times != 1 {
						t.Errorf("%d entries in the trail of %s, want one", times, id)
					}
				}
				if *n == 0 {
					t.Error("no answer was lost")
				}
			})
		})
	}
}

// A kill that comes while an answer is lost is obeyed by what had begun by it.
func TestAKillBehindALostAnswerIsObeyed(t *testing.T) {
	inHouse(t, 60, func(t *testing.T, h *house) {
		all := h.approve()
		ledger, _ := h.lostAnswers(func(nth int) bool {
			if nth == 1 {
				if err := h.desk.Kill(context.Background(), slug, "a wrong word", "Anna", time.Now()); err != nil {
					t.Error(err)
				}
			}
			return nth == 1
		})
		h.serve(ledger, nil)
		h.pass(toLift + 30*time.Second)
		if n := h.sent(); n != 0 {
			t.Errorf("%d messages left after the kill", n)
		}
		h.expect(map[press.State]int{press.Cancelled: len(all)})
	})
}

// The answer to the claim of a twin is lost, too: each copy is claimed twice, and
// the daemon's own record of what has begun keeps the second one back.
func TestTwinsAndLostAnswersTogether(t *testing.T) {
	inHouse(t, 300, func(t *testing.T, h *house) {
		all := h.approve()
		ledger, n := h.lostAnswers(func(nth int) bool { return nth%3 == 1 })
		ledger.Ledger = twinLedger{ledger.Ledger}
		h.serve(ledger, nil)
		h.pass(toLift + 2*time.Minute)
		h.onceEach(all)
		h.expect(map[press.State]int{press.Accepted: len(all)})
		if *n == 0 {
			t.Error("no answer was lost")
		}
	})
}

// An answer that comes late is asked for again, and the store that is slow each
// time still gets everything out.
func TestAStoreThatIsSlowEachTimeSendsEverything(t *testing.T) {
	inHouse(t, 100, func(t *testing.T, h *house) {
		all := h.approve()
		h.serve(&hooked{Ledger: h.store, record: func(_ context.Context, _ []press.Result, begin []press.Begin, write func() (map[press.ID]press.Verdict, error)) (map[press.ID]press.Verdict, error) {
			again := len(begin) > 0 && begin[0].Again
			v, err := write()
			if !again { // there is less to write the second time
				<-time.After(1200 * time.Millisecond)
			}
			return v, err
		}}, func(o *dispatch.Options) { o.Relays[0].Connections = 10 })
		h.pass(toLift + time.Minute)
		h.onceEach(all)
	})
}
