package torture

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// The judge must find what it is there for: each case is a good account but for
// one thing.
func TestTheJudgeFinds(t *testing.T) {
	lift := time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)
	one := func(to string) received { return received{To: to, Began: lift, MessageID: to + "-id"} }
	good := func() account {
		return account{
			planned: []string{"a", "b", "c"}, lift: lift, left: 1, marked: 1,
			got:    []received{one("a"), one("b")},
			trail:  map[string][]string{"a": {"accepted"}, "b": {"deferred", "accepted"}, "c": {"unknown"}},
			states: map[string]int{"accepted": 2, "unknown": 1},
		}
	}
	for name, c := range map[string]struct {
		spoil func(*account)
		want  []string // a fault each
	}{
		"nothing is wrong":                 {func(*account) {}, nil},
		"an unknown one came all the same": {func(a *account) { a.got = append(a.got, one("c")) }, nil},
		"an unknown one was sent again": {func(a *account) {
			a.resend, a.got = true, append(a.got, one("c"), one("c"))
			a.trail["c"] = []string{"unknown", "planned", "accepted"}
			a.states = map[string]int{"accepted": 3}
		}, nil},
		"an unknown one was sent again, against the policy": {func(a *account) { a.got = append(a.got, one("c"), one("c")) }, []string{"c: 2 copies"}},
		"sent again twice, unknown once":                    {func(a *account) { a.resend, a.got = true, append(a.got, one("c"), one("c"), one("c")) }, []string{"c: 3 copies"}},
		"sent again under another Message-ID": {func(a *account) {
			other := one("c")
			other.MessageID = "other"
			a.resend, a.got = true, append(a.got, one("c"), other)
		}, []string{"c: the Message-IDs"}},
		"an accepted one never came": {func(a *account) { a.got = a.got[:1] }, []string{"b: lost"}},
		"one has no trail": {func(a *account) {
			delete(a.trail, "c")
			a.states = map[string]int{"accepted": 2, "planned": 1}
		}, []string{"c: lost", "of 3 recipients"}},
		"one came twice":                 {func(a *account) { a.resend, a.got = true, append(a.got, one("a")) }, []string{"a: 2 copies"}},
		"one came early":                 {func(a *account) { a.got[0].Began = lift.Add(-1) }, []string{"a: a copy came 1ns before"}},
		"a stranger got one":             {func(a *account) { a.got = append(a.got, one("x")) }, []string{"x: got 1 copies"}},
		"too many are unknown":           {func(a *account) { a.left = 0 }, []string{"1 are unknown in the end; 0 may be"}},
		"too many were marked unknown":   {func(a *account) { a.marked = 0 }, []string{"1 times a copy was marked unknown; 0 may be"}},
		"the status and the log differ":  {func(a *account) { a.trail["a"] = []string{"accepted", "bounced"} }, []string{"by the log"}},
		"a copy has no Message-ID":       {func(a *account) { a.got[0].MessageID = "" }, []string{"a: the Message-IDs"}},
		"one was refused, and not known": {func(a *account) { a.states["rejected"], a.states["unknown"] = 1, 0 }, []string{"of 3 recipients", "by the log"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := good()
			a.trail = maps.Clone(a.trail)
			c.spoil(&a)
			found := judge(a).faults
			matches := len(found) == len(c.want)
			for i := range min(len(found), len(c.want)) {
				matches = matches && strings.HasPrefix(found[i], c.want[i])
			}
			if !matches {
				t.Errorf("got %q, want %q", found, c.want)
			}
		})
	}
}

func TestTheTableTellsEveryNumber(t *testing.T) {
	defer func(before []line) { table.lines = before }(table.lines)
	table.lines = []line{
		{name: "z", blows: 7, seconds: 1.25, note: "took its time", verdict: verdict{recipients: 10, accepted: 8, unknown: 1, marked: 2, none: 1, one: 8, more: 1, lost: 3, twice: 4, early: 5, faults: []string{"x"}}},
		{name: "a", skipped: true, note: "no root"},
	}
	var out strings.Builder
	printTable(&out)
	rows := strings.Split(out.String(), "\n")
	fields := slices.Collect(strings.FieldsSeq(rows[3]))
	if want := strings.Fields("z 7 10 8 1 2 1 8 1 3 4 5 1.2 BROKEN"); !slices.Equal(fields, want) {
		t.Errorf("got %q, want %q", fields, want)
	}
	for _, want := range []string{"skipped: no root", "z: took its time", "3 lost, 4 twice that were not marked unknown, 5 early; 1 faults"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, &out)
		}
	}
}
