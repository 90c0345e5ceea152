package sink

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
)

var lift = time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)

// receipt is a copy that began and ended so long after the lift.
func receipt(lang string, began, ended time.Duration, to ...string) Receipt {
	return Receipt{To: to, Language: lang, Began: lift.Add(began), Ended: lift.Add(ended)}
}

func TestTally(t *testing.T) {
	const ms = time.Millisecond
	expect := []Expected{
		{"a@x.example", "UZ", "ru", lift},
		{"b@x.example", "KZ", "kk", lift},
	}
	a, b := receipt("ru", ms, 2*ms, "a@x.example"), receipt("kk", 3*ms, 4*ms, "b@x.example")
	for name, c := range map[string]struct {
		receipts []Receipt
		expect   []Expected
		want     Summary
		clean    bool
	}{
		"all came": {
			[]Receipt{b, a},
			expect,
			Summary{Recipients: 2, Received: 2, FirstAfter: 1, LastAfter: 4, ByCountry: countries("UZ", "KZ"), ByLanguage: langs("ru", "kk")},
			true,
		},
		"nothing came":     {nil, expect, Summary{Recipients: 2, Missing: 2, ByCountry: countries(), ByLanguage: langs()}, false},
		"nothing expected": {nil, nil, Summary{ByCountry: countries(), ByLanguage: langs()}, true},
		"one to both": {
			[]Receipt{receipt("ru", ms, 2*ms, "a@x.example", "b@x.example")},
			expect,
			Summary{Recipients: 2, Received: 2, WrongLanguage: 1, FirstAfter: 1, LastAfter: 2, ByCountry: countries("UZ", "KZ"), ByLanguage: langs("ru", "ru")},
			false,
		},
		"another spelling of the address": {
			[]Receipt{receipt("ru", ms, 2*ms, "A@X.example")},
			expect[:1],
			Summary{Recipients: 1, Received: 1, FirstAfter: 1, LastAfter: 2, ByCountry: countries("UZ"), ByLanguage: langs("ru")},
			true,
		},
		"duplicates": {
			[]Receipt{a, b, a, a},
			expect,
			Summary{Recipients: 2, Received: 2, Duplicates: 2, FirstAfter: 1, LastAfter: 4, ByCountry: countries("UZ", "KZ"), ByLanguage: langs("ru", "kk")},
			false,
		},
		"early by a microsecond": {
			[]Receipt{receipt("ru", -time.Microsecond, ms, "a@x.example"), b},
			expect,
			Summary{Recipients: 2, Received: 2, Early: 1, FirstAfter: -0.1, LastAfter: 4, ByCountry: countries("UZ", "KZ"), ByLanguage: langs("ru", "kk")},
			false,
		},
		"an early duplicate": {
			[]Receipt{receipt("ru", -ms, 0, "a@x.example"), a, b},
			expect,
			Summary{Recipients: 2, Received: 2, Duplicates: 1, Early: 1, FirstAfter: -1, LastAfter: 4, ByCountry: countries("UZ", "KZ"), ByLanguage: langs("ru", "kk")},
			false,
		},
		"missing": {
			[]Receipt{a},
			expect,
			Summary{Recipients: 2, Received: 1, Missing: 1, FirstAfter: 1, LastAfter: 2, ByCountry: countries("UZ"), ByLanguage: langs("ru")},
			false,
		},
		"unexpected, twice to one": {
			[]Receipt{a, b, receipt("en", ms, ms, "z@x.example"), receipt("en", ms, 9*ms, "z@x.example"), receipt("en", -ms, ms, "y@x.example")},
			expect,
			Summary{Recipients: 2, Received: 2, Unexpected: 2, FirstAfter: 1, LastAfter: 4, ByCountry: countries("UZ", "KZ"), ByLanguage: langs("ru", "kk")},
			false,
		},
		"wrong language and none": {
			[]Receipt{receipt("en", ms, ms, "a@x.example"), receipt("", ms, ms, "b@x.example")},
			expect,
			Summary{Recipients: 2, Received: 2, WrongLanguage: 2, FirstAfter: 1, LastAfter: 1, ByCountry: countries("UZ", "KZ"), ByLanguage: langs("en", "")},
			false,
		},
		"an advance copy and a general one": {
			[]Receipt{receipt("ru", -time.Hour, -time.Hour, "a@x.example"), receipt("ru", 7*ms, 8*ms, "a@x.example")},
			[]Expected{{"a@x.example", "UZ", "ru", lift}, {"a@x.example", "UZ", "ru", lift.Add(-2 * time.Hour)}},
			Summary{Recipients: 2, Received: 2, FirstAfter: 7, LastAfter: 8, ByCountry: countries("UZ", "UZ"), ByLanguage: langs("ru", "ru")},
			true,
		},
		"none due at the lift itself": {
			[]Receipt{receipt("ru", time.Second, 1500*time.Microsecond+time.Second, "a@x.example")},
			[]Expected{{"a@x.example", "UZ", "", lift.Add(time.Second)}},
			Summary{Recipients: 1, Received: 1, FirstAfter: 1000, LastAfter: 1001.5, ByCountry: countries("UZ"), ByLanguage: langs("ru")},
			true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := tally(c.receipts, c.expect, lift)
			if !reflect.DeepEqual(got, c.want) || got.Clean() != c.clean {
				t.Errorf("got  %+v, clean %v\nwant %+v", got, got.Clean(), c.want)
			}
		})
	}
}

func countries(of ...press.Country) map[press.Country]int { return tallied(of) }

func langs(of ...string) map[string]int { return tallied(of) }

func tallied[T comparable](of []T) map[T]int {
	n := map[T]int{}
	for _, v := range of {
		n[v]++
	}
	return n
}

func TestSummaryInJSON(t *testing.T) {
	out, err := json.Marshal(tally([]Receipt{receipt("ru", 12340*time.Microsecond, time.Second, "a@x.example")}, []Expected{{"a@x.example", "UZ", "ru", lift}}, lift))
	want := `{"recipients":1,"received":1,"duplicates":0,"early":0,"missing":0,"unexpected":0,"wrong_language":0,` +
		`"first_after_lift_ms":12.3,"last_after_lift_ms":1000,"by_country":{"UZ":1},"by_language":{"ru":1}}`
	if err != nil || strings.TrimSpace(string(out)) != want {
		t.Errorf("got  %s %v\nwant %s", out, err, want)
	}
}
