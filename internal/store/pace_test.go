package store_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/store"
)

// limit sets the domains' limits.
func (h house) limit(each map[string]time.Duration) {
	h.t.Helper()
	h.must(h.LimitDomains(h.ctx(), each))
}

// try claims what is due at an instant for a daemon, asks to begin it, and gives
// the verdicts with how long after that instant each copy may be tried again,
// both by address. What goes is accepted.
func (h house) try(daemon press.ID, at time.Time) (verdicts map[press.Address]press.Verdict, wait map[press.Address]time.Duration) {
	h.t.Helper()
	ds, err := h.Claim(h.ctx(), daemon, at, at, 100)
	h.must(err)
	v, err := h.Record(h.ctx(), daemon, nil, begins(ids(ds)...), at)
	h.must(err)
	verdicts, wait = map[press.Address]press.Verdict{}, map[press.Address]time.Duration{}
	var results []press.Result
	for _, d := range ds {
		verdicts[d.Address] = v[d.ID]
		if v[d.ID] == press.Go {
			results = append(results, result(d.ID, press.Accepted))
		} else {
			wait[d.Address] = h.next(d.ID).Sub(at)
			h.wantState(d.ID, press.Planned)
		}
	}
	_, err = h.Record(h.ctx(), daemon, results, nil, at)
	h.must(err)
	return verdicts, wait
}

// wantTry holds a try against how long each copy must wait; one that goes waits 0.
func (h house) wantTry(daemon press.ID, at time.Time, want map[press.Address]time.Duration) {
	h.t.Helper()
	verdicts, wait := h.try(daemon, at)
	got := map[press.Address]time.Duration{}
	for address, v := range verdicts {
		switch v {
		case press.Go:
			got[address] = 0
		case press.Paced:
			got[address] = wait[address]
		default:
			h.t.Errorf("%s is %s", address, v)
		}
	}
	if !maps.Equal(got, want) {
		h.t.Errorf("at noon + %v the waits are %v, want %v", at.Sub(noon), got, want)
	}
}

func at(seconds float64) time.Time { return noon.Add(time.Duration(seconds * float64(time.Second))) }

func TestDomainTakesOneAtATime(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.limit(map[string]time.Duration{"slow.example": 3 * time.Second})
		h.approve("tashkent", copyTo("a@slow.example"), copyTo("b@slow.example"), copyTo("c@SLOW.Example"), copyTo("d@free.example"), copyTo("e@sub.slow.example"))
		const s = time.Second
		h.wantTry(berta, noon, map[press.Address]time.Duration{"a@slow.example": 0, "b@slow.example": 3 * s, "c@SLOW.Example": 6 * s, "d@free.example": 0, "e@sub.slow.example": 0})
		h.wantTry(berta, at(2.999999), map[press.Address]time.Duration{}) // nothing is due
		h.wantTry(berta, at(3), map[press.Address]time.Duration{"b@slow.example": 0})
		// Late by two seconds, from there the next interval counts.
		h.approve("second", copyTo("f@slow.example", due(at(8))), copyTo("g@slow.example", due(at(8))))
		h.wantTry(berta, at(8), map[press.Address]time.Duration{"c@SLOW.Example": 0, "f@slow.example": 3 * s, "g@slow.example": 6 * s})
		if n := len(list[press.ID](h, `SELECT delivery_id FROM events WHERE state <> 'accepted'`)); n != 0 {
			t.Errorf("%d waits stand in the trail", n)
		}
	})
}

// Whatever is due at once, what leaves never exceeds the limit, all of it leaves
// in the end, and no try counts that was none.
func TestDomainGetsAllInTheEnd(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.limit(map[string]time.Duration{"paper.example": time.Second})
		const n = 12
		h.approve("tashkent", copies(n)...)
		for i := range n {
			verdicts, _ := h.try(berta, at(float64(i)))
			went := 0
			for _, v := range verdicts {
				if v == press.Go {
					went++
				}
			}
			if went != 1 {
				t.Errorf("in second %d %d went, want one", i, went)
			}
		}
		if got := get[int](h, `SELECT COUNT(*) FROM deliveries WHERE state = 'accepted' AND attempts = 1`); got != n {
			t.Errorf("%d were accepted at the first try, want %d", got, n)
		}
	})
}

// Several daemons share one limit, and a store that was opened again keeps it.
func TestDomainLimitIsSharedAndKept(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			u := kind.url(t)
			h := openHouse(t, u)
			h.limit(map[string]time.Duration{"slow.example": 3 * time.Second})
			h.approve("tashkent", copyTo("a@slow.example"))
			h.approve("second", copyTo("b@slow.example", due(at(1))))
			h.approve("third", copyTo("c@slow.example", due(at(2))))
			const s = time.Second
			h.wantTry(berta, noon, map[press.Address]time.Duration{"a@slow.example": 0})
			h.wantTry(carla, at(1), map[press.Address]time.Duration{"b@slow.example": 2 * s})
			h.must(h.Close())
			s2, err := store.Open(t.Context(), u)
			if err != nil {
				t.Fatal(err)
			}
			defer s2.Close()
			h = house{s2, t, s2.DB()}
			h.limit(map[string]time.Duration{"slow.example": 3 * time.Second}) // as a daemon does that starts
			h.wantTry(carla, at(2), map[press.Address]time.Duration{"c@slow.example": s})
			verdicts, _ := h.try(berta, at(3))
			if len(verdicts) != 2 || verdicts["b@slow.example"] == verdicts["c@slow.example"] {
				t.Errorf("three seconds after the first one the verdicts are %v, want one go and one paced", verdicts)
			}
		})
	}
}

// At one instant many daemons ask for a domain's one place.
func TestDaemonsNeverShareAPlace(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		const daemons = 8
		h.limit(map[string]time.Duration{"paper.example": time.Second})
		h.approve("tashkent", copies(daemons*2)...)
		verdicts := make(chan map[press.ID]press.Verdict, daemons)
		for i := range daemons {
			me := press.ID{byte(i + 1)}
			mine := ids(h.claim(me, 2))
			go func() {
				v, err := h.Record(h.ctx(), me, nil, begins(mine...), noon)
				if err != nil {
					t.Error(err)
				}
				verdicts <- v
			}()
		}
		went := 0
		for range daemons {
			for _, v := range <-verdicts {
				if v == press.Go {
					went++
				}
			}
		}
		if went != 1 {
			t.Errorf("%d went at once, want one", went)
		}
	})
}

// A limit that changes is one between the last message and the next.
func TestDomainLimitsChange(t *testing.T) {
	type changeCase struct {
		to   map[string]time.Duration
		wait time.Duration // of a copy that comes a second after the last one
	}
	eachCase(t, map[string]changeCase{
		"as it was":        {map[string]time.Duration{"slow.example": time.Minute}, 59 * time.Second},
		"in upper case":    {map[string]time.Duration{"Slow.EXAMPLE": time.Minute}, 59 * time.Second},
		"beside another":   {map[string]time.Duration{"slow.example": time.Minute, "a.example": time.Second}, 59 * time.Second},
		"lowered":          {map[string]time.Duration{"slow.example": 5 * time.Second}, 4 * time.Second},
		"lowered to go":    {map[string]time.Duration{"slow.example": time.Second}, 0},
		"raised":           {map[string]time.Duration{"slow.example": time.Hour}, time.Hour - time.Second},
		"removed":          {nil, 0},
		"another's":        {map[string]time.Duration{"a.example": time.Minute}, 0},
		"a domain above":   {map[string]time.Duration{"example": time.Minute}, 0},
		"a domain beneath": {map[string]time.Duration{"sub.slow.example": time.Minute}, 0},
	}, func(t *testing.T, h house, _ string, c changeCase) {
		h.limit(map[string]time.Duration{"slow.example": time.Minute})
		h.approve("tashkent", copyTo("a@slow.example"))
		h.wantTry(berta, noon, map[press.Address]time.Duration{"a@slow.example": 0})
		h.limit(c.to)
		h.approve("second", copyTo("b@slow.example"))
		h.wantTry(berta, at(1), map[press.Address]time.Duration{"b@slow.example": c.wait})
	})
}

// A domain that takes nothing before the deadline keeps its copies until then.
func TestPacedPastTheDeadlineExpires(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.limit(map[string]time.Duration{"slow.example": time.Hour})
		var ds []press.Delivery
		for i := range 4 {
			ds = append(ds, copyTo(fmt.Sprintf("desk%d@slow.example", i)))
		}
		h.approve("tashkent", ds...)
		h.wantTry(berta, noon, map[press.Address]time.Duration{
			"desk0@slow.example": 0, "desk1@slow.example": time.Hour, "desk2@slow.example": 2 * time.Hour, "desk3@slow.example": 2 * time.Hour,
		})
		h.wantTry(berta, at(3600), map[press.Address]time.Duration{"desk1@slow.example": 0})
		if n := h.sweepAll(at(7200)); n != 2 {
			t.Errorf("at the deadline %d expired, want 2", n)
		}
	})
}

// What was let go and asked for again has its place already.
func TestPacedOnesAskedAgainKeepTheirPlace(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.limit(map[string]time.Duration{"paper.example": time.Minute})
		h.approve("tashkent", copies(2)...)
		mine := ids(h.claim(berta, 2))
		begin := begins(mine...)
		for round := range 2 {
			v, err := h.Record(t.Context(), berta, nil, begin, noon)
			h.must(err)
			if v[mine[0]] != press.Go {
				t.Errorf("round %d: %v", round, v)
			}
			begin = []press.Begin{{Delivery: mine[0], Again: true}}
		}
		h.wantState(mine[0], press.Sending)
		h.wantState(mine[1], press.Planned)
		if got := h.next(mine[1]); !got.Equal(noon.Add(time.Minute)) {
			t.Errorf("the other one may go at %v", got)
		}
	})
}
