package press

import (
	"testing"

	"pgregory.net/rapid"
)

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
		if !f.Matches(c) || f.IsZero() {
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
		if f.Matches(c) || f.IsZero() {
			t.Errorf("%s: it matches", name)
		}
	}
	if (Filter{OutletKinds: OutletKinds()}).Matches(Contact{}) {
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
		if got := x.list.Holds(c); got != x.holds {
			t.Errorf("%s: %v", name, got)
		}
	}
	if (List{Include: []Address{""}}).Holds(Contact{}) {
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
		if l.Holds(c) != more.Holds(c) {
			t.Fatal("excluding a stranger changed it")
		}
		more.Exclude = append(more.Exclude, c.Addresses[1])
		if more.Holds(c) {
			t.Fatal("an excluded contact is in the list")
		}
		more = l
		more.Include = append(more.Include[:len(more.Include):len(more.Include)], c.Addresses[0])
		if l.Holds(c) && !more.Holds(c) {
			t.Fatal("an include took the contact away")
		}
	})
}
