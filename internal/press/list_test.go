package press

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// onDay is a day on which the wire's agreement is in force.
var onDay = Date{2026, time.May, 2}

func TestFilter(t *testing.T) {
	c := someContact()
	for name, f := range map[string]Filter{
		"a country":              {Countries: []Country{"KZ", "UZ"}},
		"a second language":      {Languages: []Lang{"ru"}},
		"a beat of several":      {Beats: []string{"sport", "water"}},
		"a tag":                  {Tags: []string{"summit"}},
		"a second outlet's kind": {OutletKinds: []OutletKind{TV, Wire}},
		"all fields":             {Countries: []Country{"UZ"}, Languages: []Lang{"ru"}, Beats: []string{"water"}, Tags: []string{"summit"}, OutletKinds: []OutletKind{Newspaper}},
	} {
		if !f.Matches(c, onDay) || f.IsZero() {
			t.Errorf("%s: it does not match", name)
		}
	}
	for name, f := range map[string]Filter{
		"another country":                {Countries: []Country{"KZ"}},
		"a language by its first part":   {Languages: []Lang{"uz"}},
		"another script":                 {Languages: []Lang{"uz-Latn"}},
		"a beat in capitals":             {Beats: []string{"Water"}},
		"a tag that is a beat":           {Tags: []string{"water"}},
		"another kind":                   {OutletKinds: []OutletKind{Radio}},
		"one field of two":               {Countries: []Country{"UZ"}, Languages: []Lang{"en"}},
		"everything but the last of all": {Countries: []Country{"UZ"}, Languages: []Lang{"ru"}, Beats: []string{"water"}, Tags: []string{"summit"}, OutletKinds: []OutletKind{Freelance}},
	} {
		if f.Matches(c, onDay) || f.IsZero() {
			t.Errorf("%s: it matches", name)
		}
	}
	if (Filter{OutletKinds: OutletKinds()}).Matches(Contact{}, onDay) {
		t.Error("who has no outlet has one of some kind")
	}
	if !(Filter{}).IsZero() || !(Filter{Beats: []string{}}).IsZero() {
		t.Error("a filter without a field is not zero")
	}
}

func TestList(t *testing.T) {
	c := someContact()
	hit, miss := Filter{Countries: []Country{"UZ"}}, Filter{Countries: []Country{"KZ"}}
	first, second, other := []Address{"desk@GAZETA.example"}, []Address{"night@gazeta.example"}, []Address{"other@gazeta.example"}
	for name, x := range map[string]struct {
		list  List
		holds bool
	}{
		"nothing said picks nobody":               {List{}, false},
		"everybody":                               {List{All: true}, true},
		"the filter":                              {List{Filter: hit}, true},
		"another filter":                          {List{Filter: miss}, false},
		"included, whatever the filter":           {List{Filter: miss, Include: first}, true},
		"included by the second address":          {List{Include: second}, true},
		"another included":                        {List{Include: other}, false},
		"excluded from everybody":                 {List{All: true, Exclude: first}, false},
		"excluded by the second address":          {List{Filter: hit, Exclude: second}, false},
		"an exclude outweighs an include":         {List{Filter: hit, Include: first, Exclude: second}, false},
		"another excluded":                        {List{All: true, Exclude: other}, true},
		"everybody, with a filter that says less": {List{All: true, Filter: miss}, true},
	} {
		if got := x.list.Holds(c, onDay); got != x.holds {
			t.Errorf("%s: %v", name, got)
		}
	}
	if (List{Include: []Address{""}}).Holds(Contact{}, onDay) {
		t.Error("who has no address was included by none")
	}
}

// TestExcludeOnlyTakesAway, and an include only adds.
func TestExcludeOnlyTakesAway(t *testing.T) {
	addresses := rapid.SliceOfN(rapid.SampledFrom([]Address{"desk@gazeta.example", "NIGHT@gazeta.example", "other@gazeta.example"}), 0, 2)
	rapid.Check(t, func(t *rapid.T) {
		l := List{All: rapid.Bool().Draw(t, "all"), Include: addresses.Draw(t, "include"), Exclude: addresses.Draw(t, "exclude")}
		if rapid.Bool().Draw(t, "filter") {
			l.Filter.Countries = rapid.SliceOfN(rapid.SampledFrom([]Country{"UZ", "KZ"}), 0, 2).Draw(t, "countries")
		}
		c, more := someContact(), l
		more.Exclude = append(more.Exclude[:len(more.Exclude):len(more.Exclude)], "x@y.example")
		if l.Holds(c, onDay) != more.Holds(c, onDay) {
			t.Fatal("excluding a stranger changed it")
		}
		more.Exclude = append(more.Exclude, c.Addresses[1])
		if more.Holds(c, onDay) {
			t.Fatal("an excluded contact is in the list")
		}
		more = l
		more.Include = append(more.Include[:len(more.Include):len(more.Include)], c.Addresses[0])
		if l.Holds(c, onDay) && !more.Holds(c, onDay) {
			t.Fatal("an include took the contact away")
		}
	})
}

func yes(v bool) *bool { return &v }

func TestAgreementFilter(t *testing.T) {
	c := someContact()
	before := Date{2026, time.April, 30}
	for name, x := range map[string]struct {
		filter Filter
		day    Date
		want   bool
	}{
		"in force":              {Filter{Agreement: yes(true)}, onDay, true},
		"not yet":               {Filter{Agreement: yes(true)}, before, false},
		"without, and in force": {Filter{Agreement: yes(false)}, onDay, false},
		"without, and not yet":  {Filter{Agreement: yes(false)}, before, true},
		"with another field":    {Filter{Agreement: yes(true), Countries: []Country{"KZ"}}, onDay, false},
	} {
		if got := x.filter.Matches(c, x.day); got != x.want || x.filter.IsZero() {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A list of lists has whoever is in one of them, but for those in one that it
// excepts; and says by which.
func TestListsOfLists(t *testing.T) {
	c := someContact()
	uz := List{Name: "uz", Filter: Filter{Countries: []Country{"UZ"}}}
	kz := List{Name: "kz", Filter: Filter{Countries: []Country{"KZ"}}}
	asia := List{Name: "asia", Lists: []List{kz, uz}}
	for name, x := range map[string]struct {
		list List
		in   bool
		why  string
	}{
		"by the second":          {asia, true, "in the list uz: the filter picks: country UZ"},
		"through two":            {List{Lists: []List{{Name: "asia", Lists: []List{uz}}}}, true, "in the list asia: in the list uz: the filter picks: country UZ"},
		"in none":                {List{Lists: []List{kz}}, false, "not in the list kz: country UZ is not among KZ"},
		"excepted":               {List{Lists: []List{asia}, Except: []List{uz}}, false, "excepted with the list uz: the filter picks: country UZ"},
		"excepted from all":      {List{All: true, Except: []List{asia}}, false, "excepted with the list asia: in the list uz: the filter picks: country UZ"},
		"not excepted":           {List{All: true, Except: []List{kz}}, true, "everybody is in"},
		"excluded within":        {List{Lists: []List{{Name: "u", Filter: uz.Filter, Exclude: []Address{"desk@gazeta.example"}}}}, false, "not in the list u: excluded by address"},
		"a filter and a list":    {List{Filter: kz.Filter, Lists: []List{uz}}, true, "in the list uz: the filter picks: country UZ"},
		"by address":             {List{Include: []Address{"NIGHT@gazeta.example"}}, true, "included by address"},
		"of two fields":          {List{Filter: Filter{Countries: []Country{"UZ"}, Beats: []string{"sport"}}}, false, "no beat is among sport"},
		"nothing said":           {List{}, false, "not included by address"},
		"an agreement is wanted": {List{Filter: Filter{Agreement: yes(false)}}, false, "an outlet has an embargo agreement in force"},
	} {
		in, why := x.list.Why(c, onDay)
		if in != x.in || why != x.why || in != x.list.Holds(c, onDay) {
			t.Errorf("%s: %v, %q; want %v, %q", name, in, why, x.in, x.why)
		}
	}
}

// Why agrees with Holds, whatever a list is made of.
func TestWhyAgreesWithHolds(t *testing.T) {
	var list func(depth int) *rapid.Generator[List]
	list = func(depth int) *rapid.Generator[List] {
		return rapid.Custom(func(t *rapid.T) List {
			l := List{Name: "l", All: rapid.IntRange(0, 5).Draw(t, "all") == 0}
			l.Filter.Countries = rapid.SliceOfN(rapid.SampledFrom([]Country{"UZ", "KZ"}), 0, 2).Draw(t, "countries")
			l.Filter.Tags = rapid.SliceOfN(rapid.SampledFrom([]string{"summit", "other"}), 0, 2).Draw(t, "tags")
			addresses := rapid.SliceOfN(rapid.SampledFrom([]Address{"desk@gazeta.example", "x@y.example"}), 0, 2)
			l.Include, l.Exclude = addresses.Draw(t, "include"), addresses.Draw(t, "exclude")
			if depth > 0 {
				l.Lists = rapid.SliceOfN(list(depth-1), 0, 2).Draw(t, "lists")
				l.Except = rapid.SliceOfN(list(depth-1), 0, 1).Draw(t, "except")
			}
			return l
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		l, c := list(2).Draw(t, "list"), someContact()
		in, why := l.Why(c, onDay)
		if in != l.Holds(c, onDay) || why == "" {
			t.Fatalf("%+v: why says %v (%s), and it holds %v", l, in, why, l.Holds(c, onDay))
		}
	})
}
