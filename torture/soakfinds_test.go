package torture

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// The soak's judge must find what it is there for: each case is a good account
// but for one thing.
func TestTheSoaksJudgeFinds(t *testing.T) {
	lift := time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)
	one := func(to string) taken {
		return taken{received: received{To: to, Began: lift, MessageID: to + "-id"}, Release: "r", Answered: true}
	}
	ends := func(states ...string) (trail []entry) {
		for _, s := range states {
			trail = append(trail, entry{At: lift, State: s, Reply: "said"})
		}
		return trail
	}
	good := func() soakAccount {
		return soakAccount{
			releases: []soaked{{slug: "r", planned: []string{"a", "b", "c", "d", "e", "f", "g"}, lift: lift, trail: map[string][]entry{
				"a": ends("accepted"), "b": ends("deferred", "accepted", "bounced"), "c": ends("unknown"), "d": ends("rejected"),
				"e": ends("skipped"), "f": ends("accepted", "complained"), "g": ends("accepted"),
			}}},
			got:      []taken{one("a"), one("b"), one("c"), one("f"), one("g")},
			came:     map[copyKey]string{{"r", "b"}: soft, {"r", "f"}: complaint, {"r", "g"}: delayed},
			optedOut: map[string]time.Time{"e": lift.Add(-time.Minute)},
			refused:  map[string]int{"d": 1},
			unknown:  1,
		}
	}
	for name, c := range map[string]struct {
		spoil func(*soakAccount)
		want  string // what the one fault begins with
	}{
		"nothing is wrong":                 {func(*soakAccount) {}, ""},
		"an unknown one never came":        {func(a *soakAccount) { a.got = append(a.got[:2:2], a.got[3:]...) }, ""},
		"an accepted one never came":       {func(a *soakAccount) { a.got = a.got[1:] }, "r, a: lost"},
		"one came twice":                   {func(a *soakAccount) { a.got = append(a.got, one("g")) }, "r, g: more than one copy"},
		"an unknown one came twice":        {func(a *soakAccount) { a.got = append(a.got, one("c")) }, "r, c: more than one copy"},
		"one came early":                   {func(a *soakAccount) { a.got[0].Began = lift.Add(-1) }, "r, a: a copy began 1ns before"},
		"a stranger got one":               {func(a *soakAccount) { a.got = append(a.got, one("x")) }, "r, x: 1 copies came"},
		"a rejected one came":              {func(a *soakAccount) { a.got = append(a.got, one("d")) }, "r, d: it has a copy"},
		"one was rejected by nobody":       {func(a *soakAccount) { a.refused = nil }, "d: rejected 1 times"},
		"one was skipped for nothing":      {func(a *soakAccount) { a.optedOut = nil }, "r, e: skipped"},
		"too many are unknown":             {func(a *soakAccount) { a.unknown = 0 }, "1 copies are unknown"},
		"one is unknown, nobody knows":     {func(a *soakAccount) { a.releases[0].trail["c"][0].Reply = "" }, "r, c: unknown without a reason"},
		"one is still on its way":          {func(a *soakAccount) { a.releases[0].trail["a"] = ends("deferred") }, "r, a: not at an end"},
		"one expired":                      {func(a *soakAccount) { a.releases[0].trail["a"] = ends("expired") }, "r, a: not at an end"},
		"one has no trail":                 {func(a *soakAccount) { delete(a.releases[0].trail, "a") }, "r, a: not at an end"},
		"a report was overlooked":          {func(a *soakAccount) { a.releases[0].trail["b"] = ends("accepted") }, "r, b: not what came back says"},
		"a report came of nothing":         {func(a *soakAccount) { a.releases[0].trail["a"] = ends("accepted", "bounced") }, "r, a: not what came back says"},
		"a delay was held for an end":      {func(a *soakAccount) { a.releases[0].trail["g"] = ends("accepted", "bounced") }, "r, g: not what came back says"},
		"who had opted out was written to": {func(a *soakAccount) { a.optedOut["a"] = lift.Add(-2 * time.Second) }, "r, a: a copy began 2s after"},
	} {
		t.Run(name, func(t *testing.T) {
			a := good()
			c.spoil(&a)
			found := judgeSoak(a).faults
			if c.want == "" && len(found) == 0 {
				return
			}
			if c.want == "" || len(found) != 1 || !strings.HasPrefix(found[0], c.want) {
				t.Errorf("got %q, want one that begins with %q", found, c.want)
			}
		})
	}
}

func TestTrend(t *testing.T) {
	at := time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)
	samples := func(values ...float64) (all []sample) {
		for i, v := range values {
			all = append(all, sample{at: at.Add(time.Duration(i) * time.Second), rss: v})
		}
		return all
	}
	for name, c := range map[string]struct {
		values   []float64
		from, to float64
	}{
		"none":         {nil, 0, 0},
		"one":          {[]float64{7}, 7, 7},
		"flat":         {[]float64{5, 5, 5}, 5, 5},
		"a saw's":      {[]float64{4, 6, 4, 4, 6, 4}, 4.67, 4.67},
		"that grows":   {[]float64{1, 2, 3, 4}, 1, 4},
		"that shrinks": {[]float64{9, 7, 5}, 9, 5},
	} {
		t.Run(name, func(t *testing.T) {
			from, to := trend(samples(c.values...), func(s sample) float64 { return s.rss })
			if math.Abs(from-c.from) > 0.3 || math.Abs(to-c.to) > 0.3 {
				t.Errorf("got %.2f to %.2f, want %.2f to %.2f", from, to, c.from, c.to)
			}
		})
	}
}

// What stands at the bottom of each minute counts, and not what a lift takes.
func TestLowsOfASoak(t *testing.T) {
	at := time.Date(2022, 3, 4, 12, 0, 0, 0, time.UTC)
	var all []sample
	for i, v := range []float64{9, 5, 7, 5, 8, 30, 6, 9, 7} { // three a minute
		all = append(all, sample{at: at.Add(time.Duration(i) * 20 * time.Second), rss: v})
	}
	var got []float64
	for _, s := range lows(all, func(s sample) float64 { return s.rss }) {
		got = append(got, s.rss)
	}
	if !slices.Equal(got, []float64{5, 5, 6}) {
		t.Errorf("got %v", got)
	}
}
